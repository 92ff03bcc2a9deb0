"""The connector specification's tables, each row over TCP through the whole gateway to the exchange."""

from decimal import Decimal

import pytest

from tests.fixclient import cancel, replace, status

from .trading import PATH

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRODUCTS = ["SPOT", "FUTURE", "DELIVERY"]
FUTURES = ["FUTURE", "DELIVERY"]
BUY, SELL = "1", "2"
TIME_IN_FORCE = {"1": "GTC", "3": "IOC", "4": "FOK"}


# Features


@pytest.mark.parametrize("product", PRODUCTS)
async def test_limit_order_rests_fills_and_carries_commission(desk, product):
    order = await desk.working(product)
    desk.exchange.quote(product, "SELL", "59000", "100")
    fill = await desk.told(order, "F")
    assert (fill[39], fill[151]) == ("2", "0") and Decimal(fill[31]) == 59000
    assert Decimal(fill[12]) > 0 and fill[13] == "3"
    assert fill[479] == {"SPOT": "BTC", "FUTURE": "USDT", "DELIVERY": "BTC"}[product]


@pytest.mark.parametrize("product", PRODUCTS)
async def test_market_order_fills(desk, product):
    desk.exchange.quote(product, "SELL", "60000", "100")
    order = await desk.order(product, price=None, time_in_force=None)
    fill = await desk.told(order, "F")
    assert Decimal(fill[6]) == 60000 and Decimal(fill[14]) == Decimal(fill[38])
    (sent,) = desk.exchange.sent("POST", product)
    assert sent["type"] == "MARKET" and "timeInForce" not in sent and "price" not in sent


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("tag", TIME_IN_FORCE)
async def test_time_in_force(desk, product, tag):
    desk.exchange.quote(
        product, "SELL", "60000", {"SPOT": "0.004", "FUTURE": "0.004", "DELIVERY": "2"}[product]
    )
    order = await desk.order(product, price="60000.0", time_in_force=tag)
    name = TIME_IN_FORCE[tag]
    if name == "FOK":
        ended = await desk.client.receive(
            "8", where=lambda m: m.get(11) == order and m.get(150) in ("4", "8", "C")
        )
        assert Decimal(ended[14]) == 0 and ended[151] == "0"
    else:
        await desk.told(order, "F")
    if name == "IOC":
        ended = await desk.told(order, "4")
        assert ended[39] == "4" and Decimal(ended[14]) > 0
    (sent,) = desk.exchange.sent("POST", product)
    assert sent["timeInForce"] == name


@pytest.mark.parametrize("product", PRODUCTS)
async def test_cancel(desk, product):
    order = await desk.working(product)
    request = desk.next_id()
    await desk.client.send("F", cancel(order, cl_ord_id=request, symbol=desk_symbol(product)))
    pending = await desk.told(request, "6")
    done = await desk.told(request, "4")
    assert pending[41] == done[41] == order and (pending[39], done[39], done[151]) == ("6", "4", "0")


@pytest.mark.parametrize("product", FUTURES)
async def test_replace(desk, product):
    order = await desk.working(product)
    request = desk.next_id()
    quantity = {"FUTURE": "0.020", "DELIVERY": "7"}[product]
    await desk.client.send(
        "G",
        replace(order, cl_ord_id=request, symbol=desk_symbol(product), quantity=quantity, price="58000.0"),
    )
    assert (await desk.told(request, "E"))[39] == "E"
    done = await desk.told(request, "5")
    assert (Decimal(done[38]), Decimal(done[44]), done[41], done[39]) == (
        Decimal(quantity),
        Decimal(58000),
        order,
        "0",
    )


async def test_order_status_request(desk):
    order = await desk.working("FUTURE")
    await desk.client.send("H", status(order, extra=[(790, "Q1")]))
    answer = await desk.told(order, "I")
    assert (answer[39], answer[790], answer[37]) == ("0", "Q1", answer[37]) and answer[37] != "NONE"
    await desk.client.send("H", status("nobody-sent-this"))
    unknown = await desk.told("nobody-sent-this", "I")
    assert unknown[39] == "8" and "nobody-sent-this" in unknown[58]


@pytest.mark.parametrize("product", PRODUCTS)
async def test_fast_cancel(desk, product):
    """A cancel sent right behind its order is taken and done, whichever the exchange sees first."""
    order, request = desk.next_id(), desk.next_id()
    await desk.order(product, cl_ord_id=order)
    await desk.client.send("F", cancel(order, cl_ord_id=request, symbol=desk_symbol(product)))
    assert (await desk.told(request, "4"))[39] == "4"


