"""Portfolio Margin's REST calls: signed, keyed and public.

Every call, reading or writing, goes through the one `HttpTransport`: the bytes that were signed are
the bytes on the wire, one pool keeps the TLS sessions warm, and a failed call always tells whether the
venue can have seen it. A second, general client would bring a second way to encode a URL. Sources:
PAPI general info; PAPI `POST /papi/v1/listenKey`; `GET /fapi/v1/time`.
"""

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from fixgate.papi.answers import Answer, NotAnswered, PapiError, Response
from fixgate.papi.clock import VenueClock
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure, VenueError, failure_of
from fixgate.papi.legs import FUTURES_TIME, Leg
from fixgate.papi.pacing import AccountPacing, Ticket
from fixgate.papi.query import Params, encode_order_params, encode_query, signed_query
from fixgate.papi.signing import Signer
from fixgate.papi.transport import HttpTransport, header_block
from fixgate.papi.weights import cost_of

MAX_RECV_WINDOW_MS = 60_000
DEFAULT_TIMEOUT = 10.0
"""Seconds for a call that is not on the order path."""

MAX_DECOMPRESSED = 268_435_456
_THREAD_ABOVE = 65_536
"""Compressed bytes above which an answer is decompressed off the event loop."""

_limit = re.compile(r"x-mbx-(used-weight-[0-9]+[a-z]|order-count-[0-9]+[a-z])").fullmatch


class PortfolioRest:
    """REST calls for one API key. Touched by the event loop only.

    `base_url` may hold a path, which goes in front of every call's own. `recv_window` is in
    milliseconds; None or 0 leaves the parameter out. Without a `transport` one of
    `max_connections` is made for `base_url` and closed by `aclose`. `limits` holds the latest usage the
    venue told, such as `{"USED-WEIGHT-1M": 12, "ORDER-COUNT-1M": 3}`; `on_limits` is called with it when
    it changed. `pacing` hears of every call and its answer; it is asked nothing here: whoever sends a
    request decides what the limits mean for it.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        signer: Signer,
        clock: VenueClock,
        transport: HttpTransport | None = None,
        recv_window: int | None = None,
        on_limits: Callable[[Mapping[str, int]], None] | None = None,
        max_connections: int = 32,
        pacing: AccountPacing | None = None,
    ) -> None:
        if not api_key:
            raise ValueError("the API key is empty")
        origin, self._prefix = _split(base_url)
        self.limits: dict[str, int] = {}
        self.on_limits = on_limits
        self.clock = clock
        self.recv_window = _checked(recv_window or 0)
        self._signer = signer
        self._pacing = pacing
        self._key_header = header_block({"X-MBX-APIKEY": api_key})
        self._own_transport = transport is None
        self._transport = transport or HttpTransport(origin, max_connections=max_connections)

    def send_signed(
        self,
        method: str,
        path: str,
        params: Params,
        on_done: Callable[[Answer], None],
        timeout: float,
        recv_window: int | None = None,
    ) -> None:
        """Send a signed request: the order path. `on_done` hears the outcome once.

        Everything goes into the query string; the body is empty. The timestamp is minted and the
        request signed when a connection is at hand, so both are never older than the moment of
        sending. `recv_window` (ms) is this request's own, in place of the one of all. Raises `ValueError`
        or `TypeError` for parameters that cannot be sent.
        """
        window = self.recv_window if recv_window is None else _checked(recv_window)
        query = encode_order_params(params)
        start = f"{self._prefix}{path}?".encode("ascii")

        def target() -> bytes:
            return start + signed_query(query, self.clock.timestamp(), window, self._signer)

        ticket = None if self._pacing is None else self._pacing.leaving(cost_of(method, path, query))

        def answered(answer: Answer) -> None:
            try:
                self._observe(answer, ticket)
            finally:
                on_done(answer)

        self._transport.send(method, target, self._key_header, answered, timeout)

    async def signed(
        self,
        method: str,
        path: str,
        params: Params = (),
        timeout: float = DEFAULT_TIMEOUT,
        leg: Leg | None = None,
        recv_window: int | None = None,
    ) -> bytes:
        """Return the body of a signed call's 2xx answer; raises `VenueError` or `NotAnswered`."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def on_done(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.send_signed(method, path, params, on_done, timeout, recv_window)
        return _body(await answered, leg)

    async def keyed(self, method: str, path: str, timeout: float = DEFAULT_TIMEOUT) -> bytes:
        """Return the body of a call that takes the key header and no signature: the listen key calls."""
        return await self._unsigned(method, path, (), self._key_header, timeout)

    async def public(
        self, method: str, path: str, params: Params = (), timeout: float = DEFAULT_TIMEOUT
    ) -> bytes:
        """Return the body of a call without key and signature."""
        return await self._unsigned(method, path, params, b"", timeout)

    @property
    def saturated(self) -> bool:
        """True while a call would have to wait for another's connection."""
        return self._transport.saturated

    async def aclose(self) -> None:
        """Close the transport, if it was made here."""
        if self._own_transport:
            await self._transport.aclose()

    def __repr__(self) -> str:
        return f"<PortfolioRest with {self._signer!r}>"

    async def _unsigned(
        self, method: str, path: str, params: Params, headers: bytes, timeout: float
    ) -> bytes:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        ticket = None if self._pacing is None else self._pacing.leaving(cost_of(method, path))

        def on_done(answer: Answer) -> None:
            try:
                self._observe(answer, ticket)
            finally:
                if not answered.done():
                    answered.set_result(answer)

        self._transport.send(method, _with_query(self._prefix + path, params), headers, on_done, timeout)
        return _body(await answered)

    def _observe(self, response: Answer, ticket: Ticket | None) -> None:
        """Keep the usage that the headers tell, and doubt the clock when the venue does."""
        if ticket is not None and self._pacing is not None:
            self._pacing.answered(ticket, response)
        if not isinstance(response, Response):
            return
        changed = False
        for name, value in response.headers.items():
            if name.startswith("x-mbx-") and (match := _limit(name)) and value.isdecimal():
                self.limits[match[1].upper()] = int(value)
                changed = True
        if response.status >= 400:
            failure = failure_of(response)
            if failure is not None:
                self._doubt(failure)
        if changed and self.on_limits is not None:
            self.on_limits(self.limits)

    def _doubt(self, failure: Failure) -> None:
        if failure.outcome is Outcome.CLOCK:
            self.clock.distrust()
        if self._pacing is not None:
            self._pacing.refused(failure)


