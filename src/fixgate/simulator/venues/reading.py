"""From the matching engine's orders, trades and positions to views of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import takewhile

from fixgate.simulator.accounts import Account
from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.events import average_price
from fixgate.simulator.orders import ZERO, Order, Trade
from fixgate.simulator.positions import Position
from fixgate.simulator.venue_state import VenueState
from fixgate.simulator.venues.instruments import VenueMarket
from fixgate.simulator.venues.views import OrderView, PositionView, Status, TradeView

_STATUS: Mapping[str, Status] = {
    "NEW": Status.OPEN,
    "PARTIALLY_FILLED": Status.OPEN,
    "PENDING_NEW": Status.HELD,
    "FILLED": Status.FILLED,
    "CANCELED": Status.CANCELED,
    "EXPIRED": Status.EXPIRED,
    "EXPIRED_IN_MATCH": Status.EXPIRED,
    "REJECTED": Status.REJECTED,
}
_HELD_STATUS: Mapping[str, Status] = {
    "NEW": Status.HELD,
    "TRIGGERING": Status.HELD,
    "TRIGGERED": Status.OPEN,
    "FINISHED": Status.FILLED,
    "CANCELED": Status.CANCELED,
    "EXPIRED": Status.EXPIRED,
    "REJECTED": Status.REJECTED,
}


class Reading:
    """Reads one venue's state. `one_order` makes a stop order and what comes of it one order with one id."""

    def __init__(self, state: VenueState, markets: Sequence[VenueMarket], *, one_order: bool) -> None:
        self._state = state
        self._one_order = one_order
        self.by_instrument = {(each.leg, each.instrument.symbol): each for each in markets}

    def order(self, order: Order) -> OrderView:
        """Return an order of the matching engine's, or the held order that it came of."""
        if self._one_order and order.origin_id:
            return self.held(self._state.accounts[order.account].conditionals[order.leg, order.origin_id])
        market = self.by_instrument[order.leg, order.symbol]
        waits = bool(order.stop_price)
        fees = self._fees(order)
        status = _STATUS[order.status]
        return OrderView(
            order_id=order.order_id,
            client_id=order.client_order_id,
            account=order.account,
            market=market,
            side=order.side,
            kind="market" if order.is_market else "limit",
            time_in_force="GTC" if order.time_in_force == "GTX" else order.time_in_force,
            post_only=order.type == "LIMIT_MAKER" or order.time_in_force == "GTX",
            reduce_only=order.reduce_only,
            position_side=order.position_side,
            status=Status.HELD if waits and not order.working and status is Status.OPEN else status,
            quantity=order.quantity or order.executed,
            price=order.price,
            filled=order.executed,
            average=average_price(order, market.instrument),
            value=order.cum_quote,
            fee=fees[0],
            fee_asset=fees[1],
            stop_price=order.stop_price,
            takes_profit=order.type.startswith("TAKE_PROFIT"),
            held=waits,
            parent_id=order.origin_id,
            list_id=max(0, order.order_list_id),
            created_ms=order.created_ms,
            updated_ms=order.updated_ms,
        )

    def held(self, conditional: Conditional) -> OrderView:
        """Return a futures order that waits, or waited, for a price."""
        market = self.by_instrument[conditional.leg, conditional.symbol]
        owner = self._state.accounts[conditional.account]
        child = owner.orders.get((conditional.leg, conditional.symbol), {}).get(conditional.order_id)
        status = _HELD_STATUS[conditional.status]
        if child is not None:
            status = _STATUS[child.status]
        fees = self._fees(child) if child is not None else (ZERO, "")
        return OrderView(
            order_id=conditional.conditional_id,
            client_id=conditional.client_id,
            account=conditional.account,
            market=market,
            side=conditional.side,
            kind=conditional.order_type.lower(),
            time_in_force="GTC" if conditional.time_in_force == "GTX" else conditional.time_in_force,
            post_only=conditional.time_in_force == "GTX",
            reduce_only=conditional.reduce_only,
            position_side=conditional.position_side,
            status=status,
            quantity=conditional.quantity,
            price=conditional.price,
            filled=child.executed if child is not None else ZERO,
            average=average_price(child, market.instrument) if child is not None else ZERO,
            value=child.cum_quote if child is not None else ZERO,
            fee=fees[0],
            fee_asset=fees[1],
            stop_price=conditional.trigger_price,
            takes_profit=conditional.type.startswith("TAKE_PROFIT"),
            callback_rate=conditional.callback_rate,
            activation_price=conditional.activation_price,
            held=True,
            child_id=conditional.order_id,
            reason=conditional.refusal,
            created_ms=conditional.created_ms,
            updated_ms=max(conditional.updated_ms, child.updated_ms if child is not None else 0),
        )

    def _fees(self, order: Order) -> tuple[Decimal, str]:
        """Return what an order paid in fees so far, and in which asset."""
        if not order.executed:
            return ZERO, ""
        trades = reversed(self._state.accounts[order.account].trades.get((order.leg, order.symbol), ()))
        since = takewhile(lambda trade: trade.time_ms >= order.created_ms, trades)
        own = [trade for trade in since if trade.order_id == order.order_id]
        return sum((trade.commission for trade in own), ZERO), own[0].commission_asset if own else ""

    def trade(self, trade: Trade) -> TradeView:
        """Return a fill, under the id of the view of its order."""
        market = self.by_instrument[trade.leg, trade.symbol]
        order = self._owner_of(trade)
        merged = self._one_order and order is not None and order.origin_id
        return TradeView(
            trade_id=trade.trade_id,
            order_id=order.origin_id if merged and order is not None else trade.order_id,
            client_id=order.client_order_id if order is not None else "",
            market=market,
            side=trade.side,
            price=trade.price,
            quantity=trade.quantity,
            value=trade.amount,
            fee=trade.commission,
            fee_asset=trade.commission_asset,
            realized=trade.realized_pnl,
            maker=trade.maker,
            position_side=trade.position_side,
            time_ms=trade.time_ms,
        )

    def _owner_of(self, trade: Trade) -> Order | None:
        for account in self._state.accounts.values():
            order = account.orders.get((trade.leg, trade.symbol), {}).get(trade.order_id)
            if order is not None:
                return order
        return None

    def position(self, owner: Account, position: Position, *, isolated: bool) -> PositionView:
        """Return a position at the present mark price."""
        market = self.by_instrument[position.leg, position.symbol]
        mark = self._state.marks[market.leg, market.instrument.symbol]
        return PositionView(
            market=market,
            position_side=position.side,
            quantity=position.quantity,
            entry_price=position.entry_price(market.instrument),
            mark_price=mark,
            notional=abs(position.notional(market.instrument, mark)),
            unrealized=position.unrealized(market.instrument, mark),
            realized=position.realized,
            leverage=owner.leverage_of(market.leg, market.instrument.symbol),
            isolated=isolated,
            updated_ms=position.updated_ms,
        )
