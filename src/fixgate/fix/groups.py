"""Repeating groups of FIX text: which fields are the message's own, and which are each entry's. Pure.

Source: FIX 4.4 Vol. 1 (repeating groups): a group begins with its count, each entry with the group's first
field, and what belongs to an entry stands together.
"""

from collections.abc import Set
from dataclasses import dataclass

from fixgate.fix import fields as read
from fixgate.fix.problem import SessionRejectReason
from fixgate.fix.wire import SOH, label


@dataclass(frozen=True)
class GroupShape:
    """How a group is told from the message around it: the tag that counts its entries, the tag that begins
    each, and the tags that belong to the message itself and may follow the group."""

    count: str
    first: str
    own: Set[str]


def split_group(raw: str, shape: GroupShape) -> tuple[str, list[str]]:
    """Return the message's own fields and each entry's, all as FIX text.

    Refuses a group whose count is wrong, and fields of an entry that stand outside of every entry. Groups
    within an entry stay in its text.
    """
    own: list[str] = []
    entries: list[list[str]] = []
    inside = ended = False
    for item in raw.split(SOH):
        tag = item.partition("=")[0]
        if not item:
            continue
        if inside and tag in shape.own:
            inside, ended = False, True
        if tag == shape.count and not inside and not ended:
            inside = True
            own.append(item)
        elif inside and tag == shape.first:
            entries.append([item])
        elif inside and entries:
            entries[-1].append(item)
        elif inside or tag == shape.first or (ended and tag not in shape.own):
            raise read.session_reject(
                SessionRejectReason.GROUP_OUT_OF_ORDER,
                tag,
                f"{label(tag)} stands outside of the entries of {label(shape.count)}; "
                f"each entry begins with {label(shape.first)}",
            )
        else:
            own.append(item)
    _check_count(own, len(entries), shape)
    return _text(own), [_text(entry) for entry in entries]


def _check_count(own: list[str], found: int, shape: GroupShape) -> None:
    counts = [item.partition("=")[2] for item in own if item.startswith(f"{shape.count}=")]
    if not counts:
        raise read.session_reject(
            SessionRejectReason.REQUIRED_TAG_MISSING,
            shape.count,
            f"{label(shape.count)} is missing; it is required",
        )
    if counts != [str(found)]:
        raise read.session_reject(
            SessionRejectReason.INCORRECT_COUNT,
            shape.count,
            f"{label(shape.count)} was {counts[0][: read.MAX_ID]!r}; {found} entries follow",
        )


def _text(items: list[str]) -> str:
    return SOH + SOH.join(items) + SOH
