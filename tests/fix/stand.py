"""An open door with everything behind it, for tests that share one."""

import asyncio
from pathlib import Path

from fixgate.fix.acceptor import FixDoor
from fixgate.fix.ports import DoorEvents
from fixgate.fix.settings import AcceptorConfig, SessionConfig
from fixgate.model.commands import NewOrder
from tests.fix.broker import Deliveries, ListInbox, new_report, wait_until
from tests.fixclient import FixClient, new_order, next_cl_ord_id

CLIENTS = tuple(f"OMS{number}" for number in range(64))


class Stand:
    """One open door with everything behind it, and a fresh session for every test."""

    def __init__(self, store: Path) -> None:
        self.inbox = ListInbox()
        self.deliveries = Deliveries(self.inbox)
        self.events: list[tuple[object, ...]] = []
        self._names = iter(CLIENTS)
        sessions = [
            SessionConfig(target_comp_id=name, default_connector="PM", source_id=f"desk-{name}")
            for name in CLIENTS
        ]
        sessions.append(
            SessionConfig(target_comp_id="LOCKED", default_connector="PM", password="open-sesame")
        )
        sessions.append(SessionConfig(target_comp_id="QUIET", default_connector="PM", pending_reports=False))
        self.door = FixDoor(
            AcceptorConfig(sessions=tuple(sessions), store_path=store, port=0),
            self.inbox,
            self.deliveries,
            DoorEvents(
                on_logon=lambda session, logon: self.events.append(("logon", session, logon)),
                on_logout=lambda session, orderly: self.events.append(("logout", session, orderly)),
                resetting=lambda session: self.events.append(("resetting", session)),
                on_received=lambda session, kind: self.events.append(("received", session, kind)),
                on_problem=lambda kind: self.events.append(("problem", kind)),
                on_sent=lambda session, kind: self.events.append(("sent", session, kind)),
            ),
        )

    def client(self, name: str | None = None, **options: int) -> FixClient:
        return FixClient("127.0.0.1", self.door.port, name or next(self._names), **options)

    async def order(self, client: FixClient, **options: object) -> NewOrder:
        """Send an order and return it as it was delivered."""
        cl_ord_id = next_cl_ord_id()
        await client.send("D", new_order(cl_ord_id=cl_ord_id, **options))  # type: ignore[arg-type]
        found = await asyncio.to_thread(self.deliveries.wait, lambda command: command.cl_ord_id == cl_ord_id)
        assert isinstance(found[2], NewOrder)
        return found[2]


def name_of(client: FixClient) -> str:
    return f"FIX.4.4:FIXGATE->{client.sender}"


def told(stand: Stand, client: FixClient) -> list[tuple[object, ...]]:
    """Return the Logon and Logout events of a client's session, in order, without its name."""
    kinds = {"logon", "logout", "resetting"}
    return [(each[0], *each[2:]) for each in stand.events if each[0] in kinds and each[1] == name_of(client)]


def publish(stand: Stand, order: NewOrder, count: int, text: str = "") -> None:
    """Publish `count` reports of an order; each must be taken."""
    for _ in range(count):
        assert stand.door.publish(new_report(order, text=text))


async def heard(stand: Stand, client: FixClient, count: int) -> list[tuple[object, ...]]:
    """Wait until `count` such events came and return them."""
    await asyncio.to_thread(wait_until, lambda: len(told(stand, client)) >= count)
    return told(stand, client)
