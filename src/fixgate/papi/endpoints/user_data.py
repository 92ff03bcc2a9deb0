"""The listen key's calls. Source: PAPI user data streams."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Security

_PATH = "/papi/v1/listenKey"


def _row(method: str, name: str, answer: str, about: str, notes: str, find_out: str) -> Endpoint:
    return Endpoint(
        method=method,
        path=_PATH,
        name=name,
        answer=answer,
        security=Security.USER_STREAM,
        effect=Effect.CHANGE,
        weight=1,
        about=about,
        notes=notes,
        errors=(-1125,) if method == "PUT" else (),
        find_out=find_out,
    )


ROWS = (
    _row(
        "POST",
        "create_listen_key",
        "CreatedListenKey",
        "Create the account's listen key, or extend the one it has",
        "The key lives 60 minutes from its last creation or extension and is the same for every program on "
        "the account. PortfolioClient.user_data_stream does this by itself.",
        "call it again: it answers the same key",
    ),
    _row(
        "PUT",
        "extend_listen_key",
        "Nothing",
        "Extend the account's listen key to 60 minutes from now",
        "",
        "call it again: extending twice does no harm",
    ),
    _row(
        "DELETE",
        "close_listen_key",
        "Nothing",
        "End the account's user data stream, for every program on the account",
        "Other programs and the venue's own pages fall silent too, sockets open; nothing here needs it.",
        "call extend_listen_key: -1125 says that the key is gone",
    ),
)
