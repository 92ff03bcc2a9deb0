"""FIX 4.4 Volume 4, Appendix D: the order state change matrices, each with its exact sequence of messages.

Groups that need a human broker (verbal orders, manual correction) do not apply to an electronic venue. The
letters are the standard's: X is the order's ClOrdID, Y and Z those of requests. Each line of a sequence is
what the report says: ExecType, OrdStatus, ClOrdID, OrigClOrdID, OrderQty, CumQty, LeavesQty, LastQty; a
reject's line is its CxlRejReason, OrdStatus, ClOrdID and OrigClOrdID.
"""

import pytest

from fixgate.engine.policy import Policy
from fixgate.model.enums import CxlRejReason, ExecType, OrdRejReason, OrdStatus, ProductType, TimeInForce
from fixgate.model.reports import CancelReject
from fixgate.model.venue import RequestKind, RequestRefused, VenueExec, VenueStatus

from .desk import D, Desk, cancel, new_order, replace, status

X, S, J = ExecType, OrdStatus, CxlRejReason
Line = tuple[object, ...]


def sequence(desk: Desk) -> list[Line]:
    """Every report so far, a line each, from the New on."""
    lines: list[Line] = []
    for report in desk.reports:
        if isinstance(report, CancelReject):
            lines.append(
                ("reject", report.reason, report.ord_status, report.cl_ord_id, report.orig_cl_ord_id)
            )
            continue
        quantities = (report.quantity, report.cum_quantity, report.leaves_quantity, report.last_quantity or 0)
        numbers = tuple(int(value or 0) for value in quantities)
        lines.append((report.exec_type, report.ord_status, report.cl_ord_id, report.orig_cl_ord_id, *numbers))
    return lines


def working(quantity: int = 10_000, **changes: object):  # type: ignore[no-untyped-def]
    """An order X that the venue has acknowledged; its New is the first line."""
    desk = Desk()
    desk.new("X", quantity=D(quantity), **changes)
    order = desk.order("X")
    desk.reports.clear()
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
    return desk, order


NEW = (X.NEW, S.NEW, "X", "", 10_000, 0, 10_000, 0)


def part_filled(quantity: int = 2_000) -> Line:
    return (X.TRADE, S.PARTIALLY_FILLED, "X", "", 10_000, quantity, 10_000 - quantity, quantity)


# A: vanilla


def test_a_1_a_filled_order():
    desk, order = working()
    for quantity in ("2000", "1000", "7000"):
        desk.trade(order, quantity)
    assert sequence(desk) == [
        NEW,
        part_filled(),
        (X.TRADE, S.PARTIALLY_FILLED, "X", "", 10_000, 3_000, 7_000, 1_000),
        (X.TRADE, S.FILLED, "X", "", 10_000, 10_000, 0, 7_000),
    ]


# B: cancel


def test_b_1_a_cancel_request_issued_for_a_zero_filled_order():
    desk, order = working()
    desk.take(cancel("Y", "X"))
    desk.canceled(order)
    assert sequence(desk) == [
        NEW,
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "Y", "X", 10_000, 0, 10_000, 0),
        (X.CANCELED, S.CANCELED, "Y", "X", 10_000, 0, 0, 0),
    ]


def test_b_1_b_cancel_request_issued_for_a_part_filled_order_with_executions_while_it_is_active():
    desk, order = working()
    desk.trade(order, "2000")
    desk.take(cancel("Y", "X"))
    desk.trade(order, "3000")
    desk.canceled(order)
    assert sequence(desk) == [
        NEW,
        part_filled(),
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "Y", "X", 10_000, 2_000, 8_000, 0),
        (X.TRADE, S.PENDING_CANCEL, "X", "", 10_000, 5_000, 5_000, 3_000),
        (X.CANCELED, S.CANCELED, "Y", "X", 10_000, 5_000, 0, 0),
    ]


def test_b_1_c_cancel_request_issued_for_an_order_that_fills_before_it_can_be_accepted():
    desk, order = working()
    desk.trade(order, "2000")
    desk.take(cancel("Y", "X"))
    desk.trade(order, "8000")
    assert sequence(desk) == [
        NEW,
        part_filled(),
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "Y", "X", 10_000, 2_000, 8_000, 0),
        (X.TRADE, S.PENDING_CANCEL, "X", "", 10_000, 10_000, 0, 8_000),
        ("reject", J.TOO_LATE, S.FILLED, "Y", "X"),
    ]


