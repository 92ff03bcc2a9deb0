"""Answers about the listen key."""

import msgspec


class CreatedListenKey(msgspec.Struct, frozen=True, kw_only=True):
    """The account's listen key. It opens the account's stream to whoever has it: keep it secret."""

    listenKey: str
