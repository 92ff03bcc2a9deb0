"""Conditional orders, lists of which one order cancels the other, positions and news: over FIX, traded."""

import signal
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fixclient import FixClient, cancel, utc_now

from .alone import FAST
from .conftest import Desk
from .trading import LEG, QUANTITY, SECURITY_TYPE, SYMBOL, Exchange, Gateway, connector_text

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def exchange() -> AsyncIterator[Exchange]:
    exchange = Exchange({"PM": False})
    await exchange.server.start()
    yield exchange
    await exchange.server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(exchange: Exchange, tmp_path_factory: Any) -> AsyncIterator[Gateway]:
    folder: Path = tmp_path_factory.mktemp("conditional")
    gateway = Gateway(folder, connector_text("PM", exchange, FAST, "PM"))
    await gateway.start()
    yield gateway
    await gateway.stop(signal.SIGKILL)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(exchange: Exchange, gateway: Gateway) -> AsyncIterator[Desk]:
    exchange.clear()
    for product in SYMBOL:
        trade_at(exchange, product, "60000")
    client = gateway.client()
    await client.logon()
    yield Desk(client, exchange, gateway)
    await client.drop()


def conditional(
    product: str, cl_ord_id: str, kind: str, stop: str, **more: object
) -> list[tuple[int, object]]:
    """Return a NewOrderSingle to sell that waits for a price; `more` are further fields as t44="..."."""
    fields: list[tuple[int, object]] = [
        (11, cl_ord_id),
        (55, SYMBOL[product]),
        (167, SECURITY_TYPE[product]),
        (54, 2),
        (38, QUANTITY[product]),
        (40, kind),
        (99, stop),
        (59, 1),
        (60, utc_now()),
        (100, "PM"),
    ]
    return fields + [(int(tag[1:]), value) for tag, value in more.items()]


def trade_at(exchange: Exchange, product: str, price: str) -> None:
    """Let two strangers trade, and the mark follow."""
    quantity = QUANTITY[product]
    exchange.quote(product, "SELL", price, quantity)
    exchange.quote(product, "BUY", price, quantity)
    exchange.exchange.set_reference_price(LEG[product], SYMBOL[product], Decimal(price))


@pytest.mark.parametrize("product", ["SPOT", "FUTURE", "DELIVERY"])
@pytest.mark.parametrize(("kind", "extra"), [("3", {}), ("4", {"t44": "58000.0"})])
async def test_a_stop_waits_triggers_and_fills(desk, exchange, product, kind, extra):
    cl_ord_id = desk.next_id()
    await desk.client.send("D", conditional(product, cl_ord_id, kind, "59000.0", **extra))
    held = await desk.told(cl_ord_id, "9")
    assert held[39] == "9" and Decimal(held[99]) == 59000
    exchange.quote(product, "BUY", "58900", QUANTITY[product])
    trade_at(exchange, product, "58950")
    assert (await desk.told(cl_ord_id, "0"))[39] == "0"
    fill = await desk.told(cl_ord_id, "F")
    assert fill[39] == "2" and Decimal(fill[14]) == Decimal(QUANTITY[product])


@pytest.mark.parametrize("product", ["SPOT", "FUTURE", "DELIVERY"])
async def test_a_stop_is_cancelled_while_it_waits(desk, product):
    cl_ord_id, request = desk.next_id(), desk.next_id()
    await desk.client.send("D", conditional(product, cl_ord_id, "3", "50000.0"))
    await desk.told(cl_ord_id, "9")
    await desk.client.send("F", cancel(cl_ord_id, SYMBOL[product], "2", cl_ord_id=request))
    assert (await desk.told(request, "4"))[39] == "4"


async def test_a_trailing_stop_follows_and_fills(desk, exchange):
    cl_ord_id = desk.next_id()
    fields = [each for each in conditional("FUTURE", cl_ord_id, "P", "0") if each[0] != 99]
    await desk.client.send("D", [*fields, (18, "a"), (211, 100), (836, 1)])
    await desk.told(cl_ord_id, "9")
    trade_at(exchange, "FUTURE", "61000")
    exchange.quote("FUTURE", "BUY", "60100", QUANTITY["FUTURE"])
    trade_at(exchange, "FUTURE", "60200")
    assert (await desk.told(cl_ord_id, "F"))[39] == "2"


async def test_a_stop_survives_the_gateways_death_and_is_filled_after_it(desk, exchange, gateway):
    cl_ord_id = desk.next_id()
    await desk.client.send("D", conditional("FUTURE", cl_ord_id, "3", "59000.0"))
    await desk.told(cl_ord_id, "9")
    await desk.client.drop()
    await gateway.stop(signal.SIGKILL)
    exchange.quote("FUTURE", "BUY", "58900", QUANTITY["FUTURE"])
    trade_at(exchange, "FUTURE", "58950")
    await gateway.start()
    again = Desk(gateway.client(), exchange, gateway)
    await again.client.logon()
    assert (await again.told(cl_ord_id, "F"))[39] == "2"
    await again.client.drop()


def one_cancels_other(list_id: str, limit: str, stop: str) -> list[tuple[int, object]]:
    common: list[tuple[int, object]] = [(55, "BTCUSDT"), (167, "FXSPOT"), (54, 2), (38, "0.010")]
    fields: list[tuple[int, object]] = [(66, list_id), (394, 3), (68, 2), (1385, 1), (73, 2)]
    fields += [
        (11, limit),
        (67, 1),
        *common,
        (60, utc_now()),
        (40, 2),
        (44, "61000.00"),
        (59, 1),
        (100, "PM"),
    ]
    fields += [(11, stop), (67, 2), *common, (60, utc_now()), (40, 3), (99, "59000.00"), (59, 1), (100, "PM")]
    return fields


async def listed(client: FixClient, list_id: str, state: str) -> None:
    await client.receive("N", where=lambda m: m.get(66) == list_id and m.get(431) == state)


async def test_one_order_of_a_list_fills_and_the_other_ends(desk, exchange):
    limit, stop, list_id = desk.next_id(), desk.next_id(), desk.next_id()
    await desk.client.send("E", one_cancels_other(list_id, limit, stop))
    await listed(desk.client, list_id, "3")
    await desk.told(limit, "0")
    exchange.quote("SPOT", "BUY", "61000", "0.010")
    assert (await desk.told(limit, "F"))[39] == "2"
    assert "other order of its list" in (await desk.told(stop, "C"))[58]
    await listed(desk.client, list_id, "6")


async def test_positions_are_told_on_request(desk, exchange):
    exchange.quote("FUTURE", "SELL", "60000", "0.010")
    order = await desk.order("FUTURE", price="60000.0")
    await desk.told(order, "F")
    request: list[tuple[int, object]] = [(710, "P1"), (724, 0), (1, "PM"), (100, "PM"), (60, utc_now())]
    await desk.client.send("AN", [*request, (581, 1), (715, utc_now()[:8])])
    report = await desk.client.receive("AP", where=lambda m: m.get(55) == "BTCUSDT")
    assert report[710] == "P1" and Decimal(report[704]) == Decimal("0.010")


async def test_a_margin_call_reaches_the_client_as_news(desk, exchange):
    account = exchange.exchange.account("PM")
    exchange.exchange.liquidations.set_uni_mmr(account, Decimal("1.3"))
    news = await desk.client.receive("B", where=lambda m: "margin" in m.get(148, ""))
    assert news[61] == "1"
    exchange.exchange.liquidations.set_uni_mmr(account, None)
