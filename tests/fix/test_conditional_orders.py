"""Orders that wait for a price, end at a time or show a part: FIX text to commands, reports to FIX text."""

from decimal import Decimal

import pytest

from fixgate.fix.decode import decode
from fixgate.fix.encode import encode
from fixgate.fix.problem import Problem, ProblemKind
from fixgate.fix.session_context import SessionContext
from fixgate.model.commands import NewOrder, OrderAttributes
from fixgate.model.enums import ExecType, OrderType, OrdStatus, Side, TimeInForce
from fixgate.model.reports import ExecutionReport
from tests.fix.client_codec import message
from tests.fixclient import Message, parse

SESSION = SessionContext(session="S", source="OMS", default_connector="PM", default_account="main")
MADE = "20260101-12:30:00.000"
EXPIRES, EXPIRES_MS = "20260102-00:00:00.500", 1_767_312_000_500
ORDER = {"t11": "A1", "t55": "BTCUSDT", "t167": "FUT", "t54": "2", "t38": "0.010", "t52": MADE, "t60": MADE}
TRAILING = {"t40": "P", "t18": "a", "t211": "150", "t836": "1"}
LIMIT = {"t40": "2", "t44": "65000.10"}


def order(**tags: object) -> str:
    return message("D", **(ORDER | tags))


def taken(**tags: object) -> NewOrder:
    found = decode(order(**tags), SESSION)
    assert isinstance(found, NewOrder), found
    return found


@pytest.mark.parametrize(
    ("tags", "kind", "price", "stop_price"),
    [
        ({"t40": "3", "t99": "60000"}, OrderType.STOP_LOSS, None, "60000"),
        ({"t40": "4", "t99": "60000", "t44": "59900"}, OrderType.STOP_LOSS_LIMIT, "59900", "60000"),
        ({"t40": "J", "t99": "70000"}, OrderType.TAKE_PROFIT, None, "70000"),
        ({"t40": "J", "t99": "70000", "t44": "70100"}, OrderType.TAKE_PROFIT_LIMIT, "70100", "70000"),
    ],
    ids=["stop", "stop limit", "take profit", "take profit limit"],
)
def test_given_a_conditional_order_then_its_type_and_prices_are_read(
    tags: dict[str, object], kind: OrderType, price: str | None, stop_price: str
) -> None:
    found = taken(**tags)

    assert found.order_type is kind
    assert (found.price, found.stop_price) == (price and Decimal(price), Decimal(stop_price))


@pytest.mark.parametrize("activation", [None, "66000"])
def test_given_a_trailing_stop_then_its_distance_is_in_basis_points_and_its_start_may_be_named(
    activation: str | None,
) -> None:
    found = taken(**TRAILING, t99=activation, t835="0")

    assert found.order_type is OrderType.TRAILING_STOP
    assert (found.trailing_delta, found.price) == (Decimal(150), None)
    assert found.stop_price == (activation and Decimal(activation))
    assert found.attributes.post_only is None


def test_given_an_order_that_is_good_till_a_time_then_the_time_is_read_to_the_millisecond() -> None:
    found = taken(**LIMIT, t59="6", t126=EXPIRES)

    assert (found.time_in_force, found.expire_ms) == (TimeInForce.GTD, EXPIRES_MS)


def test_given_a_limit_order_that_shows_a_part_then_the_part_is_read() -> None:
    assert taken(**LIMIT, t111="0.001").display_quantity == Decimal("0.001")


def test_given_a_post_only_stop_limit_order_then_it_is_taken() -> None:
    assert taken(t40="4", t99="60000", t44="59900", t18="6").is_post_only


