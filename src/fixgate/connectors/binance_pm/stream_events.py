"""From a user data stream event to the model. Pure.

Sources: PAPI "User Data Streams"; the three families are ORDER_TRADE_UPDATE (USDⓈ-M and COIN-M),
executionReport (margin) and the account events. What is not understood is kept whole as a notice.
"""

from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.venue_words import (
    EXEC_OF,
    EXPIRY_TEXT,
    PRODUCT_OF_FS,
    SELF_TRADE_TEXT,
    SIDE_OF,
    STATUS_OF,
    exact,
    exact_or_none,
)
from fixgate.model.enums import ProductType
from fixgate.model.venue import (
    AccountNotice,
    BalanceUpdate,
    OrderUpdate,
    PositionUpdate,
    VenueEvent,
    VenueExec,
)

_encode = msgspec.json.Encoder().encode
_UNREADABLE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)


class StreamTranslator:
    """Translates one account's stream."""

    def __init__(self, connector: str, account: str) -> None:
        self._connector = connector
        self._account = account

    def translate(self, event: dict[str, Any]) -> list[VenueEvent]:
        """Return what `event` says, an `AccountNotice` when it is of no known kind or cannot be read."""
        try:
            match event.get("e"):
                case "ORDER_TRADE_UPDATE":
                    return [self._futures_order(event)]
                case "executionReport":
                    return [self._margin_order(event)]
                case "ACCOUNT_UPDATE":
                    return self._futures_account(event)
                case "outboundAccountPosition":
                    return self._margin_balances(event)
                case _:
                    return [self._notice(event)]
        except _UNREADABLE:
            return [self._notice(event)]

    def _notice(self, event: dict[str, Any]) -> AccountNotice:
        at = event.get("E")
        return AccountNotice(
            connector=self._connector,
            account=self._account,
            kind=str(event.get("e", "unknown")),
            body=_encode(event).decode(),
            at_ms=at if isinstance(at, int) else 0,
        )

    def _futures_order(self, event: dict[str, Any]) -> OrderUpdate:
        order = event["o"]
        exec_type = EXEC_OF.get(order["x"], VenueExec.SNAPSHOT)
        traded = exec_type is VenueExec.TRADE
        return OrderUpdate(
            connector=self._connector,
            account=self._account,
            product_type=_futures_product(event, order["s"]),
            symbol=order["s"],
            client_order_id=order["c"],
            venue_order_id=str(order["i"]),
            exec=exec_type,
            status=STATUS_OF[order["X"]],
            side=SIDE_OF.get(order["S"]),
            quantity=exact(order["q"]),
            price=_positive(order["p"]),
            cum_quantity=exact(order["z"]),
            average_price=exact(order.get("ap") or "0"),
            last_quantity=exact(order["l"]) if traded else None,
            last_price=exact(order["L"]) if traded else None,
            trade_id=str(order["t"]) if traded else "",
            commission=exact_or_none(order.get("n")) if traded else None,
            commission_currency=(order.get("N") or "") if traded else "",
            maker=bool(order["m"]) if traded else None,
            request_id=int(order.get("M") or 0),
            text=_futures_text(order),
            at_ms=int(order.get("T") or event.get("T") or 0),
        )

    def _margin_order(self, event: dict[str, Any]) -> OrderUpdate:
        exec_type = EXEC_OF.get(event["x"], VenueExec.SNAPSHOT)
        traded = exec_type is VenueExec.TRADE
        cum, quote = exact(event["z"]), exact(event.get("Z") or "0")
        return OrderUpdate(
            connector=self._connector,
            account=self._account,
            product_type=ProductType.SPOT,
            symbol=event["s"],
            client_order_id=event.get("C") or event["c"],
            venue_order_id=str(event["i"]),
            exec=exec_type,
            status=STATUS_OF[event["X"]],
            side=SIDE_OF.get(event["S"]),
            quantity=exact(event["q"]),
            price=_positive(event["p"]),
            cum_quantity=cum,
            average_price=quote / cum if cum else Decimal(0),
            last_quantity=exact(event["l"]) if traded else None,
            last_price=exact(event["L"]) if traded else None,
            trade_id=str(event["t"]) if traded else "",
            commission=exact_or_none(event.get("n")) if traded else None,
            commission_currency=(event.get("N") or "") if traded else "",
            maker=bool(event["m"]) if traded else None,
            text=_margin_text(event),
            at_ms=int(event["T"]),
        )

    def _futures_account(self, event: dict[str, Any]) -> list[VenueEvent]:
        product = PRODUCT_OF_FS[event["fs"]]
        at_ms = int(event["T"])
        found: list[VenueEvent] = [
            BalanceUpdate(
                connector=self._connector,
                account=self._account,
                product_type=product,
                asset=row["a"],
                free=exact(row["wb"]),
                at_ms=at_ms,
            )
            for row in event["a"].get("B", ())
        ]
        found += [
            PositionUpdate(
                connector=self._connector,
                account=self._account,
                product_type=product,
                symbol=row["s"],
                position_side=row["ps"],
                quantity=exact(row["pa"]),
                entry_price=exact(row["ep"]),
                at_ms=at_ms,
            )
            for row in event["a"].get("P", ())
        ]
        return found

    def _margin_balances(self, event: dict[str, Any]) -> list[VenueEvent]:
        return [
            BalanceUpdate(
                connector=self._connector,
                account=self._account,
                product_type=ProductType.SPOT,
                asset=row["a"],
                free=exact(row["f"]),
                locked=exact(row["l"]),
                at_ms=int(event["E"]),
            )
            for row in event["B"]
        ]


def _futures_product(event: dict[str, Any], symbol: str) -> ProductType:
    """`fs` names the leg; where it is missing, only COIN-M symbols have `USD_` in them."""
    named = PRODUCT_OF_FS.get(event.get("fs", ""))
    if named is not None:
        return named
    return ProductType.DELIVERY if "USD_" in symbol else ProductType.FUTURE


def _futures_text(order: dict[str, Any]) -> str:
    if order["X"] == "EXPIRED_IN_MATCH":
        return SELF_TRADE_TEXT
    return EXPIRY_TEXT.get(str(order.get("er", "0")), "")


def _margin_text(event: dict[str, Any]) -> str:
    if event["X"] == "EXPIRED_IN_MATCH":
        return SELF_TRADE_TEXT
    reason = event.get("eR") or event.get("r")
    return "" if reason in (None, "NONE") else str(reason)


def _positive(text: object) -> Decimal | None:
    """A price of 0 is the venue's way to say that there is none."""
    value = exact_or_none(text)
    return value if value else None
