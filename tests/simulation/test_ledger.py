"""The OMS's own rules, each with a report that breaks it."""

from decimal import Decimal

import pytest

from tests.simulation.oms_orders import Ask, Illegal, Ledger, OmsOrder

BASE = {"35": "8", "37": "7", "11": "A1", "54": "1", "55": "BTCUSDT", "38": "10", "44": "100", "6": "0"}


def ledger() -> Ledger:
    """A ledger with one acknowledged order of 10 at 100."""
    made = Ledger()
    made.add(OmsOrder("A1", "FUTURE", "BTCUSDT", "1", "2", Decimal(10), Decimal(100)))
    made.execution_report(report("1", "A", "A"))
    made.execution_report(report("2", "0", "0"))
    return made


def report(
    exec_id: str, kind: str, state: str, cum: int = 0, leaves: int = 10, **more: str
) -> dict[str, str]:
    changes = {tag.removeprefix("t"): value for tag, value in more.items()}
    fields = {"17": exec_id, "150": kind, "39": state, "14": str(cum), "151": str(leaves)}
    return BASE | fields | changes


def trade(exec_id: str, quantity: int, cum: int, state: str = "1", **more: str) -> dict[str, str]:
    fields = {"t32": str(quantity), "t31": "100", "t6": "100", "t527": f"T{exec_id}"}
    return report(exec_id, "F", state, cum, 10 - cum, **(fields | more))


def test_a_life_that_is_in_order_is_accepted() -> None:
    book = ledger()
    book.execution_report(trade("3", 4, 4))
    order = book.orders["A1"]
    book.ask(order, Ask("cancel", "C1", "A1"))
    book.execution_report(report("4", "6", "6", 4, 6, t11="C1", t41="A1", t6="100"))
    book.execution_report(report("5", "4", "4", 4, 0, t11="C1", t41="A1", t6="100"))
    assert order.final
    assert order.cum == 4


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (report("3", "0", "0"), "cannot follow"),
        (report("2", "4", "4", leaves=0), "used twice"),
        (report("3", "4", "4", leaves=10), "151 is 10 in the final state"),
        (report("3", "4", "C", leaves=0), "39 is C"),
        (report("3", "4", "4", cum=2, leaves=0), "without a trade"),
        (report("3", "5", "0", t38="12"), "answers no request"),
        (trade("3", 4, 5), "14 is 5 after 0 and a trade of 4"),
        (trade("3", 4, 4, state="0"), "it should be 1"),
        (trade("3", 4, 4, t6="99"), "the trades make 100"),
        (trade("3", 4, 4, t151="5"), "is not 14=4"),
        (trade("3", 4, 4, t37="8"), "OrderID changed"),
        (trade("3", 4, 4, t38="11"), "terms are 11"),
        (trade("3", 4, 4, t11="X"), "never sent"),
    ],
)
def test_a_report_out_of_order_is_found(broken: dict[str, str], why: str) -> None:
    with pytest.raises(Illegal, match=why):
        ledger().execution_report(broken)


def test_a_repetition_must_be_marked_and_the_same() -> None:
    book = ledger()
    book.execution_report(report("2", "0", "0", t97="Y"))
    with pytest.raises(Illegal, match="another content"):
        book.execution_report(report("2", "0", "0", t97="Y", t58="other words"))


def test_a_trade_told_twice_is_found() -> None:
    book = ledger()
    book.execution_report(trade("3", 4, 4))
    with pytest.raises(Illegal, match="trade T3 was told twice"):
        book.execution_report(trade("4", 2, 6, t527="T3"))


def test_a_cancel_that_was_done_is_not_rejected_afterwards() -> None:
    book = ledger()
    book.ask(book.orders["A1"], Ask("cancel", "C1", "A1"))
    book.execution_report(report("3", "4", "4", leaves=0, t11="C1", t41="A1"))
    with pytest.raises(Illegal, match="was done before"):
        book.cancel_reject({"35": "9", "11": "C1", "41": "A1", "39": "4", "434": "1", "37": "7"})
