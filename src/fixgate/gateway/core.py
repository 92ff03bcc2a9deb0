"""The order path without a process around it: engine, journal, connectors and a door, wired together.

The gateway runs it over the real FIX engine; whoever gives it another door, clock and loop runs the same
code.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fixgate.connectors.connector import Connector
from fixgate.engine.engine import Engine
from fixgate.engine.limits import LimitRules
from fixgate.engine.policy import Policy
from fixgate.fix.decode import decode
from fixgate.fix.ports import DoorEvents, Logon
from fixgate.fix.problem import Problem
from fixgate.fix.settings import SessionConfig
from fixgate.gateway import delivery
from fixgate.gateway.api_inbox import ApiInbox, read_kept
from fixgate.gateway.api_reports import ApiReports
from fixgate.gateway.bulletins import bulletins
from fixgate.gateway.counting import OutcomeCounter
from fixgate.gateway.delivery import Delivery
from fixgate.gateway.disconnects import Disconnects
from fixgate.gateway.dispatcher import Dispatcher
from fixgate.gateway.execution_desk import RestDesk
from fixgate.gateway.inbox import Inbox
from fixgate.gateway.keeper import Keeper
from fixgate.gateway.valuation import Valuation
from fixgate.journal.journal import Journal, JournalError, Received
from fixgate.journal.sqlite import clock_number
from fixgate.model.account import MarginAlert
from fixgate.model.commands import API_SESSION, Command
from fixgate.model.venue import ConnectorStatus, VenueEvent

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64
"""Inputs that share a commit when a commit waits for the disk."""


RETRY_SECONDS = 1.0
"""How often it is looked whether a cancel of the gateway's own is to be sent again."""


class Door(delivery.Door, Protocol):
    """A FIX door, as the core starts it."""

    def start(self) -> None:
        """Take sessions from now on."""


@dataclass(frozen=True)
class CoreSettings:
    """What the core needs of the configuration. `waits_for_disk` is the journal's durability `disk`;
    `retention_seconds` is how long finished orders and their facts are kept, `order_wait_seconds` how long a
    call of the API waits for the venue. `dollars` are the currencies that count as one USD in `limits`."""

    sessions: tuple[SessionConfig, ...]
    policy: Policy = field(default_factory=Policy)
    retention_seconds: float = 7 * 86_400.0
    waits_for_disk: bool = False
    order_wait_seconds: float = 5.0
    limits: LimitRules = field(default_factory=LimitRules)
    dollars: tuple[str, ...] = ("USD",)


MakeDoor = Callable[[Inbox, Callable[[int, int, Command], None], DoorEvents], Door]
"""Builds a door from the inbox, where commands go, and who listens to the door's events."""


