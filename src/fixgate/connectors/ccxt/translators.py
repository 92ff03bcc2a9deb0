"""Which translator speaks for which exchange. A file of `venues/` is imported when its exchange is asked
for."""

import importlib

from fixgate.connectors.ccxt.translator import Translator
from fixgate.model.capabilities import EXCHANGES


def translator_of(exchange: str) -> Translator:
    """Return the translator of an exchange, by its name in the API: `TRANSLATOR` of its file in `venues/`.

    Raises `ValueError` for a name that is none.
    """
    if exchange not in EXCHANGES:
        raise ValueError(f"{exchange!r} is not an exchange; it can be: {', '.join(EXCHANGES)}")
    module = importlib.import_module(f"fixgate.connectors.ccxt.venues.{exchange}")
    translator: Translator = module.TRANSLATOR
    return translator
