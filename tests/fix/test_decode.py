"""FIX text to commands: what is taken, what is refused, and by which reply."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.fix.decode import decode
from fixgate.fix.problem import Problem, ProblemKind
from fixgate.fix.session_context import SessionContext
from fixgate.fix.times import nanoseconds
from fixgate.fix.wire import SOH
from fixgate.model.commands import CancelOrder, Command, NewOrder, RefusedRequest, ReplaceOrder, StatusRequest
from fixgate.model.enums import (
    CxlRejResponseTo,
    InstrumentType,
    OrderType,
    PositionSide,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from tests.fix import strategies
from tests.fix.client_codec import as_client, list_message, message

SESSION = SessionContext(
    session=strategies.SESSION,
    source=strategies.SOURCE,
    default_connector="BINANCEPM",
    default_account="main",
)
NOW = "20260101-12:30:00.123"
ORDER = {"t11": "A1", "t55": "BTCUSDT", "t167": "FXSPOT", "t54": "1", "t38": "0.010", "t40": "2"} | {
    "t44": "65000.10",
    "t60": NOW,
}
REPLACE = {"t11": "A2", "t41": "A1", "t55": "BTCUSDT", "t54": "1", "t40": "2", "t60": NOW}

LIST = list_message("L1", [ORDER | {"t67": 1}, ORDER | {"t11": "A2", "t67": 2}])


def order(**tags: object) -> str:
    return message("D", **(ORDER | tags))


def problem(raw: str) -> Problem:
    outcome = decode(raw, SESSION)
    assert isinstance(outcome, Problem), outcome
    return outcome


@given(command=strategies.commands)
def test_given_any_command_when_a_client_writes_it_then_decode_reads_the_same(command: Command) -> None:
    assert decode(as_client(command), SESSION) == command


def test_given_a_limit_order_with_defaults_then_gtc_connector_and_account_are_filled_in() -> None:
    decoded = decode(order(), SESSION)

    assert isinstance(decoded, NewOrder)
    assert decoded.time_in_force is TimeInForce.GTC
    assert (decoded.connector, decoded.account) == ("BINANCEPM", "main")
    assert (decoded.quantity, decoded.price) == (Decimal("0.010"), Decimal("65000.10"))
    assert (decoded.side, decoded.order_type) == (Side.BUY, OrderType.LIMIT)
    assert (decoded.security_type, decoded.transact_time) == ("FXSPOT", NOW)


def test_given_both_destinations_then_ex_destination_wins_over_exec_broker() -> None:
    decoded = [decode(order(**tags), SESSION) for tags in ({"t100": "X", "t76": "Y"}, {"t76": "Y"})]

    assert [each.connector for each in decoded if isinstance(each, NewOrder)] == ["X", "Y"]


def test_given_every_attribute_then_all_are_decoded() -> None:
    decoded = decode(
        order(t18="6", t6101="MARGIN_BUY", t6102="EXPIRE_BOTH", t6200="SHORT", t6201="false"), SESSION
    )

    assert isinstance(decoded, NewOrder)
    assert decoded.attributes.post_only is True
    assert decoded.attributes.side_effect_type is SideEffectType.MARGIN_BUY
    assert decoded.attributes.self_trade_prevention is SelfTradePreventionMode.EXPIRE_BOTH
    assert decoded.attributes.position_side is PositionSide.SHORT
    assert decoded.attributes.reduce_only is False


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("false", False), ("Y", True), ("N", False)], ids=str
)
def test_given_a_spelling_of_reduce_only_then_it_is_read(text: str, value: bool) -> None:
    decoded = decode(order(t6201=text), SESSION)

    assert isinstance(decoded, NewOrder)
    assert decoded.attributes.reduce_only is value


@pytest.mark.parametrize(
    ("security_type", "instrument_type"),
    [("FXSPOT", "FX"), ("FOR", "FX"), ("CASH", "FX"), ("FUT", "FUTURE")],
)
def test_given_a_security_type_then_the_instrument_type_follows(
    security_type: str, instrument_type: str
) -> None:
    decoded = decode(order(t167=security_type), SESSION)

    assert isinstance(decoded, NewOrder)
    assert decoded.instrument_type is InstrumentType(instrument_type)


@pytest.mark.parametrize(
    ("tags", "reason", "words"),
    [
        ({"t54": "5"}, "11", "Side(54) was 5; use 1 (buy) or 2 (sell)"),
        ({"t40": "K"}, "11", "OrdType(40) was K; use 1 (market), 2 (limit)"),
        ({"t59": "0"}, "11", "crypto trades around the clock, use 1"),
        ({"t59": "5"}, "11", "TimeInForce(59) was 5; use 1 (good till cancel)"),
        ({"t18": "6 E"}, "11", "ExecInst(18) had 'E'; only 6 (post only) is taken"),
        ({"t167": None}, "1", "SecurityType(167) is missing; use FXSPOT, FOR or CASH"),
        ({"t167": "OPT"}, "1", "SecurityType(167) was OPT; use FXSPOT, FOR or CASH"),
        ({"t38": "0"}, "13", "OrderQty(38) was 0; it must be above 0"),
        ({"t38": "-1"}, "13", "OrderQty(38) was -1"),
        ({"t38": None}, "13", "OrderQty(38) was missing"),
        ({"t44": None}, "99", "Price(44) is missing; a limit order needs it"),
        ({"t44": "0"}, "99", "Price(44) was 0; it must be above 0"),
        ({"t40": "1"}, "99", "Price(44) was 65000.10; a market order takes none"),
        ({"t99": "1"}, "99", "StopPx(99) was 1; a limit order takes none"),
        ({"t40": "4"}, "99", "StopPx(99) is missing; a stop_loss_limit order needs it"),
        ({"t6101": "BORROW"}, "11", "SideEffectType(6101) was BORROW; use one of NO_SIDE_EFFECT, MARGIN_BUY"),
        ({"t6102": "NONE"}, "11", "use one of EXPIRE_MAKER, EXPIRE_TAKER, EXPIRE_BOTH"),
        ({"t6200": "long"}, "11", "PositionSide(6200) was long; use one of BOTH, LONG, SHORT"),
        ({"t6201": "1"}, "11", "ReduceOnly(6201) was 1; use true or false"),
        ({"t110": "0.001"}, "11", "MinQty(110) was 0.001; it is not served, leave it out"),
        ({"t152": "500"}, "11", "CashOrderQty(152) was 500"),
        ({"t11": "x" * 65}, "99", "ClOrdID(11) was 65 characters long; at most 64"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_given_an_order_that_cannot_be_traded_then_it_is_rejected_with_what_would_be_right(
    tags: dict[str, object], reason: str, words: str
) -> None:
    found = problem(order(**tags))

    assert (found.kind, found.reason) == (ProblemKind.ORDER_REJECT, reason)
    assert words in found.text


@pytest.mark.parametrize(
    ("tags", "ref_tag", "reason"),
    [
        ({"t38": "1e5"}, "38", "6"),
        ({"t38": "ten"}, "38", "6"),
        ({"t44": "+1"}, "44", "6"),
        ({"t44": "NaN"}, "44", "6"),
        ({"t44": "9" * 60}, "44", "6"),
        ({"t60": "2026-01-01"}, "60", "6"),
        ({"t60": "20260230-12:30:00"}, "60", "6"),
        ({"t52": "12:00"}, "52", "6"),
        ({"t43": "Y", "t122": "12:00"}, "122", "6"),
        ({"t60": None}, "60", "1"),
        ({"t11": None}, "11", "1"),
        ({"t55": None}, "55", "1"),
        ({"t54": None}, "54", "1"),
        ({"t40": None}, "40", "1"),
        ({"t11": "A\t1"}, "11", "5"),
        ({"t55": "BTC\u20ac"}, "55", "5"),
        ({"t15": ""}, "15", "4"),
        ({"t354": "3", "t355": "abc"}, "355", "99"),
    ],
    ids=str,
)
def test_given_a_field_that_fix_forbids_then_the_session_reject_names_it(
    tags: dict[str, object], ref_tag: str, reason: str
) -> None:
    found = problem(order(**tags))

    assert (found.kind, found.ref_tag, found.reason) == (ProblemKind.SESSION_REJECT, ref_tag, reason)


def test_given_an_interpreted_tag_twice_then_neither_value_is_believed() -> None:
    found = problem(order().replace(f"{SOH}44=", f"{SOH}44=1{SOH}44="))

    assert (found.kind, found.ref_tag, found.reason) == (ProblemKind.SESSION_REJECT, "44", "13")


def test_given_repeating_groups_then_body_scalars_are_not_mistaken() -> None:
    groups = f"{SOH}453=2{SOH}448=P1{SOH}452=3{SOH}448=P2{SOH}452=4{SOH}10="

    assert decode(order().replace(f"{SOH}10=", groups), SESSION) == decode(order(), SESSION)


def test_given_no_destination_at_all_then_the_order_is_rejected() -> None:
    outcome = decode(order(), SessionContext(session="s", source="OMS"))

    assert isinstance(outcome, Problem)
    assert "ExDestination(100) is missing" in outcome.text


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"t40": "1", "t44": "5"}, "Price(44) was 5; a market order takes none"),
        ({"t44": "0"}, "Price(44) was 0; it must be above 0"),
        ({"t38": "0"}, "OrderQty(38) was 0; it must be above 0"),
        ({"t59": "0"}, "use 1 (good till cancel)"),
        ({"t99": "5"}, "StopPx(99) cannot be changed"),
        ({"t210": "5"}, "MaxShow(210) was 5"),
        ({"t111": "5"}, "MaxFloor(111) cannot be changed by a replace; leave it out"),
        ({"t126": NOW}, "ExpireTime(126) cannot be changed"),
        ({"t211": "5"}, "PegOffsetValue(211) cannot be changed"),
        ({"t40": "P"}, "OrdType(40) was P (pegged) without ExecInst(18) a"),
    ],
    ids=str,
)
def test_given_a_replace_that_cannot_be_done_then_the_engine_gets_it_to_answer(
    tags: dict[str, object], words: str
) -> None:
    found = decode(message("G", **(REPLACE | {"t37": "17"} | tags)), SESSION)

    assert isinstance(found, RefusedRequest)
    assert (found.source, found.session) == (SESSION.source, SESSION.session)
    assert (found.cl_ord_id, found.orig_cl_ord_id, found.order_id) == ("A2", "A1", "17")
    assert found.response_to is CxlRejResponseTo.REPLACE
    assert words in found.text


def test_given_a_cancel_with_a_name_that_is_too_long_then_the_engine_gets_it_to_answer() -> None:
    found = decode(message("F", t11="X", t41="A1", t55="B" * 65, t54="1", t60=NOW), SESSION)

    assert isinstance(found, RefusedRequest)
    assert found.response_to is CxlRejResponseTo.CANCEL


@pytest.mark.parametrize("kind", ["F", "H"])
def test_given_a_session_that_may_cancel_orders_of_others_then_its_requests_say_so(kind: str) -> None:
    raw = message(kind, t11="X", t41="A1", t37="17", t55="BTCUSDT", t54="1", t60=NOW)
    found = decode(raw, SessionContext(session="S", source="RISK", may_cancel=("api",)))

    assert isinstance(found, CancelOrder | StatusRequest)
    assert (found.order_id, found.may_cancel) == ("17", ("api",))


@pytest.mark.parametrize("tag", ["t11", "t41"])
def test_given_a_replace_whose_ids_cannot_be_read_then_it_is_a_business_reject(tag: str) -> None:
    found = problem(message("G", **(REPLACE | {tag: "x" * 65})))

    assert (found.kind, found.reason) == (ProblemKind.BUSINESS_REJECT, "0")


@pytest.mark.parametrize(
    "raw",
    [order(), *(message(each, **REPLACE) for each in "FGH"), LIST, message("AN", t710="P1", t724="0")],
    ids=[*"DFGHE", "AN"],
)
def test_given_a_drop_copy_session_then_it_may_not_send(raw: str) -> None:
    listener = SessionContext(session="S", source="DC", default_connector="PM", drop_copy=True)

    found = decode(raw, listener)

    assert isinstance(found, Problem)
    assert (found.kind, found.reason) == (ProblemKind.BUSINESS_REJECT, "6")
    assert found.text.endswith("may not send D, E, F, G, H or AN")


@pytest.mark.parametrize(
    ("tags", "made"),
    [
        ({"t60": "20260101-12:30:00", "t52": "20260101-12:30:01"}, "20260101-12:30:00"),
        ({"t60": "20260101-12:30:00", "t52": "20260101-12:29:59"}, "20260101-12:29:59"),
        (
            {"t60": "20260101-12:30:00", "t52": "20260101-12:30:01", "t122": "20260101-12:00:00"},
            "20260101-12:30:00",
        ),
        (
            {"t43": "Y", "t60": "20260101-12:30:00", "t52": "20250101-12:30:00", "t122": "20260101-12:31:00"},
            "20260101-12:30:00",
        ),
        (
            {"t43": "Y", "t60": "20260101-12:30:00", "t52": "20260101-12:40:00", "t122": "20260101-12:20:00"},
            "20260101-12:20:00",
        ),
        ({"t43": "Y", "t60": "20260101-12:30:00", "t52": "20260101-12:20:00"}, "20260101-12:20:00"),
    ],
    ids=["TransactTime", "SendingTime", "no PossDupFlag", "repeat of now", "repeat of then", "no 122"],
)
def test_given_the_times_of_a_message_then_the_older_one_is_when_it_was_made(
    tags: dict[str, object], made: str
) -> None:
    for raw in (order(**tags), message("G", **(REPLACE | tags))):
        command = decode(raw, SESSION)

        assert isinstance(command, NewOrder | ReplaceOrder)
        assert command.made_ns == nanoseconds(made)


@pytest.mark.parametrize("year", ["0001", "1969", "9999"])
def test_given_an_absurd_year_then_the_time_still_fits_a_64_bit_number(year: str) -> None:
    command = decode(order(t60=f"{year}0101-00:00:00", t52=None), SESSION)

    assert isinstance(command, NewOrder)
    assert 1 <= command.made_ns < 2**63


def test_given_a_replace_with_nothing_new_then_quantity_and_price_stay_as_they_are() -> None:
    decoded = decode(message("G", **REPLACE), SESSION)

    assert isinstance(decoded, ReplaceOrder)
    assert (decoded.quantity, decoded.price, decoded.time_in_force) == (None, None, None)


def test_given_a_cancel_with_an_odd_side_then_it_is_taken_all_the_same() -> None:
    decoded = decode(message("F", t11="X", t41="A1", t55="BTCUSDT", t54="5", t60=NOW), SESSION)

    assert isinstance(decoded, CancelOrder)
    assert (decoded.orig_cl_ord_id, decoded.side) == ("A1", None)


def test_given_a_status_request_by_order_id_alone_then_it_is_taken() -> None:
    decoded = decode(message("H", t37="17", t55="BTCUSDT", t54="1"), SESSION)

    assert isinstance(decoded, StatusRequest)
    assert decoded.order_id == "17"


def test_given_a_status_request_that_names_no_order_then_it_is_a_business_reject() -> None:
    found = problem(message("H", t55="BTCUSDT", t54="1"))

    assert (found.kind, found.reason) == (ProblemKind.BUSINESS_REJECT, "5")


def test_given_a_message_type_that_is_not_served_then_it_is_a_business_reject() -> None:
    found = problem(message("q", t11="A"))

    assert (found.kind, found.reason) == (ProblemKind.BUSINESS_REJECT, "3")


_ITEMS = st.sampled_from(LIST.split(SOH)) | st.text(max_size=8)
_MESSAGES = st.tuples(st.sampled_from(["35=D", "35=E", "35=AN"]), st.lists(_ITEMS)).map(
    lambda found: SOH.join([found[0], *found[1]])
)


@given(raw=st.text() | _MESSAGES)
def test_given_any_text_at_all_then_decode_answers_and_never_raises(raw: str) -> None:
    assert isinstance(decode(raw, SESSION), Command | Problem)


@given(command=strategies.new_orders(), data=st.data())
def test_given_an_order_with_a_mangled_field_then_no_other_field_takes_its_value(
    command: NewOrder, data: st.DataObject
) -> None:
    tag = data.draw(st.sampled_from(["38", "44", "54", "55", "100", "167"]))
    value = data.draw(st.text(st.characters(exclude_characters="\x01", codec="utf-8"), max_size=12))
    items = [
        f"{tag}={value}" if item.startswith(f"{tag}=") else item for item in as_client(command).split(SOH)
    ]

    decoded = decode(SOH.join(items), SESSION)

    if isinstance(decoded, NewOrder):
        assert (decoded.cl_ord_id, decoded.session) == (command.cl_ord_id, command.session)
        if tag != "38":
            assert decoded.quantity == command.quantity
        if tag != "44":
            assert decoded.price == command.price


@pytest.mark.parametrize(
    ("flag", "repeated"), [("43=Y", True), ("97=Y", True), ("43=N", False), ("97=N", False)]
)
def test_a_message_that_may_have_been_sent_before_is_marked(flag, repeated):
    order = f"35=D|{flag}|11=A1|55=BTCUSDT|167=FUT|54=1|38=1|40=1|60=20260101-00:00:00|".replace("|", SOH)
    cancel = f"35=F|{flag}|11=C1|41=A1|55=BTCUSDT|54=1|60=20260101-00:00:00|".replace("|", SOH)
    context = SessionContext(session="S", source="OMS", default_connector="PM")
    for raw in (order, cancel):
        command = decode(raw, context)
        assert not isinstance(command, Problem) and command.repeated is repeated
