"""The HTTP door as the configuration wants it, and the tokens that it takes."""

import json
from datetime import timedelta

from pydantic import ValidationError

from fixgate.api.access import Access, RateLimit
from fixgate.api.app import Operations, build_app
from fixgate.api.ports import ExecutionDesk
from fixgate.api.routes import PREFIX
from fixgate.api.server import HttpServer
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
from fixgate.config.api_settings import ApiSettings, ApiTokenSettings, JwtSettings
from fixgate.config.settings import GatewaySettings
from fixgate.model.roles import Role

API_PREFIX = PREFIX
"""Where the Execution API's routes begin."""


class TokenRefused(Exception):
    """A token that cannot be made; the text says why and what to do."""


def http_door(settings: GatewaySettings, operations: Operations, desk: ExecutionDesk) -> HttpServer:
    """Return the server, not yet listening. Raises `ValueError` for a JWT key that is none."""
    http = settings.http
    access = Access(
        tokens_of(http.api, frozenset(session.source_id for session in settings.fix.sessions)),
        RateLimit(http.api.rate_limit.per_second, http.api.rate_limit.burst),
    )
    app = build_app(operations, access, desk if http.api.enabled else None)
    return HttpServer(app, http.host, http.port)


def tokens_of(api: ApiSettings, sessions: frozenset[str]) -> Tokens:
    """Return the tokens that are taken; `sessions` are FIX sessions' sources, which no JWT may be named."""
    static = [
        StaticToken(
            sha256=token.sha256,
            caller=Caller(name=token.name, role=token.role, accounts=scope(token.role, token.accounts)),
        )
        for token in api.tokens
    ]
    return Tokens(static, _rules(api.jwt) if api.jwt is not None else None, sessions)


def static_token(name: str, role: Role, accounts: list[str]) -> tuple[str, str]:
    """Return a new static token, and the line for `http.api.tokens` that makes it valid. Raises
    `TokenRefused`."""
    token = new_token()
    try:
        ApiTokenSettings(name=name, role=role, accounts=tuple(accounts), sha256=sha256_of(token))
    except ValidationError as error:
        raise TokenRefused(
            "; ".join(str(detail["msg"]).removeprefix("Value error, ") for detail in error.errors())
        ) from None
    named = f"name = {json.dumps(name)}, role = {role}, accounts = {json.dumps(accounts)}"
    return token, f'{{ {named}, sha256 = "{sha256_of(token)}" }}'


def jwt_token(
    api: ApiSettings,
    name: str,
    role: Role,
    accounts: list[str],
    lifetime: timedelta,
    private_key: str | None = None,
) -> str:
    """Return a JSON Web Token, signed with the configuration's key or, for an algorithm with two keys, with
    `private_key` in PEM. Raises `TokenRefused`."""
    if api.jwt is None:
        raise TokenRefused("the configuration has no http.api.jwt; it says which tokens are taken")
    rules = _rules(api.jwt)
    shared = rules.algorithm.startswith("HS")
    if not shared and private_key is None:
        raise TokenRefused(f"{rules.algorithm} signs with a private key; name its file with --private-key")
    if shared and private_key is not None:
        raise TokenRefused(f"{rules.algorithm} signs with http.api.jwt.key; --private-key must be left out")
    caller = Caller(name=name, role=role, accounts=scope(role, accounts))
    try:
        token = signed(rules, private_key or rules.key, caller, lifetime)
        Tokens((), rules).caller(token)
    except ValueError as error:
        raise TokenRefused(str(error)) from None
    return token


def _rules(settings: JwtSettings) -> JwtRules:
    return JwtRules(
        algorithm=settings.algorithm.value,
        key=settings.key.get_secret_value(),
        issuer=settings.issuer,
        audience=settings.audience,
        leeway=settings.leeway,
    )
