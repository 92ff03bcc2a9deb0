"""Daily limits over the whole order path: through the keeper, crashes, and what the journal forgets."""

import time
from decimal import Decimal as D
from pathlib import Path

import pytest

from fixgate.engine.limits import LimitRules
from fixgate.gateway import delivery, keeper
from fixgate.journal.journal import JournalError
from fixgate.model.commands import NewOrderList
from fixgate.model.enums import ExecType, OrderType, OrdRejReason, Side
from fixgate.model.execution import ErrorCode
from fixgate.model.venue import SubmitOrder, VenueExec, VenueStatus
from tests.engine.desk import new_order

from .priced import Keeping
from .stand import Stand, until
from .test_keeper import rounds

pytestmark = pytest.mark.asyncio
RULES = LimitRules({"main": D(1000)})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds without pauses, on orders that leave the memory at once."""
    monkeypatch.setattr(keeper, "ROUND_SECONDS", 0.02)
    monkeypatch.setattr(keeper, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(keeper, "MEMORY_SECONDS", 0.0)
    monkeypatch.setattr(delivery, "ORDERLY_SECONDS", 0.0)


async def running(folder: Path, **settings) -> Stand:
    settings.setdefault("limits", RULES)
    connector = Keeping()
    connector.at_venue = {"BTC/USDT:USDT": D(100)}
    return await Stand(folder, connector=connector, dollars=("USDT",), **settings).start()


def use(stand: Stand) -> tuple[D, int]:
    status = stand.core.engine.limits.status("PM", "main", time.time_ns())
    return status.used_usd, status.order_count


def sent(stand: Stand) -> int:
    return sum(isinstance(request, SubmitOrder) for request in stand.connector.sent)


async def test_an_order_above_the_limit_is_told_so_and_never_sent(tmp_path: Path):
    stand = await running(tmp_path)
    await stand.send(new_order("A1", quantity=D(9), price=D(100)))
    await stand.send(new_order("A2", quantity=D(1), price=D("100.01")))
    report = stand.door.told[-1]
    assert (report.exec_type, report.cl_ord_id) == (ExecType.REJECTED, "A2")
    assert report.rej_reason is OrdRejReason.EXCEEDS_LIMIT
    assert report.text == "Order would exceed daily limit. Remaining: $100.00"
    assert report.error is ErrorCode.DAILY_LIMIT_EXCEEDED
    assert sent(stand) == 1 and use(stand) == (900, 1)
    stand.stop()


async def test_the_numbers_are_the_same_after_a_crash_at_any_moment(tmp_path: Path):
    stand = await running(tmp_path)
    await stand.send(new_order("A1", quantity=D(1000), price=D("0.5")))
    stand.acknowledge("A1")
    for step in range(1, 40):
        stand.fill(1, "A1")
        name = f"B{step}"
        await stand.send(new_order(name, quantity=D(1), price=D(2)))
        stand.acknowledge(name)
        if step % 2:
            stand.says(VenueExec.CANCELED, VenueStatus.CANCELED, name)
        await until(lambda: True)
        expected = (D(500) + D(2) * (step // 2), 1 + step)
        assert use(stand) == expected
        if step % 5 == 0:
            stand.crash()
            stand = await running(tmp_path)
            assert use(stand) == expected
            for order in list(stand.core.engine.book.recovering.values()):
                stand.acknowledge(order.cl_ord_id)
    stand.stop()


async def test_the_numbers_outlive_the_facts_and_the_orders_themselves(tmp_path: Path):
    stand = await running(tmp_path, retention_seconds=0.05)
    await stand.door.logon()
    await stand.send(new_order("A1", quantity=D(3), price=D(100)))
    stand.acknowledge("A1")
    stand.fill(3, "A1")
    await stand.send(new_order("A2", quantity=D(2), price=D(100)))
    stand.acknowledge("A2")
    await stand.door.logout(orderly=True)
    await rounds(stand)
    await until(lambda: stand.journal.order_of("c:OMS:A1") is None)
    stand.crash()
    again = await running(tmp_path)
    assert list(again.journal.facts()) == []
    assert use(again) == (500, 2)
    again.says(VenueExec.CANCELED, VenueStatus.CANCELED, "A2")
    assert use(again) == (300, 2)
    again.stop()


async def test_the_orders_of_a_list_are_kept_in_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeper, "ORDERS_A_STEP", 1)
    stand = await running(tmp_path)
    kept: list[set[str]] = []
    keep = stand.journal.keep

    def keeping(orders, *args, **more):
        kept.append({order.cl_ord_id for order in orders})
        keep(orders, *args, **more)

    monkeypatch.setattr(stand.journal, "keep", keeping)
    common = {"side": Side.SELL, "quantity": D(2), "list_id": "L1"}
    orders = (
        new_order("A1", price=D(110), **common),
        new_order("A2", price=D(90), order_type=OrderType.STOP_LOSS_LIMIT, stop_price=D(90), **common),
    )
    await stand.send(NewOrderList(source="OMS", session=orders[0].session, list_id="L1", orders=orders))
    for name in ("A1", "A2"):
        stand.acknowledge(name)
    await rounds(stand)
    assert {"A1", "A2"} in kept and {"A1"} not in kept and {"A2"} not in kept
    assert use(stand) == (220, 2)
    stand.crash()
    again = await running(tmp_path)
    for name in ("A1", "A2"):
        again.says(VenueExec.CANCELED, VenueStatus.CANCELED, name)
    assert use(again) == (0, 2)
    again.stop()


async def test_days_that_could_not_be_kept_are_kept_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand = await running(tmp_path)
    keep, fails = stand.journal.keep, [True]

    def failing(orders, *args, **more):
        if orders and fails:
            raise JournalError("the disk is full")
        keep(orders, *args, **more)

    monkeypatch.setattr(stand.journal, "keep", failing)
    await stand.send(new_order("A1", quantity=D(3), price=D(100)))
    await until(lambda: stand.metrics.text().decode().count("alarms_total 0.0") == 0)
    fails.clear()
    await rounds(stand)
    assert stand.journal.ledger().days[0].used_usd == 300
    stand.crash()


async def test_limits_that_are_taken_away_leave_what_was_counted_right(tmp_path: Path):
    stand = await running(tmp_path)
    await stand.send(new_order("A1", quantity=D(3), price=D(100)))
    stand.acknowledge("A1")
    stand.crash()
    without = await running(tmp_path, limits=LimitRules())
    assert without.core.valuation is None
    without.says(VenueExec.CANCELED, VenueStatus.CANCELED, "A1")
    await without.send(new_order("A2", quantity=D(50), price=D(100)))
    without.acknowledge("A2")
    without.crash()
    again = await running(tmp_path)
    assert use(again) == (0, 2)
    again.stop()