def test_b_1_d_cancel_request_issued_for_an_order_that_has_not_been_acknowledged():
    desk = Desk()
    desk.new("X", quantity=D(10_000))
    order = desk.order("X")
    desk.take(cancel("Y", "X"))
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
    desk.canceled(order)
    assert sequence(desk) == [
        (X.PENDING_NEW, S.PENDING_NEW, "X", "", 10_000, 0, 10_000, 0),
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "Y", "X", 10_000, 0, 10_000, 0),
        (X.NEW, S.PENDING_CANCEL, "X", "", 10_000, 0, 10_000, 0),
        (X.CANCELED, S.CANCELED, "Y", "X", 10_000, 0, 0, 0),
    ]


def test_b_1_e_the_acknowledgement_and_the_cancel_request_cross():
    """The client sent Y before it saw the New; the gateway saw the New first."""
    desk, order = working()
    outcome = desk.take(cancel("Y", "X"))
    assert len(outcome.requests) == 1
    desk.canceled(order)
    assert sequence(desk) == [
        NEW,
        (X.PENDING_CANCEL, S.PENDING_CANCEL, "Y", "X", 10_000, 0, 10_000, 0),
        (X.CANCELED, S.CANCELED, "Y", "X", 10_000, 0, 0, 0),
    ]


def test_b_1_f_cancel_request_for_an_unknown_order():
    desk = Desk()
    desk.take(cancel("Y", "X"))
    assert sequence(desk) == [("reject", J.UNKNOWN_ORDER, S.REJECTED, "Y", "X")]
    assert desk.reports[0].order_id == "NONE"


# C: cancel/replace


def test_c_1_a_zero_filled_order_replaced_to_a_larger_quantity():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(11_000)))
    desk.replaced(order, "11000")
    desk.trade(order, "1000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.REPLACED, S.NEW, "Y", "X", 11_000, 0, 11_000, 0),
        (X.TRADE, S.PARTIALLY_FILLED, "Y", "X", 11_000, 1_000, 10_000, 1_000),
    ]


def test_c_1_b_part_filled_order_replaced_with_an_execution_while_it_is_pending():
    desk, order = working()
    desk.trade(order, "1000")
    desk.take(replace("Y", "X", quantity=D(12_000)))
    desk.trade(order, "100")
    desk.replaced(order, "12000")
    desk.trade(order, "10900")
    assert sequence(desk) == [
        NEW,
        part_filled(1_000),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 1_000, 9_000, 0),
        (X.TRADE, S.PENDING_REPLACE, "X", "", 10_000, 1_100, 8_900, 100),
        (X.REPLACED, S.PARTIALLY_FILLED, "Y", "X", 12_000, 1_100, 10_900, 0),
        (X.TRADE, S.FILLED, "Y", "X", 12_000, 12_000, 0, 10_900),
    ]


def test_c_1_c_filled_order_is_not_replaced_to_a_larger_quantity():
    """The standard leaves it to the sell side; an exchange does not reopen a filled order."""
    desk, order = working()
    desk.trade(order, "10000")
    assert not desk.take(replace("Y", "X", quantity=D(12_000))).requests
    assert sequence(desk)[-1] == ("reject", J.TOO_LATE, S.FILLED, "Y", "X")


def test_c_2_a_replace_of_the_price_rejected_because_the_order_has_filled():
    desk, order = working()
    desk.take(replace("Y", "X", price=D(99)))
    desk.trade(order, "10000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.TRADE, S.PENDING_REPLACE, "X", "", 10_000, 10_000, 0, 10_000),
        ("reject", J.TOO_LATE, S.FILLED, "Y", "X"),
    ]


def reduced(asked: int) -> tuple[list[Line], Line]:
    """A part filled order, and a replace down to `asked` that crosses a fill of 500: what follows New."""
    desk, order = working()
    desk.trade(order, "7000")
    desk.take(replace("Y", "X", quantity=D(asked)))
    desk.trade(order, "1000")
    desk.replaced(order, str(asked))
    lines = sequence(desk)
    assert lines[:4] == [
        NEW,
        part_filled(7_000),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 7_000, 3_000, 0),
        (X.TRADE, S.PENDING_REPLACE, "X", "", 10_000, 8_000, 2_000, 1_000),
    ]
    if not order.terminal:
        desk.trade(order, "1000")
    return sequence(desk)[4:], lines[4]