class Core:
    """Event loop only, but for what a door's thread calls: the inbox, `_deliver` and the events.

    In order: `restore`, fill `connectors`, `start`; at the end `closing`, stop the door, `drain`, stop the
    connectors, `close`.
    """

    def __init__(
        self,
        settings: CoreSettings,
        journal: Journal,
        connectors: Mapping[str, Connector],
        counter: OutcomeCounter,
        make_door: MakeDoor,
        fail: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._contexts = {each.session_id: each.context for each in settings.sessions}
        self._journal = journal
        self._connectors = connectors
        self._counter = counter
        self._loop = asyncio.get_running_loop()
        self._retrying: asyncio.TimerHandle | None = None
        self.changed = asyncio.Event()
        """Set when a link went up or down, and while a restart is recovered from."""
        self.valuation: Valuation | None = None
        """What orders are worth, where they are held to limits."""
        if settings.limits.bind:
            self.valuation = Valuation(connectors, settings.limits, settings.dollars)
        self.engine = engine = Engine(connectors, journal, settings.policy, settings.limits, self.valuation)
        self.door = make_door(Inbox(journal, self._halt, self._handled), self._deliver, self._events())
        self._api_reports = ApiReports()
        self._delivery = Delivery(journal, self.door, settings.sessions, tell_api=self._api_reports.hear)
        at_once = MOST_AT_ONCE if settings.waits_for_disk else 1
        self._dispatcher = dispatcher = Dispatcher(
            engine, journal, self._delivery, connectors, counter, fail, at_once
        )
        self.desk = RestDesk(
            engine,
            connectors,
            ApiInbox(journal, dispatcher),
            self._api_reports,
            {each.context.source for each in settings.sessions},
            settings.order_wait_seconds,
        )
        """Where the HTTP door takes orders and questions."""
        if self.valuation is not None:
            self.desk.valued = self.valuation.ready
        self._disconnects = Disconnects(settings.sessions, self._delivery, dispatcher.command)
        self._keeper = Keeper(
            engine, journal, self._delivery, dispatcher, self._alarm, settings.retention_seconds
        )

    # from start to end

    def restore(self) -> None:
        """Rebuild everything from the journal. Raises `JournalError`."""
        journal = self._journal
        replayed = self.engine.restore(
            journal.facts(),
            snapshots=journal.open_orders(),
            ledger=journal.ledger(),
            floor=max(clock_number(), journal.last_fact()),
            wanted=lambda report: self._delivery.wants(report) or self._api_reports.wants(report),
        )
        for report in filter(self._api_reports.wants, replayed):
            self._api_reports.hear(report)
        self._delivery.restore(replayed)

    async def start(self) -> None:
        """Start the connectors, open the door, and catch up with what the last stop left. Raises
        `JournalError`, and what the door raises when it cannot be opened."""
        self._alarm_of_orphans()
        for connector in self._connectors.values():
            await connector.start(self._hear)
        if self.valuation is not None:
            self.valuation.start(self.engine.book.live.values())
        late = self._journal.unhandled()
        self.door.start()
        self._delivery.tell_waiting()
        self._dispatcher.mark_soon()
        self._decide_late(late)
        self._disconnects.started({order.terms.source for order in self.engine.book.live.values()})
        self._keeper.start()
        self._retry()
        self.desk.open()

    def _alarm_of_orphans(self) -> None:
        """Call an operator for open orders that nobody can ask after."""
        known = {
            (key, row.account) for key, connector in self._connectors.items() for row in connector.health()
        }
        orphans = Counter(
            (order.request.connector, order.request.account)
            for order in self.engine.book.live.values()
            if (order.request.connector, order.request.account) not in known
        )
        for (connector, account), count in orphans.items():
            self._alarm(
                f"{count} orders are open on connector {connector} account {account}, "
                "which is not in the configuration any more"
            )

    def _retry(self) -> None:
        self._retrying = self._loop.call_later(RETRY_SECONDS, self._retry)
        self._dispatcher.retry()

    def _decide_late(self, late: Sequence[Received]) -> None:
        """Decide on what was taken in before the last stop and never decided on; no venue has seen it.

        A message that cannot be decoded was refused at the door; one whose session is gone from the
        configuration has nobody to be answered to.
        """
        for row in late:
            command = self._decode(row)
            if command is None:
                self._journal.append((), row.sequence)
                continue
            log.warning("message %d was taken in before a restart and is decided on now", row.sequence)
            self._dispatcher.take_late(row.sequence, command)

    def _decode(self, row: Received) -> Command | None:
        if row.session == API_SESSION:
            command = read_kept(row.raw)
            if command is None:
                self._alarm(f"message {row.sequence} of the API cannot be read and is not decided on")
            return command
        context = self._contexts.get(row.session)
        decoded = decode(row.raw, context) if context is not None else None
        return None if isinstance(decoded, Problem) else decoded

    def closing(self) -> None:
        """The door is about to close. Nothing more is handed to it, since a client that answers the Logout
        reads no further; what comes now is told after the next start. Sessions logged out now are not off.
        Calls of the API that wait are answered with what is known."""
        self.desk.close()
        if self.valuation is not None:
            self.valuation.close()
        self._delivery.close()
        self._keeper.stop()
        self._disconnects.stop()

    def drain(self) -> None:
        """The door is closed: decide on what it still handed over."""
        self._dispatcher.work()

    def close(self) -> None:
        """Write what is due. The journal stays open."""
        if self._retrying is not None:
            self._retrying.cancel()
        self._dispatcher.close()

    # what a door and connectors say

    def _deliver(self, sequence: int, received_ns: int, command: Command) -> None:
        self._dispatcher.deliver(sequence, received_ns, command)

    def _hear(self, event: VenueEvent) -> None:
        self._dispatcher.hear(event)
        if isinstance(event, ConnectorStatus) or self.engine.book.recovering:
            self.changed.set()
        if isinstance(event, MarginAlert | ConnectorStatus):
            self._tell_news(event)

    def _tell_news(self, event: MarginAlert | ConnectorStatus) -> None:
        """Tell the clients; a margin call also those that are off, and an operator."""
        tell = self._delivery.tell_if_on
        if isinstance(event, MarginAlert):
            tell = self._delivery.publish
            if event.risk_level.is_alarming:
                self._alarm(f"{event.connector} account {event.account}: {event.text}")
        for news in bulletins(event, self._settings.sessions, time.time_ns()):
            tell(news)

    def _handled(self, sequence: int) -> None:
        self._loop.call_soon_threadsafe(self._dispatcher.note_handled, sequence)

    def _halt(self, text: str) -> None:
        self._dispatcher.halt(text)

    def _events(self) -> DoorEvents:
        """Return listeners that pass the door's events on to the event loop."""
        post = self._loop.call_soon_threadsafe

        def on_logon(session: str, logon: Logon) -> None:
            post(self._logged_on, session, logon, self._delivery.holds(session))

        def on_logout(session: str, orderly: bool) -> None:
            post(self._logged_out, session, orderly, self._delivery.holds(session))

        return DoorEvents(
            on_logon=on_logon,
            on_logout=on_logout,
            resetting=self._hold,
        )

    def _hold(self, session: str) -> None:
        self._delivery.hold(session)

    def _logged_on(self, session: str, logon: Logon, holds: int) -> None:
        self._guard(lambda: self._disconnects.logged_on(session, logon.cancel_on_disconnect))
        self._guard(lambda: self._delivery.logged_on(session, reset=logon.reset, holds=holds))
        self._dispatcher.mark_soon()

    def _logged_out(self, session: str, orderly: bool, holds: int) -> None:
        self._delivery.logged_out(session, orderly=orderly, holds=holds)
        self._guard(lambda: self._disconnects.logged_out(session))
        self._dispatcher.mark_soon()

    def _guard(self, write: Callable[[], None]) -> None:
        try:
            write()
        except JournalError as error:
            self._dispatcher.halt(str(error))

    def _alarm(self, text: str) -> None:
        self._counter.alarm()
        log.error("ALARM: %s", text)
