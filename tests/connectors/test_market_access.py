"""Binance Portfolio Margin for the Execution API, against the simulated venue."""

import asyncio
from decimal import Decimal as D

import pytest

from fixgate.connectors.binance_pm import market_income, market_prices
from fixgate.connectors.binance_pm.market_errors import api_code, execution_error
from fixgate.connectors.binance_pm.market_symbols import named, unified_symbol
from fixgate.connectors.market_access import MarketAccess, PortfolioMargin, PriceKeeper
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side
from fixgate.model.execution import ErrorCode, ExecutionError, MarginMode, MarketType, OrderState
from fixgate.model.venue import OrderUpdate, VenueExec
from fixgate.papi.answers import NotAnswered, SendFailure
from fixgate.papi.client.failures import failure_for
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.errors import classify, failure_of
from fixgate.simulator import RequestFault, transfers

from .link import LEG, QUANTITY, SYMBOL, Link, linked

SPOT, SWAP, FUTURE = MarketType
UNIFIED = {
    ProductType.SPOT: "BTC/USDT",
    ProductType.FUTURE: "BTC/USDT:USDT",
    ProductType.DELIVERY: "BTC/USD:BTC",
}
MARKET = {ProductType.SPOT: SPOT, ProductType.FUTURE: SWAP, ProductType.DELIVERY: SWAP}
EVERY = pytest.mark.parametrize("product", list(ProductType))
FUTURES = pytest.mark.parametrize("product", [ProductType.FUTURE, ProductType.DELIVERY])


def raises(code: ErrorCode, text: str | None = None):
    return pytest.raises(ExecutionError, match=text, check=lambda error: error.code is code)


async def filled(link: Link, product: ProductType) -> OrderUpdate:
    link.quote(product, "SELL", "59000", QUANTITY[product])
    order = link.submit(product)
    return await link.tells(OrderUpdate, client_order_id=order.client_order_id, exec=VenueExec.TRADE)


# symbols


@pytest.mark.parametrize(
    ("unified", "product", "symbol", "market_type"),
    [
        ("BTC/USDT", ProductType.SPOT, "BTCUSDT", SPOT),
        ("BTC/USDT:USDT", ProductType.FUTURE, "BTCUSDT", SWAP),
        ("BTC/USDT:USDT-260327", ProductType.FUTURE, "BTCUSDT_260327", FUTURE),
        ("BTC/USD:BTC", ProductType.DELIVERY, "BTCUSD_PERP", SWAP),
        ("BTC/USD:BTC-260327", ProductType.DELIVERY, "BTCUSD_260327", FUTURE),
        ("ETH/BTC:BTC", ProductType.FUTURE, "ETHBTC", SWAP),
    ],
)
def test_a_unified_symbol_names_one_venue_symbol(unified, product, symbol, market_type):
    what = named(unified)
    assert (what.product, what.venue_symbol, what.market_type) == (product, symbol, market_type)


@pytest.mark.parametrize(
    "text", ["BTCUSDT", "BTC/", "/USDT", "BTC/USDT:EUR", "BTC/USDT:USDT-2603", "BTC USDT", ""]
)
def test_what_is_no_unified_symbol_names_nothing(text):
    assert named(text) is None


async def test_every_listed_instrument_has_a_symbol_of_its_own_that_leads_back_to_it():
    async with linked() as link:
        listed = [i for product in ProductType for i in link.connector.instruments(product)]
        unified = [unified_symbol(instrument) for instrument in listed]
        assert len(set(unified)) == len(listed) > 8
        for symbol, instrument in zip(unified, listed, strict=True):
            found = link.connector.listing("main", symbol, named(symbol).market_type)
            assert (found.symbol, found.product_type) == (instrument.symbol, instrument.product_type)
            assert (found.base, found.quote) == (instrument.base, instrument.currency)
            assert found.inverse == (instrument.product_type is ProductType.DELIVERY)