@pytest.mark.parametrize("product", FUTURES)
async def test_fast_replace(desk, product):
    order, request = desk.next_id(), desk.next_id()
    await desk.order(product, cl_ord_id=order)
    await desk.client.send(
        "G", replace(order, cl_ord_id=request, symbol=desk_symbol(product), price="58000.0")
    )
    assert Decimal((await desk.told(request, "5"))[44]) == 58000


# Symbology


@pytest.mark.parametrize(
    ("product", "symbol", "quantity", "price"),
    [
        ("SPOT", "ETHUSDT", "1", "3000.00"),
        ("FUTURE", "SOLUSDT", "1", "140.0000"),
        ("FUTURE", "BTCUSDC", "0.010", "60000.0"),
        ("DELIVERY", "ETHUSD_PERP", "5", "3200.00"),
    ],
)
async def test_symbols_are_the_exchanges_own(desk, product, symbol, quantity, price):
    order = await desk.order(product, symbol=symbol, quantity=quantity, price=price)
    assert (await desk.told(order, "0"))[55] == symbol
    assert desk.exchange.sent("POST", product)[0]["symbol"] == symbol


# Product Type

PRODUCT_ROWS = [
    # connector, SecurityType, symbol, resulting product type; None: unsupported
    ("PM", "FXSPOT", "BTCUSDT", "SPOT"),
    ("PM", "FOR", "BTCUSDT", "SPOT"),
    ("PM", "CASH", "BTCUSDT", "SPOT"),
    ("DELIVERY_LIST", "FUT", "BTCUSD_PERP", "DELIVERY"),
    ("DELIVERY_LIST", "FUT", "BTCUSDT", "FUTURE"),
    ("FUTURE_LIST", "FUT", "BTCUSDT", "FUTURE"),
    ("FUTURE_LIST", "FUT", "BTCUSD_PERP", "DELIVERY"),
    ("PM", "FUT", "BTCUSDT", "FUTURE"),
    ("PM", "FUT", "BTCUSD_PERP", "DELIVERY"),
    ("OTHER_LISTS", "FUT", "BTCUSDT", None),
]


@pytest.mark.parametrize(("connector", "security_type", "symbol", "product"), PRODUCT_ROWS)
async def test_product_type(desk, connector, security_type, symbol, product):
    quantity = "5" if symbol == "BTCUSD_PERP" else "0.010"
    order = await desk.order("SPOT", connector, symbol=symbol, security_type=security_type, quantity=quantity)
    if product is None:
        assert "unsupported instrument" in (await desk.refused(order))[58]
    else:
        await desk.told(order, "0")
        assert [path for path in PATH if desk.exchange.sent("POST", path)] == [product]


async def test_security_metadata_wins_and_a_bad_value_is_ignored(desk):
    order = await desk.order("FUTURE", symbol="BNBUSDT", quantity="1", price="500.00")
    await desk.told(order, "0")
    assert desk.exchange.sent("POST", "SPOT") and not desk.exchange.sent("POST", "FUTURE")
    order = await desk.order("FUTURE", symbol="ETHUSDT", quantity="1", price="2000.00")
    await desk.told(order, "0")
    assert desk.exchange.sent("POST", "FUTURE")


# Client Order ID


@pytest.mark.parametrize("product", PRODUCTS)
async def test_sequence_ids_are_numbers_that_grow(desk, product):
    for _ in range(2):
        await desk.working(product)
    first, second = (sent["newClientOrderId"] for sent in desk.exchange.sent("POST", product))
    assert first.isdigit() and int(second) > int(first)


async def test_prefix_is_put_before_the_sequence(desk):
    await desk.working("FUTURE", "PREFIX")
    (sent,) = desk.exchange.sent("POST", "FUTURE")
    assert sent["newClientOrderId"].startswith("fund-7/") and sent["newClientOrderId"][7:].isdigit()


async def test_composite_joins_source_and_order_id_without_prefix(desk):
    order = await desk.working("FUTURE", "COMPOSITE")
    (sent,) = desk.exchange.sent("POST", "FUTURE")
    assert sent["newClientOrderId"] == f"OMS:{order}"


@pytest.mark.parametrize(("product", "limit"), [("SPOT", 36), ("FUTURE", 32), ("DELIVERY", 32)])
async def test_composite_ids_too_long_for_the_exchange_are_refused(desk, product, limit):
    fits = desk.next_id().ljust(limit - 4, "x")
    await desk.working(product, "COMPOSITE", cl_ord_id=fits)
    refused = await desk.refused(await desk.order(product, "COMPOSITE", cl_ord_id=fits + "x"))
    assert f"takes {limit} on {product}" in refused[58]