def test_c_3_a_replaced_to_more_than_is_filled_and_then_filled():
    rest, _ = reduced(9_000)
    assert rest == [
        (X.REPLACED, S.PARTIALLY_FILLED, "Y", "X", 9_000, 8_000, 1_000, 0),
        (X.TRADE, S.FILLED, "Y", "X", 9_000, 9_000, 0, 1_000),
    ]


@pytest.mark.parametrize(
    ("scenario", "asked"), [("C.3.b: to what is filled", 8_000), ("C.3.c: to less than is filled", 7_500)]
)
def test_c_3_b_c_the_quantity_becomes_what_is_filled_and_the_order_is_filled(scenario, asked):
    rest, _ = reduced(asked)
    assert rest == [(X.REPLACED, S.FILLED, "Y", "X", 8_000, 8_000, 0, 0)], scenario


def test_c_3_c_where_the_venue_cancels_such_an_order_the_replace_is_rejected():
    """Binance takes the order off the market when a modify asks for no more than is filled."""
    desk, order = working()
    desk.trade(order, "8000")
    desk.take(replace("Y", "X", quantity=D(7_500)))
    desk.canceled(order)
    assert sequence(desk)[2:] == [
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 8_000, 2_000, 0),
        (X.CANCELED, S.CANCELED, "X", "", 10_000, 8_000, 0, 0),
        ("reject", J.TOO_LATE, S.CANCELED, "Y", "X"),
    ]


# D: sequencing and chaining


def refuse_replace(desk: Desk, order) -> None:  # type: ignore[no-untyped-def]
    desk.hear(
        RequestRefused(
            order_id=order.order_id,
            kind=RequestKind.MODIFY,
            request_id=order.replace.request_id,
            code="-4014",
            text="off tick",
        )
    )


def test_d_1_a_two_replaces_one_after_another_both_accepted():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(8_000)))
    desk.replaced(order, "8000")
    desk.trade(order, "1000")
    desk.take(replace("Z", "Y", quantity=D(7_000)))
    desk.replaced(order, "7000")
    desk.trade(order, "6000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.REPLACED, S.NEW, "Y", "X", 8_000, 0, 8_000, 0),
        (X.TRADE, S.PARTIALLY_FILLED, "Y", "X", 8_000, 1_000, 7_000, 1_000),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "Y", 8_000, 1_000, 7_000, 0),
        (X.REPLACED, S.PARTIALLY_FILLED, "Z", "Y", 7_000, 1_000, 6_000, 0),
        (X.TRADE, S.FILLED, "Z", "Y", 7_000, 7_000, 0, 6_000),
    ]


def test_d_1_b_first_replace_rejected_before_it_is_pending_then_another_accepted():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(8_000), symbol="ETHUSDT"))
    desk.take(replace("Z", "X", quantity=D(8_000)))
    desk.replaced(order, "8000")
    assert sequence(desk) == [
        NEW,
        ("reject", J.OTHER, S.NEW, "Y", "X"),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "X", 10_000, 0, 10_000, 0),
        (X.REPLACED, S.NEW, "Z", "X", 8_000, 0, 8_000, 0),
    ]


def test_d_1_c_first_replace_rejected_after_it_is_pending_then_another_accepted():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(8_000)))
    refuse_replace(desk, order)
    desk.take(replace("Z", "X", quantity=D(7_000)))
    desk.replaced(order, "7000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        ("reject", J.BROKER, S.NEW, "Y", "X"),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "X", 10_000, 0, 10_000, 0),
        (X.REPLACED, S.NEW, "Z", "X", 7_000, 0, 7_000, 0),
    ]


def test_d_2_a_replaces_in_quick_succession_the_first_done_before_the_second_is_looked_at():
    desk, order = working()
    first, second = replace("Y", "X", quantity=D(8_000)), replace("Z", "Y", quantity=D(7_000))
    desk.take(first)
    desk.replaced(order, "8000")
    desk.take(second)
    desk.replaced(order, "7000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.REPLACED, S.NEW, "Y", "X", 8_000, 0, 8_000, 0),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "Y", 8_000, 0, 8_000, 0),
        (X.REPLACED, S.NEW, "Z", "Y", 7_000, 0, 7_000, 0),
    ]


