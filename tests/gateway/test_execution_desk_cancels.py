"""Cancels across doors: the API cancels what FIX sent, an entitled FIX session what the API sent."""

import asyncio
from pathlib import Path

import pytest

from fixgate.fix.settings import SessionConfig
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.commands import CancelOrder, StatusRequest
from fixgate.model.enums import CxlRejReason, ExecType, OrdStatus
from fixgate.model.execution import ErrorCode, ExecutionError, MarketType, OrderState
from fixgate.model.reports import CancelReject
from fixgate.model.venue import CancelAtVenue, RequestKind, RequestRefused, VenueExec, VenueStatus
from tests.engine.desk import new_order

from .api_stand import SPOT, SWAP, ApiStand, D, ticket, told
from .stand import OMS, SESSION, until
from .test_halt import FullDisk

pytestmark = pytest.mark.asyncio
X = ExecType
RISK = SessionConfig(target_comp_id="RISK", may_cancel=("desk-1",))
COPY = SessionConfig(target_comp_id="COPY", drop_copy=True)


async def working(folder: Path, *sessions: SessionConfig, wait: float = 5.0) -> ApiStand:
    """A stand on which A1 of desk-1 rests at the venue."""
    stand = await ApiStand(folder, sessions or (OMS,), wait=wait).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    await placing
    stand.door.told.clear()
    return stand


def cancels(stand: ApiStand) -> list[CancelAtVenue]:
    return [request for request in stand.connector.sent if isinstance(request, CancelAtVenue)]


def cancelling(stand: ApiStand, order_id: str, symbol: str | None = None, market: MarketType = SPOT):
    return asyncio.create_task(stand.desk.cancel("desk-1", "main", order_id, symbol, market))


def refuse_cancel(stand: ApiStand, text: str, cl_ord_id: str = "A1") -> None:
    request = cancels(stand)[-1]
    stand.connector.sink(
        RequestRefused(
            order_id=request.order_id,
            kind=RequestKind.CANCEL,
            request_id=request.request_id,
            code="-1",
            text=text,
        )
    )


async def canceled(stand: ApiStand, cl_ord_id: str = "A1") -> None:
    await until(lambda: bool(cancels(stand)))
    stand.says(VenueExec.CANCELED, VenueStatus.CANCELED, cl_ord_id)


@pytest.mark.parametrize("by", ["venue", "gateway"])
async def test_a_cancel_by_either_id_is_answered_with_the_end(tmp_path: Path, by: str):
    stand = await working(tmp_path)
    number = stand.order().order_id
    task = cancelling(stand, f"V{number}" if by == "venue" else f"fg-{number}")
    await canceled(stand)
    answer = await task
    assert (answer.status, answer.cancel_pending, answer.order_id) == (
        OrderState.CANCELED,
        False,
        f"V{number}",
    )
    assert answer.client_order_id == "A1", "its own, not the cancel's"
    again = await cancelling(stand, f"V{number}")
    assert again.status is OrderState.CANCELED and len(cancels(stand)) == 1, "it has ended: nothing is sent"
    stand.stop()


async def test_a_cancel_without_an_answer_is_pending_and_a_second_one_waits_with_it(tmp_path: Path):
    stand = await working(tmp_path, wait=0.02)
    order_id = f"V{stand.order().order_id}"
    first = await cancelling(stand, order_id)
    second = await cancelling(stand, order_id)
    assert first.cancel_pending and second.cancel_pending and first.status is OrderState.OPEN
    assert len(cancels(stand)) == 1
    stand.stop()


async def test_a_cancel_that_the_venue_refuses_is_an_error_and_the_order_stays(tmp_path: Path):
    stand = await working(tmp_path)
    task = cancelling(stand, f"V{stand.order().order_id}")
    await until(lambda: bool(cancels(stand)))
    refuse_cancel(stand, "not now")
    with pytest.raises(ExecutionError, match="was not canceled: -1 not now") as caught:
        await task
    assert caught.value.code is ErrorCode.EXCHANGE_ERROR and not stand.order().terminal
    stand.stop()


async def test_a_cancel_that_waited_with_one_that_was_refused_is_sent_itself(tmp_path: Path):
    stand = await working(tmp_path)
    order_id = f"V{stand.order().order_id}"
    first = cancelling(stand, order_id)
    await until(lambda: bool(cancels(stand)))
    second = cancelling(stand, order_id)
    await asyncio.sleep(0)
    refuse_cancel(stand, "not now")
    with pytest.raises(ExecutionError, match="not now"):
        await first
    await until(lambda: len(cancels(stand)) == 2)
    stand.says(VenueExec.CANCELED, VenueStatus.CANCELED)
    assert (await second).status is OrderState.CANCELED
    stand.stop()


async def test_a_cancel_that_comes_too_late_is_answered_with_what_happened(tmp_path: Path):
    stand = await working(tmp_path)
    task = cancelling(stand, f"V{stand.order().order_id}")
    await until(lambda: bool(cancels(stand)))
    stand.fill(2)
    answer = await task
    assert (answer.status, answer.quantity_filled, answer.cancel_pending) == (OrderState.CLOSED, D(2), False)
    stand.stop()


