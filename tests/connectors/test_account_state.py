"""An account's money, kept live from lists and stream, against the simulated venue."""

import json
from decimal import Decimal as D

import pytest

from fixgate.connectors.binance_pm import account_reader
from fixgate.model.account import MarginAlert, RiskLevel
from fixgate.model.enums import OrdRejReason, ProductType, Side
from fixgate.model.refusal import Refused
from fixgate.model.venue import AccountNotice, OrderUpdate, PositionUpdate, ReconcileDue, VenueExec
from fixgate.simulator import EventFault, RequestFault

from .link import QUANTITY, Link, linked

RISK = {"e": "riskLevelChange", "u": "1.05", "s": "MARGIN_CALL", "eq": "3000.5", "ae": "3100", "m": "2800"}


def state(link: Link):
    return link.connector.account_state("main")


async def current(link: Link):
    await link.until(lambda: state(link).current)
    return state(link)


def balance(link: Link, product: ProductType, asset: str):
    return next((b for b in state(link).balances if (b.product_type, b.asset) == (product, asset)), None)


def position(link: Link, symbol: str = "BTCUSDT"):
    return next((p for p in state(link).positions if p.symbol == symbol), None)


async def bought(link: Link, product: ProductType = ProductType.FUTURE) -> OrderUpdate:
    link.quote(product, "SELL", "59000", QUANTITY[product])
    order = link.submit(product)
    return await link.tells(OrderUpdate, client_order_id=order.client_order_id, exec=VenueExec.TRADE)


async def test_everything_is_read_at_the_start():
    async with linked() as link:
        found = await current(link)
        assert (found.connector, found.account, found.hedge_mode) == ("PM", "main", False)
        assert {(b.product_type, b.asset): b.total for b in found.balances} == {
            (ProductType.SPOT, "BTC"): 1000,
            (ProductType.SPOT, "USDT"): 10_000_000,
        }
        assert found.positions == () and found.as_of_ms > 1_700_000_000_000
        assert found.margin.risk_level is RiskLevel.NORMAL
        assert found.margin.equity == 10_000_000 + 1000 * 65_000
        assert found.margin.available_balance > 0 and found.margin.at_ms > 1_700_000_000_000


async def test_an_account_is_found_by_name_or_key_and_no_other_is():
    async with linked() as link:
        assert link.connector.account_state("").account == link.connector.account_state("test-key").account
        with pytest.raises(Refused, match="Account\\(1\\) can be: main") as refused:
            link.connector.account_state("other")
        assert refused.value.reason is OrdRejReason.UNKNOWN_ACCOUNT


@pytest.mark.parametrize("product", [ProductType.FUTURE, ProductType.DELIVERY])
async def test_a_trade_changes_position_and_wallet_by_the_stream_alone(product):
    async with linked() as link:
        await current(link)
        read = len(link.asked("GET", "/papi/v1/balance"))
        await bought(link, product)
        symbol = "BTCUSDT" if product is ProductType.FUTURE else "BTCUSD_PERP"
        await link.until(lambda: position(link, symbol))
        held = position(link, symbol)
        assert held.quantity == (D("0.010") if product is ProductType.FUTURE else 5)
        assert held.entry_price == 59_000 and held.position_side == "BOTH"
        asset = "USDT" if product is ProductType.FUTURE else "BTC"
        await link.until(lambda: balance(link, product, asset))
        assert balance(link, product, asset).total < 0, "the commission"
        assert len(link.asked("GET", "/papi/v1/balance")) == read


async def test_a_position_read_over_rest_has_mark_price_and_leverage():
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        link.server.streams.drop_sockets("main")
        await link.tells(ReconcileDue, times=2)
        await link.until(lambda: position(link).mark_price is not None)
        assert position(link).mark_price == 65_000 and position(link).leverage == 20
        assert position(link).unrealized_pnl == D("60")