async def test_characters_the_exchange_does_not_take_are_refused(desk):
    refused = await desk.refused(await desk.order("FUTURE", "COMPOSITE", cl_ord_id=desk.next_id() + "#"))
    assert "character" in refused[58]


# Side Effect Type

SIDE_EFFECTS = [
    # setting, on BUY orders, on SELL orders
    ("NO_SIDE_EFFECT", "NO_SIDE_EFFECT", "NO_SIDE_EFFECT"),
    ("MARGIN_BUY", "MARGIN_BUY", "MARGIN_BUY"),
    ("AUTO_REPAY", "AUTO_REPAY", "AUTO_REPAY"),
    ("AUTO_BORROW_REPAY", "AUTO_BORROW_REPAY", "AUTO_BORROW_REPAY"),
    ("MARGIN_BUY_REPAY_SELL", "MARGIN_BUY", "AUTO_REPAY"),
    ("MARGIN_SELL_REPAY_BUY", "AUTO_REPAY", "MARGIN_BUY"),
]


@pytest.mark.parametrize(("setting", "buys", "sells"), SIDE_EFFECTS)
@pytest.mark.parametrize("side", [BUY, SELL])
async def test_side_effect_type(desk, setting, buys, sells, side):
    price = "59000.00" if side == BUY else "61000.00"
    await desk.working("SPOT", "PM" if setting == "NO_SIDE_EFFECT" else setting, side=side, price=price)
    other = "AUTO_REPAY" if setting != "AUTO_REPAY" else "MARGIN_BUY"
    echoed = await desk.told(
        await desk.order("SPOT", other, side=side, price=price, extra=[(6101, setting)]), "0"
    )
    by_setting, by_order = desk.exchange.sent("POST", "SPOT")
    assert by_setting["sideEffectType"] == by_order["sideEffectType"] == (buys if side == BUY else sells)
    assert echoed[6101] == setting


@pytest.mark.parametrize(("connector", "sent"), [("MARGIN_BUY", "false"), ("REPAY_AT_CANCEL", "true")])
async def test_auto_repay_at_cancel(desk, connector, sent):
    await desk.working("SPOT", connector)
    assert desk.exchange.sent("POST", "SPOT")[0]["autoRepayAtCancel"] == sent


@pytest.mark.parametrize("product", FUTURES)
async def test_side_effect_type_is_for_spot(desk, product):
    refused = await desk.refused(await desk.order(product, extra=[(6101, "MARGIN_BUY")]))
    assert "6101" in refused[58] and refused[103] == "11" and not desk.exchange.sent("POST", product)


# Self-trade prevention

STP = [("PM", "EXPIRE_MAKER"), ("CANCEL_TAKING", "EXPIRE_TAKER"), ("CANCEL_BOTH", "EXPIRE_BOTH")]


@pytest.mark.parametrize("product", ["SPOT", "FUTURE"])
@pytest.mark.parametrize(("connector", "mode"), STP)
async def test_self_trade_prevention_setting(desk, product, connector, mode):
    resting = await desk.working(product, connector, side=SELL, price="60000.0")
    taking = await desk.working(product, connector, price="60000.0")
    assert [sent["selfTradePreventionMode"] for sent in desk.exchange.sent("POST", product)] == [mode, mode]
    for order, dies in ((resting, mode != "EXPIRE_TAKER"), (taking, mode != "EXPIRE_MAKER")):
        if dies:
            ended = await desk.told(order, "C")
            assert "self-trade" in ended[58] and ended[14] in ("0", "0.000", "0.00000000")


@pytest.mark.parametrize("product", ["SPOT", "FUTURE"])
@pytest.mark.parametrize("mode", ["EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH"])
async def test_self_trade_prevention_per_order_beats_the_setting(desk, product, mode):
    connector = "CANCEL_TAKING" if mode != "EXPIRE_TAKER" else "PM"
    order = await desk.order(product, connector, extra=[(6102, mode)])
    assert (await desk.told(order, "0"))[6102] == mode
    assert desk.exchange.sent("POST", product)[0]["selfTradePreventionMode"] == mode


