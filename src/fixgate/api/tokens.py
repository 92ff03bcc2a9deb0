"""Bearer tokens: whose they are and what they allow.

Static tokens are random and kept as hashes. A JSON Web Token is checked against one algorithm, key, issuer
and audience, whatever it says of itself (RFC 7519, RFC 8725).
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import msgspec

from fixgate.model.roles import Role

PREFIX = "fxg_"
"""What a static token begins with, so that one that got lost can be told for what it is."""

EVERY_ACCOUNT = "*"
_NAME = re.compile(r"[^\s:\x00-\x1f\x7f]{1,64}")
_LONGEST = 4096
_MANY = 1000


class TokenError(Exception):
    """A token that is not taken. The text is for its owner and says nothing of the token or the key."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls. `name` is the source of its orders; `accounts` are those it may know of, `None` is all."""

    name: str
    role: Role
    accounts: frozenset[str] | None = None

    @property
    def may_trade(self) -> bool:
        return self.role is not Role.READER

    def knows(self, account: str) -> bool:
        """True when the caller may see that account."""
        return self.accounts is None or account in self.accounts


class StaticToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the configuration: its hash, and who calls with it."""

    sha256: str
    caller: Caller


class JwtRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a JSON Web Token must satisfy. `key` is the shared secret, or the public key in PEM."""

    algorithm: str
    key: str
    issuer: str
    audience: str
    leeway: timedelta = timedelta(seconds=5)


class Tokens:
    """All tokens that are taken. `reserved` are names that no JWT may carry, for they are somebody else's.
    Raises `ValueError` for a JWT key that is none for its algorithm."""

    def __init__(
        self,
        static: Sequence[StaticToken],
        rules: JwtRules | None,
        reserved: frozenset[str] = frozenset(),
    ) -> None:
        self._static = static
        self._reserved = reserved
        self._rules = rules
        self._key: Any = _prepared(rules) if rules is not None else None
        self._proved: dict[str, tuple[float, Caller]] = {}

    def __bool__(self) -> bool:
        return bool(self._static) or self._rules is not None

    def caller(self, token: str) -> Caller:
        """Return whose token it is. Raises `TokenError`."""
        if len(token) > _LONGEST:
            raise TokenError("the Bearer token is longer than any that is taken")
        digest = sha256_of(token)
        if self._rules is not None and token.count(".") == 2:
            return self._known_jwt(digest, token, self._rules)
        found: Caller | None = None
        for known in self._static:
            if hmac.compare_digest(known.sha256, digest):
                found = known.caller
        if found is None:
            raise TokenError("the Bearer token is not known")
        return found

    def _known_jwt(self, digest: str, token: str, rules: JwtRules) -> Caller:
        """Check a token's signature once, and only its expiry from then on."""
        until, caller = self._proved.get(digest, (0.0, None))
        if caller is not None and time.time() < until:
            return caller
        claims = self._claims(token, rules)
        caller = _caller(claims)
        if caller.name in self._reserved:
            raise TokenError("the Bearer token's sub is the name of a FIX session; it must be another")
        if len(self._proved) >= _MANY:
            self._proved.clear()
        self._proved[digest] = (float(claims["exp"]) + rules.leeway.total_seconds(), caller)
        return caller

    def _claims(self, token: str, rules: JwtRules) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[rules.algorithm],
                issuer=rules.issuer,
                audience=rules.audience,
                leeway=rules.leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("the Bearer token has expired") from None
        except jwt.MissingRequiredClaimError as error:
            raise TokenError(f"the Bearer token lacks the claim {error.claim}") from None
        except jwt.InvalidIssuerError:
            raise TokenError("the Bearer token is of another issuer") from None
        except jwt.InvalidAudienceError:
            raise TokenError("the Bearer token is for another audience") from None
        except jwt.PyJWTError:
            raise TokenError("the Bearer token is not valid") from None


def sha256_of(token: str) -> str:
    """Return a token's hash as the configuration has it. A random token of 256 bits needs no slow one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """Return a new static token: 32 random bytes."""
    return PREFIX + secrets.token_urlsafe(32)


def signed(
    rules: JwtRules, key: str, caller: Caller, lifetime: timedelta, now: datetime | None = None
) -> str:
    """Return a JSON Web Token for `caller`, signed with `key`: the shared secret, or the private key in PEM.

    Raises `ValueError` for a key that does not fit the algorithm."""
    at = now or datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": rules.issuer,
        "aud": rules.audience,
        "sub": caller.name,
        "role": caller.role.value,
        "accounts": [EVERY_ACCOUNT] if caller.accounts is None else sorted(caller.accounts),
        "iat": at,
        "exp": at + lifetime,
    }
    try:
        return jwt.encode(claims, key, algorithm=rules.algorithm)
    except (jwt.PyJWTError, TypeError, ValueError):
        raise ValueError(f"the key is none for signing with {rules.algorithm}") from None


def scope(role: Role, accounts: Iterable[str]) -> frozenset[str] | None:
    """Return the accounts of a token: `*` is all, and so is none for an admin."""
    named = frozenset(accounts)
    if EVERY_ACCOUNT in named or (role is Role.ADMIN and not named):
        return None
    return named


def _caller(claims: dict[str, Any]) -> Caller:
    name, role, accounts = claims["sub"], claims.get("role"), claims.get("accounts", [])
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not name.isprintable():
        raise TokenError("the Bearer token's sub must be 1 to 64 characters without ':' and blanks")
    if role not in tuple(Role):
        raise TokenError(f"the Bearer token's role must be one of {', '.join(Role)}")
    if not isinstance(accounts, list) or not all(isinstance(account, str) for account in accounts):
        raise TokenError("the Bearer token's accounts must be a list of account ids")
    return Caller(name=name, role=Role(role), accounts=scope(Role(role), accounts))


def _prepared(rules: JwtRules) -> Any:
    """Return the key as the algorithm wants it, parsed once."""
    try:
        return jwt.get_algorithm_by_name(rules.algorithm).prepare_key(rules.key)
    except (jwt.PyJWTError, NotImplementedError, TypeError, ValueError):
        raise ValueError(f"http.api.jwt.key is not a key for {rules.algorithm}") from None
