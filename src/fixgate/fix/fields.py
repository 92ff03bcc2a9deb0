"""Reading one field: its format (session rejects) and the words that the door takes (business rejects)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from fixgate.fix.problem import BusinessRejectReason, ProblemKind, Refusal, SessionRejectReason
from fixgate.fix.times import LATEST_NS, nanoseconds
from fixgate.fix.wire import label
from fixgate.model.decimals import parse_decimal
from fixgate.model.enums import OrdRejReason

MAX_ID = 64
"""Characters of a ClOrdID and of every other name that a client may send."""

_BOOLEANS = {"true": True, "false": False, "Y": True, "N": False}

Choice = TypeVar("Choice")
Word = TypeVar("Word", bound=StrEnum)


def refuse(msg_type: str, text: str, reason: OrdRejReason = OrdRejReason.OTHER) -> Refusal:
    """Return the business-level refusal that belongs to the message type; `reason` counts on D and E only."""
    if msg_type in ("D", "E"):
        return Refusal(ProblemKind.ORDER_REJECT, reason, text)
    return Refusal(ProblemKind.BUSINESS_REJECT, BusinessRejectReason.OTHER, text)


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
    instant(value, tag)
    return value


def made_ns(fields: Mapping[str, str]) -> int:
    """Return when the client made the message, in nanoseconds since the epoch by its own clock.

    That is TransactTime(60) or the time that it was first sent, whichever is older: OrigSendingTime(122)
    of a message sent again (PossDupFlag=Y), else SendingTime(52). At least 1: 0 means that nobody said.
    Refuses a message without TransactTime.
    """
    transacted = fields.get("60") or required(fields, "60")
    made = instant(transacted, "60")
    sent_tag = "122" if fields.get("43") == "Y" and "122" in fields else "52"
    sent = fields.get(sent_tag)
    if sent is not None and sent < transacted:  # the format sorts as time does
        made = min(made, instant(sent, sent_tag))
    return made if 0 < made <= LATEST_NS else max(1, min(made, LATEST_NS))


def instant(value: str, tag: str) -> int:
    """Return the value of a UTCTimestamp field as nanoseconds since the epoch."""
    try:
        return nanoseconds(value)
    except ValueError:
        raise session_reject(
            SessionRejectReason.INCORRECT_FORMAT,
            tag,
            f"{label(tag)} was {value[:MAX_ID]!r}; a UTC timestamp is written YYYYMMDD-HH:MM:SS.sss",
        ) from None


def repeated(fields: Mapping[str, str]) -> bool:
    """True when the client says that it may have sent the message before: PossDupFlag or PossResend."""
    return "Y" in (fields.get("43"), fields.get("97"))


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
