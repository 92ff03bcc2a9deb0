"""One account's calls for the Execution API: rows as the venue sends them, errors as the API's.

They go over connections of their own, apart from orders and from what keeps the account in step, and keep to
the same limits.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.market_errors import execution_error
from fixgate.model.execution import ErrorCode, ExecutionError
from fixgate.papi.answers import PapiError
from fixgate.papi.client.calls import Calls
from fixgate.papi.client.pacer import Pacer
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.pacing import AccountPacing
from fixgate.papi.rest import PortfolioRest

Row = dict[str, Any]

CONNECTIONS = 4
"""How many of these calls are under way at the same time at most."""

_exact = msgspec.json.Decoder(float_hook=str)
"""Numbers with a fraction stay text: none becomes a float."""


class MarketCalls:
    """Touched by the event loop only. `resync` measures the venue's clock; `on_failure` hears of every
    failure. All methods raise `ExecutionError`."""

    def __init__(
        self,
        rest: PortfolioRest,
        pacing: AccountPacing,
        resync: Callable[[], Awaitable[None]],
        timeout: float,
        on_failure: Callable[[PapiError], None],
    ) -> None:
        self._rest = rest
        self._calls = Calls(rest, Pacer(pacing), resync, timeout)
        self._on_failure = on_failure

    def open(self) -> None:
        """The venue's clock is known: calls can be made from now on."""
        self._calls.open = True

    async def aclose(self) -> None:
        """Make no calls any more; those under way fail."""
        self._calls.open = False
        await self._rest.aclose()

    async def row(self, method: str, path: str, **params: object) -> Row:
        """Return the answer of a call that answers one object; a list of one counts as it."""
        body = await self._call(method, path, params)
        if isinstance(body, list) and len(body) == 1:
            body = body[0]
        if not isinstance(body, dict):
            raise _unreadable(path, body)
        return body

    async def rows(self, method: str, path: str, **params: object) -> list[Row]:
        """Return the answer of a call that answers a list of objects; one object counts as a list of it."""
        body = await self._call(method, path, params)
        if isinstance(body, dict):
            return [body]
        if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
            raise _unreadable(path, body)
        return body

    async def _call(self, method: str, path: str, params: Mapping[str, object]) -> Any:
        if not self._calls.open:
            raise ExecutionError(ErrorCode.NOT_READY, "the account is not connected to Binance yet")
        try:
            raw = await self._calls.call(ENDPOINTS[method, path], msgspec.Raw, **params)
        except PapiError as error:
            self._on_failure(error)
            raise execution_error(error) from error
        except (TypeError, ValueError) as error:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, str(error)) from error
        return _exact.decode(raw)


def _unreadable(path: str, body: object) -> ExecutionError:
    kind = type(body).__name__
    return ExecutionError(ErrorCode.EXCHANGE_ERROR, f"Binance: the answer of {path} cannot be read ({kind})")
