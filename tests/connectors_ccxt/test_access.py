"""What the connector tells and sets beyond orders, against a stand-in for Binance."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.connectors.ccxt.wallet import read_position
from fixgate.connectors.market_access import MarketAccess, PortfolioMargin
from fixgate.model.enums import InstrumentType, OrderType, ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, MarginMode, MarketType, OrderState
from tests.connectors_ccxt.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCOUNT = "binance-001"
SPOT, SWAP = MarketType.SPOT, MarketType.SWAP


async def test_the_connector_is_what_the_api_asks_for(run: Running) -> None:
    assert isinstance(run.connector, MarketAccess) and not isinstance(run.connector, PortfolioMargin)
    assert run.connector.exchange == "binance" and not run.connector.portfolio_margin


async def test_a_listing_says_what_a_symbol_is(run: Running) -> None:
    listing = run.connector.listing(ACCOUNT, "BTC/USD:BTC", SWAP)
    assert (listing.symbol, listing.product_type) == ("BTC/USD:BTC", ProductType.DELIVERY)
    assert listing.instrument_type is InstrumentType.FUTURE
    assert listing.inverse and listing.contract_size == 100
    assert run.connector.unified(run.plan()) == "BTC/USDT"


@pytest.mark.parametrize(
    ("account", "symbol", "market_type", "code", "words"),
    [
        (ACCOUNT, "NEW/USDT", SPOT, ErrorCode.INVALID_REQUEST, "is not listed on Binance"),
        (ACCOUNT, "BTC/USDT", SWAP, ErrorCode.INVALID_REQUEST, "is of market_type spot, not swap"),
        ("nobody", "BTC/USDT", SPOT, ErrorCode.ACCOUNT_NOT_FOUND, "'nobody' is not configured"),
    ],
)
async def test_a_symbol_that_is_none_is_refused(
    run: Running, account: str, symbol: str, market_type: MarketType, code: ErrorCode, words: str
) -> None:
    with pytest.raises(ExecutionError, match=words) as error:
        run.connector.listing(account, symbol, market_type)
    assert error.value.code is code


async def test_a_fresh_price_is_known_from_then_on(run: Running) -> None:
    assert run.connector.last_price(ACCOUNT, "ETH/USDT") is None
    assert await run.connector.fresh_price(ACCOUNT, "ETH/USDT") == Decimal("90000.10")
    assert run.connector.last_price(ACCOUNT, "ETH/USDT") == Decimal("90000.10")
    asked = len(run.venue.requests)
    await run.connector.fresh_price(ACCOUNT, "ETH/USDT")
    assert len(run.venue.requests) == asked


async def test_an_order_is_told_by_its_venue_id_open_or_finished(run: Running) -> None:
    order = await run.accepted()
    venue_id = str(run.venue.order(order.client_order_id)["orderId"])
    await run.venue.fill(order.client_order_id, "0.004", "90000")
    found = await run.connector.order(ACCOUNT, venue_id, "BTC/USDT", SPOT)
    assert found.status is OrderState.OPEN and found.order_type is OrderType.LIMIT
    assert (found.amount, found.filled, found.remaining) == (
        Decimal("0.01"),
        Decimal("0.004"),
        Decimal("0.006"),
    )
    without = await run.connector.order(ACCOUNT, venue_id, None, SPOT)
    assert without == found
    await run.venue.fill(order.client_order_id, "0.006", "90000")
    done = await run.connector.order(ACCOUNT, venue_id, "BTC/USDT", SPOT)
    assert done.status is OrderState.CLOSED and done.average == 90000


async def test_an_order_that_is_not_there_is_not_found(run: Running) -> None:
    for symbol in ("BTC/USDT", "BTC/USDT:USDT", None):
        with pytest.raises(ExecutionError) as error:
            await run.connector.order(ACCOUNT, "777777", symbol, SWAP if symbol and ":" in symbol else SPOT)
        assert error.value.code is ErrorCode.ORDER_NOT_FOUND


async def test_an_order_of_other_hands_can_be_canceled(run: Running) -> None:
    order = await run.accepted()
    venue_id = str(run.venue.order(order.client_order_id)["orderId"])
    listed = await run.connector.open_orders(ACCOUNT, None, SPOT)
    assert venue_id in [each.order_id for each in listed]
    await run.connector.cancel(ACCOUNT, venue_id, None, SPOT)
    assert run.venue.order(order.client_order_id)["status"] == "CANCELED"
    with pytest.raises(ExecutionError) as error:
        await run.connector.cancel(ACCOUNT, venue_id, "BTC/USDT", SPOT)
    assert error.value.code is ErrorCode.ORDER_NOT_FOUND


async def test_balances_leave_out_what_is_empty(run: Running) -> None:
    balances = await run.connector.balances(ACCOUNT, SPOT)
    assert [(each.asset, each.free, each.used, each.total) for each in balances] == [
        ("USDT", Decimal("900.5"), Decimal("99.5"), Decimal("1000.0"))
    ]


async def test_leverage_is_set_and_told_and_what_is_so_already_is_a_success(run: Running) -> None:
    run.venue.answers["POST fapi.binance.com/fapi/v1/leverage"] = {"symbol": "BTCUSDT", "leverage": 5}
    run.venue.answers["GET fapi.binance.com/fapi/v1/symbolConfig"] = [
        {"symbol": "BTCUSDT", "marginType": "CROSSED", "leverage": 5}
    ]
    run.venue.answers["POST fapi.binance.com/fapi/v1/marginType"] = (
        400,
        {"code": -4046, "msg": "No need to change margin type."},
    )
    answer = await run.connector.set_leverage(ACCOUNT, "BTC/USDT:USDT", Decimal(5), SWAP)
    assert answer["leverage"] in (5, "5")
    state = await run.connector.leverage(ACCOUNT, "BTC/USDT:USDT", SWAP)
    assert (state.leverage, state.margin_mode) == (Decimal(5), MarginMode.CROSS)
    same = await run.connector.set_margin_mode(ACCOUNT, "BTC/USDT:USDT", MarginMode.CROSS, SWAP)
    assert str(same["code"]) == "-4046"


async def test_a_venues_no_is_told_in_the_apis_codes(run: Running) -> None:
    run.venue.answers["POST fapi.binance.com/fapi/v1/leverage"] = (
        400,
        {"code": -4028, "msg": "Leverage 77 is not valid"},
    )
    with pytest.raises(ExecutionError, match="Leverage 77 is not valid") as error:
        await run.connector.set_leverage(ACCOUNT, "BTC/USDT:USDT", Decimal(77), SWAP)
    assert error.value.data["code"] == "-4028"
    run.venue.answers["POST fapi.binance.com/fapi/v1/leverage"] = (502, {})
    with pytest.raises(ExecutionError) as error:
        await run.connector.set_leverage(ACCOUNT, "BTC/USDT:USDT", Decimal(7), SWAP)
    assert error.value.code is ErrorCode.NETWORK_ERROR


async def test_funding_and_profits_are_told_oldest_first(run: Running) -> None:
    def income(asked: dict[str, str]) -> list[dict[str, Any]]:
        kind = asked["incomeType"]
        return [
            {
                "symbol": "BTCUSDT",
                "incomeType": kind,
                "income": text,
                "asset": "USDT",
                "time": time,
                "tranId": time,
                "info": "",
            }
            for text, time in (("-0.5", 1_767_225_700_000), ("0.25", 1_767_225_600_000))
        ]

    run.venue.answers["GET fapi.binance.com/fapi/v1/income"] = income
    funding = await run.connector.funding_history(ACCOUNT, "BTC/USDT:USDT", None, None, SWAP)
    assert [each.amount for each in funding] == [Decimal("0.25"), Decimal("-0.5")]
    assert funding[0].symbol == "BTC/USDT:USDT" and funding[0].code == "USDT"
    profits = await run.connector.realized_pnl(ACCOUNT, None, None, 1, SWAP)
    assert len(profits) == 1


async def test_spot_has_no_leverage(run: Running) -> None:
    with pytest.raises(ExecutionError, match="must be swap or future"):
        await run.connector.leverage(ACCOUNT, "BTC/USDT", SPOT)


async def test_a_positions_gaps_are_filled_from_what_is_known() -> None:
    row = {
        "symbol": "BTC/USDT:USDT",
        "side": "short",
        "contracts": "50",
        "contractSize": "0.01",
        "entryPrice": "90000",
        "markPrice": "88000",
        "initialMargin": "4500",
    }
    position = read_position(row)
    assert position is not None
    assert position.notional == 44000 and position.unrealized_pnl == 1000
    assert position.percentage == Decimal("22.2222")
    inverse = read_position(
        row | {"symbol": "BTC/USD:BTC", "side": "long", "contractSize": "100", "markPrice": "100000"}
    )
    assert inverse is not None and inverse.notional == Decimal("0.05")
    assert inverse.unrealized_pnl is not None and inverse.unrealized_pnl > 0
    assert read_position(row | {"contracts": "0"}) is None
