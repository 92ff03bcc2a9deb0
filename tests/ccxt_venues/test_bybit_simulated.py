"""The simulated Bybit, spoken to by ccxt.pro itself through the translator."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.bybit import TRANSLATOR
from fixgate.model.enums import OrderType, PositionSide, Side, TimeInForce
from fixgate.model.execution import MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.simulated import Desk, simulated

KEY = VenueKey(
    account="bybit-001",
    api_key="simulated-bybit",
    api_secret="bybit-secret",
    balances={"USDT": Decimal(1_000_000), "USDC": Decimal(100_000), "BTC": Decimal(10)},
)
HEDGED = VenueKey(
    account="bybit-002",
    api_key="simulated-bybit",
    api_secret="bybit-secret",
    hedge_mode=True,
    balances={"USDT": Decimal(1_000_000)},
)
SPOT, SWAP, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with simulated("bybit", TRANSLATOR, MarketType.SWAP, KEY) as opened:
        yield opened


@pytest.mark.parametrize(("symbol", "quantity"), [(SPOT, "0.01"), (SWAP, "0.010"), (INVERSE, "1000")])
async def test_a_market_order_is_filled_and_heard_of(symbol: str, quantity: str, desk: Desk) -> None:
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    trades = await desk.traded(placed["id"], Decimal(quantity))
    assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
    assert done["clientOrderId"] == order.client_order_id
    assert Decimal(done["filled"]) == Decimal(quantity)
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)
    state = await desk.query(order)
    assert (state["id"], state["status"]) == (placed["id"], "closed")
    listed = await desk.trades_of(placed, order)
    assert {(each["id"], each["price"]) for each in listed} == {
        (each["id"], each["price"]) for each in trades
    }


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_limit_order_rests_and_is_canceled(symbol: str, desk: Desk) -> None:
    placed, order = await desk.submit(symbol)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "open")
    listed = await desk.calls(TRANSLATOR.open_orders(desk.market(symbol).market_type, None))
    assert [each["id"] for each in listed] == [placed["id"]]
    await desk.cancel(placed, order)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")
    assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
    with pytest.raises(Exception, match="exist") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_stop_waits_is_triggered_and_stays_one_order(symbol: str, desk: Desk) -> None:
    stop = desk.last(symbol) - 500
    placed, order = await desk.submit(
        symbol, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop, quantity=Decimal("0.01")
    )
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], Decimal(waiting["triggerPrice"])) == ("open", stop)
    listed = await desk.calls(TRANSLATOR.open_orders(desk.market(symbol).market_type, symbol))
    assert [each["id"] for each in listed] == [placed["id"]]
    desk.trade_through(symbol, "SELL", stop - 1)
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    assert done["clientOrderId"] == order.client_order_id
    trade = await desk.heard("trades", lambda row: row["order"] == placed["id"])
    assert trade["side"] == "sell"
    assert (await desk.query(order))["status"] == "closed"


@pytest.mark.parametrize("symbol", [SPOT, SWAP])
async def test_a_stop_that_waits_is_canceled(symbol: str, desk: Desk) -> None:
    price = desk.last(symbol) + 1000
    placed, order = await desk.submit(
        symbol,
        order_type=OrderType.TAKE_PROFIT_LIMIT,
        side=Side.SELL,
        stop_price=price,
        price=price,
        quantity=Decimal("0.01"),
    )
    await desk.cancel(placed, order)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_an_immediate_order_that_finds_nobody_is_canceled(desk: Desk) -> None:
    placed, _ = await desk.submit(SWAP, price=Decimal(90000), time_in_force=TimeInForce.IOC)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_a_trailing_stop_follows_its_position_and_closes_it(desk: Desk) -> None:
    with pytest.raises(Refused, match="is of 0; the quantity was"):
        await desk.submit(
            SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100)
        )
    await desk.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.01"))
    placed, order = await desk.submit(
        SWAP,
        order_type=OrderType.TRAILING_STOP,
        side=Side.SELL,
        trailing_delta=Decimal(100),
        attributes={"reduce_only": True},
    )
    assert placed["clientOrderId"] == order.client_order_id
    with pytest.raises(Refused, match="has a trailing stop already"):
        await desk.submit(
            SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(200)
        )
    found = await desk.query(order, held=True, price=None)
    assert found["id"] == placed["id"]
    desk.trade_through(SWAP, "SELL", (desk.last(SWAP) * Decimal("0.985")).quantize(Decimal(1)))
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    assert await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP)) == []


async def test_a_trailing_stop_is_canceled_like_an_order(desk: Desk) -> None:
    await desk.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.01"))
    placed, order = await desk.submit(
        SWAP, order_type=OrderType.TRAILING_STOP, side=Side.SELL, trailing_delta=Decimal(100)
    )
    await desk.cancel(placed, order, held=True)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_positions_leverage_margin_mode_and_profits(desk: Desk) -> None:
    market = desk.market(SWAP)
    await desk.call(TRANSLATOR.set_leverage(market, Decimal(7)))
    with pytest.raises(Exception, match="110043"):
        await desk.call(TRANSLATOR.set_leverage(market, Decimal(7)))
    await desk.call(TRANSLATOR.set_margin_mode(market, MarginMode.ISOLATED, Decimal(7)))
    await desk.submit(SWAP, order_type=OrderType.MARKET, quantity=Decimal("0.05"))
    (position,) = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, None))
    assert (position["symbol"], position["side"], position["contracts"]) == (SWAP, "long", "0.05")
    assert (position["leverage"], position["marginMode"]) == ("7", "isolated")
    state = TRANSLATOR.read_leverage(market, await desk.call(TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.ISOLATED)
    assert (state.position_side, state.position_size) == ("long", Decimal("0.05"))
    await desk.submit(
        SWAP,
        order_type=OrderType.MARKET,
        side=Side.SELL,
        quantity=Decimal("0.05"),
        attributes={"reduce_only": True},
    )
    assert await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP)) == []
    profits = TRANSLATOR.read_realized(await desk.call(TRANSLATOR.realized(market, None, None)))
    assert {(profit.symbol, profit.code) for profit in profits} == {(SWAP, "USDT")}
    assert sum(profit.amount for profit in profits) < 0
    assert TRANSLATOR.read_funding(await desk.call(TRANSLATOR.funding(None, None, None))) == []


async def test_the_legs_of_a_hedged_position() -> None:
    async with simulated("bybit", TRANSLATOR, MarketType.SWAP, HEDGED) as desk:
        for side, leg in ((Side.BUY, PositionSide.LONG), (Side.SELL, PositionSide.SHORT)):
            await desk.submit(SWAP, order_type=OrderType.MARKET, side=side, attributes={"position_side": leg})
        rows = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP))
        assert {(row["side"], row["contracts"]) for row in rows} == {("long", "0.01"), ("short", "0.01")}
        await desk.submit(
            SWAP,
            order_type=OrderType.MARKET,
            side=Side.SELL,
            attributes={"position_side": PositionSide.LONG},
        )
        rows = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, SWAP))
        assert [row["side"] for row in rows] == ["short"]


async def test_balances_and_last_price(desk: Desk) -> None:
    balance = await desk.exchange.fetch_balance()
    assert Decimal(balance["total"]["USDT"]) == Decimal(1_000_000)
    ticker = await desk.exchange.fetch_ticker(SWAP)
    assert Decimal(ticker["last"]) == desk.last(SWAP)


@pytest.mark.parametrize(("symbol", "quantity", "code"), [(SPOT, "80", "170131"), (SWAP, "900", "110007")])
async def test_orders_beyond_the_balance_are_refused(
    symbol: str, quantity: str, code: str, desk: Desk
) -> None:
    with pytest.raises(Exception, match=code):
        await desk.submit(symbol, quantity=Decimal(quantity), price=Decimal(95000))


async def test_a_client_order_id_is_taken_once(desk: Desk) -> None:
    await desk.submit(SWAP)
    desk.number -= 1
    with pytest.raises(Exception, match="110072") as caught:
        await desk.submit(SWAP)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.DUPLICATE


@pytest.mark.parametrize(("change", "code"), [({"apiKey": "other"}, "10003"), ({"secret": "other"}, "10004")])
async def test_a_wrong_key_or_signature_is_refused(change: dict[str, str], code: str, desk: Desk) -> None:
    for name, value in change.items():
        setattr(desk.exchange, name, value)
    with pytest.raises(Exception, match=code):
        await desk.submit(SWAP)
