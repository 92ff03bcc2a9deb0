"""What the Execution API asks: orders by the book and the venue, the rest passed on to the connector."""

import asyncio
from pathlib import Path

import pytest

from fixgate.engine.limits import LimitExceeded
from fixgate.fix.settings import SessionConfig
from fixgate.gateway import rest_waiting
from fixgate.model.enums import OrderType, OrdRejReason, Side
from fixgate.model.execution import ErrorCode, ExecutionError, Fee, MarginMode, MarketType, OrderState
from fixgate.model.limits import LimitCheck
from fixgate.model.venue import VenueExec, VenueStatus
from tests.engine.desk import new_order

from .api_stand import SPOT, SWAP, ApiStand, D, Markets, ticket, told
from .stand import OMS, StandConnector, until

pytestmark = pytest.mark.asyncio


class Portfolio(Markets):
    """A connector of the portfolio margin kind."""

    portfolio_margin = True

    async def pm_balance(self, account: str):
        return [{"asset": "USDT"}]

    async def pm_um_account(self, account: str):
        return {"of": account}

    async def pm_auto_collection(self, account: str):
        return {"msg": "success"}

    async def pm_asset_collection(self, account: str, asset: str):
        return {"msg": asset}


class Plain(StandConnector):
    """A vendor's connector that only trades."""

    def health(self):
        return Markets().health()


async def working(folder: Path) -> ApiStand:
    stand = await ApiStand(folder).start()
    placing = stand.placing()
    await until(lambda: bool(stand.orders))
    stand.acknowledge()
    await placing
    return stand


async def test_an_open_order_is_told_fresh_from_the_venue_under_the_gateways_names(tmp_path: Path):
    stand = await working(tmp_path)
    number = stand.order().order_id
    fee = Fee(cost=D("0.1"), currency="USDT")
    stand.connector.venue[f"V{number}"] = told(
        f"V{number}", filled=D(1), remaining=D(1), order_type=None, fee=fee, at_ms=7
    )
    for order_id in (f"V{number}", f"fg-{number}"):
        order = await stand.desk.order("main", order_id, None, SPOT)
        assert (order.filled, order.at_ms, order.fee) == (D(1), 7, fee)
        assert (order.client_order_id, order.order_type) == ("A1", OrderType.LIMIT)
        assert stand.connector.asked[-1] == ("order", f"V{number}", "BTC/USDT", SPOT)
    stand.stop()


async def test_an_order_is_told_from_the_book_where_the_venue_cannot_be_asked_or_lags(tmp_path: Path):
    stand = await working(tmp_path)
    number = stand.order().order_id
    stand.fill(1, last_price=D(100), commission=D("0.5"), commission_currency="USDT")
    stand.connector.down = ExecutionError(ErrorCode.NETWORK_ERROR, "no route")
    order = await stand.desk.order("main", f"fg-{number}", None, SPOT)
    assert (order.status, order.filled, order.remaining, order.cost) == (OrderState.OPEN, D(1), D(1), D(100))
    assert order.fee == Fee(cost=D("0.5"), currency="USDT")
    stand.connector.down = None
    stand.connector.venue[f"V{number}"] = told(f"V{number}")
    assert (await stand.desk.order("main", f"fg-{number}", None, SPOT)).filled == D(1), "forward only"
    stand.fill(1)
    stand.connector.asked.clear()
    order = await stand.desk.order("main", f"V{number}", None, SPOT)
    assert (order.status, order.remaining) == (OrderState.CLOSED, D(0)) and not stand.connector.asked
    stand.stop()


async def test_a_finished_order_of_long_ago_is_found_by_the_venues_id_and_symbol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fixgate.gateway.keeper.ROUND_SECONDS", 0.01)
    monkeypatch.setattr("fixgate.gateway.keeper.STEP_SECONDS", 0.001)
    monkeypatch.setattr("fixgate.gateway.keeper.MEMORY_SECONDS", 0.0)
    stand = await working(tmp_path)
    number = stand.order().order_id
    stand.fill(2)
    await until(lambda: number not in stand.core.engine.book.orders)
    assert not stand.core.engine.book.of_venue("PM", "main", f"V{number}")
    order = await stand.desk.order("main", f"V{number}", "BTC/USDT", SPOT)
    assert (order.status, order.client_order_id) == (OrderState.CLOSED, "A1")
    assert not stand.connector.asked
    stand.stop()


