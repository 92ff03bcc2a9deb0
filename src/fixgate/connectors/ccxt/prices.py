"""Last prices, as the venue's public ticker told them, each known for a minute."""

from collections.abc import Callable
from decimal import Decimal

from fixgate.connectors.ccxt.outcomes import Failure
from fixgate.connectors.ccxt.reading import UNREADABLE, number
from fixgate.connectors.ccxt.sync import Ask, QuestionFailed
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.model.execution import ErrorCode, ExecutionError

KNOWN_SECONDS = 60.0
"""How long a price counts as known."""

FRESH_SECONDS = 1.0
"""How old a price may be where a fresh one is wanted: several orders at once need one question."""


class Prices:
    """One connector's. Touched by the event loop only. `now` is a clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._prices: dict[str, tuple[float, Decimal]] = {}

    def last(self, symbol: str) -> Decimal | None:
        """Return the last price of a unified symbol as known; `None` where it is older than a minute."""
        return self._known(symbol, KNOWN_SECONDS)

    async def fresh(self, market: Market, ask: Ask) -> Decimal:
        """Return the last price, asked for unless it is of this moment. Raises `ExecutionError`."""
        known = self._known(market.symbol, FRESH_SECONDS)
        if known is not None:
            return known
        try:
            ticker = await ask(market, Call("fetch_ticker", (market.symbol,)))
            price = next((found for name in ("last", "close") if (found := number(ticker.get(name)))), None)
            if price is None:
                bid, offer = number(ticker.get("bid")), number(ticker.get("ask"))
                price = (bid + offer) / 2 if bid and offer else None
        except QuestionFailed as error:
            raise execution_error(error.failure) from error
        except UNREADABLE as error:
            raise ExecutionError(
                ErrorCode.EXCHANGE_ERROR,
                f"the price of {market.symbol} could not be read ({type(error).__name__})",
            ) from error
        if price is None or price <= 0:
            raise ExecutionError(ErrorCode.EXCHANGE_ERROR, f"the exchange tells no price of {market.symbol}")
        self.learn(market.symbol, price)
        return price

    def learn(self, symbol: str, price: Decimal) -> None:
        """Know a price, which the exchange told just now, from now on."""
        self._prices[symbol] = (self._now(), price)

    def _known(self, symbol: str, seconds: float) -> Decimal | None:
        at, price = self._prices.get(symbol, (0.0, None))
        return price if price is not None and self._now() - at < seconds else None


def execution_error(failure: Failure) -> ExecutionError:
    """Return a failed question in the API's words."""
    return ExecutionError(failure.error, failure.text, {"code": failure.code} if failure.code else None)
