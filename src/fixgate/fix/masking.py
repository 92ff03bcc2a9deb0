"""FIX text fit for a log."""

import re

_SECRETS = re.compile(r"(?:^|(?<=\x01))(554|925|96)=[^\x01]*")


def mask(text: str) -> str:
    """Return FIX text on one line: secrets (554, 925, 96) masked, delimiters as `|`, the rest printable."""
    masked = _SECRETS.sub(r"\1=****", text).replace("\x01", "|")
    return "".join(char if char.isprintable() else "?" for char in masked)