async def test_an_order_of_somebody_else_is_asked_for_at_the_venue(tmp_path: Path):
    stand = await working(tmp_path)
    stand.connector.venue["99"] = told("99", client_order_id="web")
    assert (await stand.desk.order("main", "99", "BTC/USDT", SPOT)).client_order_id == "web"
    with pytest.raises(ExecutionError) as caught:
        await stand.desk.order("main", "98", "BTC/USDT", SPOT)
    assert caught.value.code is ErrorCode.ORDER_NOT_FOUND
    stand.stop()


async def test_a_fix_order_is_told_over_the_api(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    await stand.send(new_order("B1"))
    stand.acknowledge("B1")
    order = await stand.desk.order("main", f"V{stand.order('B1').order_id}", None, SWAP)
    assert (order.client_order_id, order.symbol) == ("B1", "BTC/USDT:USDT")
    stand.stop()


async def test_a_contract_order_of_fix_has_a_size_in_base_asset(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    await stand.send(new_order("B1", symbol="BTCUSD_PERP", quantity=D(10), price=D(50000)))
    stand.acknowledge("B1")
    stand.fill(5, "B1", last_price=D(40000))
    order = await stand.desk.order("main", f"fg-{stand.order('B1').order_id}", None, SWAP)
    assert (order.amount, order.filled, order.cost) == (D("0.02"), D("0.0125"), D(500))
    stand.stop()


async def test_a_contract_order_is_told_though_its_symbol_is_listed_no_more(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01).start()
    inverse = {"symbol": "BTC/USD:BTC", "market_type": SWAP, "quantity": D("0.01")}
    placed = await stand.desk.place(ticket(**inverse))
    stand.connector.listing = lambda *_: (_ for _ in ()).throw(
        ExecutionError(ErrorCode.INVALID_REQUEST, "not listed")
    )
    stand.fill(5, last_price=D(50000))
    assert (await stand.desk.order("main", placed.order_id, None, SWAP)).filled == D("0.01")
    assert (await stand.desk.place(ticket(**inverse))).status is OrderState.CLOSED
    stand.crash()
    again = await ApiStand(tmp_path).start()
    again.connector.blind = True
    with pytest.raises(ExecutionError, match="is known here, what its contracts are worth is not") as caught:
        await again.desk.order("main", placed.order_id, None, SWAP)
    assert caught.value.code is ErrorCode.NOT_READY
    again.stop()


async def test_open_orders_carry_their_clients_ids(tmp_path: Path):
    stand = await working(tmp_path)
    number = stand.order().order_id
    stand.connector.venue |= {f"V{number}": told(f"V{number}", client_order_id="fg1"), "99": told("99")}
    orders = await stand.desk.open_orders("main", None, SPOT)
    assert [each.client_order_id for each in orders] == ["A1", ""]
    stand.stop()


async def test_fees_in_two_currencies_are_no_one_amount(tmp_path: Path):
    stand = await working(tmp_path)
    stand.fill(1, commission=D("0.1"), commission_currency="BNB")
    stand.fill(1, commission=D("0.1"), commission_currency="USDT")
    assert (await stand.desk.place(ticket())).fee is None
    stand.stop()


# the rest


async def test_questions_go_to_the_connector_that_has_the_account(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    stand.core._connectors["OTHER"] = other = Markets("second")  # type: ignore[index]
    desk, symbol = stand.desk, "BTC/USDT:USDT"
    assert [info.exchange_account_id for info in desk.accounts()] == ["main", "second"]
    assert (await desk.balances("second", SPOT))[0].asset == "USDT"
    await desk.positions("second", symbol, SWAP)
    await desk.leverage("second", symbol, SWAP)
    await desk.set_leverage("second", symbol, D(5), SWAP)
    await desk.set_margin_mode("second", symbol, MarginMode.CROSS, SWAP)
    await desk.funding_history("second", symbol, 1, 2, SWAP)
    await desk.realized_pnl("second", None, None, None, MarketType.FUTURE)
    assert [what[0] for what in other.asked] == [
        "positions",
        "leverage",
        "set_leverage",
        "set_margin_mode",
        "funding_history",
        "realized_pnl",
    ]
    assert other.asked[2] == ("set_leverage", "second", symbol, D(5), SWAP) and not stand.connector.asked
    stand.stop()


async def test_what_an_exchange_does_not_offer_is_said(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    with pytest.raises(ExecutionError, match="market_type was spot; positions needs swap or future"):
        await stand.desk.positions("main", None, SPOT)
    stand.connector.exchange = "hyperliquid"
    stand.desk._accounts._routes.clear()
    with pytest.raises(ExecutionError, match="Hyperliquid does not support margin_mode"):
        await stand.desk.set_margin_mode("main", "BTC/USDT:USDT", MarginMode.CROSS, SWAP)
    stand.stop()


async def test_a_connector_that_only_trades_takes_orders_by_its_own_symbols(tmp_path: Path):
    stand = await ApiStand(tmp_path, wait=0.01, connector=Plain()).start()
    placed = await stand.desk.place(ticket(symbol="XBT", side=Side.SELL))
    assert (placed.exchange, placed.symbol) == ("pm", "XBT")
    stand.says(VenueExec.NEW, VenueStatus.NEW)
    order = await stand.desk.order("main", f"V{stand.order().order_id}", None, SWAP)
    assert (order.symbol, order.status) == ("XBT", OrderState.OPEN)
    for ask in (
        stand.desk.balances("main", SPOT),
        stand.desk.open_orders("main", None, SPOT),
        stand.desk.positions("main", None, SWAP),
        stand.desk.order("main", "99", None, SPOT),
        stand.desk.cancel("desk-1", "main", "99", None, SPOT),
    ):
        with pytest.raises(ExecutionError, match="connector PM, which has account 'main', does not offer"):
            await ask
    stand.stop()


async def test_portfolio_margin_calls_are_for_such_accounts(tmp_path: Path):
    stand = await ApiStand(tmp_path, connector=Portfolio()).start()
    desk = stand.desk
    assert desk.account("main").portfolio_margin
    assert await desk.pm_balance("main") == [{"asset": "USDT"}]
    assert await desk.pm_um_account("main") == {"of": "main"}
    assert await desk.pm_auto_collection("main") == {"msg": "success"}
    assert await desk.pm_asset_collection("main", "BTC") == {"msg": "BTC"}
    stand.stop()


async def test_other_accounts_are_said_to_be_none(tmp_path: Path):
    stand = await ApiStand(tmp_path).start()
    text = "'main' is not a Binance Portfolio Margin account"
    for ask in (
        stand.desk.pm_balance("main"),
        stand.desk.pm_um_account("main"),
        stand.desk.pm_auto_collection("main"),
        stand.desk.pm_asset_collection("main", "BTC"),
    ):
        with pytest.raises(ExecutionError, match=text) as caught:
            await ask
        assert caught.value.code is ErrorCode.INVALID_REQUEST
    stand.stop()


async def test_a_limit_refuses_with_its_check(tmp_path: Path):
    stand = await ApiStand(tmp_path, (OMS, SessionConfig(target_comp_id="C", drop_copy=True))).start()
    check = LimitCheck(order_value_usd=D(100), remaining_usd=D("23.50"))
    text = "Order would exceed daily limit. Remaining: $23.50"

    def refuse(*_: object) -> None:
        raise LimitExceeded(ErrorCode.DAILY_LIMIT_EXCEEDED, text, check)

    stand.connector.plan_new = refuse
    for _ in range(2):
        with pytest.raises(ExecutionError) as caught:
            await stand.desk.place(ticket())
        assert caught.value.code is ErrorCode.DAILY_LIMIT_EXCEEDED and caught.value.text == text
        assert caught.value.data["limit_check"] == {
            "allowed": False,
            "order_value_usd": D(100),
            "remaining_usd": D("23.50"),
        }
    assert stand.door.told[0].rej_reason is OrdRejReason.EXCEEDS_LIMIT
    use = stand.desk.daily_limit("main")
    assert (use.limit_usd, use.remaining_usd, use.used_usd, use.order_count) == (None, None, D(0), 0)
    stand.stop()


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_an_exchange_that_does_not_answer_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rest_waiting, "ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(rest_waiting, "PRICE_SECONDS", 0.01)
    stand = await ApiStand(tmp_path).start()
    for method in ("balances", "set_leverage", "fresh_price", "order"):
        monkeypatch.setattr(stand.connector, method, never)
    with pytest.raises(ExecutionError, match=r"did not answer within 0.01 s$") as caught:
        await stand.desk.balances("main", SPOT)
    assert caught.value.code is ErrorCode.NETWORK_ERROR
    with pytest.raises(ExecutionError, match="whether it was done is not known"):
        await stand.desk.set_leverage("main", "BTC/USDT:USDT", D(5), SWAP)
    wanted = ticket(symbol="BTC/USD:BTC", market_type=SWAP, order_type=OrderType.MARKET, price=None)
    with pytest.raises(ExecutionError, match="for a price; nothing was sent"):
        await stand.desk.place(wanted)
    with pytest.raises(ExecutionError, match="did not answer"):
        await stand.desk.cancel("desk-1", "main", "99", None, SPOT)
    assert not stand.connector.sent
    stand.stop()
