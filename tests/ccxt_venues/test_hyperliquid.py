"""Hyperliquid: what reaches the venue for every order, question and setting, and what its errors mean."""

from decimal import Decimal

import ccxt.async_support
import msgspec
import pytest

from fixgate.connectors.ccxt.redirect import RedirectingSession
from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues import hyperliquid_signing
from fixgate.connectors.ccxt.venues.hyperliquid import Hyperliquid
from fixgate.connectors.ccxt.venues.hyperliquid_prices import above, below, is_allowed
from fixgate.model.enums import OrderType, OrdRejReason, Side, TimeInForce
from fixgate.model.execution import ErrorCode, MarginMode, MarketType
from fixgate.model.refusal import Refused
from tests.ccxt_venues.matrix import Cell, Expected, allowed, is_refused, refused, sends_exactly
from tests.ccxt_venues.payloads.hyperliquid import EXCHANGE, INFO, MARKETS, RESTING, info, statuses
from tests.ccxt_venues.stand_in import (
    CREDENTIALS,
    StandIn,
    a_cancel,
    a_query,
    an_order,
    call,
    exchange_for,
    market_of,
)

TRANSLATOR = Hyperliquid()
NOISE = ("nonce", "signature")
SYMBOL = "BTC/USDC:USDC"
USER = CREDENTIALS.wallet_address
LAST = Decimal(91000)

LIMIT = {"limit": {"tif": "Gtc"}}
ORDERS = {
    OrderType.MARKET: {"p": "86450", "t": {"limit": {"tif": "Ioc"}}},
    OrderType.LIMIT: {"p": "90000", "t": LIMIT},
    OrderType.STOP_LOSS: {
        "p": "84550",
        "t": {"trigger": {"isMarket": True, "triggerPx": "89000", "tpsl": "sl"}},
    },
    OrderType.STOP_LOSS_LIMIT: {
        "p": "90000",
        "t": {"trigger": {"isMarket": False, "triggerPx": "89000", "tpsl": "sl"}},
    },
    OrderType.TAKE_PROFIT: {
        "p": "84550",
        "t": {"trigger": {"isMarket": True, "triggerPx": "89000", "tpsl": "tp"}},
    },
    OrderType.TAKE_PROFIT_LIMIT: {
        "p": "90000",
        "t": {"trigger": {"isMarket": False, "triggerPx": "89000", "tpsl": "tp"}},
    },
}
TIFS = {TimeInForce.GTC: "Gtc", TimeInForce.IOC: "Ioc"}


def expected(cell: Cell) -> Expected:
    order = {"a": 0, "b": False, "s": "0.01", "r": cell.reduce_only, "c": "fg7001"} | ORDERS[cell.order_type]
    if cell.order_type is OrderType.LIMIT:
        order["t"] = {"limit": {"tif": "Alo" if cell.is_post_only else TIFS[cell.time_in_force]}}
    return Expected(EXCHANGE, {"action": {"type": "order", "orders": [order], "grouping": "na"}})


@pytest.fixture
async def server():
    async with StandIn(MARKETS) as server:
        yield server


@pytest.fixture
async def exchange(server):
    return await exchange_for(TRANSLATOR, MarketType.SWAP, server)


@pytest.fixture
def market(exchange):
    return market_of(exchange, SYMBOL)


@pytest.mark.parametrize("cell", allowed("hyperliquid"), ids=str)
async def test_every_allowed_order_sends_exactly_this_request(cell, server):
    await sends_exactly(
        TRANSLATOR, server, cell, SYMBOL, expected(cell), noise=NOISE, answers={EXCHANGE: RESTING}, last=LAST
    )


async def test_every_other_cell_is_refused_in_the_documents_words_and_nothing_is_sent(server, market):
    spot = msgspec.structs.replace(market, symbol="BTC/USDC", market_type=MarketType.SPOT, settle="")
    for cell in refused("hyperliquid"):
        is_refused(TRANSLATOR, cell, market if cell.market_type.is_perp else spot, LAST)
    assert len(refused("hyperliquid")) > 600
    assert server.requests == []


# The hazards of ccxt


async def test_the_first_order_approves_no_builder_and_sets_no_referrer(server, exchange, market):
    server.answer(EXCHANGE, RESTING)
    await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="1"), market))
    assert [request.body["action"]["type"] for request in server.requests] == ["order", "cancel"]
    assert "builder" not in server.requests[0].body["action"]


