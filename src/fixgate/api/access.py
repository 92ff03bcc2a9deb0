"""Who may come in: the caller by its token, or anybody on this machine where no token is configured.

Without tokens the door trusts the machine. So that no page in a browser and no proxy lends that trust to
others, a request must come from a loopback address, name a loopback Host (DNS rebinding), carry no foreign
Origin and not have been forwarded.
"""

import math
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

from starlette.datastructures import Headers

from fixgate.api.answers import DoorCode, Refusal
from fixgate.api.tokens import Caller, TokenError, Tokens
from fixgate.model.roles import Role

LOCAL = Caller(name="api", role=Role.ADMIN)
"""Every caller where no token is configured."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_CHALLENGE = 'Bearer realm="fixgate"'
_MANY_NAMES = 10_000


class RateLimit:
    """A token bucket for each name: `burst` calls at once, `per_second` in the long run."""

    def __init__(self, per_second: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def seconds_until(self, name: str) -> float:
        """Take one call of `name`: return 0 if it may be made now, else after how many seconds one may."""
        now = self._clock()
        left, at = self._buckets.get(name, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_second)
        if left < 1:
            self._buckets[name] = (left, now)
            return (1 - left) / self._per_second
        if len(self._buckets) >= _MANY_NAMES:
            self._forget_full(now)
        self._buckets[name] = (left - 1, now)
        return 0.0

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            name: (left, at)
            for name, (left, at) in self._buckets.items()
            if left + (now - at) * self._per_second < self._burst
        }


class Access:
    """Tells callers by their tokens and paces them; without tokens, lets in this machine alone."""

    def __init__(self, tokens: Tokens, rate: RateLimit) -> None:
        self._tokens, self._rate = tokens, rate

    @property
    def asks_for_token(self) -> bool:
        return bool(self._tokens)

    def admit(self, headers: Headers, client: str, *, trades: bool) -> Caller:
        """Return who calls; `trades` is true for what a reader may not do. Raises `Refusal` 401, 403, 429."""
        if not self._tokens:
            _refuse_strangers(headers, client)
            return LOCAL
        try:
            caller = self._tokens.caller(_bearer(headers))
        except TokenError as error:
            challenge = f'{_CHALLENGE}, error="invalid_token"' if "authorization" in headers else _CHALLENGE
            raise Refusal(
                DoorCode.UNAUTHORIZED, str(error), headers={"WWW-Authenticate": challenge}
            ) from None
        if wait := self._rate.seconds_until(caller.name):
            seconds = math.ceil(wait)
            raise Refusal(
                DoorCode.RATE_LIMITED,
                f"too many calls of {caller.name}; try again in {seconds} s",
                {"retry_after_seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )
        if trades and not caller.may_trade:
            raise Refusal(
                DoorCode.FORBIDDEN,
                f"role {caller.role} may not do this; it takes {Role.TRADER} or {Role.ADMIN}",
            )
        return caller


def _bearer(headers: Headers) -> str:
    given = headers.getlist("authorization")
    if not given:
        raise TokenError("a Bearer token is required: Authorization: Bearer TOKEN")
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise TokenError("Authorization must be one Bearer token: Authorization: Bearer TOKEN")
    return token.strip()


def _refuse_strangers(headers: Headers, client: str) -> None:
    why, because = "", "since no token is configured"
    if not _is_loopback(client):
        why = f"only this machine is answered, {because}; the call came from {client}"
    elif (host := headers.get("host", "")) and not _is_loopback(_host_of(host)):
        why = f"Host must be localhost or a loopback address, {because}; it was {host[:80]!r}"
    elif not host:
        why = "Host is missing"
    elif (origin := headers.get("origin")) is not None and not _is_loopback(_host_of(origin)):
        why = f"Origin must be of this machine, {because}; it was {origin[:80]!r}"
    elif forwarded := next((name for name in _FORWARDED if name in headers), ""):
        why = f"a forwarded call ({forwarded}) is not taken, {because}"
    if why:
        raise Refusal(DoorCode.FORBIDDEN, why)


def _host_of(authority: str) -> str:
    """Return the host of a Host header, or of an Origin: `[::1]:8082` is `::1`."""
    rest = authority.partition("://")[2] or authority
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return rest.partition(":")[0].lower()


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
