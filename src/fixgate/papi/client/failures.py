"""What a call of the client raises: one type for each way in which the venue does not say yes.

All of them are `VenueError`s and carry its `failure`. Source: PAPI error codes; what each code means stands
in `fixgate.papi.error_codes`.
"""

from fixgate.papi.answers import PapiError
from fixgate.papi.endpoints.endpoint import Effect, Endpoint
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure, VenueError


class Rejected(VenueError):
    """A definite no: nothing was done, and sending the same again gives the same answer."""


class NotExecuted(VenueError):
    """A definite no that says nothing about the call itself: nothing was done, it may be sent again.

    Also raised when the call never left, because no connection was to be had. Where
    `failure.verify_first` is True, ask for the order by its client order id before sending it again.
    """


class Throttled(VenueError):
    """A definite no: too many calls. `failure.retry_after` is the venue's wish in seconds, if it has one.

    With pacing, a new order is refused by this before it leaves when the limits are nearly used up; then
    `failure.status` is None.
    """


class ClockRefused(VenueError):
    """A definite no: the timestamp or recvWindow. The clock is being synced anew; a read was sent once more
    before this was raised, anything else never is."""


class AccessRefused(VenueError):
    """A definite no that an operator has to solve: key, permission, address, path."""


class NoClearAnswer(VenueError):
    """A read that the venue neither answered nor refused clearly. It changes nothing: ask again."""


class OutcomeUnknown(NoClearAnswer):
    """An order or a change that may or may not have been executed: never a no.

    `find_out` says how to learn what became of it. It is never sent again here, and should not be before
    that is known.
    """

    def __init__(self, failure: Failure, find_out: str) -> None:
        super().__init__(failure)
        self.find_out = find_out

    def __str__(self) -> str:
        return f"{super().__str__()}; it may have been executed: {self.find_out}"


class NotPortfolioMargin(PapiError):
    """The account is not one of (classic) Portfolio Margin, so that this interface cannot serve it."""


FAILURES: dict[Outcome, type[VenueError]] = {
    Outcome.REJECT: Rejected,
    Outcome.NOT_EXECUTED_RETRYABLE: NotExecuted,
    Outcome.THROTTLED: Throttled,
    Outcome.CLOCK: ClockRefused,
    Outcome.INFRA_AUTH: AccessRefused,
    Outcome.UNKNOWN: NoClearAnswer,
}


def failure_for(failure: Failure, endpoint: Endpoint) -> VenueError:
    """Return the exception for a call that failed so."""
    if failure.outcome is Outcome.UNKNOWN and endpoint.effect is not Effect.READ:
        return OutcomeUnknown(failure, endpoint.find_out)
    return FAILURES[failure.outcome](failure)
