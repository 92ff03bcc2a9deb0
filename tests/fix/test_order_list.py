"""Lists of two orders of which one cancels the other: read whole or refused whole, and how they stand."""

from decimal import Decimal

import pytest
from hypothesis import given

from fixgate.fix.decode import decode
from fixgate.fix.encode import encode
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind
from fixgate.fix.replies import answers
from fixgate.fix.session_context import SessionContext
from fixgate.fix.times import nanoseconds
from fixgate.fix.wire import SOH, printable
from fixgate.model.commands import NewOrderList
from fixgate.model.enums import OrderType, OrdRejReason, OrdStatus
from fixgate.model.reports import ListedOrder, ListState, ListStatus
from tests.fix import strategies
from tests.fix.client_codec import SENT, list_message, message

SESSION = SessionContext(session="S", source="OMS", default_connector="PM", default_account="main")
COMMON = {"t55": "BTCUSDT", "t167": "FXSPOT", "t54": "2", "t38": "0.010"}
LIMIT = {"t11": "A1", "t67": "1"} | COMMON | {"t40": "2", "t44": "70000.00"}
STOP = {"t11": "A2", "t67": "2"} | COMMON | {"t40": "4", "t44": "59900.00", "t99": "60000.00"}
AT_NS = 1_767_270_600_123_456_789


def outcome(*orders: dict[str, object], **changes: object) -> object:
    return decode(list_message("L-1", orders or (LIMIT, STOP), **changes), SESSION)


def problem(*orders: dict[str, object], **changes: object) -> Problem:
    found = outcome(*orders, **changes)
    assert isinstance(found, Problem), found
    return found


def readable(text: str) -> str:
    return text.replace(SOH, "|")


def test_given_a_list_then_both_orders_are_read_with_what_the_message_says_for_them() -> None:
    found = outcome(LIMIT | {"t60": "20251231-23:59:59"}, STOP)

    assert isinstance(found, NewOrderList)
    assert (found.list_id, found.source, found.session) == ("L-1", "OMS", "S")
    limit, stop = found.orders
    assert (limit.cl_ord_id, limit.order_type, limit.price) == ("A1", OrderType.LIMIT, Decimal("70000.00"))
    assert (stop.cl_ord_id, stop.order_type) == ("A2", OrderType.STOP_LOSS_LIMIT)
    assert (stop.price, stop.stop_price) == (Decimal("59900.00"), Decimal("60000.00"))
    assert {(each.list_id, each.connector, each.account) for each in found.orders} == {("L-1", "PM", "main")}
    assert (limit.transact_time, stop.transact_time) == ("20251231-23:59:59", SENT)
    assert found.made_ns == limit.made_ns == nanoseconds("20251231-23:59:59")


def test_given_orders_that_are_sent_the_other_way_round_then_list_seq_no_counts() -> None:
    found = outcome(STOP, LIMIT)

    assert isinstance(found, NewOrderList)
    assert [order.cl_ord_id for order in found.orders] == ["A1", "A2"]


@pytest.mark.parametrize("flag", ["43=Y", "97=Y"])
def test_given_a_list_that_may_have_been_sent_before_then_it_and_its_orders_are_marked(flag: str) -> None:
    header = f"{SOH}49=OMS"
    found = decode(list_message("L-1", (LIMIT, STOP)).replace(header, f"{SOH}{flag}{header}"), SESSION)

    assert isinstance(found, NewOrderList)
    assert found.repeated and all(order.repeated for order in found.orders)


def test_given_groups_within_an_order_then_they_stay_with_it() -> None:
    parties = {"t453": "1", "t448": "desk", "t447": "D", "t452": "3"}

    assert outcome(LIMIT | parties, STOP) == outcome()


def test_given_the_group_as_the_last_of_the_message_then_it_ends_with_the_trailer() -> None:
    ordered = list_message("L-1", (LIMIT, STOP))
    group = ordered[ordered.index(f"73=2{SOH}") : ordered.index("394=")]
    last = ordered.replace(group, "").replace(f"{SOH}10=", f"{SOH}{group}10=")

    assert last.endswith(f"99=60000.00{SOH}10=000{SOH}")
    assert decode(last, SESSION) == outcome()


