"""Whether the text of a message can be trusted as fields. Pure."""

from collections.abc import Mapping

from fixgate.fix import fields as read
from fixgate.fix.problem import SessionRejectReason
from fixgate.fix.wire import DATA_TAGS, NAMES, SOH, label


def check_shape(raw: str, fields: Mapping[str, str]) -> None:
    """Refuse text in which a field could be taken for another: data fields, repeats, empty values."""
    if not DATA_TAGS.isdisjoint(fields):
        tag = min(DATA_TAGS & fields.keys())
        raise read.session_reject(
            SessionRejectReason.OTHER, tag, f"data fields such as {label(tag)} are not taken"
        )
    if raw.count(SOH) != len(fields):
        for tag in NAMES.keys() & fields.keys():
            if raw.count(f"{SOH}{tag}=") > 1:
                raise read.session_reject(
                    SessionRejectReason.TAG_REPEATED, tag, f"{label(tag)} appears more than once"
                )
    if f"={SOH}" in raw:
        for tag in NAMES.keys() & fields.keys():
            if not fields[tag]:
                raise read.session_reject(SessionRejectReason.NO_VALUE, tag, f"{label(tag)} has no value")
