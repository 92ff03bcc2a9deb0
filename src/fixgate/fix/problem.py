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
    LIST_REJECT = "N"
    BUSINESS_REJECT = "j"


class SessionRejectReason(StrEnum):
    """FIX 4.4 SessionRejectReason(373), by its wire value: those that the door gives itself."""

    REQUIRED_TAG_MISSING = "1"
    NO_VALUE = "4"
    INCORRECT_VALUE = "5"
    INCORRECT_FORMAT = "6"
    TAG_REPEATED = "13"
    GROUP_OUT_OF_ORDER = "15"
    INCORRECT_COUNT = "16"
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


_BUSINESS_IDS = {"E": "66", "AN": "710"}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A message that did not become a command.

    `reason` is of the vocabulary that belongs to `kind`. `fields` are the message's own, by tag: the
    reply echoes from them what the client needs to find its order. `orders` are the fields of each order of
    a list that was refused.
    """

    kind: ProblemKind
    reason: Reason
    text: str
    ref_tag: str = ""
    fields: dict[str, str] = {}
    orders: tuple[dict[str, str], ...] = ()

    @property
    def msg_type(self) -> str:
        """MsgType(35) of the message."""
        return self.fields.get("35", "")

    @property
    def business_id(self) -> str:
        """What the client knows the message by: ClOrdID(11), ListID(66) of a list, PosReqID(710) of a request
        for positions. Empty if it had none."""
        return self.fields.get(_BUSINESS_IDS.get(self.msg_type, "11"), "")


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


class ListRefusal(Refusal):
    """Ends the reading of a list whose orders are known: each of them is refused, for one `cause`."""

    def __init__(self, cause: Refusal, own: dict[str, str], orders: tuple[dict[str, str], ...]) -> None:
        super().__init__(ProblemKind.LIST_REJECT, cause.reason, cause.text, cause.ref_tag)
        self._own = own
        self._orders = orders

    def problem(self, fields: dict[str, str]) -> Problem:
        """Return the refusal as a value, with the list's own fields and those of its orders."""
        return Problem(
            kind=self.kind, reason=self.reason, text=self.text, fields=self._own, orders=self._orders
        )
