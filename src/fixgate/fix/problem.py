"""What is wrong with a message, and which FIX message says so to the client.

Source: FIX 4.4 Vol. 2 (Reject, BusinessMessageReject) and Vol. 4 (ExecutionReport, OrderCancelReject).
"""

from enum import StrEnum

import msgspec

from fixgate.model.enums import CxlRejReason, OrdRejReason


class ProblemKind(StrEnum):
    """Which reply a problem gets, by the reply's MsgType."""

    SESSION_REJECT = "3"
    ORDER_REJECT = "8"
    BUSINESS_REJECT = "j"


class SessionRejectReason(StrEnum):
    """FIX 4.4 SessionRejectReason(373), by its wire value: those that the door gives itself."""

    REQUIRED_TAG_MISSING = "1"
    NO_VALUE = "4"
    INCORRECT_VALUE = "5"
    INCORRECT_FORMAT = "6"
    TAG_REPEATED = "13"
    OTHER = "99"


class BusinessRejectReason(StrEnum):
    """FIX 4.4 BusinessRejectReason(380), by its wire value."""

    OTHER = "0"
    UNKNOWN_ID = "1"
    UNSUPPORTED_MESSAGE_TYPE = "3"
    APPLICATION_NOT_AVAILABLE = "4"
    FIELD_MISSING = "5"
    NOT_AUTHORIZED = "6"


Reason = SessionRejectReason | OrdRejReason | CxlRejReason | BusinessRejectReason


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A message that did not become a command.

    `reason` is of the vocabulary that belongs to `kind`. `fields` are the message's own, by tag: the
    reply echoes from them what the client needs to find its order.
    """

    kind: ProblemKind
    reason: Reason
    text: str
    ref_tag: str = ""
    fields: dict[str, str] = {}

    @property
    def msg_type(self) -> str:
        """MsgType(35) of the message."""
        return self.fields.get("35", "")

    @property
    def cl_ord_id(self) -> str:
        """ClOrdID(11) of the message, empty if it had none."""
        return self.fields.get("11", "")


class Refusal(Exception):
    """Raised inside `decode` to end it; never leaves it."""

    def __init__(self, kind: ProblemKind, reason: Reason, text: str, ref_tag: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        self.reason = reason
        self.text = text
        self.ref_tag = ref_tag

    def problem(self, fields: dict[str, str]) -> Problem:
        """Return the refusal as a value, with the fields of the message refused."""
        return Problem(
            kind=self.kind, reason=self.reason, text=self.text, ref_tag=self.ref_tag, fields=fields
        )