async def test_a_margin_trade_moves_both_balances():
    async with linked() as link:
        await current(link)
        await bought(link, ProductType.SPOT)
        await link.until(lambda: balance(link, ProductType.SPOT, "USDT").total == 10_000_000 - 590)
        link.submit(ProductType.SPOT, side=Side.SELL, price=D("70000"))
        await link.until(lambda: balance(link, ProductType.SPOT, "BTC").locked == D("0.01"))
        held = balance(link, ProductType.SPOT, "BTC")
        assert held.total == held.free + held.locked


async def test_what_changed_unheard_is_read_when_the_stream_is_back(monkeypatch):
    monkeypatch.setattr(account_reader, "LAG_MS", 0)
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        link.server.faults.events.append(EventFault("drop", times=10**6))
        link.quote(ProductType.FUTURE, "BUY", "64900", "1")
        link.submit(side=Side.SELL, price=D("64900"))
        there = link.server.exchange.account("main").positions
        await link.until(lambda: not any(held.quantity for held in there.values()))
        assert position(link), "nobody has told"
        link.server.faults.clear()
        link.server.streams.drop_sockets("main")
        await link.until(lambda: not state(link).current)
        await current(link)
        await link.until(lambda: position(link) is None)
        assert link.told(PositionUpdate, quantity=D(0), symbol="BTCUSDT")


async def test_a_list_that_is_behind_the_stream_does_not_undo_it_and_is_read_again(monkeypatch):
    monkeypatch.setattr(account_reader, "LAG_MS", 300)
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        stale = '[{"symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "0", "entryPrice": "0"}]'
        path = "/papi/v1/um/positionRisk"
        link.server.faults.requests.append(RequestFault("GET", path, status=200, body=stale))
        read = len(link.asked("GET", path))
        link.events.clear()
        (session,) = link.connector._sessions
        await bought(link)
        session._reader.read()
        await link.until(lambda: len(link.asked("GET", path)) >= read + 2)
        assert position(link).quantity == D("0.020")
        assert not link.told(PositionUpdate, quantity=D(0))


async def test_a_position_that_a_full_list_leaves_out_is_closed(monkeypatch):
    monkeypatch.setattr(account_reader, "LAG_MS", 0)
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        link.server.faults.requests.append(
            RequestFault("GET", "/papi/v1/um/positionRisk", status=200, body="[]")
        )
        (session,) = link.connector._sessions
        session._reader.read()
        closed = await link.tells(PositionUpdate, quantity=D(0))
        assert (closed.symbol, closed.position_side) == ("BTCUSDT", "BOTH") and position(link) is None


async def test_a_row_that_cannot_be_read_closes_no_other_position(caplog, monkeypatch):
    monkeypatch.setattr(account_reader, "LAG_MS", 0)
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        odd = RequestFault("GET", "/papi/v1/um/positionRisk", status=200, body='[{"symbol": "X"}]')
        link.server.faults.requests.append(odd)
        (session,) = link.connector._sessions
        session._reader.read()
        await link.until(lambda: "a row: KeyError" in caplog.text)
        assert position(link)


@pytest.mark.parametrize("path", ["balance", "account", "um/positionRisk", "cm/positionRisk"])
async def test_a_list_that_fails_is_asked_for_until_it_comes(path):
    async with linked(wait_until_ready=False) as link:
        link.server.faults.requests.append(RequestFault("GET", f"/papi/v1/{path}", status=500, times=1))
        await link.until(lambda: link.ready)
        assert not state(link).current
        await current(link)
        assert len(link.asked("GET", f"/papi/v1/{path}")) == 2