async def test_a_listing_says_what_an_order_carries_and_what_a_contract_is_worth():
    async with linked() as link:
        assert isinstance(link.connector, MarketAccess)
        assert isinstance(link.connector, PortfolioMargin)
        assert isinstance(link.connector, PriceKeeper)
        spot = link.connector.listing("main", "BTC/USDT", SPOT)
        assert (spot.symbol, spot.instrument_type, spot.contract_size) == ("BTCUSDT", InstrumentType.FX, 1)
        coin = link.connector.listing("main", "BTC/USD:BTC", SWAP)
        assert (coin.symbol, coin.instrument_type) == ("BTCUSD_PERP", InstrumentType.FUTURE)
        assert (coin.inverse, coin.contract_size) == (True, 100)
        assert link.connector.unified(link.submit(ProductType.DELIVERY)) == "BTC/USD:BTC"


async def test_a_wrong_symbol_market_type_or_account_is_refused_in_clear_words():
    async with linked() as link:
        listing = link.connector.listing
        with raises(ErrorCode.INVALID_REQUEST, "'BTCUSDT' is not a symbol of this API, such as BTC/USDT"):
            listing("main", "BTCUSDT", SPOT)
        with raises(ErrorCode.INVALID_REQUEST, "BTC/USDT is of market type spot, not swap"):
            listing("main", "BTC/USDT", SWAP)
        with raises(ErrorCode.INVALID_REQUEST, "NOPE/USDT is not listed on Binance"):
            listing("main", "NOPE/USDT", SPOT)
        with raises(ErrorCode.ACCOUNT_NOT_FOUND, "'other'"):
            listing("other", "BTC/USDT", SPOT)
        with raises(ErrorCode.INVALID_REQUEST, "spot has no positions"):
            await link.connector.positions("main", "BTC/USDT", SPOT)


# prices


@EVERY
async def test_a_price_is_asked_for_once_in_a_moment(product):
    async with linked() as link:
        symbol = UNIFIED[product]
        link.trade(product, "65010")
        assert link.connector.last_price("main", symbol) is None
        assert await link.connector.fresh_price("main", symbol) == 65010
        assert link.connector.last_price("main", symbol) == 65010
        link.trade(product, "65020")
        assert await link.connector.fresh_price("main", symbol) == 65010
        path = market_prices.PATH_OF[product]
        assert link.asked("GET", path) == [{"symbol": SYMBOL[product]}]


async def test_a_price_is_known_for_a_minute():
    time = [1_790_000_000.0]
    async with linked(now=lambda: time[0]) as link:
        await link.connector.fresh_price("main", "BTC/USDT")
        link.trade(ProductType.SPOT, "65010")
        time[0] += market_prices.FRESH_SECONDS + 1
        assert link.connector.last_price("main", "BTC/USDT") == 65000
        assert await link.connector.fresh_price("main", "BTC/USDT") == 65010
        time[0] += market_prices.KNOWN_SECONDS
        assert link.connector.last_price("main", "BTC/USDT") == 65010
        time[0] += 1
        assert link.connector.last_price("main", "BTC/USDT") is None


async def test_prices_that_are_kept_are_all_at_hand():
    async with linked() as link:
        link.connector.keep_prices("main")
        link.connector.keep_prices("main")
        symbols = [unified_symbol(i) for product in ProductType for i in link.connector.instruments(product)]
        await link.until(lambda: all(link.connector.last_price("main", symbol) for symbol in symbols))
        assert link.asked("GET", "/api/v3/ticker/price") == [{}]


async def test_a_price_that_cannot_be_had_is_a_network_error():
    async with linked() as link:
        await link.server.stop()
        with raises(ErrorCode.NETWORK_ERROR, "no price of BTCUSDT"):
            await link.connector.fresh_price("main", "BTC/USDT")


# orders


