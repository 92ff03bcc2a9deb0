"""The unified order model: one vocabulary for both doors, the engine and every connector.

Frozen values of `Decimal`, `str` and enums. Nothing here does I/O or knows a wire format.
"""
