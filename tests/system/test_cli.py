"""The command line as a person meets it: exit codes, and texts that say what to do."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from .trading import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "config" / "spec_sample.conf"


async def fixgate(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command beside the event loop: the exchange and the clients of other tests live there."""
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "fixgate", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    assert "Traceback" not in run.stdout + run.stderr
    return run


async def test_the_specifications_sample_is_a_good_configuration(tmp_path):
    sample = shutil.copy(SAMPLE, tmp_path / "connector.conf")
    run = await fixgate("check", "-c", sample)
    assert run.returncode == 0 and "Connectors: BINANCEPM" in run.stdout


async def test_show_prints_values_with_origins_and_no_secrets(tmp_path):
    conf = tmp_path / "connector.conf"
    conf.write_text(SAMPLE.read_text().replace("API_SECRET", "hush-hush-hush"))
    run = await fixgate("check", "-c", conf, "--show")
    assert run.returncode == 0
    assert 'restUrl = "https://papi.binance.com"   # ' in run.stdout
    assert "recvWindow = 5000" in run.stdout and "crypto-connectors.conf:" in run.stdout
    assert "fix.acceptor.port = 9876   # default" in run.stdout
    assert "hush-hush-hush" not in run.stdout + run.stderr and "****" in run.stdout


@pytest.mark.parametrize("command", ["check", "run", "simulate"])
@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("connectors.BINANCEPM.settings.recvWindw = 5000", "did you mean 'recvWindow'?"),
        ("connectors.BINANCEPM.settings.recvWindow = 60001", "60000"),
        ("connectors.BINANCEPM.settings.sideEffectType = SOME", "NO_SIDE_EFFECT"),
        ("http.port = high", "http.port"),
        ("http { port = ", "connector.conf:"),
    ],
)
async def test_a_bad_configuration_is_refused_with_file_line_and_what_would_be_right(
    tmp_path, command, wrong, complaint
):
    conf = tmp_path / "connector.conf"
    conf.write_text(SAMPLE.read_text() + "\n" + wrong + "\n")
    run = await fixgate(command, "-c", conf)
    assert run.returncode == 2
    line = len(conf.read_text().splitlines())
    assert complaint in run.stderr
    assert f"connector.conf:{line}" in run.stderr or f"connector.conf:{line + 1}" in run.stderr


async def test_a_missing_configuration_is_named(tmp_path):
    run = await fixgate("run", "-c", tmp_path / "nowhere.conf")
    assert run.returncode == 2 and "nowhere.conf" in run.stderr


PORTS = ["FIXGATE_FIX_PORT", "FIXGATE_HTTP_PORT", "FIXGATE_SIMULATOR_PORT"]


@pytest.mark.parametrize("taken", PORTS)
async def test_a_port_in_use_is_named_and_nothing_is_left_running(tmp_path, taken):
    conf = tmp_path / "connector.conf"
    conf.write_text((ROOT / "connector.conf").read_text())
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        ports = {
            "FIXGATE_FIX_PORT": str(free_port()),
            "FIXGATE_HTTP_PORT": str(free_port()),
            taken: str(port),
        }
        run = await fixgate("run", "-c", conf, **ports)
    assert run.returncode == 3 and str(port) in run.stderr
    left = await asyncio.to_thread(
        subprocess.run, ["pgrep", "-f", str(conf)], capture_output=True, text=True, check=False
    )
    assert not left.stdout


async def test_the_demo_without_a_gateway_says_how_to_start_one():
    run = await fixgate("demo", "--port", free_port())
    assert run.returncode == 2 and "make run" in run.stdout + run.stderr


async def test_the_version_is_printed():
    assert (await fixgate("version")).stdout == "fixgate 0.1.0\n"


HEAVY = ("aiohttp", "ccxt", "fastapi", "jwt", "quickfix", "uvicorn")


@pytest.mark.parametrize(
    ("command", "needs"),
    [("version", []), ("check -c connector.conf", ["aiohttp"]), ("demo --port 1", [])],
)
async def test_a_command_imports_what_it_needs_alone(command, needs):
    code = (
        "import atexit, sys; from fixgate.cli import main; "
        f"sys.argv[1:] = {command.split()!r}; "
        f"atexit.register(lambda: print([each for each in {HEAVY} if each in sys.modules])); main()"
    )
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert run.stdout.splitlines()[-1] == str(needs), run.stderr
