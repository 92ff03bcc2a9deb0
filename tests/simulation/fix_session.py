"""The session rules of FIX 4.4 that both ends of a FIX connection keep: numbers, gaps, resends.

Source: FIX 4.4 Vol. 2. What the two sides do alike is here; who logs on first is in their own files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.fix_text import ADMIN, SOH, Fields, body_of, join, numbered, parse


@dataclass
class Store:
    """What a FIX engine keeps on disk: it survives a crash. `sent` holds whole messages by number; `births`
    counts how often it was begun anew, `known_birth` is the last of them that the gateway noted."""

    next_out: int = 1
    next_in: int = 1
    sent: dict[int, str] = field(default_factory=dict)
    births: int = 1
    known_birth: int = 0

    def reset(self) -> None:
        self.births += 1
        self.next_out = self.next_in = 1
        self.sent.clear()


class Session:
    """One side of a session while it is connected: `send` puts text on the wire, `take` hands an
    application message on. Numbers move after `take` returned, as QuickFIX does it."""

    def __init__(
        self, store: Store, sender: str, target: str, send: Callable[[str], None], take: Callable[[str], None]
    ) -> None:
        self.store = store
        self.sender = sender
        self.target = target
        self._send = send
        self._take = take
        self._queued: dict[int, str] = {}
        self._asked_from = 0

    def admin(self, *fields: tuple[str, object]) -> None:
        """Number and send a session message. Its number is used up; it is never sent again."""
        seq = self.store.next_out
        self.store.next_out += 1
        self._send(numbered(join(fields), seq, self.sender, self.target))

    def application(self, body: str, *, connected: bool) -> None:
        """Number, store and, when connected, send an application message."""
        seq = self.store.next_out
        raw = numbered(body, seq, self.sender, self.target)
        self.store.sent[seq] = raw
        self.store.next_out += 1
        if connected:
            self._send(raw)

    def receive(self, raw: str, fields: Fields) -> str:
        """Take a message other than a Logon; returns why the session must end, empty if it goes on."""
        seq, kind = int(fields["34"]), fields["35"]
        if kind == "2":
            self._resend(int(fields["7"]), int(fields["16"]))
        if seq > self.store.next_in:
            self.gap(seq)
            if kind != "2":
                self._queued[seq] = raw
            return ""
        if seq < self.store.next_in:
            if fields.get("43") == "Y":
                return ""
            return f"MsgSeqNum too low, expecting {self.store.next_in} but received {seq}"
        self._in_sequence(raw, fields)
        self._drain()
        return ""

    def gap(self, seq: int) -> None:
        """Ask for what is missing before `seq`, once."""
        if self._asked_from != self.store.next_in:
            self._asked_from = self.store.next_in
            self.admin(("35", "2"), ("7", self.store.next_in), ("16", 0))

    def _in_sequence(self, raw: str, fields: Fields) -> None:
        kind = fields["35"]
        if kind == "4":
            self.store.next_in = int(fields["36"])
            return
        if kind not in ADMIN:
            self._take(raw)
        self.store.next_in += 1

    def _drain(self) -> None:
        for seq in [each for each in self._queued if each < self.store.next_in]:
            del self._queued[seq]
        while (raw := self._queued.pop(self.store.next_in, None)) is not None:
            self._in_sequence(raw, parse(raw))

    def _resend(self, begin: int, end: int) -> None:
        last = end or self.store.next_out - 1
        seq = begin
        while seq <= last:
            raw = self.store.sent.get(seq)
            if raw is not None:
                text = numbered(body_of(raw), seq, self.sender, self.target, original=parse(raw)["52"])
                self._send(text)
                seq += 1
                continue
            following = seq
            while following <= last and following not in self.store.sent:
                following += 1
            self._fill(seq, following)
            seq = following

    def _fill(self, seq: int, following: int) -> None:
        fields = join((("35", "4"), ("123", "Y"), ("36", following)))
        self._send(numbered(fields, seq, self.sender, self.target, original="19700101-00:00:00.000"))


def is_logon(raw: str) -> bool:
    return f"{SOH}35=A{SOH}" in raw
