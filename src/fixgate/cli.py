"""The front desk: `fixgate run`, `check`, `simulate`, `demo`, `token`, `version`. Thin.

Each command imports what it needs when it runs: all of the rooms together take seconds.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fixgate import __version__
from fixgate.model.durations import parse_duration
from fixgate.model.roles import Role

if TYPE_CHECKING:
    from fixgate.config.load import Loaded
    from fixgate.config.settings import HttpSettings
    from fixgate.gateway.gateway import Gateway
    from fixgate.simulator.settings import SimulatorSettings
    from fixgate.simulator.venues.server import VenuesServer

app = typer.Typer(
    name="fixgate",
    help="A FIX trade-connector gateway to Binance Portfolio Margin.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogForm(StrEnum):
    TEXT = "text"
    JSON = "json"


ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The HOCON configuration file.")]
LevelOption = Annotated[LogLevel, typer.Option(help="What to log, at least.")]
FormOption = Annotated[LogForm, typer.Option(help="Lines for people, or JSON for a collector.")]

DEFAULT_PORT = 9876
BAD_CONFIGURATION, FAILED = 2, 3
"""Exit codes: the configuration is refused; the gateway could not start or go on."""


@app.command()
def run(
    config: ConfigOption = Path("connector.conf"),
    log_level: LevelOption = LogLevel.WARNING,
    log_format: FormOption = LogForm.TEXT,
) -> None:
    """Run the gateway until Ctrl-C or SIGTERM."""
    from fixgate.gateway.gateway import GatewayError
    from fixgate.observe.logs import configure_logs

    loaded = _load(config)
    configure_logs(log_level, log_format)
    try:
        _run_loop(_run_gateway(loaded, config))
    except GatewayError as error:
        errors.print(f"fixgate: {error}", style="bold red", markup=False)
        raise typer.Exit(FAILED) from None
    console.print("stopped: FIX sessions logged out, journal closed", style="dim")


@app.command()
def check(
    config: ConfigOption = Path("connector.conf"),
    show: Annotated[bool, typer.Option(help="Print every effective value and where it came from.")] = False,
) -> None:
    """Validate a configuration without starting. Exit code 0 if it is good, 2 if not."""
    loaded = _load(config)
    if show:
        for line in loaded.show():
            typer.echo(line)
    sessions = ", ".join(f"{s.sender_comp_id}->{s.target_comp_id}" for s in loaded.settings.fix.sessions)
    connectors = ", ".join(loaded.connectors)
    typer.echo(f"{config}: good. Connectors: {connectors}. FIX sessions: {sessions}.", err=show)


@app.command()
def simulate(
    config: ConfigOption = Path("connector.conf"),
    port: Annotated[int | None, typer.Option(help="Listen here instead of simulator.port.")] = None,
    admin: Annotated[bool, typer.Option(help="Open the /sim/ routes for faults and prices.")] = False,
    as_child: Annotated[bool, typer.Option(hidden=True)] = False,
    log_level: LevelOption = LogLevel.WARNING,
) -> None:
    """Run the simulated Binance Portfolio Margin exchange alone."""
    from fixgate.observe.logs import configure_logs

    loaded = _load(config)
    configure_logs(log_level, "text")
    settings = simulator_settings(loaded, port=port, admin=admin)
    try:
        _run_loop(_simulate(settings, loaded, as_child=as_child))
    except (OSError, ValueError) as error:
        errors.print(f"fixgate simulate: {error}", style="bold red", markup=False)
        raise typer.Exit(FAILED) from None


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Where the gateway's FIX acceptor listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = DEFAULT_PORT,
    sender: Annotated[str, typer.Option(help="The client's own CompID.")] = "OMS",
    target: Annotated[str, typer.Option(help="The gateway's CompID.")] = "FIXGATE",
) -> None:
    """Log on as a FIX client and trade on SPOT, FUTURE and DELIVERY."""
    from fixgate.demo import run_demo

    raise typer.Exit(asyncio.run(run_demo(host, port, sender, target, console)))


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Whose token it is; orders carry it as their source.")],
    role: Annotated[Role, typer.Option(help="reader asks; trader and admin trade too.")] = Role.READER,
    account: Annotated[list[str] | None, typer.Option(help="An account it knows of; * is all.")] = None,
    jwt: Annotated[bool, typer.Option("--jwt", help="A JSON Web Token of the configuration's key.")] = False,
    expires: Annotated[str, typer.Option(help="How long a JSON Web Token is good.")] = "12 hours",
    private_key: Annotated[
        Path | None, typer.Option(help="File of the private key in PEM, for an algorithm that has one.")
    ] = None,
    config: ConfigOption = Path("connector.conf"),
) -> None:
    """Make a token for the Execution API. It is printed once and kept nowhere."""
    from fixgate.gateway.http_door import TokenRefused, jwt_token, static_token

    accounts = list(account or [])
    if not accounts and role is not Role.ADMIN:
        raise typer.BadParameter("name the accounts that the token knows of: --account ID, or --account '*'")
    try:
        if jwt:
            key = private_key.read_text("utf-8") if private_key is not None else None
            api = _load(config).settings.http.api
            typer.echo(jwt_token(api, name, role, accounts, parse_duration(expires), key))
            return
        made, line = static_token(name, role, accounts)
    except (TokenRefused, ValueError, OSError) as error:
        errors.print(f"fixgate token: {error}", style="bold red", markup=False)
        raise typer.Exit(FAILED) from None
    typer.echo(made)
    errors.print("Keep the line above, it is not shown again. For http.api.tokens:", markup=False)
    typer.echo(line)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"fixgate {__version__}")


def main() -> None:
    """Entry point of the `fixgate` command."""
    app()


async def _simulate(settings: "SimulatorSettings", loaded: "Loaded", *, as_child: bool) -> None:
    from fixgate.simulator.server import run_simulator

    venues = simulated_venues(loaded)
    await run_simulator(settings, _simulator_ready(as_child), venues=venues, until_stdin_closes=as_child)


def simulated_venues(loaded: "Loaded") -> "VenuesServer | None":
    """Return the simulated venues of the configuration's `simulator.venues`, `None` where they are off."""
    from fixgate.simulator.server import wall_clock_ms
    from fixgate.simulator.venues.dialect import VenueKey
    from fixgate.simulator.venues.dialects import build as build_dialects
    from fixgate.simulator.venues.server import VenuesServer

    section = loaded.settings.simulator
    if not section.venues.enabled:
        return None
    keys: dict[str, list[VenueKey]] = {}
    for account in section.venues.accounts:
        key = VenueKey(
            account=account.name,
            api_key=account.api_key,
            api_secret=account.api_secret.get_secret_value() if account.api_secret is not None else "",
            password=account.password.get_secret_value() if account.password is not None else "",
            wallet_address=account.wallet_address,
            hedge_mode=account.hedge_mode,
            balances=account.balances,
        )
        keys.setdefault(account.exchange, []).append(key)
    return VenuesServer(
        [
            dialect
            for exchange, rows in keys.items()
            for dialect in build_dialects(exchange, rows, wall_clock_ms)
        ],
        host=section.host,
        port=section.venues.port,
        seed=section.seed,
        market_interval=section.market.interval.total_seconds() if section.market.enabled else 0.0,
        state_path=section.venues.state_path,
    )


