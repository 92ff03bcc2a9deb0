"""Orders on the account that this gateway did not send: by the web site, another program, a liquidation.

They are nobody's here. What happens to them is kept and told to drop copy sessions as unsolicited.
"""

from collections import OrderedDict
from decimal import Decimal

from fixgate.model.enums import ExecType, OrdStatus
from fixgate.model.facts import ForeignUpdate
from fixgate.model.reports import ExecutionReport
from fixgate.model.venue import OrderUpdate, VenueExec, VenueStatus

NO_ORDER_ID = "NONE"
REMEMBERED = 10_000
"""Foreign orders whose last state is remembered, so that each step is kept once."""

_EXEC_TYPE = {
    VenueExec.NEW: ExecType.NEW,
    VenueExec.TRADE: ExecType.TRADE,
    VenueExec.CANCELED: ExecType.CANCELED,
    VenueExec.EXPIRED: ExecType.EXPIRED,
    VenueExec.REJECTED: ExecType.REJECTED,
    VenueExec.REPLACED: ExecType.REPLACED,
    VenueExec.SNAPSHOT: ExecType.ORDER_STATUS,
}

_STATUS = {
    VenueStatus.SUSPENDED: OrdStatus.SUSPENDED,
    VenueStatus.NEW: OrdStatus.NEW,
    VenueStatus.PARTIALLY_FILLED: OrdStatus.PARTIALLY_FILLED,
    VenueStatus.FILLED: OrdStatus.FILLED,
    VenueStatus.CANCELED: OrdStatus.CANCELED,
    VenueStatus.EXPIRED: OrdStatus.EXPIRED,
    VenueStatus.REJECTED: OrdStatus.REJECTED,
}
_LIVE = (VenueStatus.SUSPENDED, VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED)

_Key = tuple[str, str, str, str, str]


class ForeignOrders:
    """What was heard last of each foreign order; the oldest are forgotten beyond `REMEMBERED`."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, tuple[tuple[object, ...], set[str]]] = OrderedDict()

    def is_first(self, update: OrderUpdate) -> bool:
        """True when nothing was heard of that order before."""
        return _key(update) not in self._known

    def is_news(self, update: OrderUpdate) -> bool:
        """True when an update says what none before it said."""
        state, trades = self._known.get(_key(update), (None, frozenset()))
        if update.exec is VenueExec.TRADE:
            return update.trade_id not in trades
        return _said(update) != state

    def note(self, update: OrderUpdate) -> None:
        """Remember an update."""
        key = _key(update)
        _, trades = self._known.pop(key, (None, set()))
        if update.exec is VenueExec.TRADE:
            trades.add(update.trade_id)
        self._known[key] = (_said(update), trades)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _key(update: OrderUpdate) -> _Key:
    order_id = update.venue_order_id or update.client_order_id
    return update.connector, update.account, update.product_type, update.symbol, order_id


def _said(update: OrderUpdate) -> tuple[object, ...]:
    return update.status, update.cum_quantity, update.quantity, update.price


def foreign_report(fact: ForeignUpdate) -> ExecutionReport:
    """Return what drop copy sessions are told: no session, no source, OrderID(37) NONE."""
    update = fact.update
    live = update.status in _LIVE
    quantity = update.quantity
    return ExecutionReport(
        session="",
        order_id=NO_ORDER_ID,
        venue_order_id=update.venue_order_id,
        exec_id=str(fact.seq),
        exec_type=_EXEC_TYPE[update.exec],
        ord_status=_STATUS[update.status],
        cl_ord_id=update.client_order_id,
        symbol=update.symbol,
        account=update.account,
        connector=update.connector,
        side=update.side,
        quantity=quantity,
        price=update.price,
        last_quantity=update.last_quantity,
        last_price=update.last_price,
        cum_quantity=update.cum_quantity,
        leaves_quantity=quantity - update.cum_quantity if live and quantity is not None else Decimal(0),
        average_price=update.average_price,
        commission=update.commission,
        commission_currency=update.commission_currency,
        trade_id=update.trade_id,
        maker=update.maker,
        text=f"unsolicited: this gateway did not send the order. {update.text}".rstrip(". "),
        at_ns=fact.at_ns,
        fact=fact.seq,
    )
