"""Defects that seeds of the simulation found, as mutations that bring each of them back.

`test_regressions.py` keeps a seed for each: clean as the gateway is, and failing with the defect.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fixgate.connectors.binance_pm import history, sync
from fixgate.connectors.binance_pm.venue_words import SIDE_OF
from fixgate.engine import commands
from fixgate.engine.engine import Engine
from fixgate.gateway import delivery
from fixgate.gateway.core import Core
from fixgate.model.commands import NewOrder
from tests.simulation.mutations import Mutation, Patch


def _read_trades_from_the_newest_page_on() -> list[Patch]:
    async def between(self: Any, start: int, end: int, enough: Callable[[], bool]) -> None:
        page = await self._page([("startTime", str(start)), ("endTime", str(end))])
        while len(page) >= self._limit and not enough():
            page = await self._from(max(int(row[self._id_field]) for row in page) + 1)

    return [(history.History, "between", between)]


def _keep_one_side_of_a_self_trade() -> list[Patch]:
    real = history.History._page

    async def page(self: Any, choice: Any) -> Any:
        rows = await real(self, choice)
        last = {trade_id: key for key in sorted(self.rows) for trade_id in key[:1]}
        for key in [key for key in self.rows if last[key[0]] != key]:
            del self.rows[key]
        return rows

    return [(history.History, "_page", page)]


def _tell_orders_apart_by_their_terms() -> list[Patch]:
    def is_same_order(request: Any, reply: Any) -> bool:
        if request.venue_order_id or request.side is None:
            return True
        return (
            SIDE_OF.get(str(reply.get("side"))) is request.side
            and Decimal(str(reply.get("origQty"))) == request.quantity
            and (request.price is None or Decimal(str(reply.get("price"))) == request.price)
        )

    return [(sync, "is_same_order", is_same_order)]


def _confirm_after_two_heartbeats() -> list[Patch]:
    return [(delivery, "HEARTBEATS", 2)]


def _confirm_what_follows_the_logout() -> list[Patch]:
    def closing(self: Any) -> None:
        self._keeper.stop()
        self._disconnects.stop()

    return [(Core, "closing", closing)]


def _refuse_before_repeats_are_known() -> list[Patch]:
    real = Engine.take

    def take(self: Any, number: int, command: Any, now_ns: int) -> Any:
        if self._halted and isinstance(command, NewOrder):
            turn = self._turn(now_ns)
            return self._done(turn, lambda: commands.refuse(turn, command, number, self._halted))
        return real(self, number, command, now_ns)

    return [(Engine, "take", take)]


def _forget_what_was_refused() -> list[Patch]:
    real = commands._told_again

    def told_again(turn: Any, command: Any) -> bool:
        if turn.book.of_client(command.source, command.cl_ord_id) is None:
            return False
        return real(turn, command)

    return [(commands, "_told_again", told_again)]


PAST_DEFECTS = (
    Mutation(
        "trades older than the newest page of a window were never read",
        _read_trades_from_the_newest_page_on,
        (112, 133),
    ),
    Mutation(
        "of a trade between two orders of the account only one side was kept",
        _keep_one_side_of_a_self_trade,
        (85, 167),
    ),
    Mutation(
        "an order changed at the venue before its acknowledgement was rejected",
        _tell_orders_apart_by_their_terms,
        (2810,),
    ),
    Mutation(
        "reports to a client that hears nothing were taken for told", _confirm_after_two_heartbeats, (86,)
    ),
    Mutation(
        "reports behind the gateway's Logout were taken for told", _confirm_what_follows_the_logout, (965,)
    ),
    Mutation(
        "a repeat of a live order was rejected while the disk was full",
        _refuse_before_repeats_are_known,
        (6, 61),
    ),
    Mutation(
        "a repeat of a refused order was refused under a second ExecID", _forget_what_was_refused, (301,)
    ),
)
