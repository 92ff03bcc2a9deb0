"""The REST door: keys, three kinds of signature, time windows, limits, unknown paths."""

import time
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from fixgate.simulator import SimulatedAccount, SimulatorServer
from fixgate.simulator.signatures import verifier_for
from tests.simulator.client import KEY, Client, Sign, base64_signer, hmac_signer
from tests.simulator.conftest import BALANCES, StartServer

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PLAIN = serialization.NoEncryption()


def now_ms() -> int:
    return int(time.time() * 1000)


def keys(kind: str, form: str) -> tuple[str, Sign]:
    """Return (what the account is configured with, how the client signs)."""
    if kind == "hmac":
        return "a secret", hmac_signer("a secret")
    if kind == "rsa":
        rsa_key = rsa.generate_private_key(65537, 2048)
        key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = rsa_key
        sign = base64_signer(lambda data: rsa_key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    else:
        key = ed_key = ed25519.Ed25519PrivateKey.generate()
        sign = base64_signer(ed_key.sign)
    pem = (
        key.private_bytes(PEM, PKCS8, PLAIN) if form != "public" else key.public_key().public_bytes(PEM, SPKI)
    )
    text = pem.decode()
    return (text.strip().replace("\n", "#") if form == "one line" else text), sign


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("hmac", ""),
        ("rsa", "private"),
        ("rsa", "public"),
        ("ed25519", "private"),
        ("ed25519", "public"),
        ("ed25519", "one line"),
    ],
)
async def test_given_each_kind_of_key_when_signed_with_it_then_accepted_and_with_another_1022(
    start_server: StartServer, kind: str, form: str
) -> None:
    secret, sign = keys(kind, form)
    account = SimulatedAccount("main", KEY, secret, balances=BALANCES)
    server = await start_server(accounts=(account,))
    async with Client(server, sign=sign) as client:
        assert (await client.order()).status == 200
    async with Client(server, sign=keys(kind, form)[1] if kind != "hmac" else hmac_signer("x")) as thief:
        reply = await thief.order()
        assert (reply.status, reply.code) == (400, -1022)


def test_given_a_damaged_pem_when_configured_then_the_error_names_no_secret() -> None:
    with pytest.raises(ValueError, match="cannot be read") as caught:
        verifier_for("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----")
    assert "c2VjcmV0" not in str(caught.value)


async def test_given_parameters_in_the_body_when_signed_over_query_and_body_then_accepted(
    client: Client,
) -> None:
    query = urlencode({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT"})
    body = urlencode({"timeInForce": "GTC", "quantity": "0.01", "price": "60000.00", "timestamp": now_ms()})
    signature = hmac_signer()((query + body).encode())
    for target, sent in (
        (f"?{query}", f"{body}&signature={signature}"),
        (f"?{query}&signature={signature}", body),
    ):
        assert (await client.raw("POST", f"/papi/v1/um/order{target}", sent)).status == 200


async def test_given_a_signature_that_is_not_last_then_1022(client: Client) -> None:
    query = urlencode({"timestamp": now_ms()})
    signature = hmac_signer()(query.encode())
    reply = await client.raw("GET", f"/papi/v1/balance?signature={signature}&{query}")
    assert reply.code == -1022


async def test_given_an_altered_parameter_then_1022(client: Client) -> None:
    query = urlencode({"asset": "USDT", "timestamp": now_ms()})
    signature = hmac_signer()(query.encode())
    altered = query.replace("USDT", "BTC")
    assert (await client.raw("GET", f"/papi/v1/balance?{altered}&signature={signature}")).code == -1022


async def test_given_escaped_values_when_the_sent_form_is_signed_then_accepted(client: Client) -> None:
    reply = await client.order(newClientOrderId="a:b/c")
    assert (reply.status, reply.body["clientOrderId"]) == (200, "a:b/c")


@pytest.mark.parametrize(("key", "status", "code"), [(None, 401, -2014), ("stranger", 401, -2015)])
async def test_given_no_key_or_an_unknown_one_then_401(
    server: SimulatorServer, key: str | None, status: int, code: int
) -> None:
    async with Client(server, key=key) as client:
        reply = await client.order()
        assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"timestamp": -1}, -1102),
        ({"timestamp": ""}, -1102),
        ({"offset": -5_500}, -1021),
        ({"offset": 2_000}, -1021),
        ({"offset": -2_000, "recvWindow": 1_000}, -1021),
        ({"offset": -5_500, "recvWindow": 10_000}, 0),
        ({"recvWindow": 60_001}, -1131),
    ],
)
async def test_given_a_timestamp_when_outside_its_window_then_refused(
    client: Client, changes: dict[str, int], code: int
) -> None:
    parameters = dict(changes)
    if "offset" in parameters:
        parameters["timestamp"] = now_ms() + parameters.pop("offset")
    reply = await client.call("GET", "/papi/v1/um/positionSide/dual", **parameters)
    assert (reply.code if reply.status != 200 else 0) == code


async def test_given_an_unsigned_call_then_1102_names_the_signature(client: Client) -> None:
    reply = await client.raw("GET", f"/papi/v1/balance?timestamp={now_ms()}")
    assert (reply.code, "signature" in reply.body["msg"]) == (-1102, True)


async def test_given_a_parameter_twice_then_1101(client: Client) -> None:
    reply = await client.raw("GET", "/papi/v1/balance?asset=A&asset=B")
    assert reply.code == -1101


async def test_given_calls_then_usage_headers_add_up_by_weight(client: Client) -> None:
    first = await client.call("GET", "/papi/v1/balance")
    second = await client.call("GET", "/papi/v1/um/openOrders")
    used = [int(r.headers["X-MBX-USED-WEIGHT-1M"]) for r in (first, second)]
    assert used[1] - used[0] == 40 or used[1] == 40
    order = await client.order()
    assert order.headers["X-MBX-ORDER-COUNT-1M"] == "1"
    assert "X-MBX-ORDER-COUNT-1M" not in first.headers


async def test_given_a_spent_budget_then_429_with_retry_after(start_server: StartServer) -> None:
    server = await start_server(weight_limit=30, order_limit=1)
    instant = server.exchange.state.clock()
    server.exchange.state.clock = lambda: instant
    async with Client(server) as client:
        stamp = instant
        assert (await client.order(timestamp=stamp)).status == 200
        many = await client.order(timestamp=stamp)
        assert (many.status, many.code) == (429, -1015)
        assert (await client.call("GET", "/papi/v1/balance", timestamp=stamp)).status == 200
        heavy = await client.call("GET", "/papi/v1/balance", timestamp=stamp)
        assert (heavy.status, heavy.code) == (429, -1003)
        assert 1 <= int(heavy.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/papi/v1/um/conditional/openOrders"), ("POST", "/nowhere"), ("GET", "/sim/x")],
)
async def test_given_an_unknown_path_then_404(client: Client, method: str, path: str) -> None:
    assert (await client.raw(method, path)).status == 404


async def test_given_admin_off_then_its_routes_do_not_exist(start_server: StartServer) -> None:
    server = await start_server(admin=False)
    async with Client(server) as client:
        assert (await client.raw("POST", "/sim/faults", "{}")).status == 404
        assert (await client.raw("POST", "/sim/price", "{}")).status == 404


async def test_given_requests_then_the_recorder_has_them_without_signatures(
    server: SimulatorServer, client: Client
) -> None:
    await client.order(newClientOrderId="recorded")
    seen = server.requests[-1]
    assert (seen.method, seen.path, seen.params["newClientOrderId"]) == (
        "POST",
        "/papi/v1/um/order",
        "recorded",
    )
    assert "signature" not in seen.params
