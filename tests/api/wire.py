"""Requests as a caller writes them."""

from typing import Any

import httpx

from fixgate.model.exact_json import write

ROOT = "/oems/execution"


async def post(
    http: httpx.AsyncClient, path: str, values: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    """POST `values`, numbers exact."""
    return await raw(http, path, write(values), headers)


async def raw(
    http: httpx.AsyncClient, path: str, body: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    """POST a body to the byte."""
    return await http.post(
        ROOT + path, content=body, headers={"Content-Type": "application/json", **(headers or {})}
    )
