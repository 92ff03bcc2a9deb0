"""The filters against the simulated venue: an order is refused here exactly when the venue would refuse it by
the same filter."""

import random
from decimal import Decimal
from typing import Any

import pytest

from fixgate.model.commands import NewOrder, OrderAttributes, ReplaceOrder
from fixgate.model.enums import InstrumentType, OrderType, ProductType, Side, TimeInForce
from fixgate.model.instrument import Instrument
from fixgate.model.refusal import Refused
from fixgate.model.venue import OrderUpdate, RequestRefused

from .link import LEG, Link, linked

ROOM = {"order_limit": 1_000_000, "weight_limit": 1_000_000}
SYMBOLS = {
    ProductType.SPOT: ("BTCUSDT", "ETHUSDT", "ETHBTC"),
    ProductType.FUTURE: ("BTCUSDT", "ETHUSDT", "BNBUSDT"),
    ProductType.DELIVERY: ("BTCUSD_PERP", "ETHUSD_PERP"),
}
CHECKED = ("PRICE_FILTER", "LOT_SIZE", "NOTIONAL")
FILTER_OF = {
    "-4001": "PRICE_FILTER",
    "-4002": "PRICE_FILTER",
    "-4013": "PRICE_FILTER",
    "-4014": "PRICE_FILTER",
    "-4003": "LOT_SIZE",
    "-4004": "LOT_SIZE",
    "-4005": "LOT_SIZE",
    "-4023": "LOT_SIZE",
    "-4164": "NOTIONAL",
    "-5029": "NOTIONAL",
}


def new_order(product: ProductType, symbol: str, number: int, **fields: Any) -> NewOrder:
    return NewOrder(
        source="OMS",
        session="s",
        connector="PM",
        account="main",
        cl_ord_id=f"c{number}",
        symbol=symbol,
        instrument_type=InstrumentType.FX if product is ProductType.SPOT else InstrumentType.FUTURE,
        **fields,
    )


def here(link: Link, order: NewOrder, number: int) -> str:
    """Return the filter by which the connector refuses an order, "" if it takes it."""
    try:
        link.connector.plan_new(order, number)
    except Refused as refused:
        return next((name for name in CHECKED if name in refused.text), refused.text)
    return ""


def at_the_venue(answer: OrderUpdate | RequestRefused, spoilt: str) -> str:
    """Return the checked filter by which the venue refused, "" if it took the order or refused otherwise.

    Too many decimals are one code (-1111) for prices and quantities: `spoilt` tells which it was.
    """
    if isinstance(answer, OrderUpdate):
        return ""
    if answer.code == "-1111":
        return "PRICE_FILTER" if spoilt == "price" else "LOT_SIZE"
    if answer.code == "-1013":
        return next((name for name in CHECKED if name in answer.text), "")
    return FILTER_OF.get(answer.code, "")


