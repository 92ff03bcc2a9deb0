"""Answering a request for positions from what the connectors know of their accounts."""

from collections.abc import Iterator, Mapping
from typing import Any

from fixgate.connectors.connector import Connector
from fixgate.model.account import Position
from fixgate.model.commands import PositionsRequest
from fixgate.model.reports import PositionReport


def position_reports(
    command: PositionsRequest, connectors: Mapping[str, Connector], now_ns: int
) -> Iterator[PositionReport]:
    """Yield a report for each position that was asked for; where there is none, one without a position, whose
    text says why if there is more to say. Positions that may be out of date say so."""

    def report(number: int, total: int, text: str, position: Position | None = None) -> PositionReport:
        found = {} if position is None else _fields(position)
        return PositionReport(
            session=command.session,
            request_id=command.request_id,
            report_id=f"{command.request_id}-{number}",
            total=total,
            connector=command.connector,
            account=command.account,
            at_ns=now_ns,
            source=command.source,
            text=text,
            **found,
        )

    connector = connectors.get(command.connector)
    if connector is None:
        known = ", ".join(sorted(connectors)) or "none"
        yield report(1, 0, f"{command.connector!r} is not a connector of this gateway; it can be: {known}")
        return
    accounts = [row.account for row in connector.health()]
    account = command.account or (accounts[0] if len(accounts) == 1 else "")
    state = connector.account_state(account) if account in accounts else None
    if state is None:
        yield report(1, 0, f"account {command.account!r} is not one of {', '.join(accounts)}")
        return
    positions = [each for each in state.positions if command.symbol in ("", each.symbol)]
    stale = "" if state.current else "the account's stream is down: this may be out of date"
    if not positions:
        yield report(1, 0, stale)
    for number, position in enumerate(positions, start=1):
        yield report(number, len(positions), stale, position)


def _fields(position: Position) -> dict[str, Any]:
    return {
        "symbol": position.symbol,
        "position_side": position.position_side,
        "quantity": position.quantity,
        "entry_price": position.entry_price,
        "settle_price": position.mark_price,
        "unrealized_pnl": position.unrealized_pnl,
    }
