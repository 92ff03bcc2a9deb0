"""The OpenAPI 3.1 document, written from the table of routes and the documents' own examples."""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from fixgate import __version__
from fixgate.api.answers import JSON, DoorCode
from fixgate.api.fields import Field
from fixgate.api.routes import ROUTES, Route
from fixgate.api.schemas import ERROR, Schema, envelope
from fixgate.model.exact_json import read
from fixgate.model.execution import ErrorCode

_ABOUT = """One REST interface over six exchanges and Binance Portfolio Margin.

Every answer is an envelope: `isError`, `message`, `statusCode`, `data`; `data.error` is the error's code.
Numbers are exact: write them as JSON numbers, read them as decimals. Fields that are not documented are
refused.
"""

_WHEN: Mapping[int, str] = {
    200: "Done.",
    202: "Sent; the outcome is not known yet.",
    400: "Refused by the gateway or the exchange.",
    401: "The Bearer token is missing or not taken.",
    403: "The token's role may not do this; without tokens, the caller is not on this machine.",
    404: "No such account or order.",
    409: "The client order id or Idempotency-Key was used for another order, or the order has ended.",
    413: "The body is larger than 64 KiB.",
    415: "Content-Type is not application/json.",
    422: "A field is missing, unknown or not of its kind.",
    429: "Too many calls with this token.",
    500: "The exchange returned an error, or could not be reached.",
    503: "The account or the gateway takes no orders now; nothing was sent.",
}

_HEADERS: Mapping[int, Mapping[str, Schema]] = {
    401: {"WWW-Authenticate": {"type": "string"}},
    429: {"Retry-After": {"type": "integer"}},
}

IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeated call safe: the same key is the same order. 1 to 128 printable ASCII "
    "characters without blanks. client_order_id, where given, goes before it.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}


@cache
def examples() -> Mapping[str, Any]:
    """Return the documents' examples by route: `query`, `requests` and `responses`."""
    found: Mapping[str, Any] = read(files("fixgate.api").joinpath("examples.json").read_bytes())
    return found


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    paths |= _OPERATIONS
    return {
        "openapi": "3.1.0",
        "info": {"title": "fixgate Execution API", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A static token or a JWT."}
            },
            "schemas": {"Error": envelope(ERROR, good=False)},
        },
        "security": [{"bearer": []}, {}],
        "x-error-codes": {code.value: code.status for code in (*ErrorCode, *DoorCode)},
    }


def _operation(route: Route) -> dict[str, Any]:
    told = examples().get(route.name, {})
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.title,
        "description": route.about,
        "parameters": [
            *(_parameter(field, "path", {"order_id": "12345678"}) for field in route.path_fields),
            *(_parameter(field, "query", told.get("query", {})) for field in route.query),
            *([IDEMPOTENCY_KEY] if route.keyed else []),
        ],
        "responses": {str(status): _response(route, status) for status in sorted(route.statuses)},
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": _body(route.body), **_told(told.get("requests", {}))}},
        }
    return operation


def _parameter(field: Field, where: str, told: Mapping[str, Any]) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": field.name,
        "in": where,
        "required": field.required,
        "description": field.about,
        "schema": _schema(field),
    }
    if field.name in told:
        whole = field.kind.schema["type"] == "integer"
        parameter["example"] = int(told[field.name]) if whole else told[field.name]
    return parameter


def _body(fields: Sequence[Field]) -> Schema:
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> Schema:
    """Return the schema of a body's field: one that is optional may be null, too."""
    schema = {**_schema(field), "description": field.about}
    if not field.required:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _schema(field: Field) -> Schema:
    schema = dict(field.kind.schema)
    if field.default is not None:
        schema["default"] = field.default
    return schema


def _response(route: Route, status: int) -> dict[str, Any]:
    if status >= 400:
        schema: Schema = {"$ref": "#/components/schemas/Error"}
    else:
        schema = envelope(route.data, good=True, says=route.says)
    told = {
        title: answer
        for title, answer in examples().get(route.name, {}).get("responses", {}).items()
        if answer["statusCode"] == status
    }
    response: dict[str, Any] = {
        "description": _WHEN[status],
        "content": {JSON: {"schema": schema, **_told(told)}},
    }
    if status in _HEADERS:
        response["headers"] = {
            name: {"required": True, "schema": header} for name, header in _HEADERS[status].items()
        }
    return response


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"examples": {title: {"value": value} for title, value in values.items()}} if values else {}


def _operations_page(name: str, about: str, statuses: Sequence[int], content: str) -> dict[str, Any]:
    schema: Schema = {"type": "object"} if content == JSON else {"type": "string"}
    return {
        "get": {
            "operationId": name,
            "tags": ["operations"],
            "summary": about,
            "security": [],
            "responses": {
                str(status): {
                    "description": HTTPStatus(status).phrase,
                    "content": {content: {"schema": schema}},
                }
                for status in statuses
            },
        }
    }


_OPERATIONS = {
    "/health": _operations_page("health", "200 while the process lives.", (200,), JSON),
    "/ready": _operations_page(
        "ready", "200 while every account can take orders, else 503.", (200, 503), JSON
    ),
    "/metrics": _operations_page("metrics", "Metrics for Prometheus.", (200,), "text/plain"),
}