def random_terms(rng: random.Random, instrument: Instrument, mark: Decimal) -> tuple[dict[str, Any], str]:
    """Return an order's terms, at most one of them beyond a filter, and which of them was tried."""
    step, tick = instrument.lot_size, instrument.tick_size
    near = instrument.min_price + (mark * rng.randint(960, 1040) / 1000 - instrument.min_price) // tick * tick
    if instrument.product_type is ProductType.SPOT:
        near = near // tick * tick
    terms: dict[str, Any] = {
        "side": rng.choice(tuple(Side)),
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.IOC,
        "price": near,
        "quantity": instrument.min_quantity + step * rng.randint(50, 5000),
    }
    spoilt = rng.choice(("price", "quantity", "worth", "market", "nothing"))
    fraction = Decimal(rng.randint(0, 20)) / 10
    if spoilt == "price":
        terms["price"] = rng.choice(
            (
                near + tick * fraction,
                max(Decimal(0), instrument.min_price + tick * rng.randint(-2, 2)),
                instrument.max_price + tick * rng.randint(-2, 2),
                Decimal(0),
            )
        )
        enough = instrument.min_notional * 2 / max(terms["price"], tick) // step * step
        terms["quantity"] = min(max(terms["quantity"], enough), instrument.max_quantity)
    elif spoilt == "quantity":
        terms["quantity"] = rng.choice(
            (
                terms["quantity"] + step * fraction,
                max(Decimal(0), instrument.min_quantity + step * (fraction - 1)),
                instrument.max_quantity + step * (fraction - 1),
            )
        )
    elif spoilt == "worth":
        least = instrument.min_notional / near // step * step
        terms["quantity"] = max(instrument.min_quantity, least + step * rng.randint(-2, 2))
    elif spoilt == "market":
        terms |= {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.GTC, "price": None}
        terms["quantity"] = rng.choice(
            (terms["quantity"] + step * fraction, instrument.market_max_quantity + step * (fraction - 1))
        )
    if terms["price"] is not None and instrument.max_notional:
        terms["quantity"] = min(
            terms["quantity"], max(step, instrument.max_notional / max(terms["price"], tick) // step * step)
        )
    return terms, spoilt


@pytest.mark.parametrize("product", ProductType)
async def test_an_order_is_refused_here_exactly_when_the_venue_refuses_it_by_the_same_filter(product):
    rng = random.Random(f"filters of {product}")
    seen: set[tuple[str, str]] = set()
    async with linked(ROOM, requestWeightLimit=1_000_000) as link:
        for number in range(1, 301):
            symbol = rng.choice(SYMBOLS[product])
            instrument = link.connector.instrument(product, symbol)
            mark = link.server.exchange.reference_price(LEG[product], symbol)
            terms, spoilt = random_terms(rng, instrument, mark)
            refused_here = here(link, new_order(product, symbol, number, **terms), number)
            link.submit(product, order_id=number, symbol=symbol, **terms)
            await link.until(lambda n=number: link.answers(n))
            refused_there = at_the_venue(link.answers(number)[0], spoilt)
            assert refused_here == refused_there, (symbol, terms, link.answers(number)[0])
            seen.add((spoilt, refused_here))
            link.events.clear()
    assert {("price", "PRICE_FILTER"), ("quantity", "LOT_SIZE"), ("market", "LOT_SIZE")} <= seen
    assert {("nothing", ""), ("price", ""), ("quantity", ""), ("market", "")} <= seen
    assert (product is ProductType.DELIVERY) or {("worth", "NOTIONAL"), ("worth", "")} <= seen


async def test_an_order_that_only_reduces_may_be_worth_less_here_and_there():
    async with linked() as link:
        link.quote(ProductType.FUTURE, "SELL", "65000", "1")
        await link.working(price=Decimal(65000), quantity=Decimal("0.010"))
        small = {
            "side": Side.SELL,
            "order_type": OrderType.LIMIT,
            "time_in_force": TimeInForce.GTC,
            "quantity": Decimal("0.001"),
            "price": Decimal("40000.00"),
        }
        assert "40.00000 is below the minimum 50" in here_text(
            link, new_order(ProductType.FUTURE, "BTCUSDT", 7, **small)
        )
        reduce = OrderAttributes(reduce_only=True)
        order = new_order(ProductType.FUTURE, "BTCUSDT", 8, attributes=reduce, **small)
        planned = link.connector.plan_new(order, 8)
        link.server.exchange.set_reference_price(LEG[ProductType.FUTURE], "BTCUSDT", Decimal(41000))
        link.connector.send(planned)
        assert await link.tells(OrderUpdate, order_id=8)


async def test_a_replace_is_held_to_the_same_filters_here_and_there():
    async with linked() as link:
        link.server.exchange.set_reference_price(LEG[ProductType.FUTURE], "BTCUSDT", Decimal(30000))
        order = link.submit(price=Decimal("30000.00"), quantity=Decimal("0.002"))
        accepted = await link.tells(OrderUpdate, order_id=order.order_id)
        replace = ReplaceOrder(
            source="OMS", session="s", cl_ord_id="r", orig_cl_ord_id="o", symbol="BTCUSDT",
            side=Side.BUY,
        )  # fmt: skip
        with pytest.raises(Refused, match="MIN_NOTIONAL"):
            link.connector.plan_replace(order, replace, Decimal("0.001"), Decimal("30000.00"))
        modify = link.modify(accepted, "4999.90")
        refused = await link.tells(RequestRefused, request_id=modify.request_id)
        assert refused.code == "-5029"


async def test_the_200th_order_of_a_symbol_is_the_last_here_and_there():
    async with linked(ROOM, requestWeightLimit=1_000_000) as link:
        resting = [link.submit() for _ in range(200)]
        await link.until(lambda: all(link.answers(order.order_id) for order in resting))
        order = new_order(
            ProductType.FUTURE, "BTCUSDT", 201,
            side=Side.BUY, order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC,
            quantity=Decimal("0.010"), price=Decimal("59000.0"),
        )  # fmt: skip
        asked: list[tuple[Any, ...]] = []

        def count(*about: Any) -> int:
            asked.append(about)
            return len(link.server.exchange.account("main").list_open(LEG[about[1]], about[2]))

        with pytest.raises(Refused, match="BTCUSDT MAX_NUM_ORDERS"):
            link.connector.plan_new(order, 201, count)
        assert asked == [("main", ProductType.FUTURE, "BTCUSDT")]
        link.connector.send(link.connector.plan_new(order, 201))
        assert (await link.tells(RequestRefused, order_id=201)).code == "-2025"


def here_text(link: Link, order: NewOrder) -> str:
    with pytest.raises(Refused) as refused:
        link.connector.plan_new(order, 1)
    return refused.value.text
