"""What the engine tells the session of the API: whoever waits for an order is woken, and refusals are
remembered, since an order that was refused at the door is in no book.

Event loop only.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from fixgate.engine.reporting import NO_ORDER_ID
from fixgate.model.commands import API_SESSION
from fixgate.model.enums import ExecType
from fixgate.model.reports import CancelReject, ExecutionReport, Report

REMEMBERED = 10_000
"""Refusals that are remembered; of an older one it is only known that its ClOrdID was used."""

_Key = tuple[str, str]
K = TypeVar("K")
V = TypeVar("V")


class ApiReports:
    """Refusals by source and ClOrdID, and who waits for which order."""

    def __init__(self) -> None:
        self._refusals: OrderedDict[_Key, ExecutionReport] = OrderedDict()
        self._cancel_rejects: OrderedDict[str, CancelReject] = OrderedDict()
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._closed = False

    def wants(self, report: Report) -> bool:
        """True for what is remembered of replayed facts: refusals at the door."""
        return (
            isinstance(report, ExecutionReport)
            and report.session == API_SESSION
            and report.exec_type is ExecType.REJECTED
            and report.order_id == NO_ORDER_ID
        )

    def hear(self, report: Report) -> None:
        """Take a report to the API's session."""
        if isinstance(report, ExecutionReport) and self.wants(report):
            _remember(self._refusals, (report.source, report.cl_ord_id), report)
        elif isinstance(report, CancelReject):
            _remember(self._cancel_rejects, report.cl_ord_id, report)
            self._wake(report.cl_ord_id)
        self._wake(report.order_id)

    def _wake(self, key: str) -> None:
        for event in self._waiting.get(key, ()):
            event.set()

    def refusal(self, source: str, cl_ord_id: str) -> ExecutionReport | None:
        """Return how an order was refused at the door, `None` if it was not, or too long ago."""
        return self._refusals.get((source, cl_ord_id))

    def cancel_reject(self, cl_ord_id: str) -> CancelReject | None:
        """Return how a cancel of the API's was refused, by its minted ClOrdID, `None` if it was not."""
        return self._cancel_rejects.get(cl_ord_id)

    async def until(self, done: Callable[[], bool], seconds: float, *keys: str) -> bool:
        """Wait until `done`, at most `seconds`; it is looked at whenever one of the orders in `keys`
        (OrderIDs, or a cancel's ClOrdID) is reported on. Return whether it is done. Ends at `close`."""
        event = asyncio.Event()
        for key in keys:
            self._waiting.setdefault(key, set()).add(event)
        try:
            async with asyncio.timeout(seconds):
                while not done() and not self._closed:
                    event.clear()
                    await event.wait()
        except TimeoutError:
            pass
        finally:
            for key in keys:
                self._waiting[key].discard(event)
                if not self._waiting[key]:
                    del self._waiting[key]
        return done()

    def close(self) -> None:
        """Wake everybody, and let nobody wait any more."""
        self._closed = True
        for key in self._waiting:
            self._wake(key)


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