@EVERY
async def test_an_open_order_is_told_found_and_cancelled_by_the_venues_id(product):
    async with linked() as link:
        working = await link.working(product)
        symbol, market = UNIFIED[product], MARKET[product]
        (listed,) = await link.connector.open_orders("main", symbol, market)
        order = await link.connector.order("main", working.venue_order_id, symbol, market)
        assert order == listed
        assert (order.order_id, order.client_order_id) == (working.venue_order_id, working.client_order_id)
        assert (order.symbol, order.side, order.order_type) == (symbol, Side.BUY, OrderType.LIMIT)
        assert (order.status, order.price, order.filled) == (OrderState.OPEN, 59000, 0)
        base = D("0.00847458") if product is ProductType.DELIVERY else QUANTITY[product]
        assert order.amount == order.remaining == base
        await link.connector.cancel("main", order.order_id, symbol, market)
        after = await link.connector.order("main", order.order_id, symbol, market)
        assert after.status is OrderState.CANCELED
        assert await link.connector.open_orders("main", symbol, market) == []


@EVERY
async def test_a_filled_order_has_its_average_cost_and_fee(product):
    async with linked() as link:
        trade = await filled(link, product)
        order = await link.connector.order("main", trade.venue_order_id, UNIFIED[product], MARKET[product])
        assert (order.status, order.average, order.remaining) == (OrderState.CLOSED, 59000, 0)
        assert order.fee is not None
        assert (order.fee.cost, order.fee.currency) == (trade.commission, trade.commission_currency)
        if product is ProductType.DELIVERY:
            assert (order.filled, order.cost) == (D("0.00847458"), 500)
        else:
            assert (order.filled, order.cost) == (QUANTITY[product], QUANTITY[product] * 59000)


@EVERY
async def test_a_conditional_order_is_told_found_and_cancelled_as_any_other(product):
    async with linked() as link:
        working, waiting = await link.working(product), await link.waiting(product)
        symbol, market = UNIFIED[product], MARKET[product]
        both = await link.connector.open_orders("main", symbol, market)
        assert {o.order_id for o in both} == {working.venue_order_id, waiting.venue_order_id}
        order = await link.connector.order("main", waiting.venue_order_id, symbol, market)
        assert order in both
        assert (order.order_type, order.status) == (OrderType.STOP_LOSS, OrderState.OPEN)
        assert (order.stop_price, order.price) == (66000, None)
        await link.connector.cancel("main", order.order_id, symbol, market)
        after = await link.connector.order("main", order.order_id, symbol, market)
        assert after.status is OrderState.CANCELED
        assert len(await link.connector.open_orders("main", symbol, market)) == 1


@FUTURES
async def test_a_conditional_order_that_triggered_is_found_by_its_first_id(product):
    async with linked() as link:
        waiting = await link.waiting(product)
        link.quote(product, "SELL", "66100", QUANTITY[product] * 2)
        link.trade(product, "66000")
        await link.tells(OrderUpdate, exec=VenueExec.TRADE, client_order_id=waiting.client_order_id)
        found = await link.connector.order("main", waiting.venue_order_id, UNIFIED[product], SWAP)
        assert (found.status, found.order_id != waiting.venue_order_id) == (OrderState.CLOSED, True)
        assert found.average is not None


async def test_open_futures_orders_of_both_sides_are_told_without_a_symbol():
    async with linked() as link:
        expected = {
            (await link.working(ProductType.FUTURE)).venue_order_id,
            (await link.working(ProductType.DELIVERY)).venue_order_id,
            (await link.waiting(ProductType.FUTURE)).venue_order_id,
            (await link.waiting(ProductType.DELIVERY)).venue_order_id,
        }
        assert {o.order_id for o in await link.connector.open_orders("main", None, SWAP)} == expected
        assert await link.connector.open_orders("main", None, FUTURE) == []