def simulator_settings(loaded: "Loaded", *, port: int | None, admin: bool) -> "SimulatorSettings":
    """Return the simulator's own settings out of the configuration's `simulator` section."""
    from fixgate.simulator.settings import SimulatedAccount, SimulatorSettings

    section = loaded.settings.simulator
    return SimulatorSettings(
        host=section.host,
        port=section.port if port is None else port,
        seed=section.seed,
        market_enabled=section.market.enabled,
        market_interval=section.market.interval.total_seconds(),
        accounts=tuple(
            SimulatedAccount(
                name=account.name or f"account{number}",
                api_key=account.api_key,
                api_secret=account.api_secret.get_secret_value(),
                hedge_mode=account.hedge_mode,
                balances=account.balances,
            )
            for number, account in enumerate(section.accounts, start=1)
        ),
        state_path=section.state_path,
        admin=admin,
    )


def _load(config: Path) -> "Loaded":
    from fixgate.config.errors import ConfigError
    from fixgate.config.load import load
    from fixgate.gateway.connector_settings import connector_types

    try:
        loaded = load(config, connector_types())
    except ConfigError as error:
        errors.print(f"{config} is not a good configuration:", style="bold red", markup=False)
        for problem in error.problems:
            errors.print(f"  {problem}", markup=False, soft_wrap=True)
        raise typer.Exit(BAD_CONFIGURATION) from None
    for warning in loaded.warnings:
        errors.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
    return loaded


def _run_loop(work: Coroutine[Any, Any, None]) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _run_gateway(loaded: "Loaded", config: Path) -> None:
    from fixgate.gateway.gateway import Gateway

    gateway = Gateway(loaded, config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, gateway.stop)
    await gateway.run(lambda: _print_banner(gateway, loaded))


def _print_banner(gateway: "Gateway", loaded: "Loaded") -> None:
    settings = loaded.settings
    ready, detail = gateway.readiness()
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    acceptor, http = settings.fix.acceptor, settings.http
    sessions = ", ".join(f"{s.sender_comp_id} <- {s.target_comp_id}" for s in settings.fix.sessions)
    table.add_row("FIX 4.4 acceptor", f"{acceptor.host}:{acceptor.port}", f"sessions: {sessions}")
    table.add_row("HTTP", f"http://{http.host}:{http.port}", _http_text(http))
    if settings.simulator.enabled:
        simulator = settings.simulator
        table.add_row(
            "simulated exchange", f"http://{simulator.host}:{simulator.port}", "no real money moves"
        )
    for key, accounts in detail["connectors"].items():
        for name, row in accounts.items():
            table.add_row(f"connector {key}", f"account {name}", row["text"])
    table.add_row("journal", str(settings.journal.path), f"durability: {settings.journal.durability}")
    console.print(
        f"fixgate {__version__} is {'ready' if ready else 'running, but not ready yet'}", style="bold"
    )
    console.print(table)
    if settings.simulator.enabled:
        port = "" if acceptor.port == DEFAULT_PORT else f" --port {acceptor.port}"
        console.print(f"Try it, in a second terminal:  .venv/bin/fixgate demo{port}", markup=False)
    console.print("Ctrl-C stops it.", style="dim")


def _http_text(http: "HttpSettings") -> str:
    from fixgate.gateway.http_door import API_PREFIX

    operations = "/health /ready /metrics"
    if not http.api.enabled:
        return f"{operations}; the Execution API is off"
    who = "to Bearer tokens" if http.api.asks_for_token else "to this machine alone: no token is configured"
    return f"{API_PREFIX} {who}; /docs {operations}"


def _simulator_ready(as_child: bool) -> Callable[[str], None]:
    from fixgate.simulator.child import READY_WORD

    def ready(url: str) -> None:
        if as_child:
            typer.echo(f"{READY_WORD} {url}")
            sys.stdout.flush()
        else:
            console.print(f"simulated exchange on {url}; Ctrl-C stops it", markup=False)

    return ready
