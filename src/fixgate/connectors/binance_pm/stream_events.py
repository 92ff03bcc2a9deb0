"""From a user data stream event to the model. No I/O; what is remembered is which order came out of which.

Sources: PAPI "User Data Streams"; the families are ORDER_TRADE_UPDATE (USDⓈ-M and COIN-M), executionReport
(margin), ALGO_UPDATE and CONDITIONAL_ORDER_TRADE_UPDATE (conditional futures orders) and the account events.
What is not understood is kept whole as a notice. Each order of a list has events of its own, so a list's
listStatus tells nothing, unless it was refused.
"""

from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.conditional_events import algo_order, strategy_order, told_by_event
from fixgate.connectors.binance_pm.conditional_service import HeldOrder, id_or_none, positive
from fixgate.connectors.binance_pm.triggered_orders import TriggeredOrders
from fixgate.connectors.binance_pm.venue_words import (
    EXEC_OF,
    EXPIRY_TEXT,
    MARGIN_EXPIRY_TEXT,
    MARGIN_STOPS,
    PRODUCT_OF_FS,
    SELF_TRADE_TEXT,
    SIDE_OF,
    STATUS_OF,
    WAITING_WORDS,
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
    VenueStatus,
)

_LIST_TOLD_BY_ITS_ORDERS = ("EXECUTING", "ALL_DONE")
_encode = msgspec.json.Encoder().encode
_UNREADABLE = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)


class StreamTranslator:
    """Translates one account's stream."""

    def __init__(self, connector: str, account: str, triggered: TriggeredOrders | None = None) -> None:
        self._connector = connector
        self._account = account
        self._triggered = triggered or TriggeredOrders()

    def translate(self, event: dict[str, Any]) -> list[VenueEvent]:
        """Return what `event` says, which may be nothing new; an `AccountNotice` when it is of no known kind
        or cannot be read."""
        try:
            match event.get("e"):
                case "ORDER_TRADE_UPDATE":
                    return [self._futures_order(event)]
                case "executionReport":
                    return [self._margin_order(event)]
                case "ALGO_UPDATE":
                    return self._held(ProductType.FUTURE, algo_order(event))
                case "CONDITIONAL_ORDER_TRADE_UPDATE":
                    product = _futures_product(event, event["so"]["s"])
                    return self._held(product, strategy_order(event))
                case "listStatus" if event["L"] in _LIST_TOLD_BY_ITS_ORDERS:
                    return []
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

    def _held(self, product: ProductType, held: HeldOrder) -> list[VenueEvent]:
        """A conditional order's own event; its child is remembered, whatever there is to tell."""
        self._triggered.held(product, held.venue_order_id, held.client_order_id)
        self._triggered.triggered(product, held.venue_order_id, held.child_id)
        told = told_by_event(self._connector, self._account, product, held)
        return [] if told is None else [told]

    def _futures_order(self, event: dict[str, Any]) -> OrderUpdate:
        order = event["o"]
        product = _futures_product(event, order["s"])
        exec_type = EXEC_OF.get(order["x"], VenueExec.SNAPSHOT)
        traded = exec_type is VenueExec.TRADE
        update = OrderUpdate(
            connector=self._connector,
            account=self._account,
            product_type=product,
            symbol=order["s"],
            client_order_id=order["c"],
            venue_order_id=str(order["i"]),
            parent_order_id=_named_parent(product, order),
            exec=exec_type,
            status=STATUS_OF[order["X"]],
            side=SIDE_OF.get(order["S"]),
            quantity=exact(order["q"]),
            price=positive(order["p"]),
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
        return self._triggered.traced(update)

    def _margin_order(self, event: dict[str, Any]) -> OrderUpdate:
        exec_type, status = _margin_exec(event), _margin_status(event)
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
            status=status,
            side=SIDE_OF.get(event["S"]),
            quantity=exact(event["q"]),
            price=positive(event["p"]),
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


def _named_parent(product: ProductType, order: dict[str, Any]) -> str:
    """`si` is the strategy that an order came out of. Only COIN-M still has that service: of a USDⓈ-M order
    it would not be the algo order's id, which is told by ALGO_UPDATE alone."""
    return id_or_none(order.get("si")) if product is ProductType.DELIVERY else ""


def _futures_text(order: dict[str, Any]) -> str:
    if order["X"] == "EXPIRED_IN_MATCH":
        return SELF_TRADE_TEXT
    return EXPIRY_TEXT.get(str(order.get("er", "0")), "")


def _margin_text(event: dict[str, Any]) -> str:
    if event["X"] == "EXPIRED_IN_MATCH":
        return SELF_TRADE_TEXT
    told = [str(event[name]) for name in ("eR", "r") if event.get(name) not in (None, "", "NONE")]
    return ": ".join(MARGIN_EXPIRY_TEXT.get(reason, reason) for reason in told)


def _margin_status(event: dict[str, Any]) -> VenueStatus:
    """A stop order waits until it is on the book (`w`); one that never was (`W`) can be refused by its
    trigger."""
    if event.get("o") in MARGIN_STOPS and event.get("w") is False:
        if event["X"] in WAITING_WORDS:
            return VenueStatus.SUSPENDED
        if event["X"] == "REJECTED" and "W" not in event:
            return VenueStatus.REJECTED
    return STATUS_OF[event["X"]]


def _margin_exec(event: dict[str, Any]) -> VenueExec:
    if _margin_status(event) is VenueStatus.REJECTED:
        return VenueExec.REJECTED
    return EXEC_OF.get(event["x"], VenueExec.SNAPSHOT)
