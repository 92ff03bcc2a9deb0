"""A campaign of kills: one exchange, several clients, and a gateway that is started and killed in between.

The exchange and the clients live in this process and go on while the gateway is dead: orders are filled
then, too. Everything random comes from one seed; what the operating system decides (which thread runs,
how long a start takes) does not, so that a seed repeats the load and the aims, not the microsecond.
"""

import asyncio
import contextlib
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.journal_view import read_journal
from tests.crash.kills import Kill, draw, set_faults
from tests.crash.oms import Oms, is_marked
from tests.crash.session import OmsSession, Recovery
from tests.crash.sightings import Evidence, ExchangeWatch, Sightings
from tests.crash.traffic import Outsider, Trader
from tests.crash.verdict import Fault, VenueView, client_and_journal, client_and_venue, open_at_both_ends
from tests.fixclient import Field, Message, status
from tests.system.trading import Exchange, Gateway, connector_text

ACCOUNT = "PM"
SETTINGS = {"requestTimeout": "300 ms", "recvWindow": "400"}
SESSIONS = ("OMS", "DESK", "ALGO")
RECOVERIES = {Recovery.RESEND: 80, Recovery.GAP_FILL: 14, Recovery.RESET: 6}
LEAVES, LONGEST_AWAY = 0.25, 0.6
"""How often a client breaks off its connection, or comes back late, and after how many seconds at most."""
TIDY = """
import fixgate.gateway.keeper as keeper
from fixgate.cli import main

keeper.ROUND_SECONDS = keeper.MEMORY_SECONDS = 0.2
main()
"""
"""The gateway in a hurry to keep orders as snapshots and to forget those that have ended: what it does after
minutes it does five times a second, so that it is killed in the midst of it and starts from snapshots."""
BURSTS = 0.03
"""How often a client sends many messages at once: more than the gateway has decided on when it is killed."""
START_SECONDS = 60.0
"""How long a gateway may take until it has a client on."""

ROUND_SECONDS = 8.0
"""How long a kill waits for what it is tied to; then it comes all the same."""
SETTLE_SECONDS = 60.0
CHECK_EVERY = 20
"""Kills between two comparisons."""


@dataclass
class Result:
    """What a campaign came to."""

    seed: int
    kills: int = 0
    missed_aims: int = 0
    by_aim: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    refused: int = 0
    open_orders: int = 0
    requests: int = 0
    reports: int = 0
    repeated: int = 0
    told_late: int = 0
    resent: int = 0
    alarms: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """Return how many faults are of a kind."""
        return sum(1 for fault in self.faults if fault.kind == kind)


Progress = Callable[[Result, str], None]


