"""The venue's definite no: an HTTP status, a Binance error code and its message."""


class VenueRefusal(Exception):
    """A request that the simulated venue refuses, and that changed nothing.

    `code` is Binance's (negative, or 51xxx for the margin engine), `status` the HTTP status it comes
    with, `retry_after` seconds for the throttling answers.
    """

    def __init__(self, code: int, message: str, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after


def missing(name: str) -> VenueRefusal:
    """Return -1102 for the mandatory parameter `name`."""
    return VenueRefusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_required(name: str) -> VenueRefusal:
    """Return -1106 for a parameter that does not apply here."""
    return VenueRefusal(-1106, f"Parameter '{name}' sent when not required.")


def not_valid(name: str) -> VenueRefusal:
    """Return -1130 for a parameter whose value is not one of those allowed."""
    return VenueRefusal(-1130, f"Data sent for parameter '{name}' is not valid.")


UNKNOWN_ORDER = "Unknown order sent."
INSUFFICIENT_BALANCE = "Account has insufficient balance for requested action."
DUPLICATE_ORDER = "Duplicate order sent."
WOULD_TAKE = "Order would immediately match and take."
WOULD_TRIGGER = "Order would trigger immediately."
UNSUPPORTED_COMBINATION = "Unsupported order combination"
BAD_LIST_PRICES = "The relationship of the prices for the orders is not correct."


def unknown_order() -> VenueRefusal:
    """Return -2011, the answer to cancelling what is not open."""
    return VenueRefusal(-2011, UNKNOWN_ORDER)


def no_such_order() -> VenueRefusal:
    """Return -2013, the answer to asking for what the venue does not (or no longer) know."""
    return VenueRefusal(-2013, "Order does not exist.")
