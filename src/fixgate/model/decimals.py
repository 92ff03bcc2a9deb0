"""Exact numbers on their way between text and `Decimal`.

Every price and quantity enters as text and leaves as text; no float is ever in between.
"""

from decimal import Context, Decimal, InvalidOperation

MAX_DIGITS = 38
"""More digits than any venue takes; keeps a hostile field from becoming a huge number."""


WIDE = Context(prec=96)
"""Enough digits for any price times any quantity that can be asked for, and the decimals it is rounded to.
The 28 of a `Decimal` by itself are not: rounding what is too long for them raises an error."""


def parse_decimal(text: str) -> Decimal:
    """Return the number that `text` spells in plain notation, such as `-12.50`.

    Raises `ValueError` for an exponent, a sign in the wrong place, NaN, infinity, more than
    `MAX_DIGITS` digits or anything else that FIX 4.4 does not call a float.
    """
    if len(text) > MAX_DIGITS + 2 or not text.isascii():
        raise ValueError(f"{text[:48]!r} is not a decimal number")
    body = text[1:] if text[:1] == "-" else text
    whole, point, fraction = body.partition(".")
    if not (whole + fraction).isdigit() or (point and not fraction and not whole):
        raise ValueError(f"{text[:48]!r} is not a decimal number")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:48]!r} is not a decimal number") from None


def plain(number: Decimal) -> str:
    """Return `number` in plain notation: no exponent, scale kept (`Decimal("1E-8")` -> `0.00000001`)."""
    return format(number, "f")


def rounded(number: Decimal, places: int) -> Decimal:
    """Return `number` to so many decimals, without needless zeros, however large it is."""
    short = number.quantize(Decimal(1).scaleb(-places), context=WIDE).normalize(WIDE)
    return WIDE.add(short, 0)


def is_multiple(number: Decimal, step: Decimal) -> bool:
    """True when `number` is a whole multiple of `step`; any number is a multiple of a zero step."""
    return step == 0 or number % step == 0