async def test_open_spot_orders_without_a_symbol_are_all_or_refused():
    async with linked() as link:
        assert await link.connector.open_orders("main", None, SPOT) == []
        known = await link.working(ProductType.SPOT)
        (only,) = await link.connector.open_orders("main", None, SPOT)
        assert only.order_id == known.venue_order_id
        link.connector._find("main").spot_symbols.clear()
        with raises(ErrorCode.INVALID_REQUEST, "lock USDT: give symbol"):
            await link.connector.open_orders("main", None, SPOT)


async def test_an_unknown_order_is_not_found_and_an_order_needs_its_symbol():
    async with linked() as link:
        for product in ProductType:
            where = ("main", "999999999", UNIFIED[product], MARKET[product])
            with raises(ErrorCode.ORDER_NOT_FOUND):
                await link.connector.order(*where)
            with raises(ErrorCode.ORDER_NOT_FOUND):
                await link.connector.cancel(*where)
        with raises(ErrorCode.ORDER_NOT_FOUND, "whole numbers"):
            await link.connector.order("main", "abc", "BTC/USDT", SPOT)
        with raises(ErrorCode.INVALID_REQUEST, "give symbol"):
            await link.connector.order("main", "1", None, SPOT)


async def test_a_cancel_whose_outcome_is_unknown_is_looked_up_and_sent_again():
    async with linked() as link:
        working = await link.working()
        link.server.faults.requests.append(RequestFault("DELETE", "/papi/v1/um/order", reset=True))
        await link.connector.cancel("main", working.venue_order_id, "BTC/USDT:USDT", SWAP)
        assert await link.connector.open_orders("main", "BTC/USDT:USDT", SWAP) == []


# money


async def test_balances_are_those_of_the_wallet_that_the_market_type_uses():
    async with linked() as link:
        await link.working(ProductType.SPOT)
        spot = {b.asset: b for b in await link.connector.balances("main", SPOT)}
        assert (spot["USDT"].used, spot["USDT"].total) == (590, 10_000_000)
        assert (spot["BTC"].free, spot["BTC"].total) == (1000, 1000)
        assert await link.connector.balances("main", SWAP) == []
        trade = await filled(link, ProductType.FUTURE)
        (wallet,) = await link.connector.balances("main", SWAP)
        assert (wallet.asset, wallet.total) == ("USDT", -trade.commission)


@FUTURES
async def test_a_position_has_size_value_and_profit(product):
    async with linked() as link:
        await filled(link, product)
        (position,) = await link.connector.positions("main", None, SWAP)
        assert [position] == await link.connector.positions("main", UNIFIED[product], SWAP)
        assert (position.symbol, position.side) == (UNIFIED[product], "long")
        assert (position.contracts, position.entry_price) == (QUANTITY[product], 59000)
        assert (position.mark_price, position.leverage) == (65000, 20)
        assert (position.margin_mode, position.liquidation_price) == (MarginMode.CROSS, None)
        inverse = product is ProductType.DELIVERY
        assert position.contract_size == (100 if inverse else 1)
        assert position.notional == (D("0.00769231") if inverse else 650)
        assert position.collateral == (D("0.00038462") if inverse else D("32.5"))
        assert position.unrealized_pnl == (D("0.00078227") if inverse else 60)
        assert position.percentage == (D("203.39") if inverse else D("184.62"))
        assert await link.connector.positions("main", None, FUTURE) == []


@FUTURES
async def test_leverage_is_set_and_told(product):
    async with linked() as link:
        symbol = UNIFIED[product]
        await filled(link, product)
        result = await link.connector.set_leverage("main", symbol, D(10), SWAP)
        assert (result["leverage"], result["symbol"]) == (10, SYMBOL[product])
        state = await link.connector.leverage("main", symbol, SWAP)
        assert (state.symbol, state.leverage, state.margin_mode) == (symbol, 10, MarginMode.CROSS)
        (position,) = await link.connector.positions("main", symbol, SWAP)
        size = QUANTITY[product]
        if product is ProductType.DELIVERY:
            size = (size * position.contract_size / position.mark_price).quantize(D("0.00000001"))
        assert (state.position_side, state.position_size) == ("long", size)
        with raises(ErrorCode.INVALID_REQUEST, "leverage 2.5 is not a whole number"):
            await link.connector.set_leverage("main", symbol, D("2.5"), SWAP)
        with raises(ErrorCode.INVALID_REQUEST, "leverage was 1000|-4028"):
            await link.connector.set_leverage("main", symbol, D(1000), SWAP)