class PublicRest:
    """Public calls to one host: reference data and the server time. Touched by the event loop only.

    Answers are asked for compressed: exchange information is megabytes of text.
    """

    def __init__(self, base_url: str, transport: HttpTransport | None = None) -> None:
        origin, self._prefix = _split(base_url)
        self._headers = header_block({"Accept-Encoding": "gzip"})
        self._own_transport = transport is None
        self._transport = transport or HttpTransport(origin, max_connections=4)

    async def get(self, path: str, params: Params = (), timeout: float = DEFAULT_TIMEOUT) -> bytes:
        """Return the body of a 2xx answer; raises `VenueError` or `NotAnswered`."""
        target = _with_query(self._prefix + path, params)
        response = await self._transport.request("GET", target, self._headers, timeout)
        if response.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip"):
            if len(response.body) > _THREAD_ABOVE:
                body = await asyncio.to_thread(_decompress, response.body)
            else:
                body = _decompress(response.body)
            response = Response(response.status, response.headers, body)
        return _body(response)

    async def server_time(self, path: str = FUTURES_TIME, timeout: float = 2.0) -> int:
        """Return the venue's time in milliseconds since the epoch, for `VenueClock.sync`.

        PAPI documents no time call of its own; the futures host's clock serves.
        """
        value: Any = None
        body = await self.get(path, timeout=timeout)
        try:
            value = json.loads(body)["serverTime"]
        except (ValueError, KeyError, TypeError):
            value = None
        if not isinstance(value, int) or value <= 0:
            raise PapiError(f"the answer of {path} holds no serverTime in milliseconds")
        return value

    async def aclose(self) -> None:
        """Close the transport, if it was made here."""
        if self._own_transport:
            await self._transport.aclose()


def _checked(recv_window: int) -> int:
    if not 0 <= recv_window <= MAX_RECV_WINDOW_MS:
        raise ValueError(f"recvWindow {recv_window} is outside 0..{MAX_RECV_WINDOW_MS} ms")
    return recv_window


def _split(base_url: str) -> tuple[str, str]:
    """Return origin and path prefix of a base URL; `ValueError` for anything that is not one."""
    url = urlsplit(base_url)
    if (
        url.scheme not in ("http", "https")
        or not url.hostname
        or "@" in url.netloc
        or url.query
        or url.fragment
    ):
        raise ValueError(
            f"a base URL of scheme {url.scheme!r} and host {url.hostname!r} cannot be used; "
            "give one like https://papi.binance.com, without user, query or fragment"
        )
    return f"{url.scheme}://{url.netloc}", url.path.rstrip("/")


def _with_query(path: str, params: Params) -> str:
    query = encode_query(params)
    return f"{path}?{query}" if query else path


def _body(answer: Answer, leg: Leg | None = None) -> bytes:
    failure = failure_of(answer, leg)
    if not isinstance(answer, Response):
        raise NotAnswered(answer)
    if failure is not None:
        raise VenueError(failure)
    return answer.body


def _decompress(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        text = inflater.decompress(body, MAX_DECOMPRESSED)
    except zlib.error:
        raise PapiError("the answer is not valid gzip") from None
    if not inflater.eof:
        raise PapiError(f"the answer is cut off, or longer than {MAX_DECOMPRESSED} bytes when decompressed")
    return text
