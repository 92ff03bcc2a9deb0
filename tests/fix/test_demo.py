"""The demo customer, over TCP, against a door with a broker behind it that answers at once."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from fixgate.demo import customer, run_demo
from fixgate.fix.acceptor import FixDoor
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from tests.fix.broker import Broker, ListInbox


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    made = Broker()
    config = AcceptorConfig(
        sessions=(SessionConfig(target_comp_id="OMS", default_connector="PM"),), store_path=tmp_path, port=0
    )
    made.door = FixDoor(config, ListInbox(), made)
    made.door.start()
    yield made
    await asyncio.to_thread(made.door.stop)


async def demo(broker: Broker, width: int = 100) -> tuple[int, str]:
    """Run the demo; return its exit code and what it printed."""
    assert broker.door is not None
    console = Console(file=io.StringIO(), width=width)
    code = await run_demo("127.0.0.1", broker.door.port, "OMS", "FIXGATE", console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


@pytest.mark.parametrize("width", [80, 200])
async def test_given_a_gateway_that_trades_when_the_demo_runs_then_it_shows_every_step_and_exits_0(
    broker: Broker, width: int
) -> None:
    code, shown = await demo(broker, width)

    assert code == 0, shown
    for product in ("SPOT", "FUTURE", "DELIVERY"):
        assert f"ok  {product}" in shown
    for words in ("accepted", "filled", "replaced", "refused", "cancelled", "rejected"):
        assert words in shown
    assert "spot orders cannot be replaced; cancel and send a new one" in shown
    assert "is not a multiple of tick size 0.10" in shown
    assert "0.01 USDT" in shown
    assert broker.orders.keys() == {each for each, order in broker.orders.items() if order.price is None}


async def test_given_a_gateway_that_fills_nothing_when_the_demo_runs_then_it_names_what_it_awaited(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer, "TIMEOUT", 0.5)
    broker.fills = False

    code, shown = await demo(broker)

    assert code == 1
    assert "the fill of our market order" in shown
    assert "did not come within 0.5 seconds" in shown


async def test_given_nobody_listens_when_the_demo_runs_then_it_says_how_to_start_a_gateway() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        console = Console(file=io.StringIO(), width=100)
        code = await run_demo("127.0.0.1", probe.getsockname()[1], "OMS", "FIXGATE", console)

    assert code == 2
    assert isinstance(console.file, io.StringIO)
    assert "make run" in console.file.getvalue()


async def test_given_a_gateway_that_does_not_know_the_demo_then_it_exits_1_and_says_so(
    broker: Broker,
) -> None:
    assert broker.door is not None
    console = Console(file=io.StringIO(), width=100)

    code = await run_demo("127.0.0.1", broker.door.port, "STRANGER", "FIXGATE", console)

    assert code == 1
    assert isinstance(console.file, io.StringIO)
    assert "the gateway closed the connection" in console.file.getvalue()
