"""What comes back from a venue: an answer, or the knowledge of how far a request got without one."""

from collections.abc import Mapping

import msgspec


class Response(msgspec.Struct, frozen=True, gc=False):
    """A complete HTTP answer. Header names are lower-case; a repeated header is joined by `, `."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SendFailure(msgspec.Struct, frozen=True, gc=False):
    """No complete answer came.

    `sent` is False only when it is certain that no byte of the request reached the peer. True means
    that the venue may have executed it. `text` never holds the request, so never a signature.
    """

    sent: bool
    text: str


Answer = Response | SendFailure


class PapiError(Exception):
    """Any failed call of this package; its text is safe to log."""


class NotAnswered(PapiError):
    """A call that ended without a complete answer. `sent` as in `SendFailure`."""

    def __init__(self, failure: SendFailure) -> None:
        super().__init__(failure.text)
        self.failure = failure
        self.sent = failure.sent
