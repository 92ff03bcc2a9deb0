"""Reports to FIX text: every field there, exact, and safe to send."""

import datetime
import importlib.resources
from decimal import Decimal

import pytest
import quickfix
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fixgate.fix.encode import encode
from fixgate.fix.masking import mask
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind, SessionRejectReason
from fixgate.fix.replies import encode_problem, not_available
from fixgate.fix.times import timestamp
from fixgate.fix.wire import SOH, printable
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrderType,
    OrdRejReason,
    OrdStatus,
    PositionSide,
    Side,
    TimeInForce,
)
from fixgate.model.reports import CancelReject, ExecutionReport, Report
from tests.fix import strategies
from tests.fixclient import Message, parse

DICTIONARY = importlib.resources.files("fixgate") / "fix_spec" / "FIXGATE44.xml"


def sent(text: str) -> Message:
    """Return the fields of an encoded text; no tag may appear twice."""
    tags = [item.split("=")[0] for item in text.split(SOH)[:-1]]
    assert len(tags) == len(set(tags)), f"a tag repeats in {text}"
    return parse(text.encode())


def number(message: Message, tag: int) -> Decimal | None:
    return Decimal(message[tag]) if tag in message else None


FILL = ExecutionReport(
    session=strategies.SESSION,
    order_id="42",
    venue_order_id="900719925474",
    exec_id="T-7",
    exec_type=ExecType.TRADE,
    ord_status=OrdStatus.PARTIALLY_FILLED,
    cl_ord_id="A2",
    orig_cl_ord_id="A1",
    symbol="BTCUSDT",
    security_type="FUT",
    account="main",
    connector="BINANCEPM",
    currency="USDT",
    side=Side.SELL,
    order_type=OrderType.LIMIT,
    time_in_force=TimeInForce.GTC,
    quantity=Decimal("0.010"),
    price=Decimal("65000.10"),
    last_quantity=Decimal("0.004"),
    last_price=Decimal("65000.20"),
    cum_quantity=Decimal("0.004"),
    leaves_quantity=Decimal("0.006"),
    average_price=Decimal("65000.20"),
    commission=Decimal("1E-8"),
    commission_currency="USDT",
    trade_id="555",
    maker=True,
    attributes=OrderAttributes(post_only=True, position_side=PositionSide.BOTH, reduce_only=False),
    at_ns=1_767_270_600_123_456_789,
)


def test_given_a_fill_then_the_execution_report_carries_all_of_it() -> None:
    assert sent(encode(FILL)) == {
        35: "8",
        37: "42",
        198: "900719925474",
        17: "T-7",
        150: "F",
        39: "1",
        11: "A2",
        41: "A1",
        55: "BTCUSDT",
        167: "FUT",
        1: "main",
        100: "BINANCEPM",
        15: "USDT",
        54: "2",
        40: "2",
        59: "1",
        38: "0.010",
        44: "65000.10",
        32: "0.004",
        31: "65000.20",
        14: "0.004",
        151: "0.006",
        6: "65000.20",
        12: "0.00000001",
        13: "3",
        479: "USDT",
        527: "555",
        851: "1",
        18: "6",
        6200: "BOTH",
        6201: "false",
        60: "20260101-12:30:00.123",
    }


