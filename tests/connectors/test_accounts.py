"""Several accounts on one connector: each with its own key, stream, limits and health; what is wrong with one
is no affair of the others'."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal as D
from typing import Any

import pytest

from fixgate.model.commands import NewOrder
from fixgate.model.enums import InstrumentType, OrderType, OrdRejReason, Side
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, ConnectorStatus, OrderUpdate, RequestRefused, VenueExec
from fixgate.simulator import SimulatedAccount

from .link import BALANCES, Link, linked

NAMES = ("alpha", "beta", "gamma")


def secret(name: str) -> str:
    return f"secret of {name}"


@asynccontextmanager
async def three_accounts(wrong: str = "", **settings: Any) -> AsyncIterator[Link]:
    """Three accounts; of `wrong` the connector has a key that the venue does not know."""
    accounts = tuple(SimulatedAccount(name, f"KEY-{name}", secret(name), balances=BALANCES) for name in NAMES)
    keys = [
        {
            "apiKey": "KEY-unknown" if name == wrong else f"KEY-{name}",
            "apiSecret": secret(name),
            "account": name,
        }
        for name in NAMES
    ]
    simulator = {"accounts": accounts} | settings.pop("simulator", {})
    async with linked(simulator, wait_until_ready=False, apiKeys=keys, **settings) as link:
        await link.until(lambda: all(health(link, name).ready for name in NAMES if name != wrong))
        yield link


def health(link: Link, name: str):
    return next(row for row in link.connector.health() if row.account == name)


def order(account: str, number: int) -> NewOrder:
    return NewOrder(
        source="OMS",
        session="s",
        connector="PM",
        account=account,
        cl_ord_id=f"c{number}",
        symbol="BTCUSDT",
        instrument_type=InstrumentType.FUTURE,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=D("0.010"),
        price=D("59000.0"),
    )


async def trades(link: Link, account: str, number: int) -> None:
    """Send an order of an account, fill it and hear of it on that account's stream."""
    planned = link.connector.plan_new(order(account, number), number)
    assert planned.account == account
    link.connector.send(planned)
    accepted = await link.tells(OrderUpdate, order_id=number)
    assert accepted.account == account
    link.server.exchange.external_order("UM", "BTCUSDT", "SELL", D(59000), D("0.010"))
    filled = await link.tells(OrderUpdate, client_order_id=planned.client_order_id, exec=VenueExec.TRADE)
    assert filled.account == account


def refusal(link: Link, account: str) -> Refused:
    with pytest.raises(Refused) as refused:
        link.connector.plan_new(order(account, 99), 99)
    return refused.value


def revoke(link: Link, name: str) -> Any:
    """Let the venue forget an account's key, and return what brings it back."""
    keys = link.server._papi._keys._keys
    held = keys.pop(f"KEY-{name}")
    return lambda: keys.__setitem__(f"KEY-{name}", held)


async def test_every_account_trades_and_hears_of_its_own_orders_alone():
    async with three_accounts() as link:
        for number, name in enumerate(NAMES, start=1):
            await trades(link, name, number)
        for number, name in enumerate(NAMES, start=1):
            assert {event.account for event in link.told(OrderUpdate, client_order_id=str(number))} == {name}
        for name in NAMES:
            await link.until(lambda name=name: link.connector.account_state(name).positions)
            (position,) = link.connector.account_state(name).positions
            assert position.quantity == D("0.010")


async def test_an_order_that_names_no_account_of_several_is_refused():
    async with three_accounts() as link:
        assert refusal(link, "").reason is OrdRejReason.UNKNOWN_ACCOUNT
        assert "Account(1) can be: alpha, beta, gamma" in refusal(link, "").text


async def test_a_wrong_key_stops_its_own_account_only_and_health_says_why():
    async with three_accounts(wrong="beta") as link:
        await trades(link, "alpha", 1)
        await trades(link, "gamma", 2)
        assert [row.ready for row in link.connector.health()] == [True, False, True]
        await link.until(lambda: "-2015" in health(link, "beta").text)
        assert "check that the key exists" in health(link, "beta").text
        assert not any(part in health(link, "beta").text for part in ("KEY-", secret("beta")))
        assert "account beta is not ready: connecting:" in refusal(link, "beta").text


