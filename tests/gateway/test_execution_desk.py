"""Orders of the Execution API: placed once, waited for, refused in the API's words, known after a restart."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fixgate.api.ports import ExecutionDesk
from fixgate.fix.settings import SessionConfig
from fixgate.gateway.rest_tickets import client_order_id
from fixgate.model.commands import API_SESSION
from fixgate.model.enums import ExecType, OrderType, OrdRejReason, Side, TimeInForce
from fixgate.model.execution import ErrorCode, ExecutionError, OrderState
from fixgate.model.facts import OrderReceived
from fixgate.model.refusal import Refused
from fixgate.model.venue import OutcomeUnknown, RequestKind, SubmitList, VenueExec, VenueStatus

from .api_stand import SPOT, SWAP, ApiStand, D, Markets, ticket
from .stand import OMS, until

pytestmark = pytest.mark.asyncio
COPY = SessionConfig(target_comp_id="RISK", drop_copy=True)


async def refused(stand: ApiStand, **changes: Any) -> ExecutionError:
    with pytest.raises(ExecutionError) as caught:
        await stand.desk.place(ticket(**changes))
    return caught.value


async def test_the_desk_is_what_the_door_needs(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    desk: ExecutionDesk = stand.desk
    (info,) = desk.accounts()
    assert (info.exchange_account_id, info.exchange, info.portfolio_margin) == ("main", "binance", False)
    assert desk.account("main") == info
    with pytest.raises(ExecutionError) as caught:
        desk.account("nobody")
    assert caught.value.code is ErrorCode.ACCOUNT_NOT_FOUND
    stand.stop()


async def test_a_resting_order_is_answered_once_the_venue_has_it(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    assert not placing.done(), "it waits for the venue"
    stand.acknowledge()
    placed = await placing
    order = stand.order()
    assert placed.order_id == f"V{order.order_id}" and placed.client_order_id == "A1"
    assert (placed.status, placed.quantity, placed.quantity_filled) == (OrderState.OPEN, D(2), D(0))
    assert (placed.symbol, placed.exchange, placed.average_price) == ("BTC/USDT", "binance", None)
    assert order.terms.session == API_SESSION and order.terms.source == "desk-1"
    stand.stop()


async def test_a_market_order_is_answered_with_its_fills_and_fee(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing(order_type=OrderType.MARKET, price=None)
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    stand.fill(1, commission=D("0.1"), commission_currency="USDT", last_price=D(100))
    await asyncio.sleep(0)
    assert not placing.done(), "half of it is still open"
    stand.fill(1, commission=D("0.3"), commission_currency="USDT", last_price=D(300))
    placed = await placing
    assert (placed.status, placed.quantity_filled, placed.average_price) == (OrderState.CLOSED, D(2), D(200))
    assert (placed.fee, placed.fee_currency) == (D("0.4"), "USDT")
    stand.stop()


async def test_an_ioc_order_waits_for_its_end(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing(time_in_force=TimeInForce.IOC)
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    await asyncio.sleep(0)
    assert not placing.done()
    stand.says(VenueExec.EXPIRED, VenueStatus.EXPIRED)
    assert (await placing).status is OrderState.CANCELED
    stand.stop()


async def test_what_is_not_known_in_time_is_pending_and_never_a_failure(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.02).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    number = stand.order().order_id
    stand.connector.sink(OutcomeUnknown(order_id=number, kind=RequestKind.SUBMIT, text="timed out"))
    placed = await placing
    assert (placed.status, placed.order_id) == (OrderState.PENDING, f"fg-{number}")
    assert (await stand.desk.order("main", placed.order_id, None, SWAP)).status is OrderState.PENDING
    stand.acknowledge()
    again = await stand.desk.place(ticket())
    assert (again.status, again.order_id, again.repeated) == (OrderState.OPEN, f"V{number}", True)
    assert len(stand.orders) == 1
    stand.stop()


async def test_a_caller_that_hangs_up_cancels_nothing(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    placing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await placing
    stand.acknowledge()
    assert [type(request).__name__ for request in stand.connector.sent] == ["SubmitOrder"]
    assert not stand.order().terminal
    stand.stop()


REFUSALS = [
    ("-2010", "no money", ErrorCode.INSUFFICIENT_BALANCE, ErrorCode.INSUFFICIENT_BALANCE, "Binance refused"),
    ("-1111", "bad precision", None, ErrorCode.EXCHANGE_ERROR, "-1111 bad precision"),
    ("", "connection refused", None, ErrorCode.NETWORK_ERROR, "connection refused"),
    ("", "the account is not ready", ErrorCode.NOT_READY, ErrorCode.NOT_READY, "not ready"),
]


@pytest.mark.parametrize(("code", "text", "error", "expected", "said"), REFUSALS)
async def test_a_refusal_is_told_in_the_apis_words_and_again_after_a_restart(
    tmp_path: Path, code: str, text: str, error: ErrorCode | None, expected: ErrorCode, said: str
):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.refuse("A1", code, text, error)
    with pytest.raises(ExecutionError, match=said) as caught:
        await placing
    assert caught.value.code is expected
    assert caught.value.data.get("exchange_code", "") == code
    stand.crash()
    again = await ApiStand(tmp_path).start()
    assert (await refused(again)).code is expected
    assert not again.orders
    again.stop()


async def test_what_the_gateway_itself_refuses_was_not_sent(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    error = await refused(stand, quantity=D(13))
    assert error.code is ErrorCode.INVALID_REQUEST and "unlucky" in error.text
    assert (await refused(stand, quantity=D(13))).code is ErrorCode.INVALID_REQUEST, "the same again"
    assert (await refused(stand, symbol="DOGE/USDT")).code is ErrorCode.INVALID_REQUEST
    assert (await refused(stand, exchange_account_id="nobody")).code is ErrorCode.ACCOUNT_NOT_FOUND
    assert (await refused(stand, source="OMS")).code is ErrorCode.INVALID_REQUEST, "a FIX session's name"
    assert (await refused(stand, client_order_id="a\x01b")).code is ErrorCode.INVALID_REQUEST
    assert not stand.connector.sent
    stand.stop()


async def test_before_its_start_and_after_its_stop_the_desk_takes_no_orders(tmp_path: Path):
    stand = ApiStand(tmp_path)
    assert (await refused(stand)).code is ErrorCode.NOT_READY
    await stand.start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.core.closing()
    assert (await placing).status is OrderState.PENDING, "answered with what is known"
    assert (await stand.desk.place(ticket())).repeated, (
        "of an order that was placed it is never said it was not"
    )
    assert "stopping" in (await refused(stand, client_order_id="A2")).text
    stand.core.close()
    stand.journal.close()


async def test_an_account_that_takes_no_orders_now_takes_the_same_one_later(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    plan = stand.connector.plan_new

    def unready(*_: object) -> None:
        raise Refused(OrdRejReason.BROKER, "PM account main is not ready: its stream is down")

    for fields in ({}, {"order_type": OrderType.OCO, "stop_price": D(60000), "client_order_id": "L1"}):
        stand.connector.plan_new = unready
        error = await refused(stand, **fields)
        assert error.code is ErrorCode.NOT_READY and "its stream is down" in error.text
        stand.connector.plan_new = plan
        placed = await stand.desk.place(ticket(**fields))
        assert (placed.status, placed.repeated) == (OrderState.PENDING, False)
    stand.stop()


async def test_after_a_restart_new_orders_wait_until_what_was_under_way_is_known(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    await stand.desk.place(ticket())
    stand.crash()
    again = await ApiStand(tmp_path, wait=0.01).start()
    error = await refused(again, client_order_id="A2")
    assert error.code is ErrorCode.NOT_READY and "what became of 1 orders" in error.text
    again.acknowledge("A1")
    assert not (await again.desk.place(ticket(client_order_id="A2"))).repeated
    again.stop()


# the same order twice


async def test_two_calls_at_once_are_one_order(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    one, other = stand.placing(), stand.placing()
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    placed = await asyncio.gather(one, other)
    assert len(stand.orders) == 1
    assert {each.order_id for each in placed} == {placed[0].order_id}
    assert [each.repeated for each in placed] == [False, True]
    stand.stop()


async def test_two_calls_that_both_wait_for_a_price_are_one_order(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    fields = {"symbol": "BTC/USD:BTC", "market_type": SWAP, "order_type": OrderType.MARKET, "price": None}
    one, other = stand.placing(**fields), stand.placing(**fields)
    await until(lambda: bool(stand.orders))
    stand.fill(1000)
    await asyncio.gather(one, other)
    assert len(stand.orders) == 1 and stand.connector.asked.count(("price", "BTC/USD:BTC")) == 2
    stand.stop()


OTHER_TERMS = [
    {"quantity": D(3)},
    {"price": D(50001)},
    {"side": Side.SELL},
    {"order_type": OrderType.MARKET, "price": None},
    {"time_in_force": TimeInForce.IOC},
    {"reduce_only": True},
    {"symbol": "BTC/USDT:USDT", "market_type": SWAP},
]


@pytest.mark.parametrize("terms", OTHER_TERMS, ids=[next(iter(terms)) for terms in OTHER_TERMS])
async def test_other_terms_under_the_same_id_are_a_conflict(tmp_path: Path, terms: dict[str, Any]):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    await placing
    error = await refused(stand, **terms)
    assert error.code is ErrorCode.CONFLICT and next(iter(terms)) in error.text
    assert error.data["order_id"] == f"V{stand.order().order_id}"
    assert len(stand.orders) == 1
    stand.stop()


async def test_ids_belong_to_their_source(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    await stand.desk.place(ticket())
    placed = await stand.desk.place(ticket(source="desk-2", quantity=D(3)))
    assert not placed.repeated and len(stand.orders) == 2
    stand.stop()


async def test_a_key_names_an_order_as_a_client_order_id_does(tmp_path: Path):
    keyed = ticket(client_order_id="", idempotency_key="k-1")
    assert (
        client_order_id(keyed)
        == client_order_id(keyed)
        != client_order_id(ticket(client_order_id="", idempotency_key="k-1", source="desk-2"))
    )
    stand = await ApiStand(tmp_path, wait=0.01).start()
    first = await stand.desk.place(keyed)
    stand.crash()
    again = await ApiStand(tmp_path, wait=0.01).start()
    second = await again.desk.place(keyed)
    assert second.repeated and second.order_id == first.order_id
    assert not again.orders, "the order before the restart is the only one"
    error = await refused(again, client_order_id="", idempotency_key="k-1", quantity=D(5))
    assert error.code is ErrorCode.CONFLICT
    again.stop()


async def test_a_repeat_is_answered_though_the_symbols_are_not_known_yet(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    first = await stand.desk.place(ticket())
    stand.connector.blind = True
    error = await refused(stand)
    assert error.code is ErrorCode.NOT_READY and error.data["order_id"] == first.order_id
    stand.stop()


# restarts


async def test_an_order_that_was_not_decided_on_before_a_restart_is_refused_and_its_caller_learns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    monkeypatch.setattr(stand.core._dispatcher, "take", lambda *_: None)
    placed = await stand.desk.place(ticket())
    assert (placed.status, placed.quantity) == (OrderState.PENDING, D(2)), "never a failure"
    stand.crash()
    again = await ApiStand(tmp_path).start()
    error = await refused(again)
    assert error.code is ErrorCode.CONFLICT and "was not and will not be sent" in error.text
    assert not again.orders
    again.crash()
    third = await ApiStand(tmp_path).start()
    assert "was not and will not be sent" in (await refused(third)).text, "replayed from the journal"
    third.stop()


async def test_a_cancel_that_was_not_decided_on_before_a_restart_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    await stand.desk.place(ticket())
    stand.acknowledge()
    monkeypatch.setattr(stand.core._dispatcher, "take", lambda *_: None)
    answer = await stand.desk.cancel("desk-1", "main", f"fg-{stand.order().order_id}", None, SWAP)
    assert answer.cancel_pending
    stand.crash()
    again = await ApiStand(tmp_path).start()
    assert [type(request).__name__ for request in again.connector.sent] == ["CancelAtVenue"]
    again.stop()


async def test_a_row_that_cannot_be_read_is_put_aside_with_an_alarm(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    stand.journal.put(API_SESSION, '{"type":"Nonsense"}', 1)
    stand.crash()
    again = await ApiStand(tmp_path).start()
    assert again.metrics.text().find(b"fixgate_alarms_total 1.0") > 0
    assert not again.journal.unhandled()
    again.stop()


async def test_orders_outlive_the_snapshots_that_the_keeper_makes_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fixgate.gateway.keeper.ROUND_SECONDS", 0.01)
    monkeypatch.setattr("fixgate.gateway.keeper.STEP_SECONDS", 0.001)
    monkeypatch.setattr("fixgate.gateway.keeper.MEMORY_SECONDS", 0.0)
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.fill(2, commission=D("0.2"), commission_currency="BNB")
    placed = await placing
    await refused(stand, client_order_id="A2", quantity=D(13))
    number = stand.orders[0].order_id
    book = stand.core.engine.book
    last = stand.core.engine.last_seq
    await until(lambda: number not in book.orders and stand.journal.floor().seq >= last)
    repeat = await stand.desk.place(ticket())
    assert repeat.repeated and (repeat.status, repeat.order_id, repeat.fee, repeat.fee_currency) == (
        OrderState.CLOSED,
        placed.order_id,
        D("0.2"),
        "BNB",
    )
    stand.crash()
    again = await ApiStand(tmp_path).start()
    assert (await again.desk.place(ticket())).fee == D("0.2")
    error = await refused(again, client_order_id="A2", quantity=D(13))
    assert error.code is ErrorCode.CONFLICT, "why it was refused is not kept for ever, that it was is"
    again.stop()


# copies, lists, contracts


async def test_drop_copies_get_the_orders_and_nobody_is_said_to_be_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    narrow = SessionConfig(target_comp_id="NARROW", drop_copy=True, drop_copy_of=("desk-2",))
    stand = await ApiStand(tmp_path, (OMS, COPY, narrow)).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    await placing
    told = [(report.session, report.exec_type, report.source, report.copy) for report in stand.door.told]
    risk = COPY.session_id
    assert told == [
        (risk, ExecType.PENDING_NEW, "desk-1", True),
        (risk, ExecType.NEW, "desk-1", True),
    ]
    assert "no such session" not in caplog.text
    stand.crash()
    again = await ApiStand(tmp_path, (OMS, COPY, narrow)).start()
    assert "no such session" not in caplog.text
    again.stop()


async def test_an_oco_is_one_list_at_the_venue_and_one_order_to_its_caller(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    fields = {"order_type": OrderType.OCO, "side": Side.SELL, "price": D(60000), "stop_price": D(40000)}
    placing = stand.placing(**fields)
    await until(lambda: bool(stand.connector.sent))
    (sent,) = stand.connector.sent
    assert isinstance(sent, SubmitList) and len(sent.legs) == 2
    stand.acknowledge("A1")
    await asyncio.sleep(0)
    assert not placing.done(), "the stop order is not there yet"
    stand.acknowledge("A1-stop")
    placed = await placing
    assert (placed.order_type, placed.status) == (OrderType.OCO, OrderState.OPEN)
    assert placed.order_id == f"V{sent.legs[0].order_id}" and placed.quantity == D(2)
    known = await stand.desk.order("main", placed.order_id, "BTC/USDT", ticket().market_type)
    assert (known.price, known.stop_price, known.order_type) == (D(60000), D(40000), OrderType.OCO)
    assert (await stand.desk.place(ticket(**fields))).repeated
    conflict = await refused(stand, **(fields | {"stop_price": D(39000)}))
    assert conflict.code is ErrorCode.CONFLICT and "stop_price" in conflict.text
    stand.says(VenueExec.EXPIRED, VenueStatus.EXPIRED, "A1")
    stand.fill(2, "A1-stop")
    after = await stand.desk.place(ticket(**fields))
    assert (after.status, after.quantity_filled, after.average_price) == (OrderState.CLOSED, D(2), D(100))
    received = [fact for fact in stand.journal.facts() if isinstance(fact, OrderReceived)]
    assert [fact.command.list_id for fact in received] == ["A1", "A1"]
    stand.stop()


async def test_an_oco_needs_both_prices(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    error = await refused(stand, order_type=OrderType.OCO)
    assert error.code is ErrorCode.INVALID_REQUEST and "stop_price is missing" in error.text
    stand.stop()


INVERSE = {"symbol": "BTC/USD:BTC", "market_type": SWAP}


async def test_base_quantity_becomes_whole_contracts_and_back(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing(**INVERSE, quantity=D("0.01"), price=D(50000))
    await until(lambda: bool(stand.orders))
    assert stand.orders[0].quantity == D(5)
    stand.acknowledge()
    stand.fill(2, last_price=D(40000))
    placed = await placing
    assert (placed.quantity, placed.quantity_filled) == (D("0.01"), D("0.005"))
    order = await stand.desk.order("main", f"fg-{stand.order().order_id}", None, SWAP)
    assert (order.amount, order.filled, order.remaining) == (D("0.01"), D("0.005"), D("0.005"))
    assert (order.cost, order.average) == (D(200), D(40000))
    stand.stop()


async def test_a_quantity_that_is_no_whole_number_of_contracts_is_refused_with_what_would_be(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    error = await refused(stand, **INVERSE, quantity=D("0.011"), price=D(50000))
    assert error.code is ErrorCode.INVALID_REQUEST
    assert "0.01 (5) or 0.012 (6)" in error.text and "5.5" in error.text
    assert "the nearest that fits is 0.002 (1)" in (await refused(stand, **INVERSE, quantity=D("0.001"))).text
    stand.stop()


async def test_a_contract_that_no_decimal_is_worth_exactly_is_taken_at_eight_places(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    await stand.desk.place(ticket(**INVERSE, quantity=D("0.00166667"), price=D(60000)))
    assert stand.orders[0].quantity == D(1)
    stand.stop()


async def test_a_market_order_in_contracts_takes_what_its_quantity_is_worth_at_the_last_price(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    fields = INVERSE | {"order_type": OrderType.MARKET, "price": None, "quantity": D("0.0119")}
    await stand.desk.place(ticket(**fields))
    assert stand.orders[0].quantity == D(5), "5.95 contracts are 5, and none more"
    stand.connector.price = D(90000)
    again = await stand.desk.place(ticket(**fields))
    assert again.repeated, "it is the same order whatever the price is now"
    stand.stop()


async def test_a_trailing_stop_goes_in_basis_points(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    trailing = {"order_type": OrderType.TRAILING_STOP, "price": None, "trailing_delta": D("1.5")}
    await stand.desk.place(ticket(symbol="BTC/USDT:USDT", market_type=SWAP, **trailing))
    assert stand.order().terms.trailing_delta == D(150)
    stand.stop()


async def test_accounts_of_one_name_are_told(tmp_path: Path):
    stand = ApiStand(tmp_path)
    assert not stand.desk.ambiguous_accounts()
    stand.core._connectors["OTHER"] = Markets()  # type: ignore[index]
    assert "'main' is there more than once, on connectors PM, OTHER" in stand.desk.ambiguous_accounts()
    await stand.start()
    stand.stop()


@pytest.mark.parametrize("price", [D(50000), D("1E38"), D("1E-38"), None])
@pytest.mark.parametrize("quantity", [D("1E38"), D("1E-38"), D("12345678901234567890123456789012345678")])
async def test_sizes_beyond_all_bounds_are_refused_or_placed_and_never_break(tmp_path: Path, price, quantity):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    order_type = OrderType.LIMIT if price is not None else OrderType.MARKET
    wanted = ticket(**INVERSE, price=price, quantity=quantity, order_type=order_type)
    try:
        placed = await stand.desk.place(wanted)
        contracts = stand.order().quantity
        assert placed.quantity == quantity and contracts == contracts.to_integral_value()
    except ExecutionError as error:
        assert error.code is ErrorCode.INVALID_REQUEST and "whole contracts" in error.text
    stand.stop()


async def test_an_order_worth_more_than_28_digits_is_told(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    placing = stand.placing(quantity=D("1E9"), price=D("123456789012345678901.5"))
    await until(lambda: bool(stand.orders))
    number = stand.order().quantity
    stand.acknowledge()
    placed = await placing
    stand.fill(int(number), last_price=D("123456789012345678901.5"))
    told = await stand.desk.order("main", placed.order_id, None, SPOT)
    assert (told.status, told.cost) == (OrderState.CLOSED, D("123456789012345678901500000000"))
    stand.stop()