@given(report=strategies.execution_reports)
def test_given_any_execution_report_then_a_client_reads_back_the_same(report: ExecutionReport) -> None:
    fields = sent(encode(report))

    assert (fields[37], fields[17], fields[11]) == (report.order_id, report.exec_id, report.cl_ord_id)
    assert (fields[150], fields[39], fields[55]) == (report.exec_type, report.ord_status, report.symbol)
    assert (number(fields, 14), number(fields, 151)) == (report.cum_quantity, report.leaves_quantity)
    assert (number(fields, 32), number(fields, 31)) == (report.last_quantity, report.last_price)
    assert (number(fields, 38), number(fields, 44)) == (report.quantity, report.price)
    assert (number(fields, 6), number(fields, 99)) == (report.average_price, report.stop_price)
    assert number(fields, 12) == report.commission
    assert (number(fields, 211), number(fields, 111)) == (report.trailing_delta, report.display_quantity)
    assert (fields.get(66, ""), fields.get(6301, "")) == (report.list_id, report.parent_order_id)
    assert fields.get(836) == (None if report.trailing_delta is None else "1")
    assert fields.get(126, "") == timestamp(report.expire_ms * 1_000_000)
    assert (fields.get(41, ""), fields.get(198, "")) == (report.orig_cl_ord_id, report.venue_order_id)
    assert (fields.get(1, ""), fields.get(100, "")) == (report.account, report.connector)
    assert (fields.get(527, ""), fields.get(790, "")) == (report.trade_id, report.status_req_id)
    assert (fields.get(103), fields.get(6300, "")) == (report.rej_reason, report.venue_error_code)
    assert fields[54] == {Side.BUY: "1", Side.SELL: "2", None: "7"}[report.side]
    assert fields.get(851) == {True: "1", False: "2", None: None}[report.maker]
    given_attributes = report.attributes
    assert fields.get(6101) == given_attributes.side_effect_type
    assert fields.get(6102) == given_attributes.self_trade_prevention
    assert fields.get(6200) == given_attributes.position_side
    assert fields.get(6201) == {True: "true", False: "false", None: None}[given_attributes.reduce_only]


@given(report=strategies.reports)
def test_given_any_report_then_its_text_is_one_well_formed_ascii_message(report: Report) -> None:
    text = encode(report)

    assert text.isascii()
    assert text.startswith("35=") and text.endswith(SOH)
    for item in text.split(SOH)[:-1]:
        tag, _, value = item.partition("=")
        assert tag.isdecimal() and value and value.isprintable()


@given(report=strategies.cancel_rejects)
def test_given_any_cancel_reject_then_a_client_reads_back_the_same(report: CancelReject) -> None:
    fields = sent(encode(report))

    assert fields[35] == "9"
    assert (fields[37], fields[11]) == (report.order_id or "NONE", report.cl_ord_id)
    assert (fields[41], fields[39]) == (report.orig_cl_ord_id, report.ord_status)
    assert (fields[434], fields[102]) == (report.response_to, report.reason)
    assert fields.get(6300, "") == report.venue_error_code


@given(number_=st.decimals(allow_nan=False, allow_infinity=False, min_value=0))
def test_given_any_decimal_then_it_is_sent_exactly_and_without_an_exponent(number_: Decimal) -> None:
    report = ExecutionReport(
        session="s",
        order_id="1",
        exec_id="1",
        exec_type=ExecType.NEW,
        ord_status=OrdStatus.NEW,
        cl_ord_id="1",
        symbol="X",
        cum_quantity=number_ if number_.adjusted() > -400 else Decimal(0),
    )
    text = sent(encode(report))[14]

    if len(text) < 500:
        assert "E" not in text
        assert Decimal(text) == report.cum_quantity


def test_given_a_post_only_time_in_force_then_it_is_gtc_with_exec_inst_6() -> None:
    report = ExecutionReport(
        session="s",
        order_id="1",
        exec_id="1",
        exec_type=ExecType.NEW,
        ord_status=OrdStatus.NEW,
        cl_ord_id="1",
        symbol="X",
        time_in_force=TimeInForce.POST_ONLY,
    )
    fields = sent(encode(report))

    assert (fields[59], fields[18]) == ("1", "6")


@given(milliseconds=st.integers(1, 4_000_000_000_000))
def test_given_any_time_then_its_timestamp_is_utc_to_the_millisecond(milliseconds: int) -> None:
    read = datetime.datetime.strptime(timestamp(milliseconds * 1_000_000 + 999), "%Y%m%d-%H:%M:%S.%f")

    assert read.replace(tzinfo=datetime.UTC) == datetime.datetime(
        1970, 1, 1, tzinfo=datetime.UTC
    ) + datetime.timedelta(milliseconds=milliseconds)


@given(text=st.text())
def test_given_any_text_then_what_is_sent_is_short_printable_ascii(text: str) -> None:
    safe = printable(text)

    assert len(safe) <= 512
    assert safe == "" or (safe.isascii() and safe.isprintable())


def order_problem(kind: ProblemKind, reason: object, msg_type: str = "D") -> Problem:
    fields = {"35": msg_type, "34": "9", "11": "A1", "41": "A0", "55": "BTCUSDT", "54": "1", "38": "1"}
    return Problem(kind=kind, reason=reason, text="why", ref_tag="44", fields=fields)  # type: ignore[arg-type]


