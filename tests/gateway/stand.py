"""The core over a real journal, with a door and a connector that do as they are told."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from fixgate.fix.ports import DoorEvents, Logon, Unsendable
from fixgate.fix.settings import SessionConfig
from fixgate.gateway.core import Core, CoreSettings
from fixgate.gateway.counting import OutcomeCounter
from fixgate.gateway.inbox import Inbox
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.commands import Command
from fixgate.model.reports import Report
from fixgate.model.venue import OrderUpdate, VenueEvent, VenueExec, VenueRequest, VenueStatus
from fixgate.observe.metrics import Metrics
from tests.engine.desk import Planner

D = Decimal
OMS = SessionConfig(target_comp_id="OMS")
SESSION = OMS.session_id


class StandDoor:
    """Takes every report, unless `broken` or after it `accepts` no more, and never one about the ClOrdID
    `unsendable`; logs sessions on and off when told to."""

    def __init__(
        self, inbox: Inbox, deliver: Callable[[int, int, Command], None], events: DoorEvents
    ) -> None:
        self.inbox, self.deliver, self.events = inbox, deliver, events
        self.told: list[Report] = []
        self.broken = False
        self.unsendable = ""
        self.accepts = 1_000_000
        self.heard: dict[str, float] = {}

    def start(self) -> None:
        """It has no port."""

    def publish(self, report: Report) -> bool:
        if self.unsendable and report.cl_ord_id == self.unsendable:
            raise Unsendable(f"{report.cl_ord_id} cannot be written")
        if self.broken or not self.accepts:
            return False
        self.accepts -= 1
        self.told.append(report)
        return True

    def last_heard(self, session: str) -> float:
        return self.heard.get(session, 0.0)

    def heartbeat(self, session: str) -> int:
        return 1

    async def logon(self, session: str = SESSION, *, reset: bool = False, cancel: int | None = None) -> None:
        if reset:
            self.events.resetting(session)
        self.logs_on(session, reset=reset, cancel=cancel)
        await asyncio.sleep(0)

    def logs_on(self, session: str = SESSION, *, reset: bool = False, cancel: int | None = None) -> None:
        """What the FIX engine's thread says of a Logon; the loop hears of it at its next turn."""
        self.events.on_logon(session, Logon(reset=reset, cancel_on_disconnect=cancel, heartbeat_seconds=1))

    async def logout(self, session: str = SESSION, *, orderly: bool = False) -> None:
        self.events.on_logout(session, orderly)
        await asyncio.sleep(0)


class StandConnector(Planner):
    """Plans everything and keeps what it is asked to send."""

    key = "PM"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[VenueRequest] = []
        self.sink: Callable[[VenueEvent], None]

    async def start(self, sink: Callable[[VenueEvent], None]) -> None:
        self.sink = sink

    def send(self, request: VenueRequest) -> None:
        self.sent.append(request)

    def health(self) -> list[Any]:
        return []

    async def stop(self) -> None:
        """Nothing is open."""


class Stand:
    """One run of the gateway on the journal in `folder`. `journal` may be given to break it."""

    def __init__(
        self,
        folder: Path,
        sessions: tuple[SessionConfig, ...] = (OMS,),
        journal: Any = None,
        connector: Any = None,
        **settings: Any,
    ) -> None:
        self.journal = journal or SqliteJournal(folder / "journal.db")
        self.connector: Any = connector or StandConnector()
        self.failures: list[str] = []
        self.metrics = Metrics()
        self.core = Core(
            CoreSettings(sessions=sessions, **settings),
            self.journal,
            {"PM": self.connector},
            OutcomeCounter(self.metrics),
            StandDoor,
            self.failures.append,
        )
        self.door: StandDoor = self.core.door  # type: ignore[assignment]
        self.core.restore()
        self.clock = count(100)

    async def start(self) -> "Stand":
        await self.core.start()
        return self

    def stop(self) -> None:
        """End in good order."""
        self.core.closing()
        self.core.drain()
        self.core.close()
        self.journal.close()

    def crash(self) -> None:
        """End at once: nothing more is written."""
        self.core.closing()
        dispatcher = self.core._dispatcher
        for timer in (dispatcher._marking, dispatcher._confirming, dispatcher._retrying):
            if timer is not None:
                timer.cancel()
        self.journal.close()

    async def send(self, command: Command, raw: str = "a message") -> int:
        """Take a command in as the door does."""
        number = self.door.inbox.put(SESSION, raw, 1)
        self.door.deliver(number, 1, command)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return number

    def order(self, cl_ord_id: str = "A1") -> Any:
        return self.core.engine.book.of_client("OMS", cl_ord_id)

    def says(self, exec: VenueExec, status: VenueStatus, cl_ord_id: str = "A1", **changes: Any) -> None:
        """The venue speaks of an order."""
        order = self.order(cl_ord_id)
        fields: dict[str, Any] = {
            "connector": "PM",
            "account": "main",
            "product_type": order.request.product_type,
            "symbol": order.request.symbol,
            "client_order_id": order.request.client_order_id,
            "venue_order_id": f"V{order.order_id}",
            "exec": exec,
            "status": status,
            "cum_quantity": order.cum,
            "at_ms": next(self.clock),
        }
        self.connector.sink(OrderUpdate(**(fields | changes)))

    def acknowledge(self, cl_ord_id: str = "A1") -> None:
        self.says(VenueExec.NEW, VenueStatus.NEW, cl_ord_id)

    def fill(self, quantity: int, cl_ord_id: str = "A1", **changes: Any) -> None:
        order = self.order(cl_ord_id)
        cum = order.cum + quantity
        self.says(
            VenueExec.TRADE,
            VenueStatus.FILLED if cum >= order.quantity else VenueStatus.PARTIALLY_FILLED,
            cl_ord_id,
            **{
                "last_quantity": D(quantity),
                "last_price": D(100),
                "cum_quantity": cum,
                "trade_id": f"{cl_ord_id}-{cum}",
                **changes,
            },
        )

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        """Every report told so far: ExecType or 'reject', ClOrdID, and whether it may be a repeat."""
        return [
            (getattr(report, "exec_type", None) or "reject", report.cl_ord_id, report.resent)
            for report in self.door.told
        ]


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  timers of the core set no event
            await asyncio.sleep(0.005)
