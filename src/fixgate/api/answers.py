"""The envelope of every answer: `isError`, `message`, `statusCode` and `data`, and the refusals that fill it.

Source: the Execution API's response examples.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from fixgate.model.exact_json import write
from fixgate.model.execution import ErrorCode, ExecutionError

JSON = "application/json"


class DoorCode(StrEnum):
    """The codes of refusals that are the door's own, beside `fixgate.model.execution.ErrorCode`."""

    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    RATE_LIMITED = "RATE_LIMITED"
    BAD_REQUEST = "BAD_REQUEST"
    INTERNAL_ERROR = "INTERNAL_ERROR"

    @property
    def status(self) -> int:
        """The HTTP status that goes with it."""
        return _STATUS[self]


_STATUS = {
    DoorCode.UNAUTHORIZED: 401,
    DoorCode.FORBIDDEN: 403,
    DoorCode.NOT_FOUND: 404,
    DoorCode.METHOD_NOT_ALLOWED: 405,
    DoorCode.BODY_TOO_LARGE: 413,
    DoorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    DoorCode.RATE_LIMITED: 429,
    DoorCode.BAD_REQUEST: 400,
    DoorCode.INTERNAL_ERROR: 500,
}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `message` is left out of the envelope where it is `None`."""

    status: int = 200
    message: str | None = "Success"
    data: Any = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)

    def body(self) -> bytes:
        """Return the envelope as JSON."""
        envelope: dict[str, Any] = {"isError": self.status >= 400}
        if self.message is not None:
            envelope["message"] = self.message
        envelope["statusCode"] = self.status
        envelope["data"] = self.data
        return write(envelope)


class Refusal(Exception):
    """The door's own no, with the answer that says so. Nothing has reached the gateway."""

    def __init__(
        self,
        code: DoorCode | ErrorCode,
        text: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.answer = Answer(
            status=status or code.status,
            message=text,
            data={"error": code, **(data or {})},
            headers=headers or {},
        )


class Unsupported(Exception):
    """What an exchange does not support, answered in the document's shape: without a code."""

    def __init__(self, text: str, data: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.answer = Answer(status=400, message=text, data=data)


def of_error(error: ExecutionError) -> Answer:
    """Return the answer that tells a desk's no."""
    return Answer(status=error.code.status, message=error.text, data={"error": error.code, **error.data})
