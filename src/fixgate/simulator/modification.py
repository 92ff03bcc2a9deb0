"""Changing a resting futures order. Source: PAPI PUT /papi/v1/um/order and /papi/v1/cm/order."""

import copy

from fixgate.simulator.accounts import Account
from fixgate.simulator.admission import Admission
from fixgate.simulator.execution import Execution
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import Amendment, Leg, ModifyRequest, Order
from fixgate.simulator.refusal import VenueRefusal, not_valid
from fixgate.simulator.venue_state import VenueState

MAX_MODIFICATIONS = 10_000

_NOT_LIMIT = {Leg.UM: -5025, Leg.CM: -4196}
_SAME_ORDER = {Leg.UM: -5027, Leg.CM: -4197}
_TOO_MANY = {Leg.UM: -5026, Leg.CM: -4198}


class Modification:
    """The modify rules: queue priority is always lost, the STP mode and reduce-only flag are kept."""

    def __init__(self, state: VenueState, execution: Execution, admission: Admission) -> None:
        self._state = state
        self._execution = execution
        self._admission = admission

    def check_form(self, order: Order, request: ModifyRequest) -> None:
        """Raise the leg's refusal for a modification that is not one. Leaves the order as it is."""
        if order.type != "LIMIT":
            raise VenueRefusal(_NOT_LIMIT[order.leg], "Only limit order is supported.")
        if order.side != request.side:
            raise not_valid("side")
        if (order.price, order.quantity) == (request.price, request.quantity):
            raise VenueRefusal(_SAME_ORDER[order.leg], "No need to modify the order.")
        if order.modifications >= MAX_MODIFICATIONS:
            raise VenueRefusal(_TOO_MANY[order.leg], "Exceed maximum modify order limit.")

    def apply(
        self, account: Account, instrument: SimulatedInstrument, order: Order, request: ModifyRequest
    ) -> bool:
        """Take the order off the book and give it its new values.

        Returns True when it is to be matched again, False when the modification cancelled it.
        """
        book = self._state.books[order.leg, order.symbol]
        if order.executed and request.quantity <= order.executed:
            book.remove(order)
            self._execution.end(order, "CANCELED")
            return False
        if order.time_in_force == "GTX" and book.crosses(order.side, request.price):
            book.remove(order)
            self._execution.end(order, "CANCELED")
            return False
        trial = copy.copy(order)
        trial.price, trial.quantity = request.price, request.quantity
        self._admission.check_margin(account, instrument, trial)
        book.remove(order)
        self._record(order, request)
        order.price, order.quantity, order.dormant = request.price, request.quantity, False
        order.price_match = "NONE"
        order.priority = self._state.next_id("priority")
        order.updated_ms = self._state.clock()
        self._execution.reserve(account, instrument, order)
        self._execution.report(order, "AMENDMENT", modify_id=request.modify_id)
        return True

    def _record(self, order: Order, request: ModifyRequest) -> None:
        order.modifications += 1
        amendment = Amendment(
            amendment_id=self._state.next_id("amendment"),
            time_ms=self._state.clock(),
            price_before=order.price,
            price_after=request.price,
            quantity_before=order.quantity,
            quantity_after=request.quantity,
            count=order.modifications,
            modify_id=request.modify_id,
        )
        order.amendments.append(amendment)
