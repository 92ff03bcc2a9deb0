"""What a session adds to the messages that come in on it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionContext:
    """What a session adds to its messages: who it is, and its defaults (empty: none). One with `drop_copy`
    listens only. `may_cancel` are the sources whose orders it may cancel and ask after, beside its own."""

    session: str
    source: str
    default_connector: str = ""
    default_account: str = ""
    drop_copy: bool = False
    may_cancel: tuple[str, ...] = ()