# Position Side, per mode


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize(
    ("connector", "position_side", "accepted"),
    [
        ("PM", "BOTH", True),
        ("PM", None, True),
        ("PM", "LONG", False),
        ("PM", "SHORT", False),
        ("HEDGE", "LONG", True),
        ("HEDGE", "SHORT", True),
        ("HEDGE", "BOTH", False),
        ("HEDGE", None, False),
    ],
)
async def test_position_side(desk, product, connector, position_side, accepted):
    extra = [(6200, position_side)] if position_side else []
    opening = {"side": SELL, "price": "61000.0"} if position_side == "SHORT" else {}
    order = await desk.order(product, connector, extra=extra, **opening)
    if accepted:
        told = await desk.told(order, "0")
        assert told.get(6200) == position_side
        assert desk.exchange.sent("POST", product)[0]["positionSide"] == (position_side or "BOTH")
    else:
        refused = await desk.refused(order)
        assert "6200" in refused[58] and not desk.exchange.sent("POST", product)


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize("value", ["true", "false"])
async def test_reduce_only_is_not_for_hedge_mode(desk, product, value):
    order = await desk.order(product, "HEDGE", extra=[(6200, "LONG"), (6201, value)])
    assert "hedge mode" in (await desk.refused(order))[58]


# PostOnly


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("tag", TIME_IN_FORCE)
async def test_post_only(desk, product, tag):
    order = await desk.order(product, time_in_force=tag, extra=[(18, "6")])
    if TIME_IN_FORCE[tag] != "GTC":
        assert "post-only" in (await desk.refused(order))[58] and not desk.exchange.sent("POST", product)
        return
    assert (await desk.told(order, "0"))[18] == "6"
    (sent,) = desk.exchange.sent("POST", product)
    if product == "SPOT":
        assert sent["type"] == "LIMIT_MAKER" and "timeInForce" not in sent
    else:
        assert (sent["type"], sent["timeInForce"]) == ("LIMIT", "GTX")


@pytest.mark.parametrize(("product", "refusal"), [("SPOT", "-2010"), ("FUTURE", "-5022"), ("DELIVERY", None)])
async def test_post_only_that_would_take_does_not_trade(desk, product, refusal):
    desk.exchange.quote(product, "SELL", "58000", "100")
    order = await desk.order(product, extra=[(18, "6")])
    if refusal is None:
        ended = await desk.told(order, "C")
    else:
        ended = await desk.refused(order)
        assert ended[6300] == refusal
    assert Decimal(ended[14]) == 0 and ended[151] == "0" and ended[58]


@pytest.mark.parametrize("product", PRODUCTS)
async def test_post_only_is_not_for_market_orders(desk, product):
    order = await desk.order(product, price=None, time_in_force=None, extra=[(18, "6")])
    assert "post-only" in (await desk.refused(order))[58] and not desk.exchange.sent("POST", product)


# ReduceOnly: the eight rows of "One-Way Position Mode", and one for an account without a position

REDUCE_ONLY = [
    # open position, order quantity, side, reduce-only, resulting position, outcome
    (1000, 1000, BUY, False, 2000, "filled"),
    (1000, 1000, SELL, False, 0, "filled"),
    (1000, 3000, BUY, False, 4000, "filled"),
    (1000, 3000, SELL, False, -2000, "filled"),
    (1000, 1000, BUY, True, 1000, "rejected"),
    (1000, 1000, SELL, True, 0, "filled"),
    (1000, 3000, BUY, True, 1000, "rejected"),
    (1000, 3000, SELL, True, 0, "rest canceled"),
    (0, 1000, SELL, True, 0, "rejected"),
]


@pytest.mark.parametrize(("before", "quantity", "side", "reduce_only", "after", "outcome"), REDUCE_ONLY)
@pytest.mark.parametrize(("product", "unit"), [("DELIVERY", Decimal(1)), ("FUTURE", Decimal("0.001"))])
async def test_reduce_only_in_one_way_mode(
    desk, product, unit, before, quantity, side, reduce_only, after, outcome
):
    """`unit` is what the table's number 1 stands for: a contract, or a thousandth of a coin."""
    price = "60000.0"
    if before:
        desk.exchange.quote(product, "SELL", price, str(before * unit))
        await desk.told(await desk.order(product, quantity=str(before * unit), price=price), "F")
    desk.exchange.quote(product, "SELL" if side == BUY else "BUY", price, str(5000 * unit))
    extra = [(6201, str(reduce_only).lower())]
    order = await desk.order(product, side=side, quantity=str(quantity * unit), price=price, extra=extra)
    if outcome == "rejected":
        refused = await desk.refused(order)
        assert refused[6300] == "-2022" and refused[6201] == "true"
    else:
        fill = await desk.told(order, "F")
        assert Decimal(fill[14]) == abs(after - before) * unit
    if outcome == "rest canceled":
        ended = await desk.told(order, "4")
        assert "reduce-only" in ended[58]
        assert (Decimal(ended[14]), ended[151]) == (before * unit, "0")
    symbol = desk_symbol(product)
    held = [p for p in desk.exchange.exchange.account("PM").positions.values() if p.symbol == symbol]
    assert sum(p.quantity for p in held) == after * unit


