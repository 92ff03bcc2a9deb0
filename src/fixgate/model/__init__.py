"""The unified order model: one vocabulary for both doors, the engine and every connector.

Frozen values of `Decimal`, `str` and enums. Nothing here does I/O or knows a wire format. No value can
refer back to what holds it, so none is tracked by the cyclic garbage collector (`gc=False`): a gateway
keeps many of them, and a collection that walks them all would stop the order path for milliseconds.
"""
