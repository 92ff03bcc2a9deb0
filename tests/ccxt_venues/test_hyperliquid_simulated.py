"""The simulated Hyperliquid, spoken to by ccxt.pro itself through the translator."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.hyperliquid import TRANSLATOR
from fixgate.model.enums import OrderType, Side, TimeInForce
from fixgate.model.execution import MarginMode, MarketType
from fixgate.simulator.venues.dialect import VenueKey
from tests.ccxt_venues.simulated import Desk, simulated

KEY = VenueKey(
    account="hyperliquid-001",
    wallet_address="0x" + "a" * 40,
    api_secret="0x" + "2" * 64,
    balances={"USDC": Decimal(1_000_000)},
)
BTC, ETH = "BTC/USDC:USDC", "ETH/USDC:USDC"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with simulated("hyperliquid", TRANSLATOR, MarketType.SWAP, KEY) as opened:
        yield opened


@pytest.mark.parametrize(("symbol", "quantity"), [(BTC, "0.01"), (ETH, "0.5")])
async def test_a_market_order_is_filled_and_heard_of(symbol: str, quantity: str, desk: Desk) -> None:
    placed, order = await desk.submit(symbol, order_type=OrderType.MARKET, quantity=Decimal(quantity))
    assert Decimal(placed["filled"]) == Decimal(quantity)
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    trades = await desk.traded(placed["id"], Decimal(quantity))
    assert {done["symbol"], *(trade["symbol"] for trade in trades)} == {symbol}
    assert done["clientOrderId"] == order.client_order_id
    assert (done["type"], done["price"]) == ("market", None), "its price is how far it might have traded"
    assert all(Decimal(trade["fee"]["cost"]) > 0 for trade in trades)
    state = await desk.query(order)
    assert (state["id"], state["status"], Decimal(state["filled"])) == (
        placed["id"],
        "closed",
        Decimal(quantity),
    )
    listed = [each for each in await desk.trades_of(placed, order) if each["order"] == placed["id"]]
    assert {(each["id"], each["price"]) for each in listed} == {
        (each["id"], each["price"]) for each in trades
    }


async def test_a_limit_order_rests_and_is_canceled_by_either_id(desk: Desk) -> None:
    for by_client_id in (False, True):
        placed, order = await desk.submit(BTC)
        await desk.heard("orders", lambda row, own=placed: row["id"] == own["id"] and row["status"] == "open")
        (listed,) = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, None))
        assert (listed["id"], listed["clientOrderId"]) == (placed["id"], order.client_order_id)
        await desk.cancel({"id": ""} if by_client_id else placed, order)
        await desk.heard(
            "orders", lambda row, own=placed: row["id"] == own["id"] and row["status"] == "canceled"
        )
        assert (await desk.query(order, venue_order_id=placed["id"]))["status"] == "canceled"
        assert (await desk.query(order))["status"] == "canceled"
    with pytest.raises(Exception, match="never placed, already canceled, or filled") as caught:
        await desk.cancel(placed, order)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.NOT_FOUND


async def test_a_stop_waits_is_triggered_and_stays_one_order(desk: Desk) -> None:
    stop = desk.last(BTC).quantize(Decimal(1)) - 500
    placed, order = await desk.submit(BTC, order_type=OrderType.STOP_LOSS, side=Side.SELL, stop_price=stop)
    assert Decimal(placed["triggerPrice"]) == stop
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert (waiting["status"], Decimal(waiting["triggerPrice"])) == ("open", stop)
    (listed,) = await desk.calls(TRANSLATOR.open_orders(MarketType.SWAP, BTC))
    assert (listed["id"], Decimal(listed["stopLossPrice"])) == (placed["id"], stop)
    desk.venue.exchange.set_reference_price(*_key(desk, BTC), stop - 1)
    done = await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "closed")
    assert done["clientOrderId"] == order.client_order_id
    trade = await desk.heard("trades", lambda row: row["order"] == placed["id"])
    assert trade["side"] == "sell"
    assert (await desk.query(order))["status"] == "closed"


def _key(desk: Desk, symbol: str) -> tuple[object, str]:
    of = desk.venue.of_unified(symbol)
    return of.leg, of.instrument.symbol


async def test_a_take_profit_limit_that_waits_is_canceled(desk: Desk) -> None:
    price = desk.last(BTC).quantize(Decimal(1)) + 1000
    placed, order = await desk.submit(
        BTC, order_type=OrderType.TAKE_PROFIT_LIMIT, side=Side.SELL, stop_price=price, price=price
    )
    waiting = await desk.heard("orders", lambda row: row["id"] == placed["id"])
    assert Decimal(waiting["takeProfitPrice"]) == price
    await desk.cancel(placed, order, held=True)
    await desk.heard("orders", lambda row: row["id"] == placed["id"] and row["status"] == "canceled")


async def test_leverage_positions_and_profits(desk: Desk) -> None:
    market = desk.market(BTC)
    await desk.call(TRANSLATOR.set_leverage(market, Decimal(7)))
    state = TRANSLATOR.read_leverage(market, await desk.call(TRANSLATOR.leverage(market)))
    assert (state.leverage, state.margin_mode) == (Decimal(7), MarginMode.CROSS)
    await desk.submit(BTC, order_type=OrderType.MARKET, quantity=Decimal("0.05"))
    (position,) = await desk.calls(TRANSLATOR.positions(MarketType.SWAP, None))
    assert (position["symbol"], position["side"], position["contracts"]) == (BTC, "long", "0.05")
    assert (position["leverage"], position["marginMode"]) == ("7", "cross")
    await desk.submit(
        BTC,
        order_type=OrderType.MARKET,
        side=Side.SELL,
        quantity=Decimal("0.05"),
        attributes={"reduce_only": True},
    )
    assert await desk.calls(TRANSLATOR.positions(MarketType.SWAP, BTC)) == []
    profits = TRANSLATOR.read_realized(await desk.call(TRANSLATOR.realized(market, None, None)))
    assert {(profit.symbol, profit.code) for profit in profits} == {(BTC, "USDC")}
    assert sum(profit.amount for profit in profits) < 0
    assert TRANSLATOR.read_funding(await desk.call(TRANSLATOR.funding(None, None, None))) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": Decimal(900)}, "Insufficient margin"),
        ({"price": Decimal(102000), "time_in_force": TimeInForce.POST_ONLY}, "Post only order would"),
        ({"time_in_force": TimeInForce.IOC}, "could not immediately match"),
        (
            {"side": Side.SELL, "attributes": {"reduce_only": True}, "price": Decimal(99000)},
            "Reduce only order",
        ),
    ],
)
async def test_what_the_venue_does_not_take_is_refused_in_its_words(
    changes: dict[str, object], words: str, desk: Desk
) -> None:
    with pytest.raises(Exception, match=words) as caught:
        await desk.submit(BTC, **{"price": Decimal(95000)} | changes)
    meaning = TRANSLATOR.meaning_of(caught.value)
    assert meaning is not None
    assert meaning.verdict is Verdict.REFUSED


async def test_balance_and_last_price(desk: Desk) -> None:
    balance = await desk.exchange.fetch_balance()
    assert Decimal(balance["total"]["USDC"]) == Decimal(1_000_000)
    ticker = await desk.exchange.fetch_ticker(BTC)
    assert Decimal(ticker["last"]) == desk.last(BTC)


async def test_another_wallets_signature_is_refused(desk: Desk) -> None:
    desk.exchange.privateKey = "0x" + "3" * 64
    with pytest.raises(Exception, match="User or API Wallet"):
        await desk.submit(BTC)


async def test_a_nonce_is_good_once(desk: Desk) -> None:
    now = desk.exchange.milliseconds()
    for nonce in (now, now - 5_000):
        desk.exchange.incrementing_nonce = lambda nonce=nonce: nonce
        await desk.submit(BTC)
    with pytest.raises(Exception, match="Invalid nonce"):
        await desk.submit(BTC)
