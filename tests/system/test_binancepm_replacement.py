"""What replacing an order does to it: "Replacement" of the connector specification, beyond its first rows.

The exchange's count of an order's modifications is set, since ten thousand of them would take minutes.
"""

from decimal import Decimal

import pytest

from fixgate.simulator.modification import MAX_MODIFICATIONS
from tests.fixclient import replace, status

from .trading import LEG, SYMBOL

pytestmark = pytest.mark.asyncio(loop_scope="session")

FUTURES = ["FUTURE", "DELIVERY"]
SELL = "2"


async def ask_to_replace(desk, order, product, **terms):
    """Send an OrderCancelReplaceRequest and return its ClOrdID."""
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, symbol=SYMBOL[product], **terms))
    return request


def open_at_venue(desk, product):
    """Return the open orders of the account as the exchange holds them."""
    return desk.exchange.exchange.account("PM").list_open(LEG[product], SYMBOL[product])


@pytest.mark.parametrize("product", FUTURES)
async def test_an_order_takes_ten_thousand_replacements_and_no_more(desk, product):
    order = await desk.working(product)
    (resting,) = open_at_venue(desk, product)
    resting.modifications = MAX_MODIFICATIONS - 1
    last = await ask_to_replace(desk, order, product, price="58000.0")
    await desk.told(last, "5")
    reject = await desk.cancel_reject(await ask_to_replace(desk, last, product, price="57000.0"))
    assert reject[6300] == {"FUTURE": "-5026", "DELIVERY": "-4198"}[product]
    assert (reject[434], reject[39]) == ("2", "0") and MAX_MODIFICATIONS == 10_000
    (still,) = open_at_venue(desk, product)
    assert still is resting and still.price == 58000


@pytest.mark.parametrize("product", FUTURES)
@pytest.mark.parametrize(
    "terms",
    [{"price": "58000.01"}, {"quantity": "0.0001"}, {"price": "90000.0"}, {"quantity": "99999999"}],
    ids=["PRICE_FILTER", "LOT_SIZE", "PERCENT_PRICE", "LOT_SIZE maximum"],
)
async def test_a_refused_replacement_leaves_price_and_quantity(desk, product, terms):
    order = await desk.working(product)
    (resting,) = open_at_venue(desk, product)
    before = (resting.price, resting.quantity, resting.modifications)
    reject = await desk.cancel_reject(await ask_to_replace(desk, order, product, **terms))
    assert (reject[39], reject[434]) == ("0", "2") and reject[58]
    (still,) = open_at_venue(desk, product)
    assert still is resting and (still.price, still.quantity, still.modifications) == before
    await desk.client.send("H", status(order, symbol=SYMBOL[product]))
    told = await desk.told(order, "I")
    assert (Decimal(told[44]), Decimal(told[38]), told[39]) == (*before[:2], "0")


async def test_a_replaced_order_keeps_its_self_trade_prevention(desk):
    """An order that gives way as the taker still does after a replacement has made it one.

    The exchange's answer to the replacement may tell of the end already, so the replacement may or may not be
    reported before it."""
    resting = await desk.working("FUTURE", side=SELL, price="60000.0")
    order = await desk.working("FUTURE", price="58000.0", extra=[(6102, "EXPIRE_TAKER")])
    first = await ask_to_replace(desk, order, "FUTURE", price="59000.0")
    assert (await desk.told(first, "5"))[6102] == "EXPIRE_TAKER"
    last = await ask_to_replace(desk, first, "FUTURE", price="60000.0")
    ended = await desk.client.receive("8", where=lambda m: m.get(11) in (first, last) and m.get(150) == "C")
    assert (Decimal(ended[14]), ended[151], ended[6102]) == (0, "0", "EXPIRE_TAKER")
    (left,) = open_at_venue(desk, "FUTURE")
    assert (left.side, left.executed, left.price) == ("SELL", 0, 60000)
    await desk.client.send("H", status(resting))
    assert (await desk.told(resting, "I"))[39] == "0"
    assert ["selfTradePreventionMode" in sent for sent in desk.exchange.sent("PUT", "FUTURE")] == [False] * 2