async def test_leverage_without_a_position_is_told():
    async with linked() as link:
        state = await link.connector.leverage("main", "BTC/USDT:USDT", SWAP)
        assert (state.leverage, state.position_side, state.position_size) == (20, None, 0)


async def test_the_margin_mode_is_cross_and_stays():
    async with linked() as link:
        mode = link.connector.set_margin_mode
        assert await mode("main", "BTC/USDT:USDT", MarginMode.CROSS, SWAP) == {}
        with raises(ErrorCode.INVALID_REQUEST, "Portfolio Margin account is cross margin only"):
            await mode("main", "BTC/USDT:USDT", MarginMode.ISOLATED, SWAP)


@FUTURES
async def test_funding_and_realized_profit_are_told_apart(product):
    async with linked() as link:
        await filled(link, product)
        account, leg = link.server.exchange.account("main"), LEG[product]
        for amount in ("-0.15", "0.25"):
            transfers.pay_funding(link.server.exchange.state, account, leg, SYMBOL[product], D(amount))
        link.quote(product, "BUY", "64000", QUANTITY[product])
        sold = link.submit(product, side=Side.SELL, price=D("64000.0"))
        await link.tells(OrderUpdate, client_order_id=sold.client_order_id, exec=VenueExec.TRADE)
        access, symbol = link.connector, UNIFIED[product]
        payments = await access.funding_history("main", symbol, None, None, SWAP)
        assert [entry.amount for entry in payments] == [D("-0.15"), D("0.25")]
        assert {(entry.symbol, entry.info["incomeType"]) for entry in payments} == {(symbol, "FUNDING_FEE")}
        assert payments == await access.funding_history("main", None, None, None, SWAP)
        assert await access.funding_history("main", None, None, None, FUTURE) == []
        assert [e.amount for e in await access.funding_history("main", symbol, None, 1, SWAP)] == [D("0.25")]
        assert [e.amount for e in await access.funding_history("main", symbol, 1, 1, SWAP)] == [D("-0.15")]
        (profit,) = await access.realized_pnl("main", None, None, None, SWAP)
        assert profit.amount > 0 and profit.symbol == symbol


async def test_income_is_read_past_the_page_size(monkeypatch):
    monkeypatch.setattr(market_income, "PAGE", 3)
    time = [1_790_000_000.0]
    async with linked(now=lambda: time[0]) as link:
        await filled(link, ProductType.FUTURE)
        account = link.server.exchange.account("main")
        for number in range(1, 12):
            time[0] += 3600
            transfers.pay_funding(
                link.server.exchange.state, account, LEG[ProductType.FUTURE], "BTCUSDT", D(number)
            )
        payments = await link.connector.funding_history("main", "BTC/USDT:USDT", None, None, SWAP)
        assert [entry.amount for entry in payments] == list(range(1, 12))
        assert len({entry.id for entry in payments}) == 11


# portfolio margin


