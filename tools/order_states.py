"""Write docs/order-states.md from the engine's lifecycle table.

    .venv/bin/python tools/order_states.py                        # print the page
    .venv/bin/python tools/order_states.py docs/order-states.md   # write it

The page shows the table of `fixgate.engine.lifecycle` twice, as a Mermaid state diagram and as rows, and
what OrdStatus(39) says while a cancel or replace is open. A test compares the page with this output.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fixgate.engine.lifecycle import (
    LIFECYCLE,
    REQUESTS,
    TERMINAL,
    OrderEvent,
    OrderState,
    RequestEvent,
    RequestState,
    ord_status,
)
from fixgate.model.enums import ExecType, OrdStatus

CAUSES = {
    OrderEvent.RECEIVE: "a new order was taken in; its request is about to leave",
    OrderEvent.ACKNOWLEDGE: "the venue knows the order",
    OrderEvent.REJECT: "the venue said no, or has no such order and the time for it to appear is over",
    OrderEvent.HOLD: "the venue took a stop order and holds it back until its trigger",
    OrderEvent.TRIGGER: "a stop order begins to work",
    OrderEvent.ADOPT: "the venue has an order open that had ended here",
    OrderEvent.ADOPT_FILLED: "the same, and part of it is filled",
    OrderEvent.FILL: "a trade that leaves something to fill",
    OrderEvent.COMPLETE: "a trade that leaves nothing",
    OrderEvent.REPLACE: "a replace took effect",
    OrderEvent.RESTATE: "the venue changed quantity or price without being asked",
    OrderEvent.SHRINK: "a replace down to what is filled already",
    OrderEvent.CUT: "a restatement down to what is filled already",
    OrderEvent.CANCEL: "taken off the market: on request, by the venue, or the rest of an IOC or FOK order",
    OrderEvent.EXPIRE: "expired at the venue",
}

INTRO = """\
# The states of an order

<!-- Written by tools/order_states.py from src/fixgate/engine/lifecycle.py; edit that, not this page. -->

An order is in one of {states} states, and an event leads from each to one other at most. What the table does
not allow does not happen: it ends as an alarm, and the order stays as its facts say. The character after an
event is the ExecType(150) of the report that tells it. Final states are off the market: a trade that is
heard of afterwards still counts, because it is money, and may show that the order was filled, but nothing
reopens it. One exception: an order that ended here because the venue denied it, and that it turns out to have
open, is adopted.
"""

REQUEST_CAUSES = {
    RequestEvent.SEND: "it leaves for the venue",
    RequestEvent.DOUBT: "a timeout, an ambiguous answer, a connection lost after sending, a restart",
    RequestEvent.GONE: "the venue says that the order is not open any more",
    RequestEvent.RETRY: "it was refused and will be sent again: a cancel of the gateway's own",
    RequestEvent.CONFIRM: "it took effect",
    RequestEvent.REFUSE: "it did not take effect",
}

REQUESTS_INTRO = """\
## Cancels and replaces

A cancel or replace that has no answer yet has a state of its own, over that of the order. An outcome in doubt
is no state of the order: it stays pending until the venue has been asked.
"""

OVERLAY = """\
## OrdStatus(39)

A cancel or replace that the venue has not answered yet lies over the state, by the precedence of FIX 4.4
Volume 4, Appendix D.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join(
        [
            INTRO.format(states=len(OrderState)),
            "```mermaid",
            *diagram(),
            "```",
            "",
            "## Events",
            "",
            *table(["event", "what happened"], ([event, CAUSES[event]] for event in OrderEvent)),
            "",
            "## Transitions",
            "",
            *table(["state", "event", "next state", "ExecType(150)"], transitions()),
            "",
            OVERLAY,
            *table(["state", "nothing open", "replace open", "cancel open"], overlay()),
            "",
            REQUESTS_INTRO,
            "```mermaid",
            *request_diagram(),
            "```",
            "",
            *table(["event", "what happened"], ([event, REQUEST_CAUSES[event]] for event in RequestEvent)),
            "",
        ]
    )


def diagram() -> Iterator[str]:
    """Yield the lines of the state diagram; events that lead the same way share an arrow."""
    yield "stateDiagram-v2"
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), (following, exec_type) in LIFECYCLE.items():
        source = "[*]" if event is OrderEvent.RECEIVE else str(state)
        arrows.setdefault((source, following), []).append(f"{event} {exec_type.value}")
    for (source, target), events in arrows.items():
        yield f"    {source} --> {target} : {', '.join(events)}"
    for state in OrderState:
        if state in TERMINAL:
            yield f"    {state} --> [*]"


def request_diagram() -> Iterator[str]:
    """Yield the lines of the diagram of an open request; the end of it is final."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {RequestState.WAITING}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in REQUESTS.items():
        arrows.setdefault((state, following or "[*]"), []).append(event)
    for (source, target), events in arrows.items():
        yield f"    {source} --> {target} : {', '.join(events)}"


def transitions() -> Iterator[list[str]]:
    """Yield the rows of the lifecycle table, in its own order."""
    for (state, event), (following, exec_type) in LIFECYCLE.items():
        yield [state, event, f"{following}{' (final)' if following in TERMINAL else ''}", named(exec_type)]


def overlay() -> Iterator[list[str]]:
    """Yield what OrdStatus(39) is in each state, by what is open."""
    for state in OrderState:
        statuses = [ord_status(state, cancel, replace) for cancel, replace in ((False, False), (False, True))]
        statuses.append(ord_status(state, True, True))
        yield [state, *(named(status) for status in statuses)]


def named(value: ExecType | OrdStatus) -> str:
    """Return a FIX value as `F trade`."""
    return f"{value.value} {value.name.lower().replace('_', ' ')}"


def table(columns: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    """Yield a Markdown table."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main(arguments: list[str]) -> int:
    """Print the page, or write it to the file named; return the exit status."""
    if not arguments:
        sys.stdout.write(page())
        return 0
    Path(arguments[0]).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
