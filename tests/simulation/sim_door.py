"""The FIX door in virtual time: the gateway's own door and callbacks over another FIX engine.

What QuickFIX does and what matters here is kept: a message is numbered, stored and then sent; the store
survives a crash; the expected number moves after `fromApp` has returned, so a crash in between makes the
client's message come again; a Logon with ResetSeqNumFlag(141)=Y empties the store.
"""

from collections.abc import Mapping
from typing import Any

import quickfix

from fixgate.fix.acceptor import FixDoor
from tests.simulation.fix_link import FixLink
from tests.simulation.fix_session import Session, Store
from tests.simulation.fix_text import parse


class SimDoor(FixDoor):
    """A door whose sessions' `stores` outlive it."""

    def __init__(self, *args: Any, stores: Mapping[str, Store], point: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stores = stores
        self._point = point
        self._links: dict[str, FixLink] = {}
        self._logged: dict[str, Session] = {}
        self._listening = False
        self._leaving: set[str] = set()
        self._application.send = self._send  # type: ignore[method-assign]
        self._application.store_watch = StoreBirths(stores)  # type: ignore[assignment]

    def start(self) -> None:
        """Listen. No thread and no socket: links come from `FixLink`."""
        self._acceptor = object()
        self._application.store_watch.begin()
        self._listening = True

    def log_out(self) -> None:
        """Say goodbye to every session that is on."""
        for name, session in self._logged.items():
            self._leaving.add(name)
            session.admin(("35", "5"), ("58", "the gateway is stopping"))

    @property
    def anyone_on(self) -> bool:
        return bool(self._logged)

    def stop(self, timeout: float = 5.0) -> None:
        """Hang up on whoever has not answered, and close."""
        for name in list(self._logged):
            self._end(name, hang_up=True)
        self._listening = False
        self._acceptor = None

    @property
    def listening(self) -> bool:
        return self._listening

    # the wire

    def linked(self, link: FixLink) -> None:
        if not self._listening:
            link.close_by_gateway()

    def cut(self, link: FixLink) -> None:
        if self._links.get(link.session) is link:
            self._end(link.session, hang_up=False)

    def received(self, link: FixLink, raw: str) -> None:
        if not self._listening:
            return
        fields = parse(raw)
        if fields["35"] == "A":
            self._logon(link, raw, fields)
            return
        session = self._logged.get(link.session)
        if session is None or self._links.get(link.session) is not link:
            return
        why = ""
        if fields["35"] in "012345":
            try:
                self._call("fromAdmin", raw, link.session)
            except quickfix.RejectLogon as refusal:
                why = str(refusal)
        why = why or session.receive(raw, fields)
        if why:
            session.admin(("35", "5"), ("58", why))
            self._end(link.session, hang_up=True)
        elif fields["35"] == "5":
            if link.session not in self._leaving:
                session.admin(("35", "5"))
            self._end(link.session, hang_up=True)

    # the session

    def _logon(self, link: FixLink, raw: str, fields: Mapping[str, str]) -> None:
        name = link.session
        if name in self._logged or name in self._leaving:
            link.close_by_gateway()
            return
        store, reset = self._stores[name], fields.get("141") == "Y"
        if reset:
            store.reset()
            self._point("store reset")
        seq = int(fields["34"])
        if seq < store.next_in:
            link.close_by_gateway()
            return
        try:
            self._call("fromAdmin", raw, name)
        except quickfix.RejectLogon:
            link.close_by_gateway()
            return
        session = Session(
            store, fields["56"], fields["49"], link.to_client, lambda text: self._app(name, text)
        )
        self._links[name], self._logged[name] = link, session
        answer = [("35", "A"), ("98", "0"), ("108", fields["108"])]
        session.admin(*answer, *([("141", "Y")] if reset else []))
        if seq > store.next_in:
            session.gap(seq)
        else:
            store.next_in += 1
        self._application.onLogon(_Named(name))

    def _app(self, name: str, raw: str) -> None:
        self._call("fromApp", raw, name)
        self._point("fromApp returned")

    def _end(self, name: str, *, hang_up: bool) -> None:
        link, session = self._links.pop(name, None), self._logged.pop(name, None)
        if link is not None and hang_up:
            link.close_by_gateway()
        if session is not None:
            self._application.onLogout(_Named(name))

    def _send(self, name: str, text: str) -> bool:
        """In place of `DoorApplication.send`: number, store, send."""
        store = self._stores.get(name)
        if store is None or not self._listening:
            return False
        if name in self._application._resetting:
            return True
        self._point("report")
        session = self._logged.get(name)
        if session is not None:
            session.application(text, connected=True)
        else:
            sender, _, target = name.partition(":")[2].partition("->")
            Session(store, sender, target, _nowhere, _nowhere).application(text, connected=False)
        self._point("report stored")
        return True

    def _call(self, callback: str, raw: str, name: str) -> None:
        getattr(self._application, callback)(_Text(raw), _Named(name))


class StoreBirths:
    """In place of the watch over the FIX engine's files: notices when a store was emptied. What it keeps,
    it keeps in the store, which outlives the process."""

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._stores = stores
        self._known: dict[str, int] = {}

    def begin(self) -> None:
        self._known = {session: store.known_birth for session, store in self._stores.items()}

    def told(self, session: str) -> None:
        self._known[session] = self._stores[session].births

    def keep(self, session: str) -> None:
        self._stores[session].known_birth = self._known[session]

    def is_lost(self, session: str) -> bool:
        store = self._stores[session]
        return store.births != self._known[session] or store.next_out == 1

    def begin_at_1(self, session: str) -> None:
        self._stores[session].next_out = 1


def _nowhere(_: str) -> None:
    """A session that is off has no wire."""


class _Text:
    """A message as the callbacks read it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def toString(self) -> str:
        return self._text


class _Named:
    """A session's id as the callbacks read it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def toString(self) -> str:
        return self._text
