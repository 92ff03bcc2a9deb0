"""What callers of the Execution API may do."""

from enum import StrEnum


class Role(StrEnum):
    """`reader` asks and validates; `trader` and `admin` also trade and set."""

    READER = "reader"
    TRADER = "trader"
    ADMIN = "admin"
