"""A definite no, said before anything left the gateway."""

from fixgate.model.enums import OrdRejReason


class Refused(Exception):
    """An order, or a change to one, is refused. `text` is for the trader: what was wrong, the value it
    was, what would be right."""

    def __init__(self, reason: OrdRejReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