def test_d_2_b_replaces_in_quick_succession_both_pending_before_either_is_done():
    desk, order = working()
    assert len(desk.take(replace("Y", "X", quantity=D(8_000))).requests) == 1
    assert not desk.take(replace("Z", "Y", price=D(99))).requests, "one replace at a time at the venue"
    desk.trade(order, "1000")
    second = desk.replaced(order, "8000")
    assert [(each.quantity, each.price) for each in second.requests] == [(D(8_000), D(99))]
    desk.replaced(order, "8000", "99")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "Y", 10_000, 0, 10_000, 0),
        (X.TRADE, S.PENDING_REPLACE, "X", "", 10_000, 1_000, 9_000, 1_000),
        (X.REPLACED, S.PENDING_REPLACE, "Y", "X", 8_000, 1_000, 7_000, 0),
        (X.REPLACED, S.PARTIALLY_FILLED, "Z", "Y", 8_000, 1_000, 7_000, 0),
    ]
    assert order.price == D(99)


def test_d_2_c_replaces_in_quick_succession_both_rejected():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(8_000)))
    desk.take(replace("Z", "Y", quantity=D(7_000)))
    refuse_replace(desk, order)
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Z", "Y", 10_000, 0, 10_000, 0),
        ("reject", J.BROKER, S.PENDING_REPLACE, "Y", "X"),
        ("reject", J.BROKER, S.NEW, "Z", "X"),
    ]


def test_d_2_d_a_replace_rejected_because_the_order_is_in_pending_replace():
    desk = Desk(policy=Policy(replaces_at_once=1))
    desk.new("X", quantity=D(10_000))
    order = desk.order("X")
    desk.reports.clear()
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
    desk.take(replace("Y", "X", quantity=D(8_000)))
    desk.take(replace("Z", "Y", quantity=D(7_000)))
    desk.replaced(order, "8000")
    assert sequence(desk) == [
        NEW,
        (X.PENDING_REPLACE, S.PENDING_REPLACE, "Y", "X", 10_000, 0, 10_000, 0),
        ("reject", J.ALREADY_PENDING, S.PENDING_REPLACE, "Z", "Y"),
        (X.REPLACED, S.NEW, "Y", "X", 8_000, 0, 8_000, 0),
    ]


def test_d_2_a_second_replace_that_names_the_same_order_goes_on_when_the_first_is_rejected():
    desk, order = working()
    desk.take(replace("Y", "X", quantity=D(8_000)))
    desk.take(replace("Z", "X", quantity=D(7_000)))
    refuse_replace(desk, order)
    desk.replaced(order, "7000")
    assert sequence(desk)[-1] == (X.REPLACED, S.NEW, "Z", "X", 7_000, 0, 7_000, 0)


# E: unsolicited


def test_e_1_b_unsolicited_cancel_of_a_part_filled_order():
    desk, order = working()
    desk.trade(order, "2000")
    desk.canceled(order)
    assert sequence(desk) == [NEW, part_filled(), (X.CANCELED, S.CANCELED, "X", "", 10_000, 2_000, 0, 0)]


def test_e_1_c_unsolicited_replacement_of_a_part_filled_order():
    desk, order = working()
    desk.trade(order, "2000")
    desk.hear(
        desk.update(order, VenueExec.REPLACED, VenueStatus.PARTIALLY_FILLED, quantity=D(9_000), price=D(98))
    )
    assert sequence(desk) == [
        NEW,
        part_filled(),
        (X.RESTATED, S.PARTIALLY_FILLED, "X", "", 9_000, 2_000, 7_000, 0),
    ]


# F: rejects


def test_f_1_a_order_rejected_for_a_duplicate_clordid():
    desk, _ = working()
    desk.new("X", quantity=D(15_000))
    assert sequence(desk) == [NEW, (X.REJECTED, S.REJECTED, "X", "", 15_000, 0, 0, 0)]
    assert desk.reports[-1].rej_reason is OrdRejReason.DUPLICATE_ORDER


