"""From ccxt's order and trade structures to the engine's events, whether they come off a stream or in an
answer.

What ccxt leaves out is looked for in the venue's own record (`info`), by the venues' own names. Quantities
come back as the engine counts them. Nothing here is guessed: a number that ccxt does not tell claims
nothing.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from fixgate.connectors.ccxt.quantise import quantity_of
from fixgate.connectors.ccxt.translator import Market, Translator
from fixgate.model.enums import Side
from fixgate.model.venue import OrderUpdate, VenueExec, VenueStatus

UNREADABLE = (AttributeError, InvalidOperation, KeyError, LookupError, TypeError, ValueError)
"""What reading a structure raises that is none."""

Row = Mapping[str, Any]

TERMINAL = frozenset({VenueStatus.FILLED, VenueStatus.CANCELED, VenueStatus.EXPIRED, VenueStatus.REJECTED})

_ENDED = {
    "canceled": VenueStatus.CANCELED,
    "cancelled": VenueStatus.CANCELED,
    "expired": VenueStatus.EXPIRED,
    "rejected": VenueStatus.REJECTED,
}

_CLIENT_IDS = (
    "cl_ord_id",
    "cliOrdId",
    "cli_ord_id",
    "algoClOrdId",
    "clOrdId",
    "clientAlgoId",
    "caid",
    "orderLinkId",
    "cloid",
    "text",
)
"""Where venues put the client order id that ccxt drops: Kraken, OKX algos, Binance algos, Bybit,
Hyperliquid, Gate."""

NO_USERREF = "0"
"""What ccxt calls the client order id of a Kraken order that has no number of the user's."""

_TRIGGER_PRICES = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")

_WORKING: Mapping[str, frozenset[object]] = {
    "isWorking": frozenset({True, "true"}),
    "w": frozenset({True}),
    "orderStatus": frozenset({"New", "PartiallyFilled", "Triggered"}),
}
"""What says that a conditional order's price has come: Binance spot (REST, stream), Bybit. Elsewhere its
first fill does, or the order that its trigger makes."""

_NO_TRADE = frozenset({"Funding", "Settle", "Delivery", "SessionSettlePnL"})
"""Bybit's `execType` of what is on the executions' stream and no trade of an order."""

FLIPPED_FEES = "fillFee"
"""OKX's stream has fees below zero when they were paid, and ccxt leaves them so; everywhere else above."""


class Reader(msgspec.Struct, frozen=True):
    """Reads one account's. `market` finds a market by its unified symbol."""

    connector: str
    account: str
    translator: Translator
    market: Callable[[str], Market | None]

    def order(self, row: Row, symbol: str = "") -> OrderUpdate:
        """Return an order's state, as a snapshot of an order known by the venue's ids alone. `symbol` is
        where it is in case that ccxt does not say. Raises what `UNREADABLE` names."""
        market = self._market(row, symbol)
        held = self.translator.triggered(row)
        amount, filled = number(row.get("amount")), number(row.get("filled")) or Decimal(0)
        status = _status(row, held, amount, filled)
        own_id, parent = text(row.get("id")), self.translator.origin(row)
        if held:
            own_id, parent = held, own_id
        return OrderUpdate(
            connector=self.connector,
            account=self.account,
            product_type=market.product_type,
            symbol=market.symbol,
            client_order_id=client_id(row),
            venue_order_id=own_id,
            parent_order_id=parent,
            exec=VenueExec.SNAPSHOT,
            status=status,
            side=side_of(row),
            quantity=None if not amount else quantity_of(amount, market),
            price=number(row.get("price")) or None,
            cum_quantity=Decimal(0) if held is not None else quantity_of(filled, market),
            average_price=number(row.get("average")) or Decimal(0),
            at_ms=_time(row),
        )

    def trade(self, row: Row, symbol: str = "") -> OrderUpdate | None:
        """Return a trade; `None` for what is no trade of an order. How much is filled in all it does not say:
        `cum_quantity` is 0, which claims nothing. Raises what `UNREADABLE` names."""
        info = row.get("info")
        if isinstance(info, Mapping) and info.get("execType") in _NO_TRADE:
            return None
        if row.get("id") is None or row.get("order") is None:
            return None
        market = self._market(row, symbol)
        quantity, price = number(row["amount"]), number(row["price"])
        if quantity is None or price is None:
            raise ValueError("a trade without amount or price")
        cost, currency = fee_of(row)
        return OrderUpdate(
            connector=self.connector,
            account=self.account,
            product_type=market.product_type,
            symbol=market.symbol,
            client_order_id=client_id(row),
            venue_order_id=text(row["order"]),
            exec=VenueExec.TRADE,
            status=VenueStatus.PARTIALLY_FILLED,
            side=side_of(row),
            last_quantity=quantity_of(abs(quantity), market),
            last_price=price,
            trade_id=text(row["id"]),
            commission=cost,
            commission_currency=currency,
            maker={"maker": True, "taker": False}.get(str(row.get("takerOrMaker"))),
            at_ms=_time(row),
        )

    def _market(self, row: Row, symbol: str) -> Market:
        name = text(row.get("symbol")) or symbol
        market = self.market(name)
        if market is None:
            raise LookupError(f"no market {name!r}")
        return market


