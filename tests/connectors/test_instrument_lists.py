"""When instrument lists are read, and what happens while a host does not answer."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from fixgate.connectors.binance_pm import instrument_lists
from fixgate.connectors.binance_pm.reference_copy import copy_path
from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, OrdRejReason, ProductType, Side
from fixgate.model.refusal import Refused
from fixgate.model.venue import ConnectorStatus, OrderUpdate
from fixgate.simulator import Leg, RequestFault

from .link import QUANTITY, SYMBOL, Link, linked

HOST = {ProductType.SPOT: "/api", ProductType.FUTURE: "/fapi", ProductType.DELIVERY: "/dapi"}
INFO = {product: f"{path}/v{3 if path == '/api' else 1}/exchangeInfo" for product, path in HOST.items()}
FOR_EVER = 10**9


def order(product: ProductType, symbol: str = "") -> NewOrder:
    return NewOrder(
        source="OMS",
        session="s",
        connector="PM",
        account="main",
        cl_ord_id="c1",
        symbol=symbol or SYMBOL[product],
        instrument_type=InstrumentType.FX if product is ProductType.SPOT else InstrumentType.FUTURE,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=QUANTITY[product],
        price=Decimal("59000.0"),
    )


def down(link: Link, *products: ProductType, times: int = FOR_EVER) -> None:
    """Let the public hosts of products answer nothing but errors, their clocks included."""
    for product in products:
        link.server.faults.requests.append(RequestFault("GET", HOST[product], times=times, status=503))


def refusal(link: Link, wanted: NewOrder) -> Refused:
    with pytest.raises(Refused) as refused:
        link.connector.plan_new(wanted, 1)
    return refused.value


@pytest.mark.parametrize("missing", ProductType)
async def test_a_product_whose_list_is_missing_takes_no_orders_and_the_others_do(missing):
    async with linked(wait_until_ready=False) as link:
        down(link, missing)
        await link.until(lambda: link.ready)
        refused = refusal(link, order(missing))
        assert refused.reason is OrdRejReason.BROKER
        assert f"the instruments of {missing} are not known" in refused.text
        for product in set(ProductType) - {missing}:
            link.connector.send(link.connector.plan_new(order(product), 10 + len(product)))
            await link.tells(OrderUpdate, order_id=10 + len(product), product_type=product)
        (health,) = link.connector.health()
        assert health.ready and health.text.startswith("ready; the instruments of " + missing)


async def test_without_any_list_no_account_is_ready_and_the_text_says_why():
    async with linked(wait_until_ready=False) as link:
        down(link, *ProductType)
        await link.until(lambda: "SPOT" in link.connector.health()[0].text)
        (health,) = link.connector.health()
        assert not health.ready
        for product in ProductType:
            assert f"the instruments of {product} are not known" in health.text


async def test_a_list_that_comes_late_opens_its_product():
    async with linked(wait_until_ready=False) as link:
        down(link, ProductType.SPOT, times=1)
        await link.until(lambda: link.ready)
        await link.until(lambda: link.connector.health()[0].text == "ready")
        assert link.connector.plan_new(order(ProductType.SPOT), 1).product_type is ProductType.SPOT


async def test_an_account_that_only_waited_for_the_lists_is_told_when_they_are_there():
    async with linked(wait_until_ready=False) as link:
        slow = RequestFault("GET", INFO[ProductType.SPOT], delay_ms=700)
        link.server.faults.requests.append(slow)
        await link.until(lambda: link.server.streams.subscribers("main"))
        assert not link.told(ConnectorStatus, up=True)
        await link.tells(ConnectorStatus, up=True)
        assert link.ready


async def test_a_start_without_the_public_hosts_works_from_the_last_good_copies(tmp_path):
    async with linked(referencePath=str(tmp_path)) as first:
        files = [copy_path(tmp_path, product, first.server.url) for product in ProductType]
        await first.until(lambda: all(file.exists() for file in files))
        port = first.server.port
    async with linked({"port": port}, wait_until_ready=False, referencePath=str(tmp_path)) as link:
        down(link, *ProductType)
        await link.until(lambda: link.ready)
        for number, product in enumerate(ProductType, start=1):
            link.connector.send(link.connector.plan_new(order(product), number))
            await link.tells(OrderUpdate, order_id=number, product_type=product)
        assert (
            "not a multiple of tick size 0.10"
            in refusal(link, replace(order(ProductType.FUTURE), price=Decimal("59000.05"))).text
        )
        (health,) = link.connector.health()
        for product in ProductType:
            assert f"the instruments of {product} are a copy of 20" in health.text
        assert " s old; reading it again failed: " in health.text
        link.server.faults.clear()
        await link.until(lambda: link.connector.health()[0].text == "ready")


async def test_a_damaged_copy_is_left_alone_with_a_warning(tmp_path, caplog):
    async with linked(referencePath=str(tmp_path)) as first:
        spoilt = copy_path(tmp_path, ProductType.FUTURE, first.server.url)
        await first.until(spoilt.exists)
        port = first.server.port
    spoilt.write_bytes(spoilt.read_bytes()[:-100])
    async with linked({"port": port}, wait_until_ready=False, referencePath=str(tmp_path)) as link:
        down(link, ProductType.FUTURE)
        await link.until(lambda: link.ready)
        assert "not known" in refusal(link, order(ProductType.FUTURE)).text
        assert f"{spoilt} is damaged" in caplog.text


async def test_a_list_that_cannot_be_refreshed_serves_on_and_its_age_is_told():
    interval = {"reference_interval": timedelta(seconds=0.2)}
    async with linked(beyond_bounds=interval) as link:
        await link.until(lambda: len(link.asked("GET", INFO[ProductType.FUTURE])) >= 3)
        down(link, ProductType.FUTURE)
        await link.until(lambda: "the instruments of FUTURE are a list of" in link.connector.health()[0].text)
        assert link.ready and link.connector.plan_new(order(ProductType.FUTURE), 1)


async def test_lists_are_read_again_at_every_interval_and_a_changed_tick_counts():
    async with linked(beyond_bounds={"reference_interval": timedelta(seconds=0.2)}) as link:
        state = link.server.exchange.state
        key = (Leg.UM, "BTCUSDT")
        state.instruments[key] = replace(state.instruments[key], tick_size=Decimal("0.50"))
        await link.until(
            lambda: link.connector.instrument(ProductType.FUTURE, "BTCUSDT").tick_size == Decimal("0.50")
        )


async def test_an_unknown_symbol_has_its_list_read_again_but_not_at_every_order(monkeypatch):
    monkeypatch.setattr(instrument_lists, "UNKNOWN_SYMBOL_SECONDS", 0.5)
    async with linked() as link:
        state, refusals = link.server.exchange.state, 0
        wanted = order(ProductType.FUTURE, "NEWUSDT")
        listing = replace(state.instruments[Leg.UM, "BTCUSDT"], symbol="NEWUSDT")
        count = len(link.asked("GET", INFO[ProductType.FUTURE]))
        state.instruments[Leg.UM, "NEWUSDT"] = listing

        def is_listed_or_refused() -> bool:
            nonlocal refusals
            if link.connector.instrument(ProductType.FUTURE, "NEWUSDT") is not None:
                return True
            assert refusal(link, wanted).reason is OrdRejReason.UNKNOWN_SYMBOL
            refusals += 1
            return False

        await link.until(is_listed_or_refused)
        assert refusals > 5
        assert len(link.asked("GET", INFO[ProductType.FUTURE])) == count + 1
        assert len(link.asked("GET", INFO[ProductType.SPOT])) == 1
        assert link.connector.plan_new(wanted, 1).symbol == "NEWUSDT"


async def test_the_venues_time_comes_from_another_host_when_the_first_ones_are_down():
    async with linked(wait_until_ready=False) as link:
        down(link, *ProductType)
        await link.until(lambda: link.server.streams.subscribers("main"))
        paths = [request.path for request in link.server.requests]
        assert paths.count("/papi/v1/time") >= 5
        assert paths.count("/fapi/v1/time") == paths.count("/dapi/v1/time") == 1
