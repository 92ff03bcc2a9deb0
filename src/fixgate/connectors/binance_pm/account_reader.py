"""Reads an account's balances, positions and margin level over REST: what changed while no stream was up, the
stream will not replay.

Sources: PAPI GET balance, account, um|cm positionRisk.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from fixgate.connectors.binance_pm.account_book import LAG_MS, ZERO, AccountBook, margin_alert
from fixgate.connectors.binance_pm.account_words import (
    Debt,
    Word,
    balance_words,
    margin_level,
    position_words,
)
from fixgate.connectors.binance_pm.questions import UNREADABLE, Questions
from fixgate.model.account import MarginLevel
from fixgate.model.enums import ProductType
from fixgate.model.venue import BalanceUpdate, PositionUpdate, VenueEvent
from fixgate.papi.answers import PapiError
from fixgate.papi.legs import ACCOUNT, BALANCE, CM_POSITION_RISK, UM_POSITION_RISK

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
"""Bounds, in seconds, of the exponential backoff between attempts at what could not be read."""
GATHER_SECONDS = 1.0
"""How long events that ask for a reading are gathered into one."""

_replace = msgspec.structs.replace


class _Listing(NamedTuple):
    """One call: its path, and the product whose positions it lists."""

    path: str
    product: ProductType | None = None


_ALL = (
    _Listing(UM_POSITION_RISK, ProductType.FUTURE),
    _Listing(CM_POSITION_RISK, ProductType.DELIVERY),
    _Listing(BALANCE),
    _Listing(ACCOUNT),
)


class AccountReader:
    """Touched by the event loop only. `venue_ms` turns local seconds into the venue's milliseconds.

    What a reading says goes into `book`; positions and margin alerts are also told, by `tell`.
    """

    def __init__(
        self,
        connector: str,
        account: str,
        questions: Questions,
        book: AccountBook,
        tell: Callable[[VenueEvent], None],
        venue_ms: Callable[[float], int],
        rng: random.Random,
    ) -> None:
        self._connector = connector
        self._account = account
        self._questions = questions
        self._book = book
        self._tell = tell
        self._venue_ms = venue_ms
        self._rng = rng
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again = False
        self.complete = False
        """True once everything has been read since the last `pause`."""

    def read(self) -> None:
        """Read everything now, or once more when the reading under way is done."""
        self._cancel_timer()
        if self._task is not None:
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._read_all())
        self._task.add_done_callback(self._done)

    def read_soon(self, seconds: float = GATHER_SECONDS) -> None:
        """Read everything after a while, together with whatever else asks for it until then."""
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._timer is None or at < self._timer.when():
            self._cancel_timer()
            self._timer = loop.call_at(at, self.read)

    def pause(self) -> None:
        """The stream is down: what is known may be out of date from now on."""
        self.complete = self._again = False
        self._cancel_timer()
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Give up."""
        task = self._task
        self.pause()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _done(self, task: "asyncio.Task[None]") -> None:
        if task is self._task:
            self._task = None
        if not task.cancelled() and task.exception() is not None:
            log.error("reading an account failed", exc_info=task.exception())
        if self._again:
            self._again = False
            self.read()

    async def _read_all(self) -> None:
        pause, left = FIRST_PAUSE, list(_ALL)
        while left := [listing for listing in left if not await self._read(listing)]:
            await asyncio.sleep(pause * (0.5 + 0.5 * self._rng.random()))
            pause = min(pause * 2, LAST_PAUSE)
        self.complete = True

    async def _read(self, listing: _Listing) -> bool:
        """Ask for one list and take what it says; False when that failed."""
        try:
            answered = await self._questions.ask(listing.path, [], urgent=False)
            at_ms = self._venue_ms(answered.asked) - LAG_MS
            if listing.path == ACCOUNT:
                self._take_margin(margin_level(answered.body, at_ms))
                return True
            if not isinstance(answered.body, list):
                raise TypeError(f"the list was a {type(answered.body).__name__}")
        except (PapiError, *UNREADABLE) as error:
            log.warning("%s account %s: %s: %r", self._connector, self._account, listing.path, error)
            return False
        self._take_rows(listing, answered.body, at_ms)
        return True

    def _take_rows(self, listing: _Listing, rows: list[Any], at_ms: int) -> None:
        words: list[Word] = []
        readable = True
        for row in rows:
            try:
                words += self._words(listing.product, row, at_ms)
            except UNREADABLE as error:
                readable = False
                log.warning(
                    "%s account %s: %s: a row: %r", self._connector, self._account, listing.path, error
                )
        if readable:
            words += self._unlisted(listing.product, words, at_ms)
        for word in words:
            self._take(word)

    def _words(self, product: ProductType | None, row: Any, at_ms: int) -> list[Word]:
        if product is None:
            return balance_words(self._connector, self._account, row, at_ms)
        return position_words(self._connector, self._account, product, row, at_ms)

    def _unlisted(self, product: ProductType | None, words: list[Word], at_ms: int) -> list[Word]:
        """What the venue leaves out of a full list is nothing."""
        if product is not None:
            positions = self._book.unlisted_positions(product, words)
            return [_closed(word, at_ms) for word in positions]
        return [_emptied(word, at_ms) for word in self._book.unlisted_balances(words)]

    def _take(self, word: Word) -> None:
        if self._book.disagrees(word):
            self.read_soon(LAG_MS / 1000)
        elif self._book.take_listed(word) and isinstance(word, PositionUpdate):
            self._tell(word)

    def _take_margin(self, level: MarginLevel) -> None:
        before = self._book.margin
        if self._book.take(level):
            alert = margin_alert(self._connector, self._account, before, level, told=False)
            if alert is not None:
                self._tell(alert)


def _closed(word: PositionUpdate, at_ms: int) -> PositionUpdate:
    return _replace(
        word, quantity=ZERO, entry_price=ZERO, unrealized_pnl=None, liquidation_price=None, at_ms=at_ms
    )


def _emptied(word: BalanceUpdate | Debt, at_ms: int) -> BalanceUpdate | Debt:
    if isinstance(word, Debt):
        return Debt(word.asset, ZERO, ZERO, at_ms)
    return _replace(word, free=ZERO, locked=ZERO, at_ms=at_ms)