async def test_ccxt_left_alone_approves_a_builder_and_sets_a_referrer(server, exchange):
    session = RedirectingSession(server.url)
    alone = ccxt.async_support.hyperliquid(
        {"walletAddress": USER, "privateKey": CREDENTIALS.private_key, "session": session}
    )
    alone.set_markets(list(exchange.markets.values()))
    server.answer(EXCHANGE, RESTING)
    server.answer(INFO, info(userAbstraction="default"))
    await alone.create_order(SYMBOL, "limit", "buy", "0.01", "90000")
    actions = {request.body["action"]["type"] for request in server.requests if request.path == "/exchange"}
    assert actions == {"approveBuilderFee", "setReferrer", "order"}, "the hazard is gone"
    await alone.close()
    await session.close()


async def test_fill_or_kill_is_refused_and_not_sent_as_a_word_that_the_venue_does_not_know(market):
    with pytest.raises(Refused, match="does not support time_in_force FOK"):
        TRANSLATOR.submit(an_order(market, time_in_force=TimeInForce.FOK), market, None)


@pytest.mark.parametrize("order_type", [OrderType.TRAILING_STOP, OrderType.OCO])
async def test_what_ccxt_would_send_as_a_market_order_is_refused(market, order_type):
    order = an_order(market, order_type=order_type, trailing_delta=Decimal(100), stop_price=Decimal(89000))
    with pytest.raises(Refused, match=f"Hyperliquid does not support {order_type} orders"):
        TRANSLATOR.submit(order, market, LAST)


async def test_post_only_is_not_lost_to_a_time_in_force(server, exchange, market):
    server.answer(EXCHANGE, RESTING)
    order = an_order(market, time_in_force=TimeInForce.GTC, attributes={"post_only": True})
    await call(exchange, TRANSLATOR.submit(order, market, None))
    assert server.requests[0].body["action"]["orders"][0]["t"] == {"limit": {"tif": "Alo"}}


async def test_an_off_step_size_is_refused_and_not_rounded_up(market):
    with pytest.raises(Refused, match=r"0\.12345 or 0\.12346"):
        TRANSLATOR.submit(an_order(market, quantity=Decimal("0.123456")), market, None)


async def test_no_question_carries_a_parameter_called_type(server, exchange, market):
    server.answer(
        INFO, info(frontendOpenOrders=[], userFillsByTime=[], clearinghouseState={"assetPositions": []})
    )
    asked = [
        *TRANSLATOR.open_orders(MarketType.SWAP, None),
        TRANSLATOR.trades(a_query(market), market),
        *TRANSLATOR.positions(MarketType.SWAP, market.symbol),
    ]
    for each in asked:
        await call(exchange, each)
    assert [request.body["type"] for request in server.requests] == [
        "frontendOpenOrders",
        "userFillsByTime",
        "clearinghouseState",
    ]


# Prices


@pytest.mark.parametrize(
    ("side", "last", "price"),
    [
        (Side.BUY, "91000", "95550"),
        (Side.SELL, "91000", "86450"),
        (Side.BUY, "95000.5", "99750"),
        (Side.SELL, "95000.5", "90251"),
        (Side.BUY, "99999", "104998"),
    ],
)
async def test_a_market_order_may_trade_five_percent_through_the_last_price_and_no_further(
    server, exchange, market, side, last, price
):
    server.answer(EXCHANGE, RESTING)
    order = an_order(market, order_type=OrderType.MARKET, side=side)
    assert TRANSLATOR.needs_last(order)
    await call(exchange, TRANSLATOR.submit(order, market, Decimal(last)))
    assert server.requests[0].body["action"]["orders"][0]["p"] == price


async def test_a_market_order_without_a_reference_price_is_refused(market):
    with pytest.raises(Refused, match="needs a reference price"):
        TRANSLATOR.submit(an_order(market, order_type=OrderType.MARKET), market, None)


