"""What people at the clients should know though it is about no order of theirs: margin, and links."""

from collections.abc import Iterator, Sequence

from fixgate.fix.settings import SessionConfig
from fixgate.model.account import MarginAlert
from fixgate.model.reports import News
from fixgate.model.venue import ConnectorStatus, VenueEvent


def bulletins(event: VenueEvent, sessions: Sequence[SessionConfig], now_ns: int) -> Iterator[News]:
    """Yield a News for each session that trades on the event's connector by default, and for each drop copy
    session that takes everybody's reports; nothing for events that are no news."""
    if isinstance(event, MarginAlert):
        headline = f"margin: {event.connector} account {event.account} is {event.risk_level}"
        numbers = f"uniMMR {event.uni_mmr}, equity {event.equity} USD, status {event.status}"
        lines: tuple[str, ...] = (event.text, numbers)
        urgent = event.risk_level.is_alarming
    elif isinstance(event, ConnectorStatus):
        headline = f"{event.connector} account {event.account} is {'up' if event.up else 'down'}"
        lines, urgent = (event.text or headline,), not event.up
    else:
        return
    for session in sessions:
        everybodys = session.drop_copy and not session.drop_copy_of
        if everybodys or session.default_connector == event.connector:
            yield News(
                session=session.session_id, headline=headline, lines=lines, urgent=urgent, at_ns=now_ns
            )