async def test_a_key_that_is_revoked_while_running_stops_its_own_account_and_comes_back():
    async with three_accounts() as link:
        restore = revoke(link, "beta")
        link.connector.send(link.connector.plan_new(order("beta", 1), 1))
        assert (await link.tells(RequestRefused, order_id=1)).code == "-2015"
        down = await link.tells(ConnectorStatus, account="beta", up=False)
        assert "the venue refuses the API key" in down.text and "-2015" in down.text
        assert [row.ready for row in link.connector.health()] == [True, False, True]
        assert "the venue refuses the API key" in refusal(link, "beta").text
        await trades(link, "alpha", 2)
        await trades(link, "gamma", 3)
        restore()
        await link.tells(ConnectorStatus, times=2, account="beta", up=True)
        await trades(link, "beta", 4)


async def test_cancels_are_tried_with_a_key_that_is_refused():
    async with three_accounts() as link:
        planned = link.connector.plan_new(order("beta", 1), 1)
        link.connector.send(planned)
        accepted = await link.tells(OrderUpdate, order_id=1)
        revoke(link, "beta")
        cancel = CancelAtVenue(
            connector="PM", account="beta", order_id=1, request_id=2, client_order_id=planned.client_order_id,
            venue_order_id=accepted.venue_order_id, product_type=planned.product_type, symbol="BTCUSDT",
        )  # fmt: skip
        for times in (1, 2):
            link.connector.send(cancel)
            assert (await link.tells(RequestRefused, times=times, request_id=2)).code == "-2015"
            await link.until(lambda: not health(link, "beta").ready)


async def test_a_refusal_for_the_keys_sake_that_was_none_leaves_the_account_ready():
    async with three_accounts() as link:
        asked = len(link.asked("GET", "/papi/v1/rateLimit/order"))
        restore = revoke(link, "beta")
        link.connector.send(link.connector.plan_new(order("beta", 1), 1))
        await link.until(lambda: any(r.path == "/papi/v1/um/order" for r in link.server.requests))
        restore()
        await link.tells(RequestRefused, order_id=1)
        await link.until(lambda: len(link.asked("GET", "/papi/v1/rateLimit/order")) > asked)
        await link.until(lambda: link.connector._by_name["beta"]._key._task is None)
        assert health(link, "beta").ready and not link.told(ConnectorStatus, account="beta", up=False)


async def test_the_request_weight_is_shared_by_the_accounts_and_the_order_count_is_not():
    async with three_accounts() as link:
        before = {name: health(link, name).remaining for name in NAMES}
        for number in range(1, 4):
            link.connector.send(link.connector.plan_new(order("alpha", number), number))
            await link.tells(OrderUpdate, order_id=number)
        after = {name: health(link, name).remaining for name in NAMES}
        spent = {name: before[name]["ORDER-COUNT-1M"] - after[name]["ORDER-COUNT-1M"] for name in NAMES}
        assert spent == {"alpha": 3, "beta": 0, "gamma": 0}
        weights = {after[name]["REQUEST-WEIGHT-1M"] for name in NAMES}
        assert len(weights) == 1 and weights.pop() <= before["beta"]["REQUEST-WEIGHT-1M"] - 3


async def test_an_account_that_used_up_its_orders_leaves_the_others_theirs():
    async with three_accounts(simulator={"order_limit": 10}) as link:
        for number in range(1, 9):
            link.connector.send(link.connector.plan_new(order("alpha", number), number))
            await link.tells(OrderUpdate, order_id=number)
        assert "limit of 10 orders per minute is nearly used up" in refusal(link, "alpha").text
        link.connector.send(link.connector.plan_new(order("beta", 50), 50))
        assert (await link.tells(OrderUpdate, order_id=50)).account == "beta"


async def test_an_account_whose_stream_is_lost_is_alone_with_that():
    async with three_accounts() as link:
        link.server.streams.drop_sockets("gamma")
        await link.tells(ConnectorStatus, account="gamma", up=False)
        await link.tells(ConnectorStatus, times=2, account="gamma", up=True)
        assert not link.told(ConnectorStatus, account="alpha", up=False)
        assert not link.told(ConnectorStatus, account="beta", up=False)
