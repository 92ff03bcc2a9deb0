"""PositionReport to FIX 4.4 text. Pure.

FIX 4.4 requires fields that say nothing of a position on a crypto venue; they are sent all the same, so that
a client that checks against the standard takes the message. Source: FIX 4.4 Vol. 5 (PositionReport).
"""

from decimal import Decimal

from fixgate.fix.times import timestamp
from fixgate.fix.wire import Pairs
from fixgate.model.decimals import plain
from fixgate.model.reports import PositionReport

VALID, NONE_FOUND, OTHER = "0", "2", "99"
"""PosReqResult(728)."""

NO_ACCOUNT = "[N/A]"
"""Account(1) is required, also when the request named none that there is."""

_TRANSACTION_QUANTITY = "TQ"
"""PosType(703)."""

_INCREMENTAL_MARK_TO_MARKET = "IMTM"
"""PosAmtType(707)."""

_THEORETICAL = "2"
"""SettlPriceType(731): a mark price is computed, not traded."""

_CUSTOMER_SIDE = "1"
"""AccountType(581)."""

_NOT_KNOWN = Decimal(0)
"""What a required price is when there is none."""


def position_report(report: PositionReport) -> Pairs:
    """Return the fields of a PositionReport(AP)."""
    result = _result(report)
    pairs: Pairs = [
        ("35", "AP"),
        ("97", "Y" if report.resent else ""),
        ("721", report.report_id),
        ("710", report.request_id),
        ("724", "0"),
        ("727", str(report.total)),
        ("728", result),
        ("715", timestamp(report.at_ns)[:8]),
        ("1", report.account or NO_ACCOUNT),
        ("581", _CUSTOMER_SIDE),
        ("100", report.connector),
        ("55", report.symbol),
        ("15", report.currency),
        ("730", plain(report.settle_price if report.settle_price is not None else _NOT_KNOWN)),
        ("731", _THEORETICAL),
        ("734", plain(_NOT_KNOWN)),
        ("58", report.text),
    ]
    if result == VALID and report.quantity is not None:
        _add_position(pairs, report, report.quantity)
    return pairs


def _result(report: PositionReport) -> str:
    if report.quantity is None:
        return OTHER if report.text else NONE_FOUND
    return VALID if report.symbol else NONE_FOUND


def _add_position(pairs: Pairs, report: PositionReport, quantity: Decimal) -> None:
    """Add how much, at which price, and what it is worth now against that."""
    pairs += (
        ("702", "1"),
        ("703", _TRANSACTION_QUANTITY),
        ("705" if quantity < 0 else "704", plain(abs(quantity))),
    )
    if report.unrealized_pnl is not None:
        pairs += (
            ("753", "1"),
            ("707", _INCREMENTAL_MARK_TO_MARKET),
            ("708", plain(report.unrealized_pnl)),
        )
    pairs.append(("6200", report.position_side))
    if report.entry_price is not None:
        pairs.append(("6302", plain(report.entry_price)))