@pytest.mark.parametrize(
    ("price", "digits", "allowed_as_it_is"),
    [
        ("90000", 5, True),
        ("90000.5", 5, False),
        ("9000.5", 5, True),
        ("123456", 5, True),
        ("1234567", 5, True),
        ("1234.56", 0, False),
        ("0.12345", 0, True),
        ("0.123456", 0, False),
        ("0.0012345", 0, False),
        ("0.001234", 0, True),
        ("0.0012", 4, False),
        ("0.01", 4, True),
        ("1E+40", 5, True),
    ],
)
def test_a_price_has_five_figures_and_six_decimals_less_the_sizes(price, digits, allowed_as_it_is):
    assert is_allowed(Decimal(price), digits) is allowed_as_it_is


@pytest.mark.parametrize("number", ["90000.4", "1234.567", "0.123456", "99999.7", "0.99999999"])
def test_the_nearest_prices_are_allowed_and_on_either_side(number):
    price = Decimal(number)
    assert below(price, 0) <= price <= above(price, 0)
    assert is_allowed(below(price, 0), 0)
    assert is_allowed(above(price, 0), 0)


async def test_a_price_that_the_venue_would_not_take_is_refused_with_the_nearest(exchange, market):
    with pytest.raises(Refused, match="nearest: 90000 or 90001"):
        TRANSLATOR.submit(an_order(market, price=Decimal("90000.5")), market, None)
    stop = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=Decimal("89000.5"))
    with pytest.raises(Refused, match=r"stop price 89000\.5"):
        TRANSLATOR.submit(stop, market, None)


async def test_the_tick_of_a_market_is_not_that_of_the_day_when_it_was_loaded(exchange):
    """ccxt's tick at a mark price of 0.12345 would be 0.00001: too coarse once the price has lost a digit."""
    market = market_of(exchange, "DOGE/USDC:USDC")
    assert market.tick == Decimal("0.000001")
    order = an_order(market, price=Decimal("0.012345"), quantity=Decimal(10000))
    assert TRANSLATOR.submit(order, market, None).args[4] == "0.012345"


async def test_an_order_below_ten_dollars_is_refused_unless_it_reduces(market):
    small = {"price": Decimal(90000), "quantity": Decimal("0.0001")}
    with pytest.raises(Refused, match="10 USDC"):
        TRANSLATOR.submit(an_order(market, **small), market, None)
    with pytest.raises(Refused, match="10 USDC"):
        TRANSLATOR.submit(
            an_order(market, order_type=OrderType.MARKET, quantity=Decimal("0.0001")), market, LAST
        )
    assert TRANSLATOR.submit(an_order(market, **small, attributes={"reduce_only": True}), market, None)


# Client order ids


def test_a_client_order_id_is_sixteen_bytes_and_one_to_one():
    numbers = [1, 7001, 1767225600123, 2**90]
    ids = [TRANSLATOR.client_order_id(number) for number in numbers]
    assert all(each.startswith("0x66697867") and len(each) == 34 for each in ids)
    assert [int(each[10:], 16) for each in ids] == numbers


# Signing


async def test_the_fast_signature_is_ccxts_own(exchange):
    slow = ccxt.async_support.hyperliquid(
        {"walletAddress": USER, "privateKey": CREDENTIALS.private_key, "enableRateLimit": False}
    )
    action = {"type": "order", "orders": [{"a": 0, "b": True, "p": "90000", "s": "0.01"}], "grouping": "na"}
    for testnet in (False, True):
        slow.options["sandboxMode"] = exchange.options["sandboxMode"] = testnet
        for vault in (None, "2" * 40):
            for nonce in (1767225600123, 1767225600999):
                assert exchange.sign_l1_action(action, nonce, vault) == slow.sign_l1_action(
                    action, nonce, vault
                )
    await slow.close()


def test_keccak_is_not_sha3():
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert hyperliquid_signing.keccak(b"").hex() == empty


# Orders that are there


async def test_a_cancel_goes_by_the_venues_id_else_by_the_client_order_id(server, exchange, market):
    server.answer(EXCHANGE, statuses("success", kind="cancel"))
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, venue_order_id="77", held=True), market))
    cloid = TRANSLATOR.client_order_id(7001)
    await call(exchange, TRANSLATOR.cancel(a_cancel(market, client_order_id=cloid), market))
    assert [request.body["action"] for request in server.requests] == [
        {"type": "cancel", "cancels": [{"a": 0, "o": 77}]},
        {"type": "cancelByCloid", "cancels": [{"asset": 0, "cloid": cloid}]},
    ]


