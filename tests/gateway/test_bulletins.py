"""Positions on request, and news of margin and links."""

from decimal import Decimal
from pathlib import Path

import pytest

from fixgate.fix.settings import SessionConfig
from fixgate.gateway.bulletins import bulletins
from fixgate.gateway.positions import position_reports
from fixgate.model.account import AccountState, MarginAlert, Position, RiskLevel
from fixgate.model.commands import PositionsRequest
from fixgate.model.enums import ProductType
from fixgate.model.reports import News
from fixgate.model.venue import ConnectorStatus

from .stand import SESSION, Stand

OMS = SessionConfig(target_comp_id="OMS", default_connector="PM")
EMS = SessionConfig(target_comp_id="EMS", default_connector="OTHER")
RISK = SessionConfig(target_comp_id="RISK", drop_copy=True)
NARROW = SessionConfig(target_comp_id="NARROW", drop_copy=True, drop_copy_of=("OMS",))
CALL = MarginAlert(
    connector="PM",
    account="main",
    risk_level=RiskLevel.MARGIN_CALL,
    status="MARGIN_CALL",
    uni_mmr=Decimal("1.2"),
    equity=Decimal(1000),
    maintenance_margin=Decimal(800),
    text="uniMMR fell to 1.2",
)


def test_a_margin_call_is_news_to_who_trades_there_and_to_who_watches_everybody():
    told = list(bulletins(CALL, (OMS, EMS, RISK, NARROW), 5))
    assert [news.session for news in told] == [OMS.session_id, RISK.session_id]
    assert all(news.urgent and "MARGIN_CALL" in news.headline for news in told)


@pytest.mark.parametrize("up", [True, False])
def test_a_link_that_goes_up_or_down_is_news(up: bool):
    (news,) = bulletins(ConnectorStatus(connector="PM", account="main", up=up, text="why"), (OMS,), 5)
    assert news.urgent is not up and news.lines == ("why",)


@pytest.mark.asyncio
async def test_link_news_is_for_sessions_that_are_on_and_margin_calls_are_kept_for_the_others(tmp_path: Path):
    stand = await Stand(tmp_path, (OMS,)).start()
    down = ConnectorStatus(connector="PM", account="main", up=False, text="gone")
    stand.connector.sink(down)
    stand.connector.sink(CALL)
    assert [type(each) for each in stand.door.told] == [News] and stand.door.told[0].urgent
    await stand.door.logon(SESSION)
    stand.connector.sink(down)
    assert [each.headline for each in stand.door.told[1:]] == ["PM account main is down"]
    stand.stop()


class Accounts:
    """A connector that knows the positions of one account."""

    def __init__(self, *positions: Position, current: bool = True) -> None:
        self.state = AccountState(
            connector="PM", account="main", current=current, as_of_ms=1, positions=positions
        )

    def health(self) -> list:
        return [type("Row", (), {"account": "main"})()]

    def account_state(self, account: str) -> AccountState:
        return self.state


def position(symbol: str, quantity: str) -> Position:
    return Position(
        product_type=ProductType.FUTURE,
        symbol=symbol,
        position_side="BOTH",
        quantity=Decimal(quantity),
        entry_price=Decimal(100),
    )


def asked(known: Accounts, **changes: str) -> list:
    fields = {"source": "OMS", "session": "S", "request_id": "P1", "connector": "PM"}
    return list(position_reports(PositionsRequest(**(fields | changes)), {"PM": known}, 7))  # type: ignore[dict-item]


def test_every_position_is_a_report_that_says_how_many_there_are():
    told = asked(Accounts(position("BTCUSDT", "1"), position("ETHUSDT", "-2")))
    assert [(each.symbol, each.quantity, each.total) for each in told] == [
        ("BTCUSDT", Decimal(1), 2),
        ("ETHUSDT", Decimal(-2), 2),
    ]
    assert [each.report_id for each in told] == ["P1-1", "P1-2"]
    assert [each.symbol for each in asked(Accounts(position("BTCUSDT", "1")), symbol="BTCUSDT")] == [
        "BTCUSDT"
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"connector": "NOBODY"}, "it can be: PM"),
        ({"account": "other"}, "not one of main"),
        ({"symbol": "XRPUSDT"}, ""),
    ],
)
def test_a_request_that_has_no_answer_says_why(changes: dict[str, str], text: str):
    (report,) = asked(Accounts(position("BTCUSDT", "1")), **changes)
    assert text in report.text and bool(text) == bool(report.text) and report.quantity is None


def test_positions_of_an_account_that_is_not_heard_of_say_so():
    (report,) = asked(Accounts(position("BTCUSDT", "1"), current=False))
    assert "out of date" in report.text