def number(value: object) -> Decimal | None:
    """Return an exact number; `None` for what is not there."""
    if value is None or value == "":
        return None
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value!r} is not a number")
    return exact


def text(value: object) -> str:
    """Return an id as text, empty for none."""
    return "" if value is None else str(value)


def client_id(row: Row) -> str:
    """Return the client order id of an order or a trade, empty where the venue does not say."""
    info = row.get("info")
    if isinstance(info, Mapping):
        nested = info.get("order")
        for record in (info, nested if isinstance(nested, Mapping) else {}):
            for name in _CLIENT_IDS:
                if found := record.get(name):
                    return str(found)
    found = text(row.get("clientOrderId"))
    return "" if found == NO_USERREF else found


def side_of(row: Row) -> Side | None:
    word = row.get("side")
    return Side(word) if word in ("buy", "sell") else None


def fee_of(row: Row) -> tuple[Decimal | None, str]:
    """Return what a trade cost, above zero when it was paid, and in which currency."""
    fee = row.get("fee")
    if not isinstance(fee, Mapping):
        return None, ""
    cost, currency = number(fee.get("cost")), text(fee.get("currency"))
    info = row.get("info")
    if cost is not None and isinstance(info, Mapping) and FLIPPED_FEES in info:
        cost = -cost
    return cost, currency if cost is not None else ""


def _status(row: Row, held: str | None, amount: Decimal | None, filled: Decimal) -> VenueStatus:
    word = str(row.get("status") or "open")
    if held is not None:
        if held:
            return VenueStatus.NEW
        return _ENDED.get(word, VenueStatus.SUSPENDED)
    if word in _ENDED:
        return _ENDED[word]
    if word == "closed":
        # An immediate order that found nobody is closed at some venues: it is not filled for that.
        return VenueStatus.CANCELED if row.get("filled") is not None and not filled else VenueStatus.FILLED
    if filled:
        return VenueStatus.FILLED if amount and filled >= amount else VenueStatus.PARTIALLY_FILLED
    return VenueStatus.SUSPENDED if _waits(row) else VenueStatus.NEW


def _waits(row: Row) -> bool:
    """True for an order without a fill whose price has not come, as far as the venue says."""
    if not any(number(row.get(name)) for name in _TRIGGER_PRICES):
        return False
    info = row.get("info")
    return not isinstance(info, Mapping) or not any(info.get(name) in yes for name, yes in _WORKING.items())


def _time(row: Row) -> int:
    for name in ("lastUpdateTimestamp", "lastTradeTimestamp", "timestamp"):
        if value := row.get(name):
            return int(value)
    return 0