AN_ORDER = {
    "coin": "BTC",
    "side": "B",
    "limitPx": "90000.0",
    "sz": "0.006",
    "oid": 77,
    "timestamp": 1767225600123,
    "triggerCondition": "N/A",
    "isTrigger": False,
    "triggerPx": "0.0",
    "children": [],
    "isPositionTpsl": False,
    "reduceOnly": False,
    "orderType": "Limit",
    "origSz": "0.01",
    "tif": "Gtc",
    "cloid": "0x66697867000000000000000000001b59",
}


@pytest.mark.parametrize(("known", "oid"), [("77", 77), ("", "0x66697867000000000000000000001b59")])
async def test_a_question_goes_by_the_venues_id_else_by_the_client_order_id(
    server, exchange, market, known, oid
):
    told = {
        "status": "order",
        "order": {"order": AN_ORDER, "status": "open", "statusTimestamp": 1767225600456},
    }
    server.answer(INFO, info(orderStatus=told))
    question = a_query(market, venue_order_id=known, client_order_id=AN_ORDER["cloid"])
    (only,) = TRANSLATOR.query(question, market)
    order = await call(exchange, only)
    assert server.requests[0].body == {"type": "orderStatus", "user": USER, "oid": oid}
    assert (order["id"], order["clientOrderId"], order["symbol"]) == ("77", AN_ORDER["cloid"], SYMBOL)
    assert (order["status"], Decimal(order["amount"]), Decimal(order["filled"])) == (
        "open",
        Decimal("0.01"),
        Decimal("0.004"),
    )


async def test_an_order_that_is_not_there_is_not_found(server, exchange, market):
    server.answer(INFO, info(orderStatus={"status": "unknownOid"}))
    (only,) = TRANSLATOR.query(a_query(market, venue_order_id="78"), market)
    with pytest.raises(Exception, match="unknownOid") as raised:
        await call(exchange, only)
    assert TRANSLATOR.meaning_of(raised.value).verdict is Verdict.NOT_FOUND


async def test_a_new_stop_says_that_it_waits_though_the_venues_answer_does_not(server, exchange, market):
    cloid = TRANSLATOR.client_order_id(7001)
    server.answer(EXCHANGE, statuses({"resting": {"oid": 77, "cloid": cloid}}))
    stop = an_order(market, order_type=OrderType.STOP_LOSS, stop_price=Decimal(89000), client_order_id=cloid)
    answer = await call(exchange, TRANSLATOR.submit(stop, market, None))
    assert (answer["id"], answer["triggerPrice"], answer["stopLossPrice"]) == ("77", "89000", "89000")
    told = {"order": {key: AN_ORDER[key] for key in ("coin", "side", "limitPx", "sz", "oid", "origSz")}}
    told["order"] |= {"cloid": cloid, "timestamp": 1767225600123}
    assert exchange.parse_order(told | {"status": "open"})["triggerPrice"] == "89000"
    assert "isWorking" not in exchange.parse_order(told | {"status": "open"})["info"]
    assert exchange.parse_order(told | {"status": "triggered"})["info"]["isWorking"] is True


async def test_a_new_order_that_traded_tells_how_much(server, exchange, market):
    server.answer(EXCHANGE, statuses({"filled": {"totalSz": "0.01", "avgPx": "90100.5", "oid": 77}}))
    order = an_order(market, order_type=OrderType.MARKET)
    answer = await call(exchange, TRANSLATOR.submit(order, market, LAST))
    assert (answer["id"], answer["filled"], answer["average"]) == ("77", "0.01", "90100.5")


async def test_trades_are_asked_for_from_a_minute_before_the_order(server, exchange, market):
    fill = {
        "coin": "BTC",
        "px": "90100.5",
        "sz": "0.004",
        "side": "B",
        "time": 1767225600500,
        "startPosition": "0.0",
        "dir": "Open Long",
        "closedPnl": "0.0",
        "hash": "0x0",
        "oid": 77,
        "crossed": True,
        "fee": "0.162",
        "tid": 991,
        "feeToken": "USDC",
        "cloid": AN_ORDER["cloid"],
    }
    server.answer(INFO, info(userFillsByTime=[fill]))
    (trade,) = await call(exchange, TRANSLATOR.trades(a_query(market), market))
    assert server.requests[0].body == {"type": "userFillsByTime", "user": USER, "startTime": 1767225540000}
    assert (trade["id"], trade["order"], trade["takerOrMaker"]) == ("991", "77", "taker")
    assert (trade["amount"], trade["price"], trade["fee"]["cost"]) == ("0.004", "90100.5", "0.162")


