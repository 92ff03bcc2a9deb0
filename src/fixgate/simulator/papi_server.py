"""The venue's REST interface over HTTP: from a raw request to the exchange's answer.

Everything that can be refused is refused by `VenueRefusal`; this file turns it into a status, a
`{"code", "msg"}` body and the usage headers.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from fixgate.simulator.account_endpoints import account_routes
from fixgate.simulator.algo_endpoints import algo_routes
from fixgate.simulator.endpoints import KEY, SIGNED, Endpoint, Routes
from fixgate.simulator.faults import UNKNOWN_503, Faults, RequestFault
from fixgate.simulator.futures_endpoints import FuturesEndpoints
from fixgate.simulator.gate import Call, KeyRing, RateLimits
from fixgate.simulator.history_endpoints import history_routes
from fixgate.simulator.list_endpoints import list_routes
from fixgate.simulator.margin_endpoints import margin_routes
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg
from fixgate.simulator.parameter_fields import COMMON, check_names
from fixgate.simulator.reference_endpoints import reference_routes
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.settings_endpoints import settings_routes
from fixgate.simulator.strategy_endpoints import strategy_routes
from fixgate.simulator.streams import UserStreams
from fixgate.simulator.transfer_endpoints import transfer_routes

_LOG = logging.getLogger(__name__)

MAX_RECORDED = 10_000
HOLD_SECONDS = 300.0
"""How long a request that is made to time out is held before its connection is cut."""

_NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived, without its signature."""

    method: str
    path: str
    params: Mapping[str, str]


class PapiServer:
    """Answers REST calls of one exchange. One event loop's."""

    def __init__(
        self,
        exchange: SimulatedExchange,
        keys: KeyRing,
        limits: RateLimits,
        streams: UserStreams,
        faults: Faults,
    ) -> None:
        self._exchange = exchange
        self._keys = keys
        self._limits = limits
        self._faults = faults
        self._routes = _routes(limits, streams)
        self._stopping = asyncio.Event()
        self.requests: deque[RecordedRequest] = deque(maxlen=MAX_RECORDED)

    def stop(self) -> None:
        """Let held requests go."""
        self._stopping.set()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request, or make it go wrong as scripted."""
        path, _, query = request.raw_path.partition("?")
        body = (await request.read()).decode(errors="replace") if request.can_read_body else ""
        call = Call(request.method, path, query, body, request.headers.get("X-MBX-APIKEY"))
        self._record(call)
        fault = self._faults.take_request(call.method, path)
        if fault is not None:
            return await self._go_wrong(request, call, fault)
        return self._answer(call)

    def _record(self, call: Call) -> None:
        try:
            call.read_parameters()
        except VenueRefusal:
            call.parameters = {}
        shown = {name: value for name, value in call.parameters.items() if name != "signature"}
        self.requests.append(RecordedRequest(call.method, call.path, shown))

    def _answer(self, call: Call) -> web.Response:
        endpoint = self._routes.get((call.method, call.path))
        if endpoint is None:
            return web.Response(status=404, text=_NOT_FOUND, content_type="text/html")
        refused = self._admit(call, endpoint)
        return refused if refused is not None else self._execute(call, endpoint)

    def _admit(self, call: Call, endpoint: Endpoint) -> web.Response | None:
        """Pass the gate: limits, key, signature, time window. Returns the refusal, None when let in."""
        now = self._exchange.state.clock()
        try:
            call.read_parameters()
            self._limits.charge(endpoint.weigh(call.parameters), now)
            if endpoint.security == SIGNED:
                self._keys.authenticate(call, now)
            elif endpoint.security == KEY:
                self._keys.identify(call)
            if endpoint.order:
                self._limits.charge_order(call.account, now, endpoint.order)
        except VenueRefusal as refusal:
            return self._refuse(call, endpoint, refusal)
        return None

    def _execute(self, call: Call, endpoint: Endpoint) -> web.Response:
        self._exchange.advance()
        try:
            reply = endpoint.handle(self._exchange, call)
        except VenueRefusal as refusal:
            return self._refuse(call, endpoint, refusal)
        except Exception:  # noqa: BLE001 - one broken request must not end the venue; the traceback is logged
            _LOG.exception("simulated venue failed on %s %s", call.method, call.path)
            return self._respond(
                call, endpoint, 500, {"code": -1000, "msg": "Internal error of the simulator."}
            )
        return self._respond(call, endpoint, 200, reply)

    def _refuse(self, call: Call, endpoint: Endpoint, refusal: VenueRefusal) -> web.Response:
        body = {"code": refusal.code, "msg": refusal.message}
        response = self._respond(call, endpoint, refusal.status, body)
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def _respond(self, call: Call, endpoint: Endpoint, status: int, body: Any) -> web.Response:
        return web.Response(
            status=status,
            body=msgspec.json.encode(body),
            content_type="application/json",
            headers=self._limits.headers(call.account, order=bool(endpoint.order)),
        )

    async def _go_wrong(self, request: web.Request, call: Call, fault: RequestFault) -> web.Response:
        """Let one scripted fault happen. A delayed request passes the gate first, the engine later."""
        response = web.Response(status=404, text=_NOT_FOUND, content_type="text/html")
        endpoint = self._routes.get((call.method, call.path))
        refused = None
        lands = endpoint is not None and (fault.land or not fault.replaces_reply)
        if endpoint is not None and lands:
            refused = self._admit(call, endpoint)
        await self._wait(fault.delay_ms / 1000)
        if endpoint is not None and lands:
            response = refused if refused is not None else self._execute(call, endpoint)
        await self._wait(HOLD_SECONDS if fault.timeout else fault.hold_ms / 1000)
        if fault.timeout or fault.reset:
            if request.transport is not None:
                request.transport.abort()
            return response
        return _faulty_reply(fault) if fault.status else response

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _faulty_reply(fault: RequestFault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    code = -1003 if fault.code is None and fault.status in {418, 429} else fault.code
    if code is not None:
        text = fault.body or "Scripted fault of the simulated venue."
        body = msgspec.json.encode({"code": code, "msg": text})
        return web.Response(status=fault.status, body=body, content_type="application/json", headers=headers)
    text = fault.body or (UNKNOWN_503 if fault.status == 503 else "")
    kind = "application/json" if text.startswith("{") else "text/plain"
    return web.Response(status=fault.status, text=text, content_type=kind, headers=headers)


def _routes(limits: RateLimits, streams: UserStreams) -> Routes:
    return {
        **reference_routes(),
        **account_routes(limits.order_limit),
        **FuturesEndpoints(Leg.UM).routes(),
        **FuturesEndpoints(Leg.CM).routes(),
        **algo_routes(),
        **strategy_routes(),
        **margin_routes(),
        **list_routes(),
        **settings_routes(),
        **transfer_routes(),
        **history_routes(),
        **_listen_key_routes(streams),
    }


def _listen_key_routes(streams: UserStreams) -> Routes:
    """Return the listen key routes: the key header is enough, a signature is tolerated."""

    def create(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, COMMON)
        return {"listenKey": streams.create(call.account)}

    def extend(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, COMMON | {"listenKey"})
        streams.extend(call.account)
        return {}

    def delete(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, COMMON | {"listenKey"})
        streams.delete(call.account)
        return {}

    path = "/papi/v1/listenKey"
    return {
        ("POST", path): Endpoint(create, security=KEY),
        ("PUT", path): Endpoint(extend, security=KEY),
        ("DELETE", path): Endpoint(delete, security=KEY),
    }
