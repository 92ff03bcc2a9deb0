"""Accounts of the Execution API: which connector has one, and what it can be asked.

An account's configured name is its `exchange_account_id`, so it must be unique over all connectors.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fixgate.api.ports import AccountInfo
from fixgate.connectors.connector import Connector
from fixgate.connectors.market_access import MarketAccess, PortfolioMargin
from fixgate.model.capabilities import title
from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.execution import ErrorCode, ExecutionError, Listing, MarketType
from fixgate.model.venue import SubmitOrder


class Route(NamedTuple):
    """Where an account's orders and questions go: a connector and its key. `access` is `None` where it trades
    only."""

    info: AccountInfo
    connector: str
    planner: Connector
    access: MarketAccess | None
    portfolio: PortfolioMargin | None

    @property
    def account(self) -> str:
        return self.info.exchange_account_id

    def market(self, what: str) -> MarketAccess:
        """Return what the connector offers beyond orders. Raises `ExecutionError` if it has none of it."""
        if self.access is None:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"connector {self.connector}, which has account {self.account!r}, does not offer {what}",
                {"exchange": self.info.exchange},
            )
        return self.access

    def pm(self) -> PortfolioMargin:
        """Return the portfolio margin calls. Raises `ExecutionError` where the account has none."""
        if self.portfolio is None:
            raise ExecutionError(
                ErrorCode.INVALID_REQUEST,
                f"exchange_account_id {self.account!r} is not a Binance Portfolio Margin account",
                {"exchange_account_id": self.account},
            )
        return self.portfolio

    def listing(self, symbol: str, market_type: MarketType) -> Listing:
        """Return what a unified symbol is on the account. A connector that has no unified symbols takes its
        own. Raises `ExecutionError`."""
        if self.access is not None:
            return self.access.listing(self.account, symbol, market_type)
        return Listing(
            unified=symbol,
            symbol=symbol,
            market_type=market_type,
            instrument_type=InstrumentType.FUTURE if market_type.is_perp else InstrumentType.FX,
            product_type=ProductType.FUTURE if market_type.is_perp else ProductType.SPOT,
            base="",
            quote="",
        )

    def unified(self, request: SubmitOrder) -> str:
        """Return the unified symbol of an order of the account."""
        return request.symbol if self.access is None else self.access.unified(request)

    @property
    def title(self) -> str:
        """The exchange's name for people."""
        return title(self.info.exchange)


def market_type_of(unified: str, product: ProductType) -> MarketType:
    """Return the market type of an order: a contract whose symbol has a date is a future."""
    if product is ProductType.SPOT:
        return MarketType.SPOT
    return MarketType.FUTURE if "-" in unified.partition(":")[2] else MarketType.SWAP


class RestAccounts:
    """The accounts of all connectors, by name. The connectors are complete when it is first asked."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self._connectors = connectors
        self._routes: dict[str, Route] = {}

    def ambiguous(self) -> str:
        """Return what is wrong with the accounts' names, empty if they tell every account from the others."""
        rows = [
            (row.account, key) for key, connector in self._connectors.items() for row in connector.health()
        ]
        counts = Counter(account for account, _ in rows)
        account = next((name for name, count in counts.items() if count > 1), None)
        if account is None:
            return ""
        keys = ", ".join(key for name, key in rows if name == account)
        return (
            f"account {account!r} is there more than once, on connectors {keys}: it is the "
            "exchange_account_id of the Execution API, so give each account a name of its own, or set "
            "http.api.enabled = false"
        )

    def infos(self) -> Sequence[AccountInfo]:
        """Return every account."""
        return [route.info for route in self._all().values()]

    def route(self, account: str) -> Route:
        """Return where an account's calls go. Raises `ExecutionError` ACCOUNT_NOT_FOUND."""
        found = self._all().get(account)
        if found is None:
            raise ExecutionError(
                ErrorCode.ACCOUNT_NOT_FOUND, f"exchange_account_id {account!r} is not an account"
            )
        return found

    def _all(self) -> dict[str, Route]:
        if not self._routes:
            self._routes = {route.account: route for route in self._found()}
        return self._routes

    def _found(self) -> Iterator[Route]:
        for key, connector in self._connectors.items():
            access = connector if isinstance(connector, MarketAccess) else None
            is_portfolio = access is not None and access.portfolio_margin
            for row in connector.health():
                yield Route(
                    AccountInfo(
                        exchange_account_id=row.account,
                        exchange=access.exchange if access is not None else key.lower(),
                        portfolio_margin=is_portfolio,
                    ),
                    key,
                    connector,
                    access,
                    connector if is_portfolio and isinstance(connector, PortfolioMargin) else None,
                )
