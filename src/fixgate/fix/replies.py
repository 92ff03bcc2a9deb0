"""Problems to FIX 4.4 text: the reply that a message which did not become a command gets. Pure.

Source: FIX 4.4 Vol. 2 (Reject, BusinessMessageReject) and Vol. 4 (ExecutionReport, OrderCancelReject).
"""

from fixgate.fix.encode import NO_SYMBOL, UNKNOWN_SIDE, encode
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind
from fixgate.fix.times import timestamp
from fixgate.fix.wire import Pairs, join
from fixgate.model.enums import ExecType, OrdRejReason, OrdStatus
from fixgate.model.reports import ListedOrder, ListState, ListStatus

_TERMS = ("11", "1", "15", "18", "38", "40", "44", "59", "66", "99", "100", "111", "126", "167", "211", "836")
_ECHOED = (*_TERMS, "6101", "6102", "6200", "6201")


def answers(problem: Problem, *, exec_id: str, at_ns: int) -> list[str]:
    """Return the FIX text of every reply to a problem, in order. A list that was refused is answered for each
    of its orders, and then as a list; `exec_id` is the ExecID(17) of an order reject, or begins it."""
    if problem.kind is not ProblemKind.LIST_REJECT:
        return [encode_problem(problem, exec_id=exec_id, at_ns=at_ns)]
    rejects = [
        join(_order_reject(problem, fields, f"{exec_id}-{number}", at_ns))
        for number, fields in enumerate(problem.orders, 1)
    ]
    return [*rejects, encode(_refused_list(problem, at_ns))]


def encode_problem(problem: Problem, *, exec_id: str, at_ns: int) -> str:
    """Return the FIX text of the reply to a problem of one message, from MsgType(35) on.

    `exec_id` is the ExecID(17) of an order reject.
    """
    if problem.kind is ProblemKind.SESSION_REJECT:
        return join(_session_reject(problem))
    if problem.kind is ProblemKind.ORDER_REJECT:
        return join(_order_reject(problem, problem.fields, exec_id, at_ns))
    return join(_business_reject(problem))


def not_available(fields: dict[str, str], text: str) -> str:
    """Return a BusinessMessageReject that says: nothing was taken, the gateway cannot work now."""
    return join(
        _business_reject(
            Problem(
                kind=ProblemKind.BUSINESS_REJECT,
                reason=BusinessRejectReason.APPLICATION_NOT_AVAILABLE,
                text=text,
                fields=fields,
            )
        )
    )


def _session_reject(problem: Problem) -> Pairs:
    return [
        ("35", "3"),
        ("45", problem.fields.get("34", "")),
        ("371", problem.ref_tag),
        ("372", problem.msg_type),
        ("373", problem.reason.value),
        ("58", problem.text),
    ]


def _business_reject(problem: Problem) -> Pairs:
    business = isinstance(problem.reason, BusinessRejectReason)
    return [
        ("35", "j"),
        ("45", problem.fields.get("34", "")),
        ("372", problem.msg_type),
        ("379", problem.business_id),
        ("380", problem.reason.value if business else BusinessRejectReason.OTHER.value),
        ("58", problem.text),
    ]


def _order_reject(problem: Problem, fields: dict[str, str], exec_id: str, at_ns: int) -> Pairs:
    return [
        ("35", "8"),
        ("37", "NONE"),
        ("17", exec_id),
        ("150", ExecType.REJECTED.value),
        ("39", OrdStatus.REJECTED.value),
        ("55", fields.get("55") or NO_SYMBOL),
        ("54", fields.get("54") or UNKNOWN_SIDE),
        ("151", "0"),
        ("14", "0"),
        ("6", "0"),
        ("103", problem.reason.value),
        ("58", problem.text),
        ("60", timestamp(at_ns)),
        *((tag, fields.get(tag, "")) for tag in _ECHOED),
    ]


def _refused_list(problem: Problem, at_ns: int) -> ListStatus:
    reason = problem.reason if isinstance(problem.reason, OrdRejReason) else OrdRejReason.OTHER
    return ListStatus(
        session="",
        list_id=problem.business_id,
        state=ListState.REJECT,
        orders=tuple(
            ListedOrder(cl_ord_id=fields["11"], ord_status=OrdStatus.REJECTED, rej_reason=reason)
            for fields in problem.orders
        ),
        text=problem.text,
        at_ns=at_ns,
    )
