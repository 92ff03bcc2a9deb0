"""The six sizes of binancePmSyncSettings: each is the `limit` of its own list, and of no other."""

from collections import Counter
from itertools import product as every

import pytest

from fixgate.connectors.binance_pm import sync
from fixgate.model.enums import ProductType
from fixgate.model.venue import OrderUpdate, VenueExec
from fixgate.simulator import EventFault, RequestFault

from .link import PATH, QUANTITY, linked

FAST = {"requestTimeout": "200 ms", "recvWindow": "200"}
TRADES = {
    ProductType.SPOT: "/papi/v1/margin/myTrades",
    ProductType.FUTURE: "/papi/v1/um/userTrades",
    ProductType.DELIVERY: "/papi/v1/cm/userTrades",
}
DEFAULTS = {
    (ProductType.SPOT, "Orders"): 200,
    (ProductType.SPOT, "Trades"): 100,
    (ProductType.FUTURE, "Orders"): 200,
    (ProductType.FUTURE, "Trades"): 100,
    (ProductType.DELIVERY, "Orders"): 50,
    (ProductType.DELIVERY, "Trades"): 50,
}
CHOSEN = {row: 11 + n for n, row in enumerate(every(ProductType, ("Orders", "Trades")))}


def settings(sizes):
    return {f"{product.lower()}{kind}RequestSizeLimit": size for (product, kind), size in sizes.items()}


@pytest.mark.parametrize(
    ("sizes", "given"), [(DEFAULTS, {}), (CHOSEN, settings(CHOSEN))], ids=["defaults", "set"]
)
async def test_each_size_is_the_limit_of_its_list(monkeypatch, sizes, given):
    monkeypatch.setattr(sync, "ACKNOWLEDGED_SECONDS", 0.3)
    async with linked(binancePmSyncSettings=given, **FAST) as link:
        for product in ProductType:
            order = await link.working(product)
            link.server.faults.events.append(EventFault("drop", execution="TRADE"))
            link.quote(product, "SELL", "59000", QUANTITY[product])
            link.query(order)
            await link.tells(OrderUpdate, venue_order_id=order.venue_order_id, exec=VenueExec.TRADE)
            denied = await link.working(product)
            link.server.faults.requests.append(
                RequestFault("GET", PATH[product], times=10_000, status=400, code=-2013)
            )
            link.query(denied)
            await link.tells(OrderUpdate, order_id=denied.order_id, settled=True)
            asked = {
                "Orders": link.asked("GET", PATH[product].replace("/order", "/allOrders")),
                "Trades": link.asked("GET", TRADES[product]),
            }
            for kind, requests in asked.items():
                limits = Counter(int(params["limit"]) for params in requests)
                assert list(limits) == [sizes[product, kind]], (product, kind)