async def test_a_risk_event_is_an_alert_is_kept_and_has_the_rest_read():
    async with linked() as link:
        await current(link)
        read = len(link.asked("GET", "/papi/v1/account"))
        now = link.server.exchange.state.clock()
        link.server.streams.publish("main", RISK | {"E": now})
        alert = await link.tells(MarginAlert)
        assert (alert.risk_level, alert.uni_mmr, alert.equity) == (
            RiskLevel.MARGIN_CALL,
            D("1.05"),
            D("3000.5"),
        )
        assert "main is at risk level MARGIN_CALL" in alert.text and alert.at_ms == now
        assert state(link).margin.risk_level is RiskLevel.MARGIN_CALL
        assert state(link).margin.available_balance is None
        assert link.told(AccountNotice, kind="riskLevelChange")
        await link.until(lambda: len(link.asked("GET", "/papi/v1/account")) > read)


async def test_an_alert_missed_by_the_stream_is_told_by_the_reading_and_its_end_too():
    told = {"uniMMR": "1.1", "accountEquity": "5", "actualEquity": "6", "accountMaintMargin": "4"}
    body = json.dumps(told | {"accountStatus": "REDUCE_ONLY"})
    async with linked(wait_until_ready=False) as link:
        link.server.faults.requests.append(RequestFault("GET", "/papi/v1/account", status=200, body=body))
        assert (await link.tells(MarginAlert)).risk_level is RiskLevel.REDUCE_ONLY
        (session,) = link.connector._sessions
        session._reader.read()
        over = await link.tells(MarginAlert, times=2)
        assert over.risk_level is RiskLevel.NORMAL and "out of danger again" in over.text


@pytest.mark.parametrize(
    "event",
    [
        {"e": "balanceUpdate", "E": 1, "a": "USDT", "d": "250", "U": 1, "T": 1},
        {"e": "liabilityChange", "E": 1, "a": "USDT", "t": "REPAY", "T": 9, "p": "1", "i": "0", "l": "0"},
        {"e": "riskLevelChange", "E": 1, "u": "not a number", "s": "MARGIN_CALL"},
    ],
)
async def test_an_event_that_does_not_say_all_has_everything_read(event):
    async with linked() as link:
        await current(link)
        read = len(link.asked("GET", "/papi/v1/balance"))
        before = balance(link, ProductType.SPOT, "USDT").total
        link.server.exchange.account("main").asset("USDT").free += 250
        for _ in range(5):
            link.server.streams.publish("main", event)
        await link.until(lambda: balance(link, ProductType.SPOT, "USDT").total == before + 250)
        assert len(link.asked("GET", "/papi/v1/balance")) == read + 1, "five events are one reading"


async def test_a_loan_is_owed_and_a_change_of_leverage_is_known():
    async with linked() as link:
        await current(link)
        now = link.server.exchange.state.clock() + 60_000
        loan = {
            "e": "liabilityChange",
            "E": now,
            "a": "BTC",
            "t": "BORROW",
            "T": 9,
            "p": "2",
            "i": "0",
            "l": "2",
        }
        link.server.streams.publish("main", loan)
        await link.until(lambda: balance(link, ProductType.SPOT, "BTC").owed == 2)
        await bought(link)
        config = {
            "e": "ACCOUNT_CONFIG_UPDATE",
            "fs": "UM",
            "E": now,
            "T": now,
            "ac": {"s": "BTCUSDT", "l": 7},
        }
        link.server.streams.publish("main", config)
        await link.until(lambda: position(link) and position(link).leverage == 7)


async def test_an_event_that_comes_late_does_not_turn_a_position_back():
    async with linked() as link:
        await current(link)
        await bought(link)
        await link.until(lambda: position(link))
        rows = [
            {"s": "BTCUSDT", "pa": "9", "ep": "1", "cr": "0", "up": "0", "ps": "BOTH"},
            {"s": "ETHUSDT", "pa": "3", "ep": "1", "cr": "0", "up": "0", "ps": "BOTH"},
        ]
        late = {"e": "ACCOUNT_UPDATE", "fs": "UM", "E": 5, "T": 5, "a": {"m": "ORDER", "B": [], "P": rows}}
        link.server.streams.publish("main", late)
        await link.until(lambda: position(link, "ETHUSDT"))
        assert position(link).quantity == D("0.010")
        assert not link.told(PositionUpdate, quantity=D(9))
