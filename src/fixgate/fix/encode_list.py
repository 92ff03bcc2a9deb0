"""ListStatus to FIX 4.4 text. Pure. Source: FIX 4.4 Vol. 4 (ListStatus)."""

from fixgate.fix.times import timestamp
from fixgate.fix.wire import Pairs
from fixgate.model.decimals import plain
from fixgate.model.reports import ListedOrder, ListState, ListStatus

_STATUS_TYPES = {ListState.EXECUTING: "4", ListState.ALL_DONE: "5", ListState.REJECT: "1"}
"""ListStatusType(429): execution started, all done; that a list is refused is an acknowledgement of it."""


def list_status(report: ListStatus) -> Pairs:
    """Return the fields of a ListStatus(N): one report of one, with every order of the list."""
    count = str(len(report.orders))
    pairs: Pairs = [
        ("35", "N"),
        ("97", "Y" if report.resent else ""),
        ("115", report.source if report.copy else ""),
        ("66", report.list_id),
        ("429", _STATUS_TYPES[report.state]),
        ("82", "1"),
        ("431", report.state.value),
        ("83", "1"),
        ("444", report.text),
        ("60", timestamp(report.at_ns)),
        ("68", count),
        ("73", count),
    ]
    for order in report.orders:
        pairs += _listed(order)
    return pairs


def _listed(order: ListedOrder) -> Pairs:
    return [
        ("11", order.cl_ord_id),
        ("14", plain(order.cum_quantity)),
        ("39", order.ord_status.value),
        ("151", plain(order.leaves_quantity)),
        ("84", plain(order.canceled_quantity)),
        ("6", plain(order.average_price)),
        ("103", order.rej_reason.value if order.rej_reason is not None else ""),
        ("58", order.text),
    ]