# Perps


async def test_leverage_is_read_with_or_without_a_position(server, exchange, market):
    server.answer(INFO, info(activeAssetData={"leverage": {"type": "cross", "value": 20}}))
    state = TRANSLATOR.read_leverage(market, await call(exchange, TRANSLATOR.leverage(market)))
    assert server.requests[0].body == {"type": "activeAssetData", "user": USER, "coin": "BTC"}
    assert (state.symbol, state.leverage, state.margin_mode) == (SYMBOL, Decimal(20), MarginMode.CROSS)


@pytest.mark.parametrize("mode", ["cross", "isolated"])
async def test_setting_leverage_leaves_the_margin_mode_as_it_is(server, exchange, market, mode):
    server.answer(INFO, info(activeAssetData={"leverage": {"type": mode, "value": 20}}))
    server.answer(EXCHANGE, {"status": "ok", "response": {"type": "default"}})
    await call(exchange, TRANSLATOR.set_leverage(market, Decimal(5)))
    assert server.requests[1].body["action"] == {
        "type": "updateLeverage",
        "asset": 0,
        "isCross": mode == "cross",
        "leverage": 5,
    }


async def test_leverage_is_a_whole_number(market):
    with pytest.raises(Refused, match=r"2\.5"):
        TRANSLATOR.set_leverage(market, Decimal("2.5"))


async def test_margin_mode_is_not_offered(market):
    with pytest.raises(Refused) as refusal:
        TRANSLATOR.set_margin_mode(market, MarginMode.CROSS, Decimal(5))
    assert refusal.value.reason is OrdRejReason.UNSUPPORTED


async def test_a_losing_position_has_a_percentage_below_zero(server, exchange, market):
    position = {
        "coin": "BTC",
        "szi": "-0.05",
        "entryPx": "90000.0",
        "leverage": {"type": "cross", "value": 20},
        "liquidationPx": "120000.0",
        "marginUsed": "225.0",
        "positionValue": "4550.0",
        "returnOnEquity": "-0.2",
        "unrealizedPnl": "-45.0",
        "maxLeverage": 40,
    }
    server.answer(
        INFO, info(clearinghouseState={"assetPositions": [{"type": "oneWay", "position": position}]})
    )
    (only,) = TRANSLATOR.positions(MarketType.SWAP, None)
    (told,) = await call(exchange, only)
    assert server.requests[0].body == {"type": "clearinghouseState", "user": USER}
    assert (told["side"], told["contracts"], told["contractSize"]) == ("short", "0.05", "1")
    assert (told["percentage"], told["unrealizedPnl"], told["collateral"]) == ("-20", "-45.0", "225.0")
    assert (told["markPrice"], told["leverage"], told["marginMode"]) == ("91000", "20", "cross")


def funding(at_ms: int, usdc: str) -> dict[str, object]:
    return {
        "time": at_ms,
        "hash": "0x" + "0" * 64,
        "delta": {"type": "funding", "coin": "BTC", "usdc": usdc, "szi": "0.05", "fundingRate": "0.0000125"},
    }


async def test_funding_is_told_oldest_first_with_an_id_of_its_own(server, exchange, market):
    server.answer(INFO, info(userFunding=[funding(1767232800000, "0.02"), funding(1767229200000, "-0.05")]))
    answer = await call(exchange, TRANSLATOR.funding(market, 1767225600000, 10))
    assert server.requests[0].body == {"type": "userFunding", "user": USER, "startTime": 1767225600000}
    entries = TRANSLATOR.read_funding(answer)
    assert [(entry.id, entry.amount, entry.code) for entry in entries] == [
        ("1767229200000-BTC", Decimal("-0.05"), "USDC"),
        ("1767232800000-BTC", Decimal("0.02"), "USDC"),
    ]
    assert entries[0].symbol == SYMBOL


async def test_funding_since_no_given_time_is_that_of_the_last_month(server, exchange):
    server.answer(INFO, info(userFunding=[]))
    before = exchange.milliseconds()
    await call(exchange, TRANSLATOR.funding(None, None, None))
    start = server.requests[0].body["startTime"]
    assert 0 <= start - (before - 30 * 24 * 3_600_000) < 60_000


