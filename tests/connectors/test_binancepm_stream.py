"""One user data stream for all three products, kept alive, its connection never as old as the venue lets it.

A day is made a second long.
"""

import asyncio
from datetime import timedelta

import pytest

from fixgate.model.enums import ProductType
from fixgate.model.venue import ConnectorStatus, OrderUpdate, VenueExec

from .link import QUANTITY, linked

DAY = {"socket_lifetime": 1.0, "order_limit": 1_000_000, "weight_limit": 1_000_000}


async def fill(link, price="59000"):
    """Let an order rest and somebody take it; return the trade as the stream told it."""
    order = await link.working()
    link.quote(ProductType.FUTURE, "SELL", price, "0.010")
    return await link.tells(OrderUpdate, venue_order_id=order.venue_order_id, exec=VenueExec.TRADE)


async def test_a_connection_that_is_replaced_in_time_is_never_missed(monkeypatch):
    rotate = {"websocket_rotate_interval": timedelta(seconds=0.15)}
    async with linked(DAY, beyond_bounds=rotate, requestWeightLimit=1_000_000) as link:
        (session,) = link.connector._sessions
        monkeypatch.setattr(session._stream, "_overlap_time", 0.02)
        loop = asyncio.get_running_loop()
        began, trades = loop.time(), []
        while loop.time() < began + 2 * DAY["socket_lifetime"]:
            trades.append((await fill(link)).trade_id)
        told = [event.trade_id for event in link.told(OrderUpdate, exec=VenueExec.TRADE)]
        assert told == trades and len(set(trades)) == len(trades) > 3
        assert not link.told(ConnectorStatus, up=False)


async def test_the_listen_key_is_extended_at_the_interval_of_the_settings():
    async with linked(websocketHeartbeatInterval="100 ms") as link:
        await link.until(lambda: len(link.asked("PUT", "/papi/v1/listenKey")) >= 3)
        assert not link.told(ConnectorStatus, up=False)
    async with linked() as link:
        await fill(link)
        assert not link.asked("PUT", "/papi/v1/listenKey")


@pytest.mark.parametrize("product", ProductType)
async def test_one_stream_tells_of_all_three_products(product):
    async with linked() as link:
        order = await link.working(product)
        link.quote(product, "SELL", "59000", QUANTITY[product])
        trade = await link.tells(OrderUpdate, venue_order_id=order.venue_order_id, exec=VenueExec.TRADE)
        assert trade.product_type is product
        assert link.server.streams.subscribers("main") == 1
