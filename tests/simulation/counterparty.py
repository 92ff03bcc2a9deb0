"""An OMS on a FIX session: it logs on, keeps its store, fills gaps both ways, and minds its own orders.

It survives every crash of the gateway. Whatever it gets that an OMS could not make sense of is a finding.
"""

import asyncio
import random
from collections.abc import Callable

from tests.simulation.fix_link import HEARTBEAT, FixLink
from tests.simulation.fix_session import Session, Store
from tests.simulation.fix_text import GATEWAY, SOH, Fields, join, parse, show
from tests.simulation.oms_orders import Illegal, Ledger
from tests.simulation.process import outside

RETRY = (0.05, 0.6)
"""Seconds between attempts to connect."""


class Counterparty:
    """One OMS. `connect` opens a link to the gateway, `None` when nobody listens."""

    def __init__(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        rng: random.Random,
        connect: Callable[["Counterparty"], FixLink | None],
        log: Callable[[str], None],
        found: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.session_id = f"FIX.4.4:{GATEWAY}->{name}"
        self.ledger = Ledger()
        self.store = Store()
        self._loop, self._rng, self._connect = loop, rng, connect
        self._log, self._found = log, found
        self._link: FixLink | None = None
        self._session: Session | None = None
        self._wanted = self._leaving = False
        self._logged_on = False
        self._reset_next = False
        self._retry: asyncio.TimerHandle | None = None
        self._unsure: dict[str, str] = {}
        """Application messages that no answer names yet, by ClOrdID."""

    @property
    def on(self) -> bool:
        return self._logged_on

    def go_on(self) -> None:
        """Connect, and again whenever the connection is lost."""
        self._wanted = True
        if self._link is None:
            self._try()

    def go_off(self) -> None:
        """Log out and stay away."""
        self._wanted, self._leaving = False, True
        if self._session is not None and self._logged_on:
            self._session.admin(("35", "5"))
        elif self._link is not None:
            self._link.break_off()

    def break_off(self) -> None:
        if self._link is not None:
            self._link.break_off()

    def fall_silent(self) -> None:
        if self._link is not None:
            self._link.fall_silent()

    def fall_deaf(self) -> None:
        if self._link is not None:
            self._link.fall_deaf()

    def heal(self) -> None:
        """Find out at once that a silent connection is dead."""
        if self._link is not None and (self._link.silent or self._link.deaf):
            self._link.break_off()

    def reset_at_next_logon(self) -> None:
        """Begin both sides at 1 next time, and say again what was not answered."""
        self._reset_next = True
        self.break_off()

    def ask_again(self) -> None:
        """Ask for the last messages once more, as an OMS does that doubts its own store."""
        if self._session is not None and self._logged_on and self.store.next_in > 2:
            begin = self._rng.randrange(max(1, self.store.next_in - 8), self.store.next_in)
            self._session.admin(("35", "2"), ("7", begin), ("16", self.store.next_in - 1))

    def send(self, cl_ord_id: str, body: str) -> None:
        """Send an application message; what is sent while off goes out by resend after the Logon."""
        self._log(f"{self.name} > {show(body)}{'' if self._logged_on else '  (off)'}")
        self._unsure[cl_ord_id] = body
        session = self._session or Session(self.store, self.name, GATEWAY, _nowhere, _nowhere)
        session.application(body, connected=self._logged_on)

    # the wire

    def received(self, link: FixLink, raw: str) -> None:
        if link is not self._link or self._session is None:
            return
        fields = parse(raw)
        if fields["35"] == "A":
            self._logon_answered(fields)
            return
        if not self._logged_on:
            return
        why = self._session.receive(raw, fields)
        if why:
            self._found("fix session", f"{self.name}: {why}")
            link.break_off()
        elif fields["35"] == "5":
            self._logged_out(link, fields.get("58", ""))

    def _logged_out(self, link: FixLink, text: str) -> None:
        if self._leaving:
            link.break_off()
            return
        if "stopping" not in text:
            self._found("fix session", f"{self.name} was logged out: {text!r}")
        assert self._session is not None
        self._session.admin(("35", "5"))
        self._logged_on = False
        self._loop.call_later(1.0, link.break_off, context=outside())

    def _beat(self, link: FixLink) -> None:
        if link is self._link and self._session is not None and self._logged_on:
            self._session.admin(("35", "0"))
            self._loop.call_later(HEARTBEAT, self._beat, link, context=outside())

    def cut(self, link: FixLink) -> None:
        if link is not self._link:
            return
        self._link, self._session, self._logged_on, self._leaving = None, None, False, False
        if self._wanted:
            self._later()

    def _later(self) -> None:
        if self._retry is None:
            self._retry = self._loop.call_later(self._rng.uniform(*RETRY), self._try, context=outside())

    def _try(self) -> None:
        self._retry = None
        if not self._wanted or self._link is not None:
            return
        self._link = self._connect(self)
        if self._link is None:
            self._later()
            return
        self._session = Session(self.store, self.name, GATEWAY, self._link.to_gateway, self._take)
        fields: list[tuple[str, object]] = [("35", "A"), ("98", "0"), ("108", HEARTBEAT)]
        if self._reset_next:
            self.store.reset()
            fields.append(("141", "Y"))
            self._log(f"{self.name} logs on with ResetSeqNumFlag=Y")
        self._session.admin(*fields)

    def _logon_answered(self, fields: Fields) -> None:
        assert self._session is not None
        self._logged_on = True
        self._loop.call_later(HEARTBEAT, self._beat, self._link, context=outside())
        seq = int(fields["34"])
        if seq > self.store.next_in:
            self._session.gap(seq)
        elif seq == self.store.next_in:
            self.store.next_in += 1
        if self._reset_next:
            self._reset_next = False
            for body in list(self._unsure.values()):
                self._session.application(_possibly_resent(body), connected=True)

    # the orders

    def _take(self, raw: str) -> None:
        fields = parse(raw)
        again = "".join(tag for tag in ("43", "97") if fields.get(tag) == "Y")
        self._log(f"{self.name} < {show(raw)}{f'  ({again})' if again else ''}")
        self._unsure.pop(fields.get("11", fields.get("379", "")), None)
        try:
            if fields["35"] == "8":
                self.ledger.execution_report(fields)
            elif fields["35"] == "9":
                self.ledger.cancel_reject(fields)
            elif fields["35"] == "B":
                return  # news of links and margin says nothing about an order
            elif fields["35"] == "j" and fields.get("380") == "4":
                self.ledger.not_taken(fields["379"])
            else:
                raise Illegal(f"a message of type {fields['35']}: {fields.get('58')}")
        except Illegal as problem:
            self._found("legal reports", f"{self.name}: {problem}")


def _nowhere(_: str) -> None:
    """A session that is off has no wire."""


def _possibly_resent(body: str) -> str:
    """Return a message with PossResend(97)=Y."""
    kind, _, rest = body.partition(SOH)
    return body if f"{SOH}97=Y{SOH}" in body else f"{kind}{SOH}97=Y{SOH}{rest}"


def new_order(cl_ord_id: str, **fields: object) -> str:
    """Return a NewOrderSingle(D) without its header."""
    return _request("D", ("11", cl_ord_id), fields)


def cancel(cl_ord_id: str, orig: str, **fields: object) -> str:
    """Return an OrderCancelRequest(F) without its header."""
    return _request("F", ("11", cl_ord_id), {"41": orig, **fields})


def replace(cl_ord_id: str, orig: str, **fields: object) -> str:
    """Return an OrderCancelReplaceRequest(G) without its header."""
    return _request("G", ("11", cl_ord_id), {"41": orig, **fields})


def status(cl_ord_id: str, **fields: object) -> str:
    """Return an OrderStatusRequest(H) without its header."""
    return _request("H", ("11", cl_ord_id), fields)


def _request(kind: str, first: tuple[str, object], fields: dict[str, object]) -> str:
    given = [(tag.removeprefix("t"), value) for tag, value in fields.items() if value is not None]
    return join([("35", kind), first, *given])