def test_given_an_order_problem_then_an_execution_report_rejects_it_with_its_terms() -> None:
    fields = sent(
        encode_problem(
            order_problem(ProblemKind.ORDER_REJECT, OrdRejReason.UNSUPPORTED),
            exec_id="door-3",
            at_ns=1_767_270_600_123_456_789,
        )
    )

    assert fields == {
        35: "8",
        37: "NONE",
        17: "door-3",
        150: "8",
        39: "8",
        11: "A1",
        55: "BTCUSDT",
        54: "1",
        38: "1",
        14: "0",
        151: "0",
        6: "0",
        103: "11",
        58: "why",
        60: "20260101-12:30:00.123",
    }


def test_given_a_session_problem_then_a_reject_names_message_and_tag() -> None:
    text = encode_problem(
        order_problem(ProblemKind.SESSION_REJECT, SessionRejectReason.INCORRECT_FORMAT), exec_id="", at_ns=0
    )

    assert sent(text) == {35: "3", 45: "9", 371: "44", 372: "D", 373: "6", 58: "why"}


def test_given_a_business_problem_then_the_reject_names_message_and_order() -> None:
    text = encode_problem(
        order_problem(ProblemKind.BUSINESS_REJECT, BusinessRejectReason.NOT_AUTHORIZED, "F"),
        exec_id="",
        at_ns=1,
    )

    assert sent(text) == {35: "j", 45: "9", 372: "F", 379: "A1", 380: "6", 58: "why"}


@pytest.mark.parametrize("source", ["OMS", ""], ids=["a client's order", "an order nobody sent here"])
def test_given_a_copy_of_a_report_then_it_says_so_and_whose_order_it_is(source: str) -> None:
    fields = sent(encode(replace(FILL, copy=True, source=source)))

    assert (fields[797], fields.get(115, "")) == ("Y", source)
    assert {tag: value for tag, value in fields.items() if tag not in {797, 115}} == sent(encode(FILL))


def test_given_a_copy_of_a_cancel_reject_then_the_header_says_whose_order_it_is() -> None:
    reject = CancelReject(
        session=strategies.SESSION,
        order_id="42",
        cl_ord_id="A2",
        orig_cl_ord_id="A1",
        ord_status=OrdStatus.NEW,
        response_to=CxlRejResponseTo.CANCEL,
        reason=CxlRejReason.OTHER,
        source="OMS",
        copy=True,
    )

    assert sent(encode(reject)) == sent(encode(replace(reject, copy=False))) | {115: "OMS"}


@pytest.mark.parametrize("resent", [False, True])
def test_given_a_copy_when_the_fix_engine_reads_it_then_the_header_is_whole_and_the_dictionary_agrees(
    resent: bool,
) -> None:
    text = encode(replace(FILL, copy=True, source="OMS", resent=resent))
    message = quickfix.Message(text, False)
    message.getHeader().setField(8, "FIX.4.4")
    for tag, value in ((49, "FIXGATE"), (56, "DC"), (34, "2"), (52, "20260101-12:30:00.123")):
        message.getHeader().setField(tag, value)

    assert message.getHeader().getField(115) == "OMS"
    with importlib.resources.as_file(DICTIONARY) as path:
        dictionary = quickfix.DataDictionary(str(path))
        dictionary.validate(quickfix.Message(message.toString(), dictionary, True))


def test_given_the_gateway_cannot_take_a_message_then_the_business_reject_says_not_available() -> None:
    fields = sent(not_available({"35": "D", "34": "4", "11": "A1"}, "later"))

    assert fields == {35: "j", 45: "4", 372: "D", 379: "A1", 380: "4", 58: "later"}
    assert fields[380] == BusinessRejectReason.APPLICATION_NOT_AVAILABLE


@given(secret=st.text(st.characters(exclude_characters="\x01"), min_size=6))
def test_given_a_logon_with_secrets_then_a_log_line_shows_none(secret: str) -> None:
    line = mask(f"8=FIX.4.4\x0135=A\x01553=joe\x01554={secret}\x0195=3\x0196={secret}\x0110=000\x01")

    assert line == "8=FIX.4.4|35=A|553=joe|554=****|95=3|96=****|10=000|"
