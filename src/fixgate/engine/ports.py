"""What the engine needs of others: plans from connectors, and orders that it no longer holds in memory."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from fixgate.model.commands import NewOrder, ReplaceOrder
from fixgate.model.enums import ProductType
from fixgate.model.snapshot import OrderSnapshot
from fixgate.model.venue import SubmitList, SubmitOrder

OpenOrderCount = Callable[[str, ProductType, str], int]
"""How many orders of an account (by its name) are open on a product's symbol."""


class Planner(Protocol):
    """The pure side of a connector. All methods raise `fixgate.model.refusal.Refused`."""

    def plan_new(
        self, order: NewOrder, order_id: int, open_orders: OpenOrderCount | None = None
    ) -> SubmitOrder:
        """Return the venue request for an order: account, product type and client order id resolved."""

    def plan_list(
        self,
        orders: Sequence[NewOrder],
        order_ids: Sequence[int],
        open_orders: OpenOrderCount | None = None,
    ) -> SubmitList:
        """Return the one venue request for orders of which one cancels the others."""

    def plan_replace(
        self, current: SubmitOrder, command: ReplaceOrder, quantity: Decimal, price: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Return the quantity and price to ask the venue for."""


class Archive(Protocol):
    """Orders that were kept, most of them finished long ago."""

    def order_of(self, id: str) -> int | None:
        """Return which order an id of `fixgate.engine.ids` belongs to, 0 if it was spent without one,
        `None` if it was never kept."""

    def order(self, order_id: int) -> OrderSnapshot | None:
        """Return an order as it was kept last, `None` if it never was."""


class EmptyArchive:
    """Nothing was ever kept."""

    def order_of(self, id: str) -> int | None:
        return None

    def order(self, order_id: int) -> OrderSnapshot | None:
        return None