def test_f_1_b_poss_resend_and_a_duplicate_clordid():
    """A possible resend of a known order is answered with its state; one of an unknown order is an order."""
    desk, _ = working()
    desk.new("X", quantity=D(10_000), repeated=True)
    desk.new("Y", quantity=D(10_000), repeated=True)
    assert sequence(desk) == [
        NEW,
        (X.ORDER_STATUS, S.NEW, "X", "", 10_000, 0, 10_000, 0),
        (X.PENDING_NEW, S.PENDING_NEW, "Y", "", 10_000, 0, 10_000, 0),
    ]


# G: status


def test_g_1_a_status_of_an_unknown_order():
    desk = Desk()
    desk.take(status("X"))
    assert sequence(desk) == [(X.ORDER_STATUS, S.REJECTED, "X", "", 0, 0, 0, 0)]
    assert desk.reports[0].rej_reason is OrdRejReason.UNKNOWN_ORDER


def test_g_1_b_status_of_an_order_to_which_nothing_has_happened():
    desk = Desk()
    desk.new("X", quantity=D(10_000))
    desk.take(status("X"))
    assert sequence(desk)[-1] == (X.ORDER_STATUS, S.PENDING_NEW, "X", "", 10_000, 0, 10_000, 0)


def test_g_1_c_status_at_every_step_of_an_orders_life():
    desk, order = working()
    seen = []
    for happen in (
        lambda: None,
        lambda: desk.trade(order, "2000"),
        lambda: desk.take(cancel("Y", "X")),
        lambda: desk.canceled(order),
    ):
        happen()
        desk.take(status("X"))
        seen.append(sequence(desk)[-1])
    assert seen == [
        (X.ORDER_STATUS, S.NEW, "X", "", 10_000, 0, 10_000, 0),
        (X.ORDER_STATUS, S.PARTIALLY_FILLED, "X", "", 10_000, 2_000, 8_000, 0),
        (X.ORDER_STATUS, S.PENDING_CANCEL, "X", "", 10_000, 2_000, 8_000, 0),
        (X.ORDER_STATUS, S.CANCELED, "Y", "X", 10_000, 2_000, 0, 0),
    ]
    assert {report.exec_id for report in desk.reports if report.exec_type is X.ORDER_STATUS} == {"0"}


# I: time in force


def test_i_1_a_fill_or_kill_order_that_cannot_be_filled():
    desk, order = working(time_in_force=TimeInForce.FOK)
    desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED))
    assert sequence(desk) == [NEW, (X.CANCELED, S.CANCELED, "X", "", 10_000, 0, 0, 0)]


def test_i_1_b_immediate_or_cancel_order_filled_in_part():
    desk, order = working(time_in_force=TimeInForce.IOC)
    desk.trade(order, "1000")
    desk.hear(desk.update(order, VenueExec.EXPIRED, VenueStatus.EXPIRED))
    assert sequence(desk) == [
        NEW,
        part_filled(1_000),
        (X.CANCELED, S.CANCELED, "X", "", 10_000, 1_000, 0, 0),
    ]


# stop orders and precedence


def test_a_stop_order_is_suspended_until_its_trigger_and_works_then():
    desk = Desk(ProductType.SPOT)
    desk.new("X", quantity=D(10_000))
    order = desk.order("X")
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.SUSPENDED))
    desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.NEW))
    desk.trade(order, "10000")
    assert [line[:2] for line in sequence(desk)] == [
        (X.PENDING_NEW, S.PENDING_NEW),
        (X.SUSPENDED, S.SUSPENDED),
        (X.NEW, S.NEW),
        (X.TRADE, S.FILLED),
    ]


def test_a_suspended_order_can_be_cancelled_and_can_be_rejected_at_its_trigger():
    for end, told in (
        (lambda desk, order: desk.canceled(order), (X.CANCELED, S.CANCELED)),
        (
            lambda desk, order: desk.hear(
                RequestRefused(
                    order_id=order.order_id, kind=RequestKind.SUBMIT, code="-2019", text="no margin"
                )
            ),
            (X.REJECTED, S.REJECTED),
        ),
    ):
        desk = Desk()
        desk.take(new_order("X"))
        order = desk.order("X")
        desk.hear(desk.update(order, VenueExec.NEW, VenueStatus.SUSPENDED))
        end(desk, order)
        assert sequence(desk)[-1][:2] == told
