"""The venue's memory: what was resting goes on resting; a damaged file is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from fixgate.simulator import Leg, SimulatedAccount, SimulatedExchange, StateFileError
from fixgate.simulator.margin_funds import borrow
from fixgate.simulator.state_file import encode_state, load_state, write_state
from tests.simulator.client import KEY, SECRET, Client
from tests.simulator.conftest import BALANCES, StartServer
from tests.simulator.desk import MAIN, Desk, refused


def reload(desk: Desk, path: Path) -> SimulatedExchange:
    write_state(path, encode_state(desk.exchange))
    fresh = SimulatedExchange(desk.clock)
    assert load_state(path, fresh)
    return fresh


@pytest.mark.parametrize("leg", list(Leg))
def test_given_orders_trades_and_positions_when_reloaded_then_nothing_differs(
    leg: Leg, tmp_path: Path
) -> None:
    desk = Desk(leg)
    size, half = {Leg.UM: ("0.020", "0.010"), Leg.CM: ("20", "10"), Leg.MARGIN: ("0.02", "0.01")}[leg]
    resting = desk.buy(size, "64000.0", newClientOrderId="stays")
    desk.market("SELL", "64000.0", half)
    desk.cancel(desk.sell(size, "66000.0"))
    fresh = reload(desk, tmp_path / "state.json")
    assert encode_state(fresh) == encode_state(desk.exchange)
    account = fresh.account(MAIN)
    found = account.find(leg, desk.symbol, None, "stays")
    assert found == resting and account.open_client_ids[leg, "stays"] is found
    assert sum(account.reserved.values()) == sum(desk.account.reserved.values())
    fresh.external_order(leg, desk.symbol, "SELL", Decimal(64000), Decimal(half))
    assert found is not None and found.status == "FILLED"


def test_given_two_orders_at_one_price_when_reloaded_then_time_priority_is_kept(tmp_path: Path) -> None:
    desk = Desk()
    first = desk.buy("0.010", "64000.00")
    second = desk.buy("0.010", "64000.00", account="other")
    desk.modify(first, "0.012", "64000.00")
    fresh = reload(desk, tmp_path / "state.json")
    fresh.external_order(Leg.UM, "BTCUSDT", "SELL", Decimal(64000), Decimal("0.010"))
    filled = fresh.account("other").find(Leg.UM, "BTCUSDT", second.order_id, "")
    assert filled is not None and filled.status == "FILLED"


def test_given_a_dormant_reduce_only_when_reloaded_then_it_stays_off_the_book(tmp_path: Path) -> None:
    desk = Desk()
    desk.hold("0.010")
    desk.market("BUY", "66000.00", "1")
    order = desk.sell("0.030", "66000.00", reduceOnly="true")
    fresh = reload(desk, tmp_path / "state.json")
    assert fresh.state.books[Leg.UM, "BTCUSDT"].asks.best() is None
    assert fresh.cancel(MAIN, Leg.UM, "BTCUSDT", order_id=order.order_id).executed == Decimal("0.010")


def test_given_waiting_orders_when_reloaded_then_they_still_trigger_and_expire(tmp_path: Path) -> None:
    desk = Desk()
    stop = desk.algo("STOP_MARKET", "SELL", "64000.00", clientAlgoId="stop")
    trailing = desk.algo("TRAILING_STOP_MARKET", "SELL", callbackRate="1")
    desk.mark("66000.0")
    until = desk.clock.now + 700_000
    gtd = {"symbol": "ETHUSDT", "timeInForce": "GTD", "goodTillDate": str(until), "newClientOrderId": "gtd"}
    desk.buy("0.1", "3200.00", **gtd)
    fresh = reload(desk, tmp_path / "state.json")
    assert encode_state(fresh) == encode_state(desk.exchange)
    account = fresh.account(MAIN)
    kept = account.conditionals[Leg.UM, trailing.conditional_id]
    assert kept.extreme == 66000
    fresh.set_reference_price(Leg.UM, "BTCUSDT", Decimal(65340))
    assert kept.status == "FINISHED"
    fresh.set_reference_price(Leg.UM, "BTCUSDT", Decimal(64000))
    assert account.conditionals[Leg.UM, stop.conditional_id].status == "FINISHED"
    assert account.open_client_ids[Leg.UM, "gtd"].is_open
    desk.clock.now = until
    fresh.advance()
    assert (Leg.UM, "gtd") not in account.open_client_ids


def test_given_a_trigger_under_way_when_reloaded_then_it_is_carried_out(tmp_path: Path) -> None:
    desk = Desk()
    desk.exchange.conditionals.trigger_delay_ms = 1000
    stop = desk.algo("STOP_MARKET", "SELL", "64000.00")
    desk.mark("64000.0")
    fresh = reload(desk, tmp_path / "state.json")
    fresh.advance()
    assert fresh.account(MAIN).conditionals[Leg.UM, stop.conditional_id].status == "FINISHED"


def test_given_an_order_list_when_reloaded_then_one_order_still_ends_the_other(tmp_path: Path) -> None:
    desk = Desk(Leg.MARGIN)
    order_list = desk.oco("SELL", "0.01", "66000.00", "64000.00")
    desk.send("SELL", "0.01", type="STOP_LOSS", stopPrice="63000.00", newClientOrderId="alone")
    fresh = reload(desk, tmp_path / "state.json")
    assert encode_state(fresh) == encode_state(desk.exchange)
    known = fresh.account(MAIN).order_lists[order_list.order_list_id]
    stop, limit = fresh.order_lists.legs(known)
    fresh.external_order(Leg.MARGIN, "BTCUSDT", "BUY", Decimal(66000), Decimal("0.01"))
    assert (limit.status, stop.status, known.status) == ("FILLED", "EXPIRED", "ALL_DONE")
    alone = fresh.account(MAIN).open_client_ids[Leg.MARGIN, "alone"]
    fresh.external_order(Leg.MARGIN, "BTCUSDT", "BUY", Decimal(63000), Decimal(1))
    fresh.external_order(Leg.MARGIN, "BTCUSDT", "SELL", Decimal(63000), Decimal("0.1"))
    assert alone.status == "FILLED"


def test_given_settings_and_records_when_reloaded_then_nothing_differs(tmp_path: Path) -> None:
    desk = Desk(Leg.CM)
    desk.hold("10")
    account = desk.account
    account.leverage[Leg.CM, "BTCUSD_PERP"] = 7
    account.fee_burn, account.auto_repay = True, False
    desk.exchange.liquidations.set_uni_mmr(account, Decimal("1.3"))
    borrow(desk.exchange.state, account, "USDT", Decimal(5))
    fresh = reload(desk, tmp_path / "state.json")
    assert encode_state(fresh) == encode_state(desk.exchange)
    again = fresh.account(MAIN)
    assert again.leverage_of(Leg.CM, "BTCUSD_PERP") == 7 and again.fee_burn and not again.auto_repay
    assert again.records == account.records and again.records.income and again.records.loans


def test_given_a_file_of_before_these_fields_then_it_loads(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(
        '{"version":1,"counters":{},"marks":[],"accounts":[{"name":"main","hedge_mode":false,"margin":{},'
        '"wallets":[],"positions":[],"orders":[],"trades":[]}]}'
    )
    desk = Desk()
    assert load_state(path, desk.exchange)
    assert desk.exchange.state.counters["algo"] > 0 and not desk.exchange.account(MAIN).conditionals


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version":1}', b'{"version":1,"counters":{},"marks":[],"accounts":[{}]}']
)
def test_given_a_damaged_file_when_loaded_then_the_error_names_it_and_the_way_out(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(StateFileError, match=r"state\.json is damaged.*Move it away"):
        load_state(path, Desk().exchange)


def test_given_another_version_when_loaded_then_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"version": 99}')
    with pytest.raises(StateFileError, match="version 99"):
        load_state(path, Desk().exchange)


def test_given_no_file_then_the_venue_starts_fresh(tmp_path: Path) -> None:
    assert load_state(tmp_path / "none.json", Desk().exchange) is False


async def test_given_a_server_when_restarted_then_orders_rest_and_ids_go_on(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "state.json"
    first = await start_server(state_path=path)
    async with Client(first) as client:
        before = (await client.order(newClientOrderId="kept")).body
    await first.stop()
    second = await start_server(state_path=path)
    async with Client(second) as client:
        rows = (await client.call("GET", "/papi/v1/um/openOrders")).body
        assert [row["clientOrderId"] for row in rows] == ["kept"]
        assert (await client.order()).body["orderId"] == before["orderId"] + 1
        assert (await client.order(newClientOrderId="kept")).code == -4116


async def test_given_changes_when_running_then_the_state_is_saved_before_the_end(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    server = await start_server(state_path=path, save_interval=0.02)
    async with Client(server) as client:
        await client.order(newClientOrderId="saved")
        while not path.exists():
            await client.raw("GET", "/papi/v1/ping")
    other = SimulatedExchange(lambda: 0)
    assert load_state(path, other)
    assert other.account("main").find(Leg.UM, "BTCUSDT", None, "saved") is not None


async def test_given_a_new_account_in_the_settings_when_restarted_then_it_is_added(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "state.json"
    server = await start_server(state_path=path)
    async with Client(server) as client:
        await client.order()
    await server.stop()
    accounts = (
        SimulatedAccount("main", KEY, SECRET, balances={}),
        SimulatedAccount("second", "k2", "s2", balances=BALANCES),
    )
    again = await start_server(state_path=path, accounts=accounts)
    assert again.exchange.account("main").asset("USDT").free == BALANCES["USDT"]
    assert again.exchange.account("second").asset("BTC").free == BALANCES["BTC"]
    with refused(-1109):
        again.exchange.account("third")