async def test_the_portfolio_margin_calls_answer_the_venues_own_records():
    async with linked() as link:
        await filled(link, ProductType.FUTURE)
        usdt = next(row for row in await link.connector.pm_balance("main") if row["asset"] == "USDT")
        assert usdt["crossMarginAsset"] == "10000000.00000000" and usdt["umWalletBalance"].startswith("-")
        account = await link.connector.pm_um_account("main")
        assert [row["symbol"] for row in account["positions"]] == ["BTCUSDT"]
        wallet, profit = D(account["totalWalletBalance"]), D(account["totalUnrealizedProfit"])
        assert D(account["totalMarginBalance"]) == wallet + profit
        assert wallet == D(usdt["umWalletBalance"]) and profit == D(usdt["umUnrealizedPNL"])
        assert D(account["totalInitialMargin"]) > D(account["totalMaintMargin"]) > 0
        assert D(account["availableBalance"]) > 0 and D(account["maxWithdrawAmount"]) > 0
        assert await link.connector.pm_auto_collection("main") == {"msg": "success"}
        assert await link.connector.pm_asset_collection("main", "USDT") == {"msg": "success"}
        with raises(ErrorCode.INVALID_REQUEST, "BNB is not collected"):
            await link.connector.pm_asset_collection("main", "BNB")


# errors


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (-2019, "Margin is insufficient.", ErrorCode.INSUFFICIENT_MARGIN),
        (-2018, "Balance is insufficient.", ErrorCode.INSUFFICIENT_BALANCE),
        (-2010, "Account has insufficient balance for requested action.", ErrorCode.INSUFFICIENT_BALANCE),
        (-2010, "Order would immediately match and take.", ErrorCode.EXCHANGE_ERROR),
        (-51006, "", ErrorCode.INSUFFICIENT_BALANCE),
        (51006, "", ErrorCode.INSUFFICIENT_BALANCE),
        (-2013, "", ErrorCode.ORDER_NOT_FOUND),
        (-2011, "Unknown order sent.", ErrorCode.ORDER_NOT_FOUND),
        (-4028, "", ErrorCode.INVALID_REQUEST),
        (-1013, "", ErrorCode.EXCHANGE_ERROR),
        (None, "", ErrorCode.EXCHANGE_ERROR),
    ],
)
def test_a_code_decides_the_api_code(code, text, expected):
    assert api_code(code, text) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, b'{"code":-1003,"msg":"Too many requests."}', ErrorCode.NOT_READY),
        (400, b'{"code":-1021,"msg":"Timestamp for this request is outside."}', ErrorCode.NOT_READY),
        (503, b'{"code":-1001,"msg":"Internal error; unable to process."}', ErrorCode.EXCHANGE_ERROR),
        (401, b'{"code":-2015,"msg":"Invalid API-key."}', ErrorCode.EXCHANGE_ERROR),
    ],
)
def test_what_became_of_the_call_decides_where_the_code_does_not(status, body, expected):
    row = ENDPOINTS["GET", "/papi/v1/balance"]
    error = execution_error(failure_for(classify(status, body), row))
    assert error.code is expected and error.data["exchange_code"] in body.decode()


@pytest.mark.parametrize("sent", [True, False])
def test_a_call_without_an_answer_is_a_network_error(sent):
    failure = failure_of(SendFailure(sent, "connection lost"))
    error = execution_error(failure_for(failure, ENDPOINTS["POST", "/papi/v1/um/leverage"]))
    assert error.code is ErrorCode.NETWORK_ERROR
    assert ("it may have been executed" in error.text) is sent
    assert execution_error(NotAnswered(SendFailure(sent, "lost"))).code is ErrorCode.EXCHANGE_ERROR


async def test_calls_before_the_first_connection_are_not_ready():
    async with linked(wait_until_ready=False) as link:
        await link.until(lambda: link.connector.instruments(ProductType.SPOT))
        await link.connector._find("main").market.aclose()
        with raises(ErrorCode.NOT_READY, "not connected to Binance yet"):
            await link.connector.balances("main", SPOT)


async def test_questions_of_the_api_run_beside_one_another():
    async with linked() as link:
        answers = await asyncio.gather(*(link.connector.balances("main", SPOT) for _ in range(12)))
        assert len({tuple(answer) for answer in answers}) == 1