@pytest.mark.parametrize(
    ("tags", "reason", "words"),
    [
        ({"t40": "3"}, "99", "StopPx(99) is missing; a stop_loss order needs it"),
        ({"t40": "3", "t99": "1", "t44": "1"}, "99", "Price(44) was 1; a stop_loss order takes none"),
        ({"t40": "J"}, "99", "StopPx(99) is missing; a take_profit order needs it"),
        ({"t40": "J", "t44": "1"}, "99", "StopPx(99) is missing; a take_profit_limit order needs it"),
        ({"t40": "J", "t99": "0"}, "99", "StopPx(99) was 0; it must be above 0"),
        (TRAILING | {"t18": None}, "11", "OrdType(40) was P (pegged) without ExecInst(18) a"),
        (TRAILING | {"t18": "6"}, "11", "OrdType(40) was P (pegged) without ExecInst(18) a"),
        (TRAILING | {"t18": "a 6"}, "11", "ExecInst(18) had '6' (post only); a trailing_stop order"),
        (TRAILING | {"t18": "a E"}, "11", "ExecInst(18) had 'E'"),
        (TRAILING | {"t211": None}, "99", "PegOffsetValue(211) is missing; a trailing_stop order needs it"),
        (TRAILING | {"t211": "0"}, "99", "PegOffsetValue(211) was 0; it must be above 0"),
        (TRAILING | {"t211": "-5"}, "99", "PegOffsetValue(211) was -5"),
        (TRAILING | {"t836": None}, "11", "PegOffsetType(836) was missing; use 1 (basis points)"),
        (TRAILING | {"t836": "0"}, "11", "PegOffsetType(836) was 0; use 1 (basis points)"),
        (TRAILING | {"t835": "1"}, "11", "PegMoveType(835) was 1; a trailing stop moves, use 0"),
        (TRAILING | {"t840": "2"}, "11", "PegScope(840) was 2; it is not served"),
        (TRAILING | {"t44": "1"}, "99", "Price(44) was 1; a trailing_stop order takes none"),
        (TRAILING | {"t99": "0"}, "99", "StopPx(99) was 0; it must be above 0"),
        (LIMIT | {"t18": "a"}, "11", "ExecInst(18) had 'a' (trailing stop); it goes with OrdType(40) P"),
        (LIMIT | {"t211": "5"}, "99", "PegOffsetValue(211) was 5; a limit order takes none"),
        ({"t40": "3", "t99": "1", "t18": "6"}, "11", "ExecInst(18) had '6' (post only); a stop_loss order"),
        (LIMIT | {"t59": "6"}, "99", "ExpireTime(126) is missing; TimeInForce(59) 6"),
        (LIMIT | {"t126": EXPIRES}, "11", f"ExpireTime(126) was {EXPIRES}; it goes with TimeInForce(59) 6"),
        (LIMIT | {"t59": "6", "t126": MADE}, "8", f"ExpireTime(126) was {MADE}; it must be later"),
        (LIMIT | {"t59": "6", "t126": EXPIRES, "t432": "20260102"}, "11", "ExpireDate(432) was 20260102"),
        (LIMIT | {"t111": "0.011"}, "13", "MaxFloor(111) was 0.011; it must be at most OrderQty(38), 0.010"),
        (LIMIT | {"t111": "0"}, "13", "MaxFloor(111) was 0; it must be above 0"),
        ({"t40": "1", "t111": "0.001"}, "99", "MaxFloor(111) was 0.001; a market order takes none"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_given_terms_that_do_not_go_together_then_the_order_is_rejected_with_what_would_be_right(
    tags: dict[str, object], reason: str, words: str
) -> None:
    found = decode(order(**tags), SESSION)

    assert isinstance(found, Problem)
    assert (found.kind, found.reason) == (ProblemKind.ORDER_REJECT, reason)
    assert words in found.text


@pytest.mark.parametrize(
    ("tags", "ref_tag"),
    [
        (LIMIT | {"t59": "6", "t126": "tomorrow"}, "126"),
        (LIMIT | {"t111": "some"}, "111"),
        (TRAILING | {"t211": "1%"}, "211"),
    ],
    ids=["ExpireTime", "MaxFloor", "PegOffsetValue"],
)
def test_given_a_term_that_is_not_of_its_type_then_the_session_reject_names_it(
    tags: dict[str, object], ref_tag: str
) -> None:
    found = decode(order(**tags), SESSION)

    assert isinstance(found, Problem)
    assert (found.kind, found.ref_tag) == (ProblemKind.SESSION_REJECT, ref_tag)


def report(**changes: object) -> Message:
    terms: dict[str, object] = {
        "session": "S",
        "order_id": "42",
        "exec_id": "7",
        "exec_type": ExecType.SUSPENDED,
        "ord_status": OrdStatus.SUSPENDED,
        "cl_ord_id": "A1",
        "symbol": "BTCUSDT",
        "side": Side.SELL,
        "quantity": Decimal("0.010"),
        "leaves_quantity": Decimal("0.010"),
        "at_ns": 1_767_270_600_000_000_000,
    }
    return parse(encode(ExecutionReport(**(terms | changes))).encode())  # type: ignore[arg-type]


COMMON = {35: "8", 37: "42", 17: "7", 150: "9", 39: "9", 11: "A1", 55: "BTCUSDT", 54: "2", 151: "0.010"} | {
    14: "0",
    6: "0",
    38: "0.010",
    60: MADE,
}


def test_given_a_trailing_stop_that_is_held_then_its_report_says_what_the_client_sent() -> None:
    found = report(
        order_type=OrderType.TRAILING_STOP,
        time_in_force=TimeInForce.GTC,
        trailing_delta=Decimal(150),
        stop_price=Decimal("66000"),
    )

    assert found == COMMON | {40: "P", 18: "a", 59: "1", 99: "66000", 211: "150", 836: "1"}


@pytest.mark.parametrize("price", [None, Decimal("70100")])
def test_given_a_take_profit_order_with_and_without_a_price_then_its_type_is_j(price: Decimal | None) -> None:
    kind = OrderType.TAKE_PROFIT if price is None else OrderType.TAKE_PROFIT_LIMIT
    found = report(order_type=kind, price=price, stop_price=Decimal("70000"))

    assert found == COMMON | {40: "J", 99: "70000"} | ({} if price is None else {44: "70100"})


def test_given_an_order_with_a_time_a_part_to_show_a_list_and_a_parent_then_the_report_has_them_all() -> None:
    found = report(
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTD,
        price=Decimal("65000.10"),
        expire_ms=EXPIRES_MS,
        display_quantity=Decimal("0.001"),
        list_id="L-1",
        parent_order_id="2000000123",
        attributes=OrderAttributes(post_only=True),
    )

    terms = {40: "2", 44: "65000.10", 59: "6", 126: EXPIRES, 111: "0.001", 18: "6"}
    assert found == COMMON | terms | {66: "L-1", 6301: "2000000123"}
