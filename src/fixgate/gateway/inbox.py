"""The journal as the FIX door sees it: messages go in before they are acknowledged in any way."""

from collections.abc import Callable

from fixgate.fix.ports import InboxUnavailable
from fixgate.journal.journal import Journal, JournalError

_REDUCES_RISK = ("\x0135=F\x01", "\x0135=H\x01")
"""OrderCancelRequest and OrderStatusRequest, as a FIX header has them."""


class Inbox:
    """Called on the FIX engine's thread. `halt` is told when the journal cannot be written, `handled` the
    number of a message that nobody has to decide on any more."""

    def __init__(self, journal: Journal, halt: Callable[[str], None], handled: Callable[[int], None]) -> None:
        self._journal = journal
        self._halt = halt
        self._handled = handled

    def answered(self, sequence: int) -> None:
        """Note that a message was refused at the door."""
        self._handled(sequence)

    def put(self, session: str, raw: str, received_ns: int) -> int:
        """Keep a message and return its number.

        A cancel is taken even when it cannot be kept: it only reduces risk, and a client whose cancel is
        lost in a crash can send it again. Raises `InboxUnavailable` for everything else.
        """
        try:
            return self._journal.put(session, raw, received_ns)
        except JournalError as error:
            self._halt(str(error))
            if any(kind in raw[:64] for kind in _REDUCES_RISK):
                return self._journal.number()
            raise InboxUnavailable(str(error)) from error
