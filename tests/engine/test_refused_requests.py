"""A cancel or replace that the door found impossible is answered with the state of the order it names."""

import pytest

from fixgate.model.commands import RefusedRequest
from fixgate.model.enums import CxlRejReason, CxlRejResponseTo, OrdStatus
from fixgate.model.reports import CancelReject
from tests.engine.desk import SESSION, SOURCE, Desk, new_order


def refused(orig: str, response_to: CxlRejResponseTo = CxlRejResponseTo.REPLACE) -> RefusedRequest:
    return RefusedRequest(
        source=SOURCE,
        session=SESSION,
        cl_ord_id="A2",
        orig_cl_ord_id=orig,
        response_to=response_to,
        text="Price(44) was 0; it must be above 0",
    )


@pytest.mark.parametrize("response_to", list(CxlRejResponseTo))
def test_given_a_known_order_then_the_reject_states_its_status_and_nothing_changes(
    response_to: CxlRejResponseTo,
) -> None:
    desk = Desk()
    desk.take(new_order(cl_ord_id="A1"))
    before = list(desk.facts)

    outcome = desk.take(refused("A1", response_to))

    (reject,) = outcome.reports
    assert isinstance(reject, CancelReject)
    assert (reject.ord_status, reject.reason) == (OrdStatus.PENDING_NEW, CxlRejReason.OTHER)
    assert (reject.cl_ord_id, reject.orig_cl_ord_id, reject.response_to) == ("A2", "A1", response_to)
    assert reject.order_id == str(before[0].order_id)
    assert reject.text == "Price(44) was 0; it must be above 0"
    assert desk.facts == before and not outcome.requests


def test_given_an_unknown_order_then_the_reject_says_so() -> None:
    (reject,) = Desk().take(refused("NOBODY")).reports

    assert (reject.order_id, reject.ord_status) == ("NONE", OrdStatus.REJECTED)
    assert reject.reason is CxlRejReason.UNKNOWN_ORDER