class Campaign:
    """One run of `kills` kills from `seed`, in `folder`. `progress` is called after each kill."""

    def __init__(
        self, kills: int, seed: int, folder: Path, progress: Progress, recoveries: Sequence[Recovery] = ()
    ) -> None:
        self._kills, self._folder, self._progress = kills, folder, progress
        self._chance = random.Random(seed)
        self._recoveries = {each: RECOVERIES[each] for each in recoveries or RECOVERIES}
        self._result = Result(seed)
        self._sightings = Sightings()
        self._evidence = Evidence(folder / "evidence.log")
        self._oms = Oms()
        self._exchange = Exchange({ACCOUNT: False})
        self._watch = ExchangeWatch(self._exchange.server, self._sightings, self._evidence)
        self._busy = asyncio.Event()
        self._busy.set()
        self._sessions: dict[str, OmsSession] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._ending = False

    async def run(self) -> Result:
        """Kill, compare, and say what it came to."""
        began = time.monotonic()
        await self._exchange.server.start()
        self._exchange.clear()
        try:
            await self._all()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for session in self._sessions.values():
                await session.drop()
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            await self._exchange.server.stop()
            self._result.seconds = time.monotonic() - began
            self._sum_up()
            self._evidence.close()
        return self._result

    async def _all(self) -> None:
        self._gateway = self._configure()
        self._start_clients()
        for number in range(1, self._kills + 1):
            await self._kill_once(number)
            if number % CHECK_EVERY == 0 and number < self._kills:
                await self._check()
                await self._log_out()
                self._end_gateway()
                await self._process.wait()
            if self._result.faults:
                return
        await self._check()
        if self._result.faults:
            return
        self._stop_clients()
        await self._log_out()
        self._end_gateway(signal.SIGTERM)
        await asyncio.wait_for(self._process.wait(), 30)
        order_ids = {int(each) for order in self._oms.orders.values() for each in order.order_ids}
        path = self._folder / "var" / "journal.db"
        kept, unhandled = await asyncio.to_thread(read_journal, path, order_ids)
        self._result.faults += client_and_journal(self._oms, kept, unhandled)

    def _configure(self) -> Gateway:
        sessions = "".join(
            f'  {{ senderCompId = "FIXGATE", targetCompId = "{name}", defaultConnector = "{ACCOUNT}" }}\n'
            for name in SESSIONS[1:]
        )
        connector = connector_text(ACCOUNT, self._exchange, SETTINGS, ACCOUNT)
        return Gateway(self._folder, connector, sessions)

    # clients

    def _start_clients(self) -> None:
        for name in SESSIONS:
            session = self._sessions[name] = OmsSession(
                self._gateway.fix_port,
                name,
                lambda message, seen, name=name: self._told(name, message, seen),  # type: ignore[misc]
                self._sightings.note,
                self._evidence.fix,
            )
            trader = Trader(name, self._oms, session.submit, self._fork())
            self._tasks.append(asyncio.create_task(self._stay_on(session, self._fork())))
            self._tasks.append(asyncio.create_task(self._trade(session, trader, self._fork())))
        outsider = Outsider(self._exchange, ACCOUNT, self._fork())
        self._tasks.append(asyncio.create_task(self._disturb(outsider, self._fork())))

    def _stop_clients(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _log_out(self) -> None:
        """End every session in good order: its client has had everything."""
        for session in self._sessions.values():
            await session.log_out()

    def _fork(self) -> random.Random:
        return random.Random(self._chance.random())

    def _told(self, session: str, message: Message, seen: bool) -> None:
        self._oms.take(session, message, seen)
        if message[35] == "8" and not is_marked(message):
            self._sightings.note(f"report {message[150]}")

    async def _stay_on(self, session: OmsSession, chance: random.Random) -> None:
        """Log on whenever the gateway is there, and make up for what it may have missed."""
        while True:
            recovery = chance.choices(tuple(self._recoveries), tuple(self._recoveries.values()))[0]
            if session.next_out == 1:
                recovery = Recovery.RESEND
            if await session.log_on(recovery):
                if await session.caught_up() and session.owes:
                    self._send_again(session)
                await self._leave(session, chance)
            await session.drop()
            away = self._busy.is_set() and chance.random() < LEAVES
            await asyncio.sleep(chance.uniform(0, LONGEST_AWAY) if away else 0.01)

    async def _leave(self, session: OmsSession, chance: random.Random) -> None:
        """Stay on until the connection is lost, or break it off now and then while there is load."""
        with contextlib.suppress(TimeoutError):
            leaves = self._busy.is_set() and chance.random() < LEAVES
            async with asyncio.timeout(chance.uniform(0, LONGEST_AWAY) if leaves else None):
                await session.lost.wait()

    def _send_again(self, session: OmsSession) -> None:
        """After a reset nobody can tell what the gateway has: send what has no answer, with 97=Y."""
        unanswered = self._oms.unanswered(session.comp_id)
        for msg_type, fields in unanswered:
            session.submit(msg_type, fields, poss_resend=True)
        session.owes = False
        session.resent += len(unanswered)

    async def _trade(self, session: OmsSession, trader: Trader, chance: random.Random) -> None:
        while True:
            await session.on.wait()
            await self._busy.wait()
            burst = chance.random() < BURSTS
            for _ in range(chance.randint(5, 30) if burst else 1):
                trader.move()
            if burst:
                self._sightings.note("burst sent")
            await asyncio.sleep(chance.uniform(0.002, 0.03))

    async def _disturb(self, outsider: Outsider, chance: random.Random) -> None:
        while True:
            await self._busy.wait()
            outsider.move()
            await asyncio.sleep(chance.uniform(0.005, 0.04))

    # the gateway

    async def _start_gateway(self) -> None:
        tidy = self._chance.random() < 0.5
        self._ending = False
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(("-c", TIDY) if tidy else ("-m", "fixgate")),
                *("run", "--config", str(self._gateway.config)),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end_gateway(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, once: before a second one `subprocess` would look for the process and take the exit
        status of a dead one away from asyncio, which then calls it 255."""
        if self._process.returncode is None and not self._ending:
            self._ending = True
            self._evidence.write(f"GATEWAY gets signal {number}")
            self._process.send_signal(number)

    async def _kill_once(self, number: int) -> None:
        """Start the gateway, let the load run, and kill it at the moment drawn."""
        kill = draw(self._chance)
        self._result.by_aim[kill.aim.name] += 1
        self._evidence.write(f"---- ROUND {number}: {kill.aim.name}, no. {kill.nth}, +{kill.later:.3f} s")
        set_faults(self._exchange.server.faults, kill, self._chance)
        self._sightings.arm(kill.aim.sight, kill.nth, lambda: self._fire(kill))
        await self._all_off()
        await self._start_gateway()
        self._sightings.note("spawned")
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._up()
            async with asyncio.timeout(ROUND_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._result.missed_aims += 1
            self._sightings.disarm()
            self._end_gateway()
            await self._process.wait()
        if self._process.returncode != -signal.SIGKILL:
            text = f"the gateway ended by itself with {self._process.returncode}"
            self._result.faults.append(Fault("wrong", text, ("GATEWAY",)))
        if self._timer is not None:
            self._timer.cancel()
        self._result.kills += 1
        self._exchange.server.faults.clear()
        self._progress(self._result, kill.aim.name)

    async def _all_off(self) -> None:
        """Wait until every client has noticed that the last gateway is dead."""
        while any(session.on.is_set() for session in self._sessions.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    async def _up(self) -> None:
        """Wait until a client is on, from when there is load, or the gateway has ended."""
        waits = [asyncio.create_task(session.on.wait()) for session in self._sessions.values()]
        waits.append(asyncio.create_task(self._ended()))
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _ended(self) -> bool:
        await self._process.wait()
        return True

    def _fire(self, kill: Kill) -> None:
        if kill.later:
            self._timer = asyncio.get_running_loop().call_later(kill.later, self._end_gateway)
        else:
            self._end_gateway()

    # the comparison

    async def _check(self) -> None:
        """Start once more, stop the load, wait until nothing is under way, and compare."""
        self._evidence.write("---- ROUND of comparison")
        self._sightings.disarm()
        self._busy.clear()
        await self._start_gateway()
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and self._process.returncode is None:
            await asyncio.sleep(0.3)
            if self._everything_said() and not self._compare():
                await self._ask_for_states(deadline)
                break
        self._result.faults += self._compare()
        self._busy.set()

    def _everything_said(self) -> bool:
        """True when every session is on and nothing that was sent waits for its answer."""
        return all(
            session.on.is_set() and not self._oms.unanswered(name) for name, session in self._sessions.items()
        )

    async def _ask_for_states(self, deadline: float) -> None:
        """Ask for the state of every open order, and wait for the answers."""
        asked = [order for order in self._oms.orders.values() if order.working]
        for order in asked:
            order.asked = None
            fields: list[Field] = status(order.current, order.symbol, order.side)
            self._sessions[order.session].submit("H", fields)
        while any(order.asked is None for order in asked):
            if time.monotonic() > deadline:
                self._result.faults.append(Fault("lost", "status requests have no answer"))
                return
            await asyncio.sleep(0.05)

    def _compare(self) -> list[Fault]:
        faults = client_and_venue(self._oms, VenueView.of(self._exchange, ACCOUNT), self._watch.submitted)
        complaints = [text for session in self._sessions.values() for text in session.complaints]
        return faults + [Fault("wrong", text) for text in complaints]

    def _sum_up(self) -> None:
        result, tally = self._result, self._oms.tally
        result.orders = len(self._oms.orders)
        result.open_orders = open_at_both_ends(self._oms)
        result.requests = sum(len(order.requests) for order in self._oms.orders.values())
        result.reports, result.repeated = tally.reports, tally.repeated
        result.told_late, result.refused = tally.first_told_late, tally.rejected
        result.resent = sum(session.resent for session in self._sessions.values())
        log = (self._folder / "gateway.log").read_text(errors="replace")
        result.alarms = log.count("ALARM")
        if "Traceback" in log:
            at = log.index("Traceback")
            result.faults.append(Fault("wrong", f"the gateway logged an exception: {log[at : at + 3000]}"))
        elif any(fault.words == ("GATEWAY",) for fault in result.faults):
            result.evidence += log.splitlines()[-30:]
        for fault in result.faults[:5]:
            result.evidence += [f"== {fault}", *self._evidence.about(fault.words)[-80:]]
