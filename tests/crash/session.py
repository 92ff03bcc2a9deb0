"""One FIX session of an OMS that remembers: what it sent, what it expects, and what it was told.

The session outlives its connections. Sent messages are kept by sequence number and sent again, with
PossDupFlag(43)=Y and OrigSendingTime(122), when the gateway asks; a gap in what comes in is asked for, and
messages are handed on in order and once. Source: FIX 4.4 Vol. 2, "Ordered Message Processing", "Possible
Duplicates", "Possible Resends".
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from tests.fixclient import SOH, Field, Message, frame, parse, utc_now

GATEWAY = "FIXGATE"
HEARTBEAT_SECONDS = 2
_ADMIN = frozenset("012345A")


class Recovery(Enum):
    """How the client makes up for messages that the gateway may not have."""

    RESEND = "resent by sequence number, 43=Y"
    GAP_FILL = "gap filled, then sent as new messages, 97=Y"
    RESET = "logged on with 141=Y, then sent as new messages, 97=Y"


class Sent(NamedTuple):
    """An application message as it left first."""

    msg_type: str
    fields: tuple[Field, ...]
    sending_time: str
    poss_resend: bool


Take = Callable[[Message, bool], None]
"""Takes an application message, and whether it is one that was handed on before (43=Y, seen number)."""

Note = Callable[[str], None]
"""Hears of moments: `logon sent`, `logged on`, `resend asked`, `resend answered`."""


class OmsSession:
    """One session. `take` gets every application message; `tell` every raw message, for evidence."""

    def __init__(
        self,
        port: int,
        comp_id: str,
        take: Take,
        note: Note,
        tell: Callable[[str, str, str], None],
    ) -> None:
        self.port, self.comp_id = port, comp_id
        self.recovery = Recovery.RESEND
        self.next_out = self.next_in = 1
        self.sent: dict[int, Sent] = {}
        self.on = asyncio.Event()
        self.lost = asyncio.Event()
        self.lost.set()
        self.owes = False
        """True from a reset until what has no answer was sent again as new messages."""
        self.resent = 0
        self.complaints: list[str] = []
        self._take, self._note, self._tell = take, note, tell
        self._gap_until = 0
        self._complete = asyncio.Event()
        self._fill_from = 0
        """Numbers from here on are resent; what is before was given up and is gap filled."""
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def log_on(self, recovery: Recovery) -> bool:
        """Connect and log on; False when the gateway was not there or went away meanwhile."""
        if self.recovery is not Recovery.RESET or self.next_in > 1:
            self.recovery = recovery
        try:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        self.lost.clear()
        self._gap_until = 0
        self._tasks = [asyncio.create_task(self._read(reader)), asyncio.create_task(self._beat())]
        fields: list[Field] = [(98, 0), (108, HEARTBEAT_SECONDS)]
        self.owes |= self.recovery is Recovery.RESET
        if self.recovery is Recovery.RESET:
            self.next_out = self.next_in = 1
            self.sent.clear()
            self._fill_from = 0
            fields.append((141, "Y"))
        elif self.recovery is Recovery.GAP_FILL:
            self._fill_from = self.next_out
        self._send("A", fields)
        self._note("logon sent")
        await self._first(self.on, self.lost)
        return self.on.is_set()

    @staticmethod
    async def _first(*events: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in events]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def submit(self, msg_type: str, fields: Sequence[Field], *, poss_resend: bool = False) -> None:
        """Send an application message and remember it; `poss_resend` marks it with 97=Y."""
        self.sent[self.next_out] = sent = Sent(msg_type, tuple(fields), utc_now(), poss_resend)
        self._send(msg_type, sent.fields, poss_resend=poss_resend)

    async def caught_up(self) -> bool:
        """Wait until everything that was missed has come; False when the connection went first."""
        if self._gap_until:
            self._complete.clear()
            await self._first(self._complete, self.lost)
        return self.on.is_set()

    async def drop(self) -> None:
        """Close the connection abruptly."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._gone()

    async def log_out(self) -> None:
        """Log out, wait for the answer, close."""
        if self.on.is_set():
            self._send("5", [])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self.lost.wait()
        await self.drop()

    def _send(
        self,
        msg_type: str,
        fields: Sequence[Field],
        *,
        number: int | None = None,
        first_time: str = "",
        poss_resend: bool = False,
    ) -> None:
        if number is None:
            number = self.next_out
            self.next_out += 1
        header: list[Field] = [
            (35, msg_type),
            (49, self.comp_id),
            (56, GATEWAY),
            (34, number),
            (52, utc_now()),
        ]
        if first_time:
            header += [(43, "Y"), (122, first_time)]
        if poss_resend:
            header.append((97, "Y"))
        data = frame([*header, *fields])
        self._tell(self.comp_id, ">", data.decode())
        if self._writer is not None and not self._writer.transport.is_closing():
            self._writer.write(data)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS / 2)
            self._send("0", [])

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\x019=")
                length = await reader.readuntil(b"\x01")
                rest = await reader.readexactly(int(length[:-1]) + 7)
                raw = head + length + rest
                self._tell(self.comp_id, "<", raw.decode("ascii", "replace"))
                self._receive(parse(raw))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._gone()

    def _gone(self) -> None:
        self.on.clear()
        self.lost.set()
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    def _receive(self, message: Message) -> None:
        kind, number = message[35], int(message[34])
        if kind == "A":
            if message.get(141) == "Y":
                self.next_in = number
            self.on.set()
            self._note("logged on")
        if kind == "4" and message.get(123) != "Y":
            self.next_in = max(self.next_in, int(message[36]))
            return
        if kind in {"3", "j"} or (kind == "5" and "MsgSeqNum" in message.get(58, "")):
            self.complaints.append(f"{self.comp_id}: refused or logged out: {message}")
        if kind == "2":
            self._resend(int(message[7]), int(message[16]))
        if number > self.next_in:
            self._ask(number)
        elif number == self.next_in:
            self._advance(message)
        elif message.get(43) != "Y":
            self.complaints.append(
                f"{self.comp_id}: MsgSeqNum {number} came as new after {self.next_in - 1}: {message}"
            )
        elif kind not in _ADMIN:
            self._take(message, True)

    def _advance(self, message: Message) -> None:
        kind = message[35]
        self.next_in = int(message[36]) if kind == "4" else self.next_in + 1
        if kind == "1":
            self._send("0", [(112, message.get(112, ""))])
        elif kind == "5":
            self._gone()
        elif kind not in _ADMIN:
            self._take(message, False)
        if self._gap_until and self.next_in > self._gap_until:
            self._gap_until = 0
            self._complete.set()
            self._note("resend answered")

    def _ask(self, number: int) -> None:
        """Ask for what is missing before `number`, once per gap; all of it comes again, in order."""
        if self._gap_until:
            return
        self._gap_until = number
        self._send("2", [(7, self.next_in), (16, 0)])
        self._note("resend asked")

    def _resend(self, begin: int, end: int) -> None:
        """Send messages again; the session's own messages, and those given up, are gap filled.

        What is given up is sent as a new message, with 97=Y: the gateway has said that it lacks it.
        """
        last = self.next_out - 1
        end = last if end == 0 or end > last else end
        gap = 0
        given_up: list[Sent] = []
        for number in range(begin, end + 1):
            sent = self.sent.get(number)
            if sent is None or number < self._fill_from:
                gap = gap or number
                given_up += [self.sent.pop(number)] if sent is not None else []
                continue
            if gap:
                self._fill(gap, number)
                gap = 0
            self.resent += 1
            self._send(
                sent.msg_type,
                sent.fields,
                number=number,
                first_time=sent.sending_time,
                poss_resend=sent.poss_resend,
            )
        if gap:
            self._fill(gap, end + 1)
        self.resent += len(given_up)
        for sent in given_up:
            self.submit(sent.msg_type, sent.fields, poss_resend=True)

    def _fill(self, begin: int, new: int) -> None:
        self._send("4", [(123, "Y"), (36, new)], number=begin, first_time=utc_now())


def shown(raw: str) -> str:
    """Return a raw message as people read it."""
    return raw.replace(SOH, "|")
