"""Reading one field: its format (session rejects) and the words that the door takes (business rejects)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from fixgate.fix.problem import BusinessRejectReason, ProblemKind, Reason, Refusal, SessionRejectReason
from fixgate.fix.wire import label
from fixgate.model.decimals import parse_decimal
from fixgate.model.enums import CxlRejReason, OrdRejReason

MAX_ID = 64
"""Characters of a ClOrdID and of every other name that a client may send."""

_TIMESTAMP = re.compile(
    r"[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,9})?"
)
_BOOLEANS = {"true": True, "false": False, "Y": True, "N": False}

Choice = TypeVar("Choice")
Word = TypeVar("Word", bound=StrEnum)


def refuse(msg_type: str, text: str, reason: OrdRejReason = OrdRejReason.OTHER) -> Refusal:
    """Return the business-level refusal that belongs to the message type; `reason` counts on D only."""
    kind, code = _business_reject(msg_type, reason)
    return Refusal(kind, code, text)


def _business_reject(msg_type: str, reason: OrdRejReason) -> tuple[ProblemKind, Reason]:
    if msg_type == "D":
        return ProblemKind.ORDER_REJECT, reason
    if msg_type in {"F", "G"}:
        return ProblemKind.CANCEL_REJECT, CxlRejReason.OTHER
    return ProblemKind.BUSINESS_REJECT, BusinessRejectReason.OTHER


def session_reject(reason: SessionRejectReason, tag: str, text: str) -> Refusal:
    """Return the session-level refusal of a field."""
    return Refusal(ProblemKind.SESSION_REJECT, reason, text, tag)


def required(fields: Mapping[str, str], tag: str) -> str:
    """Return a field that FIX requires. Refuses the message when it is missing."""
    value = text(fields, tag)
    if not value:
        raise session_reject(
            SessionRejectReason.REQUIRED_TAG_MISSING, tag, f"{label(tag)} is missing; it is required"
        )
    return value


def text(fields: Mapping[str, str], tag: str) -> str:
    """Return a name or id, empty if not given: printable ASCII of at most `MAX_ID` characters."""
    value = fields.get(tag, "")
    if not (value.isascii() and value.isprintable()):
        raise session_reject(
            SessionRejectReason.INCORRECT_VALUE,
            tag,
            f"{label(tag)} was {value[:MAX_ID]!r}; only printable ASCII is taken",
        )
    if len(value) > MAX_ID:
        raise refuse(
            fields.get("35", ""),
            f"{label(tag)} was {len(value)} characters long; at most {MAX_ID} are taken",
        )
    return value


def timestamp(fields: Mapping[str, str], tag: str) -> str:
    """Return a required UTCTimestamp as it was sent."""
    value = required(fields, tag)
    if not _TIMESTAMP.fullmatch(value):
        raise session_reject(
            SessionRejectReason.INCORRECT_FORMAT,
            tag,
            f"{label(tag)} was {value!r}; a UTC timestamp is written YYYYMMDD-HH:MM:SS.sss",
        )
    return value


def number(fields: Mapping[str, str], tag: str) -> Decimal | None:
    """Return an exact number, `None` if not given. Refuses what FIX does not call a float."""
    value = fields.get(tag)
    if value is None:
        return None
    try:
        return parse_decimal(value)
    except ValueError as error:
        raise session_reject(
            SessionRejectReason.INCORRECT_FORMAT,
            tag,
            f"{label(tag)}: {error}; write digits with an optional decimal point",
        ) from None


def positive(
    fields: Mapping[str, str], tag: str, reason: OrdRejReason = OrdRejReason.OTHER
) -> Decimal | None:
    """Return an exact number above zero, `None` if not given."""
    value = number(fields, tag)
    if value is not None and value <= 0:
        raise refuse(fields["35"], f"{label(tag)} was {fields[tag]}; it must be above 0", reason)
    return value


def choice(
    fields: Mapping[str, str],
    tag: str,
    table: Mapping[str, Choice],
    right: str,
    reason: OrdRejReason = OrdRejReason.UNSUPPORTED,
) -> Choice | None:
    """Return what a table says of the field's value, `None` if not given; `right` says what is taken."""
    value = fields.get(tag)
    if value is None:
        return None
    found = table.get(value)
    if found is None:
        raise refuse(fields["35"], f"{label(tag)} was {value[:MAX_ID]}; {right}", reason)
    return found


def word(fields: Mapping[str, str], tag: str, words: type[Word]) -> Word | None:
    """Return an order attribute spelled as one of `words`, `None` if not given."""
    value = fields.get(tag)
    if value is None:
        return None
    try:
        return words(value)
    except ValueError:
        raise refuse(
            fields["35"],
            f"{label(tag)} was {value[:MAX_ID]}; use one of {', '.join(words)}",
            OrdRejReason.UNSUPPORTED,
        ) from None


def boolean(fields: Mapping[str, str], tag: str) -> bool | None:
    """Return an order attribute spelled `true` or `false` (or FIX's `Y`, `N`), `None` if not given."""
    return choice(fields, tag, _BOOLEANS, "use true or false")
