"""Reading single request parameters: presence, form and range, each with its refusal.

Source: error codes -1100..-1136 and -4015.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from fixgate.simulator.orders import Leg
from fixgate.simulator.refusal import VenueRefusal, missing, not_valid

Parameters = Mapping[str, str]

COMMON = frozenset({"timestamp", "recvWindow", "signature"})

_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_DECIMAL_RANGE = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]+")
_CLIENT_ID_LENGTH = {Leg.UM: 32, Leg.CM: 32, Leg.MARGIN: 36}


def check_names(parameters: Parameters, allowed: frozenset[str]) -> None:
    """Raise -1104 when a parameter is not one the endpoint reads, -1105 when one is empty."""
    unread = [name for name in parameters if name not in allowed and name not in COMMON]
    if unread:
        sent = len(parameters)
        raise VenueRefusal(
            -1104,
            f"Not all sent parameters were read; read '{sent - len(unread)}' parameter(s) "
            f"but was sent '{sent}'.",
        )


def mandatory(parameters: Parameters, name: str) -> str:
    """Return a parameter that must be there; raises -1102."""
    value = parameters.get(name, "")
    if not value:
        raise missing(name)
    return value


def optional(parameters: Parameters, name: str) -> str | None:
    """Return a parameter, None when it was not sent; raises -1105 when it was sent empty."""
    value = parameters.get(name)
    if value == "":
        raise VenueRefusal(-1105, f"Parameter '{name}' was empty.")
    return value


def decimal(parameters: Parameters, name: str) -> Decimal | None:
    """Return a decimal parameter; raises -1100 for an exponent, a sign or anything but digits."""
    text = optional(parameters, name)
    if text is None:
        return None
    if not _DECIMAL.fullmatch(text):
        raise VenueRefusal(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '{_DECIMAL_RANGE}'."
        )
    return Decimal(text)


def integer(parameters: Parameters, name: str) -> int | None:
    """Return a whole-number parameter; raises -1100 when it is not one of up to 19 digits."""
    text = optional(parameters, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise VenueRefusal(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(text)


def boolean(parameters: Parameters, name: str) -> bool:
    """Return a true/false parameter, false when not sent; raises -1130."""
    text = optional(parameters, name)
    if text not in {None, "true", "false"}:
        raise not_valid(name)
    return text == "true"


def client_order_id(parameters: Parameters, name: str, leg: Leg, longest: int = 0) -> str:
    """Return a client id, empty when not sent; raises -4015 (too long) or -1100 (characters).

    `longest` replaces the leg's own greatest length: conditional orders take 36 characters.
    """
    text = optional(parameters, name) or ""
    most = longest or _CLIENT_ID_LENGTH[leg]
    if not text or (len(text) <= most and _CLIENT_ID.fullmatch(text)):
        return text
    if leg is not Leg.MARGIN and len(text) > most:
        raise VenueRefusal(-4015, f"Client order id length should be less than {most + 1} chars.")
    legal = f"^[.A-Z:/a-z0-9_-]{{1,{most}}}$"
    raise VenueRefusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def order_identity(parameters: Parameters) -> tuple[int | None, str]:
    """Return (orderId, origClientOrderId), of which orderId wins; raises -1102 when neither was sent."""
    order_id = integer(parameters, "orderId")
    client_id = optional(parameters, "origClientOrderId") or ""
    if order_id is None and not client_id:
        raise VenueRefusal(
            -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        )
    return order_id, client_id


def choice(parameters: Parameters, name: str, allowed: frozenset[str], refusal: VenueRefusal) -> str:
    """Return a mandatory parameter that must be one of `allowed`; raises -1102 or `refusal`."""
    value = mandatory(parameters, name)
    if value not in allowed:
        raise refusal
    return value


def side(parameters: Parameters) -> str:
    """Return `side`; raises -1102 or -1117."""
    return choice(parameters, "side", frozenset({"BUY", "SELL"}), VenueRefusal(-1117, "Invalid side."))


def position_side(parameters: Parameters) -> str:
    """Return `positionSide`, BOTH when not sent; raises -4060."""
    value = optional(parameters, "positionSide") or "BOTH"
    if value not in {"BOTH", "LONG", "SHORT"}:
        raise VenueRefusal(-4060, "Invalid position side.")
    return value