@pytest.mark.parametrize(
    ("orders", "changes", "words"),
    [
        ((LIMIT, STOP), {"t394": "1"}, "BidType(394) was 1; only 3 (no bidding process) is served"),
        ((LIMIT, STOP), {"t1385": None}, "ContingencyType(1385) was missing; only 1 (one cancels the other)"),
        ((LIMIT, STOP), {"t1385": "2"}, "ContingencyType(1385) was 2; only 1"),
        ((LIMIT, STOP), {"t68": "3"}, "TotNoOrders(68) was 3; only 2 (two orders)"),
        ((LIMIT, STOP), {"t433": "2"}, "ListExecInstType(433) was 2; only 1 (immediate)"),
        ((LIMIT, STOP), {"t893": "N"}, "LastFragment(893) was N; only Y"),
        ((LIMIT, STOP), {"t69": "slowly"}, "ListExecInst(69) was slowly; it is not served"),
        ((LIMIT,), {"t68": "2"}, "NoOrders(73) was 1; a list has two orders"),
        ((LIMIT, STOP | {"t67": "1"}), {}, "ListSeqNo(67) was 1; number the orders of a list 1 and 2"),
        ((LIMIT, STOP | {"t11": "A1"}), {}, "ClOrdID(11) was A1 on both orders; each order needs its own"),
        (
            (LIMIT, STOP | {"t100": "X"}),
            {},
            "the orders go to PM main and X main; a list goes to one account",
        ),
        ((LIMIT, STOP | {"t1": "b"}), {}, "the orders go to PM main and PM b"),
        (
            (LIMIT, STOP | {"t38": "0"}),
            {},
            "order 2 of the list (A2): OrderQty(38) was 0; it must be above 0",
        ),
        ((LIMIT | {"t40": "9"}, STOP), {}, "order 1 of the list (A1): OrdType(40) was 9; use 1 (market)"),
        ((STOP | {"t110": "1"}, LIMIT), {}, "order 2 of the list (A2): MinQty(110) was 1; it is not served"),
        ((LIMIT | {"t11": "x" * 65}, STOP), {}, "ClOrdID(11) was 65 characters long"),
        ((LIMIT, STOP), {"t66": "x" * 65}, "ListID(66) was 65 characters long"),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, str) else "",
)
def test_given_a_list_that_cannot_be_traded_then_it_is_refused_whole_with_what_would_be_right(
    orders: tuple[dict[str, object], ...], changes: dict[str, object], words: str
) -> None:
    found = problem(*orders, **changes)

    assert found.kind is ProblemKind.LIST_REJECT
    assert words in found.text
    assert {each["11"] for each in found.orders} == {each["t11"] for each in orders}


@pytest.mark.parametrize(
    ("orders", "changes", "ref_tag", "reason"),
    [
        ((LIMIT, STOP), {"t66": None}, "66", "1"),
        ((LIMIT, STOP), {"t73": "3"}, "73", "16"),
        ((LIMIT, STOP), {"t73": "two"}, "73", "16"),
        (({"t67": "1"} | LIMIT, STOP), {}, "67", "15"),
        ((LIMIT, STOP), {"t1385": "1", "t2000": "x"}, "2000", "15"),
        ((LIMIT, STOP | {"t67": None}), {}, "67", "1"),
        ((LIMIT, STOP | {"t55": None}), {}, "55", "1"),
        ((LIMIT, STOP | {"t38": "1e5"}), {}, "38", "6"),
        ((LIMIT, STOP | {"t15": ""}), {}, "15", "4"),
        ((LIMIT, STOP | {"t354": "3", "t355": "abc"}), {}, "355", "99"),
        ((LIMIT, STOP), {"t352": "3", "t353": "abc"}, "353", "99"),
    ],
    ids=str,
)
def test_given_a_list_that_fix_forbids_then_the_session_reject_names_the_field(
    orders: tuple[dict[str, object], ...], changes: dict[str, object], ref_tag: str, reason: str
) -> None:
    found = problem(*orders, **changes)

    assert (found.kind, found.ref_tag, found.reason) == (ProblemKind.SESSION_REJECT, ref_tag, reason)


