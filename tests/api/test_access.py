"""Who may come in: static tokens, JSON Web Tokens, roles, scopes, pace, and this machine alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from fixgate.api.access import Access, RateLimit
from fixgate.api.app import build_app
from fixgate.api.openapi import examples
from fixgate.api.routes import ROUTES
from fixgate.api.tokens import (
    Caller,
    JwtRules,
    StaticToken,
    Tokens,
    new_token,
    scope,
    sha256_of,
    signed,
)
from fixgate.model.roles import Role
from tests.api.conftest import OPERATIONS, open_access
from tests.api.fake_desk import FakeDesk
from tests.api.wire import ROOT, post, raw

MARKET = examples()["place_order"]["requests"]["Market Order"]
MINE = "binance-sandbox-001"
BALANCE = f"{ROOT}/balance?exchange_account_id={MINE}"
SECRET = "a shared secret of more than 32 bytes"
RULES = JwtRules(algorithm="HS256", key=SECRET, issuer="fixgate", audience="desk")
HOUR = timedelta(hours=1)

TOKENS = {role: new_token() for role in Role}
STATIC = [
    StaticToken(
        sha256=sha256_of(token), caller=Caller(name=f"{role}-1", role=role, accounts=frozenset({MINE}))
    )
    for role, token in TOKENS.items()
]


def access(per_second: int = 1000, burst: int = 1000, rules: JwtRules | None = RULES) -> Access:
    return Access(Tokens(STATIC, rules, frozenset({"OMS"})), RateLimit(per_second, burst))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    made = {
        "iss": "fixgate",
        "aud": "desk",
        "sub": "ada",
        "role": "trader",
        "accounts": [MINE],
        "exp": now + HOUR,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


@pytest.fixture
async def guarded(serve: Callable[..., Any]) -> httpx.AsyncClient:
    client: httpx.AsyncClient = await serve(access())
    return client


async def test_given_a_token_then_its_name_is_the_source_of_the_order(
    guarded: httpx.AsyncClient, desk: FakeDesk
) -> None:
    answer = await post(guarded, "/order", MARKET, bearer(TOKENS[Role.TRADER]))
    assert answer.status_code == 200
    assert desk.tickets[0].source == "trader-1"


async def test_given_tokens_that_are_none_then_401_with_a_challenge_and_no_word_of_the_token(
    guarded: httpx.AsyncClient, desk: FakeDesk
) -> None:
    for headers, challenge in (
        ({}, 'Bearer realm="fixgate"'),
        (bearer("fxg_unknown"), 'Bearer realm="fixgate", error="invalid_token"'),
        (bearer("x" * 5000), 'Bearer realm="fixgate", error="invalid_token"'),
        (bearer("a.b.c"), 'Bearer realm="fixgate", error="invalid_token"'),
        ({"Authorization": "Bearer"}, 'Bearer realm="fixgate", error="invalid_token"'),
        ({"Authorization": f"Basic {TOKENS[Role.ADMIN]}"}, 'Bearer realm="fixgate", error="invalid_token"'),
        (bearer(sha256_of(TOKENS[Role.ADMIN])), 'Bearer realm="fixgate", error="invalid_token"'),
    ):
        answer = await post(guarded, "/order", MARKET, headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"] == challenge
        assert answer.json()["data"] == {"error": "UNAUTHORIZED"}
        assert "fxg_" not in answer.text
    assert desk.tickets == []


async def test_given_no_token_then_every_route_of_the_api_is_401(guarded: httpx.AsyncClient) -> None:
    for route in ROUTES:
        answer = await guarded.request(route.method, route.path.replace("{order_id}", "1"))
        assert answer.status_code == 401, route.path


async def test_given_no_token_then_the_operations_pages_are_there_all_the_same(
    guarded: httpx.AsyncClient,
) -> None:
    for path in ("/health", "/ready", "/metrics", "/docs", "/openapi.json"):
        assert (await guarded.get(path)).status_code == 200


async def test_given_each_role_then_it_may_do_what_the_table_of_routes_says(
    guarded: httpx.AsyncClient,
) -> None:
    for route in ROUTES:
        path = route.path.replace("{order_id}", "1")
        for role in Role:
            answer = await guarded.request(route.method, path, headers=bearer(TOKENS[role]))
            if route.trades and role is Role.READER:
                assert answer.status_code == 403, route.path
                assert answer.json()["data"]["error"] == "FORBIDDEN"
            else:
                assert answer.status_code in (200, 415, 422), (route.path, role, answer.text)
    trading = {route.name for route in ROUTES if route.trades}
    assert trading == {
        "place_order",
        "cancel_order",
        "set_leverage",
        "set_margin_mode",
        "auto_collection",
        "asset_collection",
    }


async def test_given_an_account_of_others_then_the_answer_is_that_of_one_that_is_not_there(
    guarded: httpx.AsyncClient, desk: FakeDesk
) -> None:
    texts = set()
    for name in ("binance-perp-001", "binance-none-001"):
        answer = await guarded.get(
            f"{ROOT}/balance?exchange_account_id={name}", headers=bearer(TOKENS[Role.TRADER])
        )
        assert (answer.status_code, answer.json()["data"]) == (404, {"error": "ACCOUNT_NOT_FOUND"})
        texts.add(answer.text.replace(name, "NAME"))
    assert len(texts) == 1
    assert f"there are: {MINE}" in texts.pop()
    answer = await post(
        guarded, "/order", {**MARKET, "exchange_account_id": "okx-001"}, bearer(TOKENS[Role.ADMIN])
    )
    assert answer.status_code == 404
    assert desk.tickets == []


async def test_given_a_jwt_then_its_claims_say_who_calls(guarded: httpx.AsyncClient, desk: FakeDesk) -> None:
    token = jwt.encode(claims(), SECRET, "HS256")
    for _ in range(2):
        answer = await post(guarded, "/order", MARKET, bearer(token))
        assert answer.status_code == 200
    assert {ticket.source for ticket in desk.tickets} == {"ada"}
    answer = await guarded.get(f"{ROOT}/balance?exchange_account_id=okx-001", headers=bearer(token))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "the Bearer token has expired"),
        ({"exp": None}, "the Bearer token lacks the claim exp"),
        ({"iss": "other"}, "the Bearer token is of another issuer"),
        ({"iss": None}, "the Bearer token lacks the claim iss"),
        ({"aud": "other"}, "the Bearer token is for another audience"),
        ({"aud": None}, "the Bearer token lacks the claim aud"),
        ({"sub": None}, "the Bearer token lacks the claim sub"),
        ({"sub": "a b"}, "the Bearer token's sub must be"),
        ({"sub": "OMS"}, "the Bearer token's sub is the name of a FIX session"),
        ({"role": "root"}, "the Bearer token's role must be one of reader, trader, admin"),
        ({"role": ["admin"]}, "the Bearer token's role must be one of"),
        ({"role": None}, "the Bearer token's role must be one of"),
        ({"accounts": MINE}, "the Bearer token's accounts must be a list"),
        ({"nbf": datetime(2100, 1, 1, tzinfo=UTC)}, "the Bearer token is not valid"),
    ],
)
async def test_given_a_jwt_with_a_wrong_claim_then_401_says_which(
    guarded: httpx.AsyncClient, changes: dict[str, Any], text: str
) -> None:
    answer = await guarded.get(BALANCE, headers=bearer(jwt.encode(claims(**changes), SECRET, "HS256")))
    assert answer.status_code == 401
    assert text in answer.json()["message"]


async def test_given_a_jwt_that_is_forged_then_401(guarded: httpx.AsyncClient) -> None:
    unsigned = jwt.encode(claims(), None, "none")
    wrong_key = jwt.encode(claims(), "another secret, of more than 32 bytes", "HS256")
    wrong_algorithm = jwt.encode(claims(), SECRET + SECRET, "HS512")
    head, body, signature = jwt.encode(claims(), SECRET, "HS256").split(".")
    changed = ".".join((head, jwt.encode(claims(role="admin"), SECRET, "HS256").split(".")[1], signature))
    for token in (unsigned, wrong_key, wrong_algorithm, changed, f"{head}.{body}."):
        answer = await guarded.get(BALANCE, headers=bearer(token))
        assert (answer.status_code, answer.json()["message"]) == (401, "the Bearer token is not valid")


def test_given_a_public_key_then_what_its_private_key_signs_is_taken_and_an_hmac_of_it_is_not() -> None:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    rules = JwtRules(algorithm="EdDSA", key=public, issuer="fixgate", audience="desk")
    caller = Caller(name="ada", role=Role.TRADER, accounts=frozenset({MINE}))
    tokens = Tokens((), rules)
    assert tokens.caller(signed(rules, pem, caller, HOUR)) == caller
    head, body, _ = jwt.encode(claims(), SECRET, "HS256").split(".")
    with pytest.raises(Exception, match="the Bearer token is not valid"):
        tokens.caller(f"{head}.{body}.AAAA")
    with pytest.raises(ValueError, match="the key is none for signing with EdDSA"):
        signed(rules, "no key", caller, HOUR)
    with pytest.raises(ValueError, match=r"http\.api\.jwt\.key is not a key for EdDSA"):
        Tokens((), JwtRules(algorithm="EdDSA", key="no key", issuer="fixgate", audience="desk"))


def test_given_a_jwt_that_was_proved_then_it_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens((), RULES)
    token = jwt.encode(claims(exp=datetime.now(UTC) + timedelta(seconds=60)), SECRET, "HS256")
    assert tokens.caller(token).name == "ada"
    late = datetime.now(UTC) + timedelta(seconds=120)
    monkeypatch.setattr("fixgate.api.tokens.time.time", late.timestamp)
    monkeypatch.setattr("jwt.api_jwt.datetime", type("Late", (datetime,), {"now": lambda tz=None: late}))
    with pytest.raises(Exception, match="the Bearer token has expired"):
        tokens.caller(token)


@pytest.mark.parametrize(
    ("role", "accounts", "known"),
    [
        (Role.TRADER, [], frozenset()),
        (Role.READER, ["a", "b"], frozenset({"a", "b"})),
        (Role.TRADER, ["a", "*"], None),
        (Role.ADMIN, [], None),
        (Role.ADMIN, ["a"], frozenset({"a"})),
    ],
)
def test_given_a_role_and_accounts_then_the_scope(
    role: Role, accounts: list[str], known: frozenset[str] | None
) -> None:
    assert scope(role, accounts) == known


async def test_given_too_many_calls_of_a_token_then_429_and_others_go_on(serve: Callable[..., Any]) -> None:
    client = await serve(access(per_second=1, burst=2))
    answers = [await client.get(BALANCE, headers=bearer(TOKENS[Role.TRADER])) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"
    assert answers[2].json()["data"] == {"error": "RATE_LIMITED", "retry_after_seconds": 1}
    assert (await client.get(BALANCE, headers=bearer(TOKENS[Role.READER]))).status_code == 200


def test_given_time_then_the_bucket_fills_to_its_brim_and_no_further() -> None:
    now = 0.0
    limit = RateLimit(10, 3, lambda: now)
    assert [limit.seconds_until("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]
    now = 0.1
    assert limit.seconds_until("a") == 0
    now = 100.0
    assert [limit.seconds_until("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.1)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8082"}, 200),
        ({"Host": "LOCALHOST"}, 200),
        ({"Host": "[::1]:8082"}, 200),
        ({"Host": "127.8.9.10"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:8082"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"Forwarded": "for=127.0.0.1"}, 403),
        ({"Authorization": "Bearer whatever"}, 200),
    ],
)
async def test_given_no_tokens_then_only_a_local_call_of_a_local_page_is_answered(
    http: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await http.get(BALANCE, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["data"] == {"error": "FORBIDDEN"}


@pytest.mark.parametrize(
    ("client", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 403), ("", 403)],
)
async def test_given_no_tokens_then_a_call_from_elsewhere_is_refused(
    desk: FakeDesk, client: str, status: int
) -> None:
    app = build_app(OPERATIONS, open_access(), desk)
    transport = httpx.ASGITransport(app, client=(client, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8082") as caller:
        answer = await caller.get(BALANCE)
    assert answer.status_code == status
    if status == 403:
        assert "only this machine is answered, since no token is configured" in answer.json()["message"]


async def test_given_no_tokens_then_a_page_cannot_post_without_being_asked_for_leave(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    """A browser sends text/plain to another origin without a preflight, JSON only after one."""
    answer = await raw(http, "/order", b"{}", {"Content-Type": "text/plain"})
    assert answer.status_code == 415
    answer = await http.options(f"{ROOT}/order", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert desk.tickets == []
