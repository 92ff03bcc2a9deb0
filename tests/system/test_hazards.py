"""Situations in which a gateway could tell its client something false about live orders."""

import pytest

from fixgate.simulator.faults import EventFault, RequestFault
from tests.fixclient import cancel, replace, status

from .alone import FAST, desk, exchange, gateway  # noqa: F401  pytest finds fixtures by name
from .conftest import Desk
from .trading import PATH, Gateway, connector_text

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_order_that_grew_while_its_replace_was_in_doubt_is_not_called_filled(desk, exchange):
    order = await desk.working("FUTURE")
    exchange.server.faults.requests.append(RequestFault("PUT", PATH["FUTURE"], land=True, timeout=True))
    exchange.server.faults.events.append(EventFault("drop"))
    request = desk.next_id()
    await desk.client.send("G", replace(order, cl_ord_id=request, quantity="0.020", price="59000.0"))
    await exchange.asked("PUT", "FUTURE")
    exchange.quote("FUTURE", "SELL", "59000", "0.010")
    await desk.told(request, "5")
    fill = await desk.told(request, "F")
    assert (fill[39], fill[151]) == ("1", "0.010")
    end = desk.next_id()
    await desk.client.send("F", cancel(request, cl_ord_id=end))
    assert (await desk.told(end, "4"))[14] == "0.010"


async def test_a_reduce_only_rest_is_canceled_when_the_position_is_told_before_the_fill(desk, exchange):
    exchange.quote("FUTURE", "SELL", "60000", "0.004")
    await desk.told(await desk.order("FUTURE", price="60000.0", quantity="0.004"), "F")
    order = await desk.working("FUTURE", side="2", price="61000.0", extra=[(6201, "true")])
    exchange.server.faults.events.append(EventFault("delay", execution="TRADE", delay_ms=300))
    exchange.quote("FUTURE", "BUY", "61000", "0.010")
    assert (await desk.told(order, "F"))[32] == "0.004"
    assert "reduce-only" in (await desk.told(order, "4"))[58]


async def test_a_cancel_is_not_held_up_by_questions_about_other_orders(desk, exchange):
    orders = [await desk.working("FUTURE") for _ in range(40)]
    exchange.server.faults.events.append(EventFault("drop", execution="TRADE", times=30))
    exchange.quote("FUTURE", "SELL", "59000", "0.300")
    exchange.server.faults.requests.append(RequestFault("GET", PATH["FUTURE"], times=10_000, hold_ms=250))
    exchange.server.streams.drop_sockets("PM")
    await exchange.asked("GET", "FUTURE")
    request = desk.next_id()
    await desk.client.send("F", cancel(orders[-1], cl_ord_id=request))
    assert (await desk.told(request, "4"))[39] == "4"


async def test_an_account_that_was_renamed_leaves_a_clear_answer_and_a_living_gateway(desk, exchange):
    order = await desk.working("FUTURE")
    await desk.client.drop()
    await desk.gateway.stop()
    config = desk.gateway.config
    config.write_text(config.read_text().replace('"account": "PM"', '"account": "OTHER"'))
    await desk.gateway.start()
    again = Desk(desk.gateway.client(), exchange, desk.gateway)
    await again.client.logon()
    request = again.next_id()
    await again.client.send("F", cancel(order, cl_ord_id=request))
    assert "'PM' is not configured" in (await again.cancel_reject(request))[58]
    await again.client.send("H", status(order))
    assert (await again.told(order, "I"))[39] == "0"
    await again.client.drop()


async def test_somebody_elses_open_order_with_the_same_id_is_not_taken_for_ours(exchange, tmp_path):
    composite = connector_text("PM", exchange, FAST | {"orderMapperType": "COMPOSITE"}, "PM")
    alone = Gateway(tmp_path, composite)
    await alone.start()
    first = Desk(alone.client(), exchange, alone)
    await first.client.logon()
    order = await first.working("FUTURE", quantity="0.003", price="58000.0")
    await first.client.drop()
    await alone.stop()
    for path in (tmp_path / "var").glob("journal.db*"):
        path.unlink()
    await alone.start()
    second = Desk(alone.client(), exchange, alone)
    await second.client.logon()
    await second.order("FUTURE", cl_ord_id=order, side="2", quantity="0.500", price="65000.0")
    assert "another order under this client order id" in (await second.refused(order))[58]
    await second.client.drop()
    await alone.stop()