@pytest.mark.parametrize(
    ("since", "kept"), [(1767225600000, ["1767229200000-BTC"]), (None, ["1767232800000-BTC"])]
)
async def test_a_limit_keeps_the_first_since_a_time_and_the_latest_of_all(
    server, exchange, market, since, kept
):
    server.answer(INFO, info(userFunding=[funding(1767229200000, "-0.05"), funding(1767232800000, "0.02")]))
    exchange.milliseconds = lambda: 1767240000000
    answer = await call(exchange, TRANSLATOR.funding(market, since, 1))
    assert [entry.id for entry in TRANSLATOR.read_funding(answer)] == kept


async def test_realized_profits_are_those_of_the_trades_that_closed_something(server, exchange, market):
    fill = {"coin": "BTC", "px": "90000", "sz": "0.01", "side": "A", "oid": 77, "crossed": True, "fee": "0.1"}
    fill |= {"feeToken": "USDC", "dir": "Close Long", "hash": "0x0"}
    fills = [
        fill | {"closedPnl": "12.5", "tid": 2, "time": 1767225600900},
        fill | {"closedPnl": "0.0", "tid": 3, "time": 1767225600950},
        fill | {"closedPnl": "-3.25", "tid": 1, "time": 1767225600800},
    ]
    server.answer(INFO, info(userFills=fills))
    entries = TRANSLATOR.read_realized(await call(exchange, TRANSLATOR.realized(market, None, 10)))
    assert server.requests[0].body == {"type": "userFills", "user": USER}
    assert [(entry.id, entry.amount, entry.code) for entry in entries] == [
        ("1", Decimal("-3.25"), "USDC"),
        ("2", Decimal("12.5"), "USDC"),
    ]


# Errors


@pytest.mark.parametrize(
    ("words", "verdict", "error"),
    [
        ("Insufficient margin to place order. asset=0", Verdict.REFUSED, ErrorCode.INSUFFICIENT_MARGIN),
        ("Order must have minimum value of $10. asset=0", Verdict.REFUSED, ErrorCode.EXCHANGE_ERROR),
        (
            "Post only order would have immediately matched, bbo was 89999@90001. asset=0",
            Verdict.REFUSED,
            ErrorCode.EXCHANGE_ERROR,
        ),
        (
            "Order was never placed, already canceled, or filled. asset=0",
            Verdict.NOT_FOUND,
            ErrorCode.ORDER_NOT_FOUND,
        ),
    ],
)
async def test_an_error_of_an_order_means(server, exchange, market, words, verdict, error):
    server.answer(EXCHANGE, statuses({"error": words}))
    with pytest.raises(Exception, match="hyperliquid") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    meaning = TRANSLATOR.meaning_of(raised.value)
    assert meaning is not None
    assert (meaning.verdict, meaning.error) == (verdict, error)


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("User or API Wallet 0x1111111111111111111111111111111111111111 does not exist.", Verdict.REFUSED),
        ("Too many cumulative requests sent (37986 > 10436) for cumulative volume traded.", Verdict.LIMITED),
        ("Invalid nonce: duplicate nonce 1767225600123", Verdict.REFUSED),
    ],
)
async def test_an_error_of_a_request_means(server, exchange, market, words, verdict):
    server.answer(EXCHANGE, {"status": "err", "response": words})
    with pytest.raises(Exception, match="hyperliquid") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.meaning_of(raised.value).verdict is verdict


async def test_a_refusal_that_is_no_json_is_known_by_its_words(server, exchange, market):
    server.answer(EXCHANGE, "Failed to deserialize the JSON body into the target type", 422)
    with pytest.raises(Exception, match="deserialize") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.meaning_of(raised.value).verdict is Verdict.REFUSED
    assert TRANSLATOR.code_of(RuntimeError("hyperliquid POST https://api.hyperliquid.xyz timed out")) == ""


async def test_an_error_that_is_in_no_table_keeps_its_own_words(server, exchange, market):
    server.answer(EXCHANGE, statuses({"error": "Something new happened"}))
    with pytest.raises(Exception, match="Something new") as raised:
        await call(exchange, TRANSLATOR.submit(an_order(market), market, None))
    assert TRANSLATOR.code_of(raised.value) == "Something new happened"
    assert TRANSLATOR.meaning_of(raised.value) is None
