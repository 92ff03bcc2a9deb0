"""What the engine needs of a connector before an order leaves: a plan, or a refusal."""

from decimal import Decimal
from typing import Protocol

from fixgate.model.commands import NewOrder, ReplaceOrder
from fixgate.model.venue import SubmitOrder


class Planner(Protocol):
    """The pure side of a connector. Both methods raise `fixgate.model.refusal.Refused`."""

    def plan_new(self, order: NewOrder, order_id: int) -> SubmitOrder:
        """Return the venue request for an order: account, product type and client order id resolved."""

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Return the quantity and price to ask the venue for."""
