"""The margin leg's money: locking, borrowing before an order, repaying after it.

Source: PAPI POST /papi/v1/margin/order, `sideEffectType` and `autoRepayAtCancel`.
"""

from decimal import ROUND_UP, Decimal
from typing import NamedTuple

from fixgate.simulator.accounts import Account
from fixgate.simulator.events import liability_change
from fixgate.simulator.futures_margin import max_borrowable
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg, Order
from fixgate.simulator.records import Loan
from fixgate.simulator.refusal import INSUFFICIENT_BALANCE, VenueRefusal
from fixgate.simulator.venue_state import VenueState

_EIGHT = Decimal("0.00000001")
_BORROWING = frozenset({"MARGIN_BUY", "AUTO_BORROW_REPAY"})
_REPAYING = frozenset({"AUTO_REPAY", "AUTO_BORROW_REPAY"})


class Funding(NamedTuple):
    """What an order needs: `amount` of `asset`, of which `borrow` is lent to it."""

    asset: str
    amount: Decimal
    borrow: Decimal


def paid_asset(instrument: SimulatedInstrument, side: str) -> str:
    """Return the asset that an order of `side` gives away."""
    return instrument.quote if side == "BUY" else instrument.base


def received_asset(instrument: SimulatedInstrument, side: str) -> str:
    """Return the asset that an order of `side` takes in."""
    return instrument.base if side == "BUY" else instrument.quote


def plan_funding(
    state: VenueState, account: Account, asset: str, amount: Decimal, side_effect: str
) -> Funding:
    """Return how `amount` of `asset` would be found. Changes nothing.

    Raises -2010 when the balance is short and the side effect does not borrow, 51006 when it does
    and the account may not borrow that much.
    """
    short = amount - account.asset(asset).free
    if short <= 0:
        return Funding(asset, amount, ZERO)
    if side_effect not in _BORROWING:
        raise VenueRefusal(-2010, INSUFFICIENT_BALANCE)
    borrow = short.quantize(_EIGHT, rounding=ROUND_UP)
    if borrow > max_borrowable(state, account, asset):
        raise VenueRefusal(51006, "Exceeding the account's maximum borrowable limit.")
    return Funding(asset, amount, borrow)


def lock(state: VenueState, account: Account, order: Order, funding: Funding) -> None:
    """Borrow what the plan says and lock the order's funds."""
    if funding.borrow:
        borrow(state, account, funding.asset, funding.borrow)
        order.borrowed, order.borrowed_asset = funding.borrow, funding.asset
    entry = account.asset(funding.asset)
    entry.free -= funding.amount
    entry.locked += funding.amount
    order.locked = funding.amount
    state.touch_asset(account.name, Leg.MARGIN, funding.asset)


def release(
    state: VenueState, account: Account, instrument: SimulatedInstrument, order: Order, keep: Decimal = ZERO
) -> None:
    """Give back what is locked for `order` beyond `keep`."""
    excess = order.locked - keep
    if excess <= 0:
        return
    asset = paid_asset(instrument, order.side)
    entry = account.asset(asset)
    entry.locked -= excess
    entry.free += excess
    order.locked = keep
    state.touch_asset(account.name, Leg.MARGIN, asset)


def borrow(state: VenueState, account: Account, asset: str, amount: Decimal) -> int:
    """Lend `amount` to the account, report it, and return the transaction id."""
    entry = account.asset(asset)
    entry.free += amount
    entry.borrowed += amount
    transaction = state.next_id("transaction")
    account.records.add_loan(
        Loan(transaction_id=transaction, asset=asset, principal=amount, time_ms=state.clock())
    )
    owed = entry.borrowed + entry.interest
    state.emit(
        account.name, liability_change(state.clock(), asset, "BORROW", transaction, amount, ZERO, owed)
    )
    state.touch_asset(account.name, Leg.MARGIN, asset)
    return transaction


def repay(state: VenueState, account: Account, asset: str, amount: Decimal) -> int | None:
    """Pay back up to `amount`, interest first; return the transaction id, None when nothing is owed."""
    entry = account.asset(asset)
    payment = min(amount, entry.free, entry.borrowed + entry.interest)
    if payment <= 0:
        return None
    interest = min(payment, entry.interest)
    principal = payment - interest
    entry.free -= payment
    entry.interest -= interest
    entry.borrowed -= principal
    transaction = state.next_id("transaction")
    account.records.add_loan(
        Loan(
            transaction_id=transaction,
            asset=asset,
            principal=principal,
            interest=interest,
            time_ms=state.clock(),
            repaid=True,
        )
    )
    owed = entry.borrowed + entry.interest
    state.emit(
        account.name,
        liability_change(state.clock(), asset, "REPAY", transaction, principal, interest, owed),
    )
    state.touch_asset(account.name, Leg.MARGIN, asset)
    return transaction


def finish(state: VenueState, account: Account, instrument: SimulatedInstrument, order: Order) -> None:
    """Settle a terminal order: unlock the rest, then repay as its side effect says.

    Repayment uses what the order received. A cancelled order that borrowed gives the unused loan
    back only when `autoRepayAtCancel` was asked for.
    """
    unused = order.locked
    release(state, account, instrument, order)
    if order.side_effect in _REPAYING and order.received:
        repay(state, account, received_asset(instrument, order.side), order.received)
    if order.status == "CANCELED" and order.auto_repay_at_cancel and order.borrowed:
        repay(state, account, order.borrowed_asset, min(order.borrowed, unused))


def settle(
    state: VenueState,
    account: Account,
    instrument: SimulatedInstrument,
    order: Order,
    price: Decimal,
    quantity: Decimal,
    commission: Decimal,
) -> None:
    """Exchange the two assets of one fill; the commission comes off what is received."""
    paid = price * quantity if order.is_buy else quantity
    got = (quantity if order.is_buy else price * quantity) - commission
    paid_name, got_name = paid_asset(instrument, order.side), received_asset(instrument, order.side)
    account.asset(paid_name).locked -= paid
    account.asset(got_name).free += got
    order.locked -= paid
    order.received += got
    keep = (
        (order.price * order.remaining if order.is_buy else order.remaining) if order.price else order.locked
    )
    release(state, account, instrument, order, keep)
    state.touch_asset(account.name, Leg.MARGIN, paid_name)
    state.touch_asset(account.name, Leg.MARGIN, got_name)
