"""The venue alone in a process of its own, and what an order costs."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.simulator.desk import Desk

SCRIPT = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from fixgate.simulator import SimulatedAccount, SimulatorSettings, run_simulator
account = SimulatedAccount("main", "k", "s", balances={"USDT": Decimal(1000)})
settings = SimulatorSettings(accounts=(account,), state_path=Path(sys.argv[1]), port=int(sys.argv[3]))
def ready(url): print(url, flush=True)
asyncio.run(run_simulator(settings, ready, until_stdin_closes=sys.argv[2] == "child"))
"""


async def start(state: Path, mode: str, port: int = 0) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    arguments = (sys.executable, "-c", SCRIPT, str(state), mode, str(port))
    return await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, stderr=pipe)


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGINT", "stdin"])
async def test_given_a_venue_process_when_told_to_end_then_it_ends_well(ending: str, tmp_path: Path) -> None:
    process = await start(tmp_path / "state.json", "child" if ending == "stdin" else "alone")
    assert process.stdout is not None and process.stdin is not None
    try:
        async with asyncio.timeout(20):
            line = (await process.stdout.readline()).decode()
            assert line.startswith("http://127.0.0.1:")
            if ending == "stdin":
                process.stdin.close()
            else:
                process.send_signal(signal.Signals[ending])
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_given_a_damaged_state_file_when_started_then_it_says_so_and_opens_no_port(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state.json"
    state.write_text("{")
    process = await start(state, "alone")
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert (out, b"is damaged" in err, process.returncode) == (b"", True, 1)
    assert state.read_text() == "{"


def test_given_a_deep_book_when_orders_come_and_go_then_each_costs_well_under_a_millisecond() -> None:
    desk = Desk()
    for step in range(500):
        desk.market("SELL", f"{65000 + step}.00", "0.010")
    rounds = 400
    began = time.perf_counter()
    for _ in range(rounds):
        desk.cancel(desk.buy("0.010", "64000.00"))
    assert (time.perf_counter() - began) / rounds < 0.002
