"""A stand's connector that knows prices, as far as valuing orders needs it."""

from decimal import Decimal
from typing import Any

from fixgate.connectors.connector import AccountHealth
from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, Listing, MarketType
from fixgate.model.venue import SubmitOrder

from .stand import StandConnector

D = Decimal


class Priced(StandConnector):
    """`prices` are known at once; `at_venue` those that a question finds. Accounts are those of `names`."""

    exchange = "binance"
    portfolio_margin = False

    def __init__(self, names: tuple[str, ...] = ("main",)) -> None:
        super().__init__()
        self.names = names
        self.prices: dict[str, Decimal] = {}
        self.at_venue: dict[str, Decimal] = {}
        self.listed = {
            "BTC/USDT": listed("BTC/USDT"),
            "BTC/USDT:USDT": listed("BTC/USDT:USDT", MarketType.SWAP),
            "ETH/BTC": listed("ETH/BTC"),
            "BTC/USD:BTC": listed("BTC/USD:BTC", MarketType.SWAP, inverse=True),
            "SOL/TRY": listed("SOL/TRY"),
            "USDT/TRY": listed("USDT/TRY"),
            "SOL/XYZ": listed("SOL/XYZ"),
        }
        self.asked: list[str] = []

    def health(self) -> list[Any]:
        return [AccountHealth(name, True, "ready", True, None, {}) for name in self.names]

    def listing(self, account: str, symbol: str, market_type: MarketType) -> Listing:
        found = self.listed.get(symbol)
        if found is None or found.market_type is not market_type:
            raise ExecutionError(ErrorCode.INVALID_REQUEST, f"symbol {symbol} is not listed")
        return found

    def unified(self, request: SubmitOrder) -> str:
        return {"BTCUSDT": "BTC/USDT:USDT"}.get(request.symbol, request.symbol)

    def last_price(self, account: str, symbol: str) -> Decimal | None:
        return self.prices.get(symbol)

    async def fresh_price(self, account: str, symbol: str) -> Decimal:
        self.asked.append(symbol)
        if symbol not in self.at_venue:
            raise ExecutionError(ErrorCode.NETWORK_ERROR, f"no price of {symbol}")
        self.prices[symbol] = self.at_venue[symbol]
        return self.prices[symbol]

    async def _never(self, *_: Any) -> Any:
        raise AssertionError("valuing orders asks for prices alone")

    order = cancel = open_orders = balances = positions = leverage = _never
    set_leverage = set_margin_mode = funding_history = realized_pnl = _never


class Keeping(Priced):
    """One that can have every price at hand."""

    def __init__(self, names: tuple[str, ...] = ("main",)) -> None:
        super().__init__(names)
        self.kept: list[str] = []

    def keep_prices(self, account: str) -> None:
        self.kept.append(account)
        self.prices |= self.at_venue


def listed(unified: str, market_type: MarketType = MarketType.SPOT, *, inverse: bool = False) -> Listing:
    base, quote = unified.partition(":")[0].split("/")
    spot = market_type is MarketType.SPOT
    product = ProductType.SPOT if spot else ProductType.DELIVERY if inverse else ProductType.FUTURE
    return Listing(
        unified=unified,
        symbol=unified,
        market_type=market_type,
        instrument_type=InstrumentType.FX if spot else InstrumentType.FUTURE,
        product_type=product,
        base=base,
        quote=quote,
        inverse=inverse,
        contract_size=D(100) if inverse else D(1),
    )