async def test_an_order_that_is_not_known_yet_is_canceled_once_it_is(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.02).start()
    placed = await stand.desk.place(ticket())
    answer = await cancelling(stand, placed.order_id)
    assert answer.cancel_pending and not cancels(stand)
    stand.acknowledge()
    assert len(cancels(stand)) == 1
    stand.stop()


async def test_ids_of_other_accounts_and_of_nobody_are_not_found(tmp_path: Path):
    stand = await working(tmp_path)
    for order_id in ("fg-1", "fg-x", f"fg-{stand.order().order_id}9", f"fg-{10**30}", "V1"):
        with pytest.raises(ExecutionError) as caught:
            await cancelling(stand, order_id)
        assert caught.value.code is ErrorCode.ORDER_NOT_FOUND, order_id
    order_id = f"V{stand.order().order_id}"
    with pytest.raises(ExecutionError):
        await cancelling(stand, order_id, market=SWAP)
    with pytest.raises(ExecutionError):
        await cancelling(stand, order_id, symbol="BTC/USD:BTC", market=SWAP)
    assert not cancels(stand), "the same id of another market is another order's"
    stand.stop()


async def test_one_id_in_two_symbols_needs_the_symbol(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    for name, symbol in (("A1", "BTC/USDT:USDT"), ("A2", "BTC/USD:BTC")):
        quantity = D("0.02") if symbol == "BTC/USD:BTC" else D(2)
        await stand.desk.place(
            ticket(client_order_id=name, symbol=symbol, market_type=SWAP, quantity=quantity)
        )
        stand.says(VenueExec.NEW, VenueStatus.NEW, name, venue_order_id="7")
    with pytest.raises(ExecutionError, match="is there in BTC/USD:BTC and BTC/USDT:USDT; name the symbol"):
        await cancelling(stand, "7", market=SWAP)
    await cancelling(stand, "7", symbol="BTC/USD:BTC", market=SWAP)
    assert [request.symbol for request in cancels(stand)] == ["BTCUSD_PERP"]
    stand.stop()


async def test_an_order_that_this_gateway_did_not_send_is_canceled_at_the_venue(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    stand.connector.venue["99"] = told("99")
    answer = await cancelling(stand, "99", "BTC/USDT")
    assert answer.cancel_pending and answer.order_id == "99", "the venue no longer lists it: not proved yet"
    assert ("cancel", "99", "BTC/USDT", SPOT) in stand.connector.asked
    stand.connector.venue["98"] = told("98", status=OrderState.CLOSED)
    assert (await cancelling(stand, "98")).status is OrderState.CLOSED
    assert ("cancel", "98", "BTC/USDT", SPOT) not in stand.connector.asked
    stand.stop()


# an order of FIX, canceled over the API


async def test_a_fix_order_canceled_over_the_api_ends_unsolicited_for_its_session(tmp_path: Path):
    stand = await ApiStand(tmp_path, (OMS, COPY)).start()
    await stand.send(new_order("B1", symbol="BTCUSDT"))
    stand.acknowledge("B1")
    stand.door.told.clear()
    task = cancelling(stand, f"V{stand.order('B1').order_id}", market=SWAP)
    await canceled(stand, "B1")
    answer = await task
    assert answer.status is OrderState.CANCELED and answer.client_order_id == "B1"
    own = [report for report in stand.door.told if report.session == SESSION]
    assert [(each.exec_type, each.cl_ord_id, each.orig_cl_ord_id, each.text) for each in own] == [
        (X.PENDING_CANCEL, "B1", "", "canceled by desk-1"),
        (X.CANCELED, "B1", "", "canceled by desk-1"),
    ]
    copies = [report.exec_type for report in stand.door.told if report.session == COPY.session_id]
    assert copies == [X.PENDING_CANCEL, X.CANCELED], "each fact once"
    stand.stop()


async def test_a_fix_session_hears_that_the_apis_cancel_of_its_order_failed(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    await stand.send(new_order("B1", symbol="BTCUSDT"))
    stand.acknowledge("B1")
    task = cancelling(stand, f"V{stand.order('B1').order_id}", market=SWAP)
    await until(lambda: bool(cancels(stand)))
    refuse_cancel(stand, "not now")
    with pytest.raises(ExecutionError, match="not now"):
        await task
    assert [report.exec_type for report in stand.door.told[-2:]] == [X.PENDING_CANCEL, X.ORDER_STATUS]
    assert stand.door.told[-1].ord_status is OrdStatus.NEW
    await stand.send(CancelOrder(source="OMS", session=SESSION, cl_ord_id="C1", orig_cl_ord_id="B1"))
    await canceled(stand, "B1")
    assert (stand.door.told[-1].cl_ord_id, stand.door.told[-1].orig_cl_ord_id) == ("C1", "B1")
    stand.stop()


# an order of the API, canceled over FIX


def by_risk(stand: ApiStand, cl_ord_id: str, orig: str = "A1", may: tuple[str, ...] = ("desk-1",)):
    return CancelOrder(
        source="RISK",
        session=RISK.session_id,
        cl_ord_id=cl_ord_id,
        orig_cl_ord_id=orig,
        order_id=str(stand.order().order_id),
        may_cancel=may,
    )


@pytest.mark.parametrize("orig", ["A1", "NONE"])
async def test_an_entitled_session_cancels_an_api_order_and_gets_its_reports(tmp_path: Path, orig: str):
    stand = await working(tmp_path, OMS, RISK, COPY)
    await stand.send(by_risk(stand, "C1", orig))
    await canceled(stand)
    own = [report for report in stand.door.told if report.session == RISK.session_id]
    assert [(each.exec_type, each.cl_ord_id, each.orig_cl_ord_id, each.copy) for each in own] == [
        (X.PENDING_CANCEL, "C1", "A1", False),
        (X.CANCELED, "C1", "A1", False),
    ]
    copies = [report for report in stand.door.told if report.session == COPY.session_id]
    assert [(each.exec_type, each.cl_ord_id) for each in copies] == [
        (X.PENDING_CANCEL, "A1"),
        (X.CANCELED, "A1"),
    ]
    repeat = await stand.desk.place(ticket())
    assert repeat.status is OrderState.CANCELED and repeat.client_order_id == "A1"
    stand.stop()


async def test_the_entitled_sessions_reports_are_told_again_after_a_crash(tmp_path: Path):
    stand = await working(tmp_path, OMS, RISK)
    stand.door.broken = True
    await stand.send(by_risk(stand, "C1"))
    await canceled(stand)
    stand.crash()
    again = await ApiStand(tmp_path, (OMS, RISK)).start()
    assert [(each.exec_type, each.cl_ord_id, each.resent) for each in again.door.told] == [
        (X.PENDING_CANCEL, "C1", True),
        (X.CANCELED, "C1", True),
    ]
    again.stop()


REFUSED = [
    ({"may": ()}, CxlRejReason.UNKNOWN_ORDER),
    ({"may": ("desk-2",)}, CxlRejReason.UNKNOWN_ORDER),
    ({"orig": "A7"}, CxlRejReason.UNKNOWN_ORDER),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
async def test_a_session_that_may_not_or_names_another_order_is_refused(tmp_path: Path, changes, reason):
    stand = await working(tmp_path, OMS, RISK)
    await stand.send(by_risk(stand, "C1", **changes))
    (reject,) = stand.door.told
    assert isinstance(reject, CancelReject) and reject.reason is reason
    assert reject.session == RISK.session_id and not cancels(stand)
    stand.stop()


async def test_a_refused_cancel_is_rejected_to_the_session_that_asked_and_its_id_is_spent(tmp_path: Path):
    stand = await working(tmp_path, OMS, RISK, COPY)
    await stand.send(by_risk(stand, "C1"))
    await until(lambda: bool(cancels(stand)))
    refuse_cancel(stand, "not now")
    reject = next(each for each in stand.door.told if isinstance(each, CancelReject))
    assert (reject.session, reject.cl_ord_id, reject.orig_cl_ord_id) == (RISK.session_id, "C1", "A1")
    assert not any(
        isinstance(each, CancelReject) and each.session == COPY.session_id for each in stand.door.told
    )
    await stand.send(by_risk(stand, "C1"))
    assert stand.door.told[-2].reason is CxlRejReason.DUPLICATE_CL_ORD_ID
    placing = stand.placing(client_order_id="C1")
    await until(lambda: len(stand.orders) == 2)
    stand.acknowledge("C1")
    assert (await placing).client_order_id == "C1", "the id is free to the order's own source"
    stand.stop()


async def test_an_entitled_session_asks_after_an_api_order(tmp_path: Path):
    stand = await working(tmp_path, OMS, RISK)
    ask = StatusRequest(
        source="RISK",
        session=RISK.session_id,
        order_id=str(stand.order().order_id),
        may_cancel=("*",),
    )
    await stand.send(ask)
    (report,) = stand.door.told
    assert (report.session, report.cl_ord_id, report.ord_status) == (RISK.session_id, "A1", OrdStatus.NEW)
    stand.stop()


async def test_a_cancel_is_taken_though_the_journal_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fixgate.gateway.dispatcher.RETRY_SECONDS", 0.02)
    disk = FullDisk(SqliteJournal(tmp_path / "journal.db"))
    stand = await ApiStand(tmp_path, journal=disk, wait=0.05).start()
    await stand.desk.place(ticket())
    stand.acknowledge()
    disk.full = True
    with pytest.raises(ExecutionError, match="was not sent") as caught:
        await stand.desk.place(ticket(client_order_id="A2"))
    assert caught.value.code is ErrorCode.NOT_READY
    await cancelling(stand, f"V{stand.order().order_id}")
    assert len(cancels(stand)) == 1
    disk.full = False
    await until(lambda: stand.core._dispatcher.sound)
    stand.stop()