# Replacement


async def test_spot_orders_do_not_support_replacement(desk):
    order = await desk.working("SPOT")
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, price="58000.0"))
    reject = await desk.cancel_reject(request)
    assert (reject[434], reject[39], reject[41]) == ("2", "0", order)
    assert "do not support replacement" in reject[58]


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize("change", [{"price": "58000.01"}, {"quantity": "0.0001"}])
async def test_a_replacement_that_breaks_a_filter_leaves_the_order(desk, product, change):
    order = await desk.working(product)
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, symbol=desk_symbol(product), **change))
    reject = await desk.cancel_reject(request)
    assert reject[39] == "0" and reject[434] == "2"
    await desk.client.send("H", status(order, symbol=desk_symbol(product)))
    assert (await desk.told(order, "I"))[39] == "0"


@pytest.mark.parametrize("product", FUTURES)
async def test_a_replacement_down_to_what_is_filled_cancels_the_order(desk, product):
    order = await desk.working(product)
    part = {"FUTURE": "0.004", "DELIVERY": "2"}[product]
    desk.exchange.quote(product, "SELL", "59000", part)
    await desk.told(order, "F")
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, symbol=desk_symbol(product), quantity=part))
    ended = await desk.told(order, "4")
    assert ended[39] == "4" and Decimal(ended[14]) == Decimal(part)
    assert (await desk.cancel_reject(request))[434] == "2"


@pytest.mark.parametrize("product", FUTURES)
async def test_a_post_only_order_replaced_to_take_is_canceled(desk, product):
    order = await desk.working(product, extra=[(18, "6")])
    desk.exchange.quote(product, "SELL", "60000", "100")
    request = desk.next_id()
    await desk.client.send(
        "G", replace(order, cl_ord_id=request, symbol=desk_symbol(product), price="60000.0")
    )
    ended = await desk.client.receive("8", where=lambda m: m.get(11) == order and m.get(150) in "4C")
    assert Decimal(ended[14]) == 0 and (await desk.cancel_reject(request))[434] == "2"


# Timing security


@pytest.mark.parametrize(("connector", "window"), [("PM", "5000"), ("WINDOW", "2500"), ("NO_WINDOW", None)])
async def test_recv_window(desk, connector, window):
    await desk.working("FUTURE", connector)
    assert desk.exchange.sent("POST", "FUTURE")[0].get("recvWindow") == window


# Errors


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"price": "59000.05"}, "price 59000.05 is not a multiple of tick size 0.1"),
        ({"quantity": "0.0105"}, "quantity 0.0105 is not a multiple of lot size 0.001"),
        ({"symbol": "btcusdt"}, "upper case"),
        ({"symbol": "NOSUCHUSDT"}, "'NOSUCHUSDT' is not listed"),
        ({"symbol": "BTC-USDT"}, "'BTC-USDT' is not listed"),
        ({"symbol": "BTC/USDT"}, "'BTC/USDT' is not listed"),
        ({"connector": "ELSEWHERE"}, "'ELSEWHERE' is not a connector"),
        ({"extra": [(1, "nobody")]}, "account 'nobody' is not configured"),
    ],
)
async def test_what_is_wrong_is_said_before_the_exchange_sees_it(desk, change, complaint):
    order = desk.next_id()
    await desk.order("FUTURE", cl_ord_id=order, **change)
    refused = await desk.refused(order)
    assert complaint in refused[58], refused
    assert refused[39] == "8" and not desk.exchange.sent("POST", "FUTURE")


async def test_the_exchanges_own_refusal_reaches_the_client_with_code_and_text(desk):
    refused = await desk.refused(await desk.order("SPOT", quantity="100", price="59000.00"))
    assert refused[6300] == "-2010" and "insufficient balance" in refused[58] and refused[103] == "3"


async def test_account_names_the_api_key(desk):
    order = await desk.order("FUTURE", extra=[(1, "PM")])
    assert (await desk.told(order, "0"))[1] == "PM"
    order = await desk.order("FUTURE", extra=[(1, "KEY-PM")])
    await desk.told(order, "0")


def desk_symbol(product):
    return "BTCUSD_PERP" if product == "DELIVERY" else "BTCUSDT"
