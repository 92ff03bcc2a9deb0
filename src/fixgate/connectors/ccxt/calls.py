"""One call of a ccxt exchange object, and how far it got.

ccxt's exceptions do not say if a request left, nor what the venue answered: a check of its own that failed
before anything was sent and the venue's refusal are of the same class. So each exchange object is watched:
whether a request that can change something left, whether an answer came, with which status and which words.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from fixgate.connectors.ccxt.translator import Call


class Transmission:
    """How far one call got. `sent` is true once a request that is not a GET has left; `answered` once the
    latest request was answered, with `status`, `headers` and `body`."""

    __slots__ = ("answered", "body", "headers", "sent", "status")

    def __init__(self) -> None:
        self.sent = False
        self.answered = False
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.body = ""


class CallFailed(Exception):
    """A call that raised `error`. Its text is not for logs: ccxt puts signed addresses into its own."""

    def __init__(self, error: Exception, transmission: Transmission) -> None:
        super().__init__(type(error).__name__)
        self.error = error
        self.transmission = transmission


_current: ContextVar[Transmission | None] = ContextVar("transmission", default=None)


def watch_calls(exchange: Any) -> None:
    """Have an exchange object note how far each call gets."""
    fetch, on_response = exchange.fetch, exchange.on_rest_response

    async def noted_fetch(
        url: str, method: str = "GET", headers: object = None, body: object = None
    ) -> object:
        transmission = _current.get()
        if transmission is not None:
            transmission.sent = transmission.sent or method != "GET"
            transmission.answered = False
        return await fetch(url, method, headers, body)

    def noted_response(
        status: int, reason: str, url: str, method: str, headers: Mapping[str, str], body: str, *rest: object
    ) -> object:
        transmission = _current.get()
        if transmission is not None:
            transmission.answered, transmission.status = True, status
            transmission.headers, transmission.body = headers, body
        return on_response(status, reason, url, method, headers, body, *rest)

    exchange.fetch = noted_fetch
    exchange.on_rest_response = noted_response


async def make(exchange: Any, call: Call) -> Any:
    """Make a call and return its answer. Raises `CallFailed`."""
    transmission = Transmission()
    token = _current.set(transmission)
    try:
        return await getattr(exchange, call.method)(*call.args)
    except Exception as error:
        raise CallFailed(error, transmission) from error
    finally:
        _current.reset(token)
