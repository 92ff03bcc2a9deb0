"""Positions and news: requests for positions read, position reports and news written."""

from decimal import Decimal

import pytest
from hypothesis import given

from fixgate.fix.decode import decode
from fixgate.fix.encode import encode
from fixgate.fix.problem import Problem, ProblemKind
from fixgate.fix.replies import answers
from fixgate.fix.session_context import SessionContext
from fixgate.fix.wire import SOH, printable
from fixgate.model.commands import PositionsRequest
from fixgate.model.reports import News, PositionReport
from tests.fix import strategies
from tests.fix.client_codec import message
from tests.fixclient import parse

SESSION = SessionContext(session="S", source="OMS", default_connector="PM", default_account="main")
AT_NS = 1_767_270_600_123_456_789
POSITION = PositionReport(
    session="S",
    request_id="P-1",
    report_id="17",
    total=2,
    connector="PM",
    account="main",
    symbol="BTCUSDT",
    position_side="BOTH",
    quantity=Decimal("-0.010"),
    entry_price=Decimal("65000.10"),
    settle_price=Decimal("64900.00"),
    unrealized_pnl=Decimal("1.00100"),
    currency="USDT",
    at_ns=AT_NS,
)


def readable(report: PositionReport | News) -> str:
    return encode(report).replace(SOH, "|")


def test_given_a_request_for_positions_as_fix_asks_for_it_then_it_is_read() -> None:
    raw = message(
        "AN", t1="hedge", t55="BTCUSDT", t60="20260101-12:30:00", t100="X", t581="1", t710="P-1"
    ).replace(f"{SOH}710=P-1", f"{SOH}710=P-1{SOH}715=20260101{SOH}724=0{SOH}263=0")

    assert decode(raw, SESSION) == PositionsRequest(
        source="OMS", session="S", request_id="P-1", connector="X", account="hedge", symbol="BTCUSDT"
    )


def test_given_a_request_for_positions_with_the_least_then_the_session_fills_in_the_rest() -> None:
    assert decode(message("AN", t710="P-1", t724="0"), SESSION) == PositionsRequest(
        source="OMS", session="S", request_id="P-1", connector="PM", account="main"
    )


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"t724": "1"}, "PosReqType(724) was 1; only 0 (positions) is served"),
        ({"t263": "1"}, "SubscriptionRequestType(263) was 1; only 0 (a snapshot) is served"),
        ({"t1": "x" * 65}, "Account(1) was 65 characters long"),
    ],
    ids=str,
)
def test_given_a_request_that_is_not_served_then_the_business_reject_names_it(
    tags: dict[str, object], words: str
) -> None:
    found = decode(message("AN", **({"t710": "P-1", "t724": "0"} | tags)), SESSION)

    assert isinstance(found, Problem)
    assert found.kind is ProblemKind.BUSINESS_REJECT
    (text,) = answers(found, exec_id="door-3", at_ns=AT_NS)
    fields = parse(text.encode())
    assert (fields[372], fields[379], fields[380]) == ("AN", "P-1", "0")
    assert words in fields[58]


@pytest.mark.parametrize("tag", ["t710", "t724"])
def test_given_a_request_without_its_id_or_type_then_the_session_reject_names_the_field(tag: str) -> None:
    found = decode(message("AN", **({"t710": "P-1", "t724": "0"} | {tag: None})), SESSION)

    assert isinstance(found, Problem)
    assert (found.kind, found.ref_tag) == (ProblemKind.SESSION_REJECT, tag[1:])


def test_given_no_connector_at_all_then_the_request_is_refused() -> None:
    found = decode(message("AN", t710="P-1", t724="0"), SessionContext(session="S", source="OMS"))

    assert isinstance(found, Problem)
    assert found.kind is ProblemKind.BUSINESS_REJECT
    assert "ExDestination(100) is missing" in found.text


def test_given_a_short_position_then_the_report_has_all_of_it() -> None:
    assert readable(POSITION) == (
        "35=AP|721=17|710=P-1|724=0|727=2|728=0|715=20260101|1=main|581=1|100=PM|55=BTCUSDT|15=USDT|"
        "730=64900.00|731=2|734=0|702=1|703=TQ|705=0.010|753=1|707=IMTM|708=1.00100|6200=BOTH|6302=65000.10|"
    )


@given(report=strategies.position_reports)
def test_given_any_position_then_a_client_reads_back_the_same(report: PositionReport) -> None:
    fields = parse(encode(report).encode())

    quantity = Decimal(fields[704]) if 704 in fields else -Decimal(fields[705])
    assert (quantity, 704 in fields) == (report.quantity, 705 not in fields)
    assert (fields[55], fields[6200], fields[728]) == (report.symbol, report.position_side, "0")
    assert (fields[721], fields[710], fields[727]) == (report.report_id, report.request_id, str(report.total))
    assert (fields[1], fields[100]) == (report.account, report.connector)
    assert Decimal(fields[730]) == (report.settle_price or 0)
    assert (Decimal(fields[708]) if 753 in fields else None) == report.unrealized_pnl
    assert (Decimal(fields[6302]) if 6302 in fields else None) == report.entry_price
    assert fields.get(58, "") == printable(report.text)


@pytest.mark.parametrize(
    ("quantity", "text", "result"),
    [(Decimal(0), "", "2"), (None, "", "2"), (None, "the venue did not answer", "99")],
    ids=["no position", "nothing said", "no answer"],
)
def test_given_no_position_to_tell_then_the_result_says_why(
    quantity: Decimal | None, text: str, result: str
) -> None:
    nothing = PositionReport(
        session="S",
        request_id="P-1",
        report_id="17",
        total=1,
        connector="PM",
        account="main",
        quantity=quantity,
        text=text,
        at_ns=AT_NS,
    )

    assert readable(nothing) == (
        f"35=AP|721=17|710=P-1|724=0|727=1|728={result}|715=20260101|1=main|581=1|100=PM|730=0|731=2|734=0|"
        + (f"58={text}|" if text else "")
    )


def test_given_no_account_then_the_required_field_says_that_there_is_none() -> None:
    nothing = PositionReport(
        session="S",
        request_id="P-1",
        report_id="17",
        total=0,
        connector="PM",
        account="",
        text="which?",
        at_ns=AT_NS,
    )

    assert parse(encode(nothing).encode())[1] == "[N/A]"


def test_given_urgent_news_then_every_line_is_told() -> None:
    news = News(session="S", headline="Margin call", lines=("uniMMR 1.15", "add margin"), urgent=True)

    assert readable(news) == "35=B|61=1|148=Margin call|33=2|58=uniMMR 1.15|58=add margin|"


def test_given_news_without_lines_then_the_headline_is_the_line_that_fix_asks_for() -> None:
    news = News(session="S", headline="PM main is connected", lines=("",), at_ns=AT_NS)

    assert readable(news) == (
        "35=B|42=20260101-12:30:00.123|61=0|148=PM main is connected|33=1|58=PM main is connected|"
    )


@given(news=strategies.news)
def test_given_any_news_then_the_count_is_that_of_the_lines(news: News) -> None:
    fields = [item.partition("=") for item in encode(news).split(SOH) if item]
    lines = [value for tag, _, value in fields if tag == "58"]

    assert ("33", str(len(lines))) in [(tag, value) for tag, _, value in fields]
    assert lines == [printable(line) for line in news.lines if line] or lines == [printable(news.headline)]
