"""The HTTP door's application: the routes of the Execution API, its document, and the operations pages.

Endpoints take the request as it is: the framework's own reader of parameters would make floats of numbers,
and takes as long as the rest of the door.
"""

import difflib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import compile_path

from fixgate import __version__
from fixgate.api.access import Access
from fixgate.api.answers import JSON, Answer, DoorCode, Refusal, Unsupported, of_error
from fixgate.api.docs_page import page
from fixgate.api.execution import Ask, Execution
from fixgate.api.openapi import document
from fixgate.api.ports import ExecutionDesk
from fixgate.api.request_reading import idempotency_key, values_of
from fixgate.api.routes import ROUTES, Route
from fixgate.model.exact_json import write
from fixgate.model.execution import ExecutionError

log = logging.getLogger(__name__)

Readiness = tuple[bool, Mapping[str, Any]]
Endpoint = Callable[[Request], Awaitable[Response]]

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NO_SCRIPT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_READ_ONLY = ("/health", "/ready", "/metrics", "/openapi.json", "/docs")


class Operations(msgspec.Struct, frozen=True, kw_only=True):
    """What `/health`, `/ready` and `/metrics` tell. `readiness` says whether orders can be taken, and the
    detail."""

    health: Callable[[], Mapping[str, Any]]
    readiness: Callable[[], Readiness]
    metrics: Callable[[], bytes]


def build_app(operations: Operations, access: Access, desk: ExecutionDesk | None) -> FastAPI:
    """Return the application. Without a `desk` it has the operations pages alone."""
    app = FastAPI(
        title="fixgate Execution API",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _add_operations(app, operations)
    if desk is not None:
        execution = Execution(desk)
        for route in ROUTES:
            app.add_route(
                route.path, _endpoint(route, execution, access), methods=[route.method], name=route.name
            )
        _add_documents(app)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _endpoint(route: Route, execution: Execution, access: Access) -> Endpoint:
    async def answer(request: Request) -> Answer:
        try:
            client = request.client.host if request.client is not None else ""
            ask = Ask(
                caller=access.admit(request.headers, client, trades=route.trades),
                values=await values_of(route, request),
                idempotency_key=idempotency_key(request) if route.keyed else "",
            )
            return await route.handler(execution, ask)
        except (Refusal, Unsupported) as error:
            return error.answer
        except ExecutionError as error:
            return of_error(error)
        except ClientDisconnect:
            return Refusal(DoorCode.BAD_REQUEST, "the caller went away").answer

    async def endpoint(request: Request) -> Response:
        try:
            return _response(await answer(request))
        except Exception:
            log.exception("%s %s failed", route.method, route.path)
            return _response(_failed(route))

    return endpoint


def _failed(route: Route) -> Answer:
    """Return the answer after a defect of ours. An order may have been sent by then, and is not denied."""
    text = "internal error; the gateway's log has it"
    if route.trades:
        text += ". Whether it was done is not known: ask for the state before you try again"
    return Refusal(DoorCode.INTERNAL_ERROR, text).answer


def _add_operations(app: FastAPI, operations: Operations) -> None:
    async def health(_: Request) -> Response:
        """200 while the process lives."""
        return _page(200, operations.health())

    async def ready(_: Request) -> Response:
        """200 while every account can take orders, 503 with the reasons otherwise."""
        is_ready, detail = operations.readiness()
        return _page(200 if is_ready else 503, {"ready": is_ready, **detail})

    async def metrics(_: Request) -> Response:
        return Response(operations.metrics(), headers={"Content-Type": METRICS_TYPE})

    for path, endpoint in (("/health", health), ("/ready", ready), ("/metrics", metrics)):
        app.add_route(path, endpoint, methods=["GET"])


def _add_documents(app: FastAPI) -> None:
    text = write(document())
    html = page(document())

    async def openapi(_: Request) -> Response:
        return Response(text, media_type=JSON)

    async def docs(_: Request) -> Response:
        return HTMLResponse(html, headers=_NO_SCRIPT)

    app.add_route("/openapi.json", openapi, methods=["GET"])
    app.add_route("/docs", docs, methods=["GET"])


async def _not_routed(request: Request, error: Exception) -> Response:
    """Answer a path that there is not, or a method that the path does not take."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    methods = _methods(path)
    if error.status_code == DoorCode.METHOD_NOT_ALLOWED.status and methods:
        allowed = ", ".join(methods)
        text = f"{request.method[:20]} is not taken by {path[:200]}; it takes {allowed}"
        return _response(Refusal(DoorCode.METHOD_NOT_ALLOWED, text, headers={"Allow": allowed}).answer)
    if error.status_code == DoorCode.NOT_FOUND.status:
        paths = [*(route.path for route in ROUTES), *_READ_ONLY]
        near = difflib.get_close_matches(path[:200], paths, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; /docs lists what there is"
        return _response(Refusal(DoorCode.NOT_FOUND, f"there is no {path[:200]}{hint}").answer)
    text = str(error.detail)
    return _response(Refusal(DoorCode.BAD_REQUEST, text, status=error.status_code).answer)


async def _unexpected(_: Request, error: Exception) -> Response:
    """Answer a defect outside of the routes; the server logs it."""
    return _response(Refusal(DoorCode.INTERNAL_ERROR, "internal error; the gateway's log has it").answer)


def _methods(path: str) -> list[str]:
    if path in _READ_ONLY:
        return ["GET", "HEAD"]
    return sorted({route.method for route in ROUTES if _PATTERNS[route.path].match(path)})


_PATTERNS = {route.path: compile_path(route.path)[0] for route in ROUTES}


def _response(answer: Answer) -> Response:
    return Response(answer.body(), answer.status, headers={**_ALWAYS, **answer.headers}, media_type=JSON)


def _page(status: int, body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body, indent=2) + "\n", status, media_type="application/json; charset=utf-8")
