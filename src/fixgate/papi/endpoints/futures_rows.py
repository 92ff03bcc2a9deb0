"""What the rows of the USD-M and COIN-M order calls have in common."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Parameter, Security
from fixgate.papi.endpoints.parameters import CONTRACT, ORDER_ID, ORIG_CLIENT_ORDER_ID, SYMBOL
from fixgate.papi.legs import Leg

NAMED_ORDER = ("orderId", "origClientOrderId")
IDENTIFIED = (SYMBOL.must(), ORDER_ID, ORIG_CLIENT_ORDER_ID)
IDENTIFIED_CONTRACT = (CONTRACT.must(), ORDER_ID, ORIG_CLIENT_ORDER_ID)
NEVER_WITH_FROM_ID = (("fromId", ("startTime", "endTime")),)
UNKNOWN_ORDER = -2011

PLACED_FIND_OUT = (
    "ask {query} by the client order id until timestamp + recvWindow and 5 seconds are over, since before "
    "that -2013 proves nothing, and listen to the stream; do not send it again before: it may execute twice"
)


class FuturesCalls:
    """Makes the rows of one leg."""

    def __init__(self, leg: Leg, prefix: str) -> None:
        self._leg = leg
        self._prefix = prefix

    def place(
        self,
        method: str,
        path: str,
        name: str,
        answer: str,
        params: tuple[Parameter, ...],
        about: str,
        notes: str,
        errors: tuple[int, ...],
        find_out: str,
        any_of: tuple[str, ...] = (),
    ) -> Endpoint:
        """A call that sends or modifies an order."""
        return Endpoint(
            method=method,
            path=self._prefix + path,
            name=name,
            answer=answer,
            security=Security.TRADE,
            effect=Effect.PLACE,
            weight=1,
            orders=1,
            leg=self._leg,
            params=params,
            about=about,
            notes=notes,
            errors=errors,
            find_out=find_out,
            any_of=any_of,
        )

    def cancel(
        self,
        path: str,
        name: str,
        answer: str,
        params: tuple[Parameter, ...],
        about: str,
        notes: str,
        find_out: str,
        any_of: tuple[str, ...] = (),
    ) -> Endpoint:
        """A call that takes orders off the market."""
        return Endpoint(
            method="DELETE",
            path=self._prefix + path,
            name=name,
            answer=answer,
            security=Security.TRADE,
            effect=Effect.CANCEL,
            weight=1,
            leg=self._leg,
            params=params,
            about=about,
            notes=notes,
            errors=(UNKNOWN_ORDER,) if any_of else (),
            find_out=find_out,
            any_of=any_of,
        )

    def read(
        self,
        path: str,
        name: str,
        answer: str,
        weight: int,
        params: tuple[Parameter, ...],
        about: str,
        notes: str = "",
        *,
        security: Security = Security.USER_DATA,
        orders: int = 0,
        errors: tuple[int, ...] = (),
        any_of: tuple[str, ...] = (),
        never_with: tuple[tuple[str, tuple[str, ...]], ...] = (),
        without_symbol: int | None = None,
        with_pair: int | None = None,
        window_ms: int | None = None,
    ) -> Endpoint:
        """A call that changes nothing."""
        return Endpoint(
            method="GET",
            path=self._prefix + path,
            name=name,
            answer=answer,
            security=security,
            effect=Effect.READ,
            weight=weight,
            orders=orders,
            leg=self._leg,
            params=params,
            about=about,
            notes=notes,
            errors=errors,
            any_of=any_of,
            never_with=never_with,
            without_symbol=without_symbol,
            with_pair=with_pair,
            window_ms=window_ms,
        )
