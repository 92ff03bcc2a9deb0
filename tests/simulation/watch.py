"""Listens to the logs of a run: an internal error of the gateway is a finding."""

import logging
from typing import Any

from fixgate.fix.ports import InboxUnavailable
from fixgate.journal.journal import JournalError
from tests.simulation.process import ProcessDied

_NEVER = ("internal error:", "could not be worked through", "cannot be written as FIX")


class LogWatch(logging.Handler):
    """A handler on the root logger for the length of a run."""

    def __init__(self, world: Any) -> None:
        super().__init__(logging.INFO)
        self._world = world
        self.alarms: list[str] = []
        self._levels: tuple[int, int] = (0, 0)

    def __enter__(self) -> "LogWatch":
        root, ours = logging.getLogger(), logging.getLogger("fixgate")
        self._levels = root.level, ours.level
        root.addHandler(self)
        ours.setLevel(logging.INFO)
        return self

    def __exit__(self, *_: object) -> None:
        root, ours = logging.getLogger(), logging.getLogger("fixgate")
        root.removeHandler(self)
        root.setLevel(self._levels[0])
        ours.setLevel(self._levels[1])

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ProcessDied):
            return
        if isinstance(error, JournalError | InboxUnavailable):
            error = None  # the disk is full on purpose
        if isinstance(error, ConnectionError) and record.name == "aiohttp.server":
            return  # the client hung up while the venue answered
        if record.levelno >= logging.WARNING or record.name.startswith("fixgate"):
            self._world.log(f"log     {record.levelname.lower()} {record.name}: {text}")
        if text.startswith("ALARM"):
            self.alarms.append(text)
        full = self._world.gateway.disk_is_full if self._world.incarnations else False
        fatal = record.levelno >= logging.CRITICAL and not full
        if fatal or error is not None or any(word in text for word in _NEVER):
            self._world.found("no internal error", f"{record.name}: {text}{_where(error)}")


def _where(error: BaseException | None) -> str:
    if error is None:
        return ""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{code.co_filename.rpartition('/fixgate/')[2]}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    return f" ({type(error).__name__}: {error} at {place})"
