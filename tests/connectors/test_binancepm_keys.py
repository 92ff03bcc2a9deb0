"""API keys: which kinds sign, which permissions are needed, and what is read of the account they open."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import PositionSide
from fixgate.model.venue import OrderUpdate, RequestRefused, VenueStatus
from fixgate.simulator import RequestFault, SimulatedAccount

from .link import BALANCES, KEY, SECRET, linked

PERMISSIONS = {
    "USER_DATA": "/papi/v1/um/positionSide/dual",
    "USER_STREAM": "/papi/v1/listenKey",
}
"""A permission, and the first call of a start that needs it."""


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


SECRETS = {
    "HMAC": lambda: SECRET,
    "Ed25519": lambda: pem(ed25519.Ed25519PrivateKey.generate()),
    "Ed25519 on one line": lambda: pem(ed25519.Ed25519PrivateKey.generate()).strip().replace("\n", "#"),
    "RSA": lambda: pem(rsa.generate_private_key(65537, 2048)),
}


@pytest.mark.parametrize("kind", SECRETS)
async def test_each_kind_of_key_is_found_out_and_trades(kind):
    secret = SECRETS[kind]()
    accounts = (SimulatedAccount("main", KEY, secret, balances=BALANCES),)
    keys = [{"apiKey": KEY, "apiSecret": secret, "account": "main"}]
    async with linked({"accounts": accounts}, apiKeys=keys) as link:
        order = await link.working()
        assert order.status is VenueStatus.NEW
        (sent,) = link.asked("POST", "/papi/v1/um/order")
        assert sent["newClientOrderId"] == order.client_order_id


async def test_a_key_that_signs_for_another_secret_is_told_and_not_ready():
    keys = [{"apiKey": KEY, "apiSecret": "another-secret", "account": "main"}]
    async with linked(wait_until_ready=False, apiKeys=keys) as link:
        await link.until(lambda: "-1022" in link.connector.health()[0].text)
        assert not link.ready and "permissions" in link.connector.health()[0].text


@pytest.mark.parametrize("permission", PERMISSIONS)
async def test_a_key_without_a_permission_to_read_is_told_and_not_ready(permission):
    async with linked(wait_until_ready=False) as link:
        link.server.faults.requests.append(
            RequestFault(path=PERMISSIONS[permission], times=10_000, status=401, code=-2015)
        )
        await link.until(lambda: "-2015" in link.connector.health()[0].text)
        assert not link.ready
        link.server.faults.clear()
        await link.until(lambda: link.ready)


async def test_a_key_without_the_permission_to_trade_has_its_orders_refused():
    async with linked() as link:
        link.server.faults.requests.append(RequestFault("POST", "/papi/v1/um/order", status=401, code=-2015))
        order = link.submit()
        refused = await link.tells(RequestRefused, order_id=order.order_id)
        assert refused.code == "-2015" and not link.told(OrderUpdate, order_id=order.order_id)


@pytest.mark.parametrize("hedge", [False, True])
async def test_the_position_mode_is_read_from_the_account_and_never_switched(hedge):
    accounts = (SimulatedAccount("main", KEY, SECRET, hedge_mode=hedge, balances=BALANCES),)
    async with linked({"accounts": accounts}) as link:
        side = PositionSide.LONG if hedge else PositionSide.BOTH
        await link.working(attributes=OrderAttributes(position_side=side))
        assert link.connector.account_state().hedge_mode is hedge
        assert link.asked("GET", "/papi/v1/um/positionSide/dual")
        assert not [r for r in link.server.requests if r.method != "GET" and "positionSide/dual" in r.path]
