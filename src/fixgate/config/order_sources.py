"""Whose orders there are: every session and every API token is a source of its own, and settings that name
sources must name some of these."""

import difflib
from collections.abc import Iterator

from fixgate.config.fields import Keys
from fixgate.config.settings import GatewaySettings
from fixgate.model.commands import ANY_SOURCE

LOCAL_SOURCE = "api"
"""The source of API orders where no token is configured."""


def source_problems(settings: GatewaySettings) -> Iterator[tuple[Keys, str]]:
    """Yield where sources are mistaken for one another or not there, and what is wrong with it."""
    sessions, api = settings.fix.sessions, settings.http.api
    callers = [token.name for token in api.tokens] if api.asks_for_token else [LOCAL_SOURCE]
    if not api.enabled:
        callers = []
    session_sources = {session.source_id for session in sessions}
    for index, name in enumerate(callers):
        if name in session_sources and api.tokens:
            keys: Keys = ("http", "api", "tokens", index, "name")
            yield keys, f"{name!r} is the sourceId of a FIX session; it tells whose an order is, use another"
        elif name in session_sources:
            keys = ("http", "api")
            yield keys, f"a FIX session has the sourceId {name!r}, which is the API's own without tokens"
    trading = [session.source_id for session in sessions if not session.drop_copy]
    anybody = api.enabled and api.jwt is not None
    for index, session in enumerate(sessions):
        at: Keys = ("fix", "sessions", index)
        for setting, named in (("dropCopyOf", session.drop_copy_of), ("mayCancel", session.may_cancel)):
            known = [*trading, *callers, *([ANY_SOURCE] if setting == "mayCancel" else [])]
            for source in () if anybody else named:
                if source not in known:
                    yield (*at, setting), _unknown(setting, source, known)


def _unknown(setting: str, source: str, known: list[str]) -> str:
    near = difflib.get_close_matches(source, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"
    return f"{setting} names {source!r}, neither a trading session's sourceId nor an API token; {hint}"
