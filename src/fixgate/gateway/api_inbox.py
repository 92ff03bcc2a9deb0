"""The inbox as the HTTP door uses it: a command is kept before it is decided on, as one over FIX is.

A row holds the command itself, as JSON, under the session `API_SESSION`.
"""

import time

import msgspec

from fixgate.gateway.dispatcher import Dispatcher
from fixgate.journal.journal import Journal, JournalError
from fixgate.model.commands import API_SESSION, CancelOrder, NewOrder, NewOrderList

ApiCommand = NewOrder | NewOrderList | CancelOrder

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[ApiCommand] = msgspec.json.Decoder(ApiCommand)


def read_kept(raw: str) -> ApiCommand | None:
    """Return the command that an inbox row of the API holds, `None` if it cannot be read."""
    try:
        return _DECODER.decode(raw)
    except msgspec.DecodeError:
        return None


class ApiInbox:
    """Keeps commands and hands them to the dispatcher. Event loop only."""

    def __init__(self, journal: Journal, dispatcher: Dispatcher) -> None:
        self._journal = journal
        self._dispatcher = dispatcher

    def mint(self) -> str:
        """Return a ClOrdID that was never used."""
        return f"api-{self._journal.number()}"

    def take(self, command: ApiCommand) -> int:
        """Keep a command, let it be decided on and return its number: an order's OrderID.

        A cancel is taken even when it cannot be kept, since it only reduces risk. Raises `JournalError` for
        orders, which were not taken then.
        """
        raw = _ENCODER.encode(command).decode()
        try:
            number = self._journal.put(API_SESSION, raw, time.time_ns())
        except JournalError as error:
            self._dispatcher.halt(str(error))
            if not isinstance(command, CancelOrder):
                raise
            number = self._journal.number()
        self._dispatcher.take(number, command)
        return number
