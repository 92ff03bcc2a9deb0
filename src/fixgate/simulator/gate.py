"""The door of the venue's REST interface: keys, signatures, time windows and rate limits.

Sources: Portfolio Margin "General Info" (timing security, limits), error codes -1003, -1015,
-1021, -1022, -1101, -1102, -1131, -2014 and -2015.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fixgate.simulator.parameter_fields import integer, mandatory
from fixgate.simulator.refusal import VenueRefusal, missing
from fixgate.simulator.settings import SimulatedAccount
from fixgate.simulator.signatures import Verifier, verifier_for

DEFAULT_RECV_WINDOW = 5_000
MAX_RECV_WINDOW = 60_000
_MINUTE_MS = 60_000


@dataclass(slots=True)
class Call:
    """One request on its way to its endpoint. Times are milliseconds."""

    method: str
    path: str
    query: str
    body: str
    api_key: str | None
    parameters: dict[str, str] = field(default_factory=dict)
    account: str = ""
    expires_ms: int = 0
    """The engine refuses an order that reaches it later than this; 0 for unsigned calls."""

    def read_parameters(self) -> None:
        """Decode query and body; a name in both takes the query's value. Raises -1101, -1100."""
        body = _pairs(self.body)
        query = _pairs(self.query)
        self.parameters = {**body, **query}


def _pairs(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise VenueRefusal(-1100, "Illegal characters found in a parameter.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise VenueRefusal(-1101, "Duplicate values for a parameter detected.")
    return found


class KeyRing:
    """The API keys of the venue's accounts."""

    def __init__(self, accounts: tuple[SimulatedAccount, ...]) -> None:
        self._keys: dict[str, tuple[str, Verifier]] = {
            account.api_key: (account.name, verifier_for(account.api_secret)) for account in accounts
        }

    def identify(self, call: Call) -> None:
        """Set the account of `call` by its key; raises -2014 without a key, -2015 for an unknown one."""
        if not call.api_key:
            raise VenueRefusal(-2014, "API-key format invalid.", status=401)
        known = self._keys.get(call.api_key)
        if known is None:
            raise VenueRefusal(-2015, "Invalid API-key, IP, or permissions for action.", status=401)
        call.account = known[0]

    def authenticate(self, call: Call, now: int) -> None:
        """Check signature and time window of a signed call at server time `now`."""
        self.identify(call)
        if "signature" not in call.parameters:
            raise missing("signature")
        timestamp_text = mandatory(call.parameters, "timestamp")
        if not timestamp_text.isdigit():
            raise missing("timestamp")
        signed = signed_payload(call.query, call.body)
        verify = self._keys[call.api_key or ""][1]
        if signed is None or not verify(signed.encode(), call.parameters["signature"]):
            raise VenueRefusal(-1022, "Signature for this request is not valid.")
        window = integer(call.parameters, "recvWindow")
        if window is not None and window > MAX_RECV_WINDOW:
            raise VenueRefusal(-1131, "recvWindow must be less than 60000.")
        timestamp = int(timestamp_text)
        call.expires_ms = timestamp + (DEFAULT_RECV_WINDOW if window is None else window)
        if timestamp >= now + 1000:
            raise VenueRefusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now > call.expires_ms:
            raise VenueRefusal(-1021, "Timestamp for this request is outside of the recvWindow.")


def signed_payload(query: str, body: str) -> str | None:
    """Return the exact text the signature covers: query then body, the signature itself left out.

    None when the signature is not the last parameter of where it stands.
    """
    for text, place in ((query, "query"), (body, "body")):
        head, found, signature = text.rpartition("signature=")
        if not found or (head and not head.endswith("&")):
            continue
        if "&" in signature:
            return None
        bare = head.removesuffix("&")
        return bare + body if place == "query" else query + bare
    return None


class RateLimits:
    """Weight per minute (one IP: whoever reaches the port) and orders per minute and account."""

    def __init__(self, weight_limit: int, order_limit: int) -> None:
        self.weight_limit = weight_limit
        self.order_limit = order_limit
        self._minute = 0
        self.used_weight = 0
        self.orders: dict[str, int] = {}

    def _roll(self, now: int) -> None:
        minute = now // _MINUTE_MS
        if minute != self._minute:
            self._minute, self.used_weight, self.orders = minute, 0, {}

    def charge(self, weight: int, now: int) -> None:
        """Count `weight`; raises -1003 (429) past the limit."""
        self._roll(now)
        self.used_weight += weight
        if self.used_weight > self.weight_limit:
            raise VenueRefusal(
                -1003,
                f"Too many requests; current limit of IP is {self.weight_limit} requests per minute.",
                status=429,
                retry_after=_seconds_left(now),
            )

    def charge_order(self, account: str, now: int, orders: int = 1) -> None:
        """Count `orders` of `account`; raises -1015 (429) past the limit."""
        self._roll(now)
        count = self.orders.get(account, 0)
        if count + orders > self.order_limit:
            raise VenueRefusal(
                -1015,
                f"Too many new orders; current limit is {self.order_limit} orders per MINUTE.",
                status=429,
                retry_after=_seconds_left(now),
            )
        self.orders[account] = count + orders

    def headers(self, account: str, *, order: bool) -> Mapping[str, str]:
        """Return the usage headers of a reply."""
        headers = {"X-MBX-USED-WEIGHT-1M": str(self.used_weight)}
        if order and account:
            headers["X-MBX-ORDER-COUNT-1M"] = str(self.orders.get(account, 0))
        return headers


def _seconds_left(now: int) -> int:
    return max(1, (_MINUTE_MS - now % _MINUTE_MS + 999) // 1000)
