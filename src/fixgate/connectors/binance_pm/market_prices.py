"""Last prices, from the public hosts' tickers: Portfolio Margin has none of its own.

One symbol is asked for when it is needed. Once somebody wants prices to be at hand, those of every symbol are
read again and again, with one call for each product.
Sources: GET /api/v3/ticker/price, /fapi/v2/ticker/price, /dapi/v1/ticker/price.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.questions import UNREADABLE
from fixgate.connectors.binance_pm.venue_words import exact
from fixgate.model.enums import ProductType
from fixgate.model.execution import ErrorCode, ExecutionError
from fixgate.papi.answers import PapiError
from fixgate.papi.rest import PublicRest

log = logging.getLogger(__name__)

PATH_OF = {
    ProductType.SPOT: "/api/v3/ticker/price",
    ProductType.FUTURE: "/fapi/v2/ticker/price",
    ProductType.DELIVERY: "/dapi/v1/ticker/price",
}
KNOWN_SECONDS = 60.0
"""How long a price counts as known."""
FRESH_SECONDS = 1.0
"""How old a price may be where a fresh one is wanted: several orders at once need one question."""
KEEP_SECONDS = 15.0
"""How often every price is read while they are to be at hand."""

_decode = msgspec.json.Decoder(float_hook=str).decode


class LastPrices:
    """Touched by the event loop only. `now` is wall-clock time in seconds."""

    def __init__(self, hosts: Mapping[ProductType, PublicRest], now: Callable[[], float]) -> None:
        self._hosts = hosts
        self._now = now
        self._known: dict[tuple[ProductType, str], tuple[Decimal, float]] = {}
        self._keeping: list[asyncio.Task[None]] = []

    def known(self, product: ProductType, symbol: str) -> Decimal | None:
        """Return a price that is not older than `KNOWN_SECONDS`, else `None`."""
        return self._of_the_last(KNOWN_SECONDS, product, symbol)

    def _of_the_last(self, seconds: float, product: ProductType, symbol: str) -> Decimal | None:
        price, at = self._known.get((product, symbol), (None, 0.0))
        return price if abs(self._now() - at) <= seconds else None

    async def fresh(self, product: ProductType, symbol: str) -> Decimal:
        """Return a symbol's last price, asked for unless it is of this moment. Raises `ExecutionError`
        NETWORK_ERROR or EXCHANGE_ERROR."""
        price = self._of_the_last(FRESH_SECONDS, product, symbol)
        if price is not None:
            return price
        try:
            await self._read(product, [("symbol", symbol)])
        except PapiError as error:
            raise ExecutionError(ErrorCode.NETWORK_ERROR, f"no price of {symbol}: {error}") from error
        except UNREADABLE as error:
            raise ExecutionError(
                ErrorCode.EXCHANGE_ERROR,
                f"no price of {symbol}: {PATH_OF[product]} cannot be read: {error!r}",
            ) from error
        price = self.known(product, symbol)
        if price is None:
            raise ExecutionError(ErrorCode.EXCHANGE_ERROR, f"no price of {symbol}: the venue told none")
        return price

    def keep(self) -> None:
        """Have every price at hand from now on."""
        if not self._keeping:
            loop = asyncio.get_running_loop()
            self._keeping = [loop.create_task(self._keep(product)) for product in self._hosts]

    async def stop(self) -> None:
        """Read no more."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    async def _keep(self, product: ProductType) -> None:
        while True:
            try:
                await self._read(product, [])
            except (PapiError, *UNREADABLE) as error:
                log.warning("prices of %s: %s: %r", product, PATH_OF[product], error)
            await asyncio.sleep(KEEP_SECONDS)

    async def _read(self, product: ProductType, params: list[tuple[str, str]]) -> None:
        asked = self._now()
        body: Any = _decode(await self._hosts[product].get(PATH_OF[product], params))
        for row in body if isinstance(body, list) else [body]:
            price = exact(row["price"])
            if price > 0:
                self._known[product, str(row["symbol"])] = (price, asked)