def test_given_a_field_twice_in_one_order_then_the_session_reject_names_the_order() -> None:
    raw = list_message("L-1", (LIMIT, STOP)).replace(f"{SOH}99=", f"{SOH}99=1{SOH}99=")

    found = decode(raw, SESSION)

    assert isinstance(found, Problem)
    assert (found.kind, found.ref_tag, found.reason) == (ProblemKind.SESSION_REJECT, "99", "13")
    assert found.text == "order 2 of the list: StopPx(99) appears more than once"


def test_given_no_group_at_all_then_the_session_reject_asks_for_it() -> None:
    found = decode(message("E", t66="L-1", t68="2", t394="3", t1385="1"), SESSION)

    assert isinstance(found, Problem)
    assert (found.kind, found.ref_tag, found.reason) == (ProblemKind.SESSION_REJECT, "73", "1")


def test_given_a_list_that_was_refused_then_every_order_ends_and_then_the_list() -> None:
    found = problem(LIMIT, STOP | {"t38": "0"})

    first, second, of_list = answers(found, exec_id="door-3", at_ns=AT_NS)

    text = "order 2 of the list (A2): OrderQty(38) was 0; it must be above 0"
    assert readable(first) == (
        "35=8|37=NONE|17=door-3-1|150=8|39=8|55=BTCUSDT|54=2|151=0|14=0|6=0|103=13|"
        f"58={text}|60=20260101-12:30:00.123|11=A1|38=0.010|40=2|44=70000.00|66=L-1|167=FXSPOT|"
    )
    assert "|17=door-3-2|" in readable(second) and "|11=A2|38=0|40=4|" in readable(second)
    assert readable(of_list) == (
        f"35=N|66=L-1|429=1|82=1|431=7|83=1|444={text}|60=20260101-12:30:00.123|68=2|73=2|"
        "11=A1|14=0|39=8|151=0|84=0|6=0|103=13|11=A2|14=0|39=8|151=0|84=0|6=0|103=13|"
    )


def test_given_a_list_on_a_drop_copy_session_then_the_business_reject_names_the_list() -> None:
    listener = SessionContext(session="S", source="DC", default_connector="PM", drop_copy=True)
    found = decode(list_message("L-1", (LIMIT, STOP)), listener)

    assert isinstance(found, Problem)
    assert found.reason is BusinessRejectReason.NOT_AUTHORIZED
    (text,) = answers(found, exec_id="door-3", at_ns=AT_NS)
    assert "|372=E|379=L-1|380=6|" in readable(text)


STATUS = ListStatus(
    session="S",
    list_id="L-1",
    state=ListState.ALL_DONE,
    orders=(
        ListedOrder(
            cl_ord_id="A1",
            ord_status=OrdStatus.FILLED,
            cum_quantity=Decimal("0.010"),
            average_price=Decimal("70000.00"),
        ),
        ListedOrder(
            cl_ord_id="A2",
            ord_status=OrdStatus.CANCELED,
            canceled_quantity=Decimal("0.010"),
            text="the other order of the list was filled",
        ),
    ),
    at_ns=AT_NS,
)


def test_given_a_list_that_is_done_then_its_status_has_every_order() -> None:
    assert readable(encode(STATUS)) == (
        "35=N|66=L-1|429=5|82=1|431=6|83=1|60=20260101-12:30:00.123|68=2|73=2|"
        "11=A1|14=0.010|39=2|151=0|84=0|6=70000.00|"
        "11=A2|14=0|39=4|151=0|84=0.010|6=0|58=the other order of the list was filled|"
    )


@given(report=strategies.list_statuses)
def test_given_any_list_status_then_a_client_reads_back_every_order(report: ListStatus) -> None:
    own, *entries = encode(report).split(f"{SOH}11=")

    assert own.startswith("35=N") and own.endswith(f"{SOH}73={len(report.orders)}")
    assert len(entries) == len(report.orders)
    for entry, order in zip(entries, report.orders, strict=True):
        fields = dict(item.partition("=")[::2] for item in f"11={entry}".split(SOH) if item)
        assert (fields["11"], fields["39"]) == (order.cl_ord_id, order.ord_status)
        assert [Decimal(fields[tag]) for tag in ("14", "151", "84", "6")] == [
            order.cum_quantity,
            order.leaves_quantity,
            order.canceled_quantity,
            order.average_price,
        ]
        reason = fields.get("103")
        assert (OrdRejReason(reason) if reason else None) == order.rej_reason
        assert fields.get("58", "") == printable(order.text)
