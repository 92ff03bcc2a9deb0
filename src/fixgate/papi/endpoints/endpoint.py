"""What a row of the endpoint table is: one call of Portfolio Margin, its parameters and its price.

The rows are data. The typed methods of `fixgate.papi.client` and the table of `docs/papi-client.md` are
written from them (`tools/papi_client.py`), and a call is checked against its row before it leaves.
"""

from enum import StrEnum

import msgspec

from fixgate.papi.legs import Leg


class Security(StrEnum):
    """The venue's own names for who may call. TRADE, USER_DATA and MARGIN calls are signed; USER_STREAM
    calls carry the key alone; NONE calls carry neither."""

    NONE = "NONE"
    USER_STREAM = "USER_STREAM"
    USER_DATA = "USER_DATA"
    TRADE = "TRADE"
    MARGIN = "MARGIN"


SIGNED = frozenset({Security.TRADE, Security.USER_DATA, Security.MARGIN})


class Effect(StrEnum):
    """What a call does at the venue. It decides how a call is paced, and what its failure means."""

    READ = "read"
    """Changes nothing: may be asked again."""
    PLACE = "place"
    """A new or modified order."""
    CANCEL = "cancel"
    """Takes orders off the market."""
    CHANGE = "change"
    """Changes anything else: settings, transfers, loans, listen keys."""


class Form(StrEnum):
    """How a parameter is given, and written on the wire."""

    TEXT = "str"
    """Text that is not empty."""
    NUMBER = "Number"
    """A Decimal or an int, written in plain notation."""
    INTEGER = "int"
    """An int."""
    SWITCH = "bool"
    """True or False, written `true` or `false`."""
    WORD = "word"
    """One of the venue's words."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter by its official name. Bounds are inclusive, None where the venue gives none.

    `type_name` is the annotation in the typed method. `default` is what the venue takes when the
    parameter is left out. `pattern` is a regular expression that the whole text must match.
    """

    name: str
    form: Form
    about: str
    type_name: str
    required: bool = False
    words: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    default: int | None = None
    pattern: str | None = None

    def must(self) -> "Parameter":
        """Return the same parameter as a mandatory one."""
        return msgspec.structs.replace(self, required=True)


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `name` is its method's, `answer` the Python type of what it answers.

    `weight` is of the address's request weight; it is `without_symbol` or `with_pair` instead where those
    are given and fit. `orders` is what it adds to the account's order count. `any_of`: at least one of
    these parameters. `together`: all of these or none. `never_with`: for a parameter, those that the venue
    refuses beside it. `window_ms`: the longest time from `startTime` to `endTime`. `find_out`: how to learn
    what became of it when no clear answer came.
    """

    method: str
    path: str
    name: str
    answer: str
    security: Security
    effect: Effect
    weight: int
    about: str
    without_symbol: int | None = None
    with_pair: int | None = None
    orders: int = 0
    leg: Leg | None = None
    params: tuple[Parameter, ...] = ()
    any_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    never_with: tuple[tuple[str, tuple[str, ...]], ...] = ()
    window_ms: int | None = None
    notes: str = ""
    errors: tuple[int, ...] = ()
    find_out: str = ""

    @property
    def signed(self) -> bool:
        """True for a call that is signed and takes timestamp and recvWindow."""
        return self.security in SIGNED
