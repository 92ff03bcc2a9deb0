"""Order attributes: what was asked per order, what the settings say, and what the venue is sent.

Tables of the connector specification: "Side Effect Type", "Position Side", "PostOnly Orders",
"ReduceOnly Orders" and the self-trade prevention setting.
"""

from fixgate.connectors.binance_pm.settings import SelfMatchPrevention
from fixgate.model.commands import NewOrder, OrderAttributes
from fixgate.model.enums import (
    OrderType,
    OrdRejReason,
    PositionSide,
    ProductType,
    SelfTradePreventionMode,
    Side,
    SideEffectType,
    TimeInForce,
)
from fixgate.model.refusal import Refused

_SELF_TRADE = {
    SelfMatchPrevention.CANCEL_RESTING: SelfTradePreventionMode.EXPIRE_MAKER,
    SelfMatchPrevention.CANCEL_TAKING: SelfTradePreventionMode.EXPIRE_TAKER,
    SelfMatchPrevention.CANCEL_BOTH: SelfTradePreventionMode.EXPIRE_BOTH,
}

_SIDE_EFFECT = {
    # setting: (on BUY orders, on SELL orders)
    SideEffectType.NO_SIDE_EFFECT: (SideEffectType.NO_SIDE_EFFECT, SideEffectType.NO_SIDE_EFFECT),
    SideEffectType.MARGIN_BUY: (SideEffectType.MARGIN_BUY, SideEffectType.MARGIN_BUY),
    SideEffectType.AUTO_REPAY: (SideEffectType.AUTO_REPAY, SideEffectType.AUTO_REPAY),
    SideEffectType.AUTO_BORROW_REPAY: (SideEffectType.AUTO_BORROW_REPAY, SideEffectType.AUTO_BORROW_REPAY),
    SideEffectType.MARGIN_BUY_REPAY_SELL: (SideEffectType.MARGIN_BUY, SideEffectType.AUTO_REPAY),
    SideEffectType.MARGIN_SELL_REPAY_BUY: (SideEffectType.AUTO_REPAY, SideEffectType.MARGIN_BUY),
}


def resolve_attributes(
    order: NewOrder,
    product: ProductType,
    *,
    hedge_mode: bool,
    side_effect: SideEffectType,
    self_match: SelfMatchPrevention,
) -> OrderAttributes:
    """Return the attributes to send: the order's own over the settings', mapped to the venue's words.

    Raises `Refused` for an attribute or combination that does not apply to the product or the account's
    position mode.
    """
    given = order.attributes
    post_only = _post_only(order)
    self_trade = given.self_trade_prevention or _SELF_TRADE[self_match]
    if product is ProductType.SPOT:
        _refuse_futures_attributes(given)
        buys, sells = _SIDE_EFFECT[given.side_effect_type or side_effect]
        effect = buys if order.side is Side.BUY else sells
        if order.list_id:
            _check_list_attributes(given, effect)
        return OrderAttributes(
            post_only=post_only,
            side_effect_type=effect,
            self_trade_prevention=None if order.list_id else self_trade,
        )
    if given.side_effect_type is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"SideEffectType(6101) {given.side_effect_type} applies to SPOT orders, this one is {product}",
        )
    if product is ProductType.DELIVERY and given.self_trade_prevention is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"SelfTradePreventionMode(6102) {given.self_trade_prevention} cannot be chosen on DELIVERY "
            "orders: the venue takes no such parameter for them",
        )
    return OrderAttributes(
        post_only=post_only,
        self_trade_prevention=self_trade if product is ProductType.FUTURE else None,
        position_side=_position_side(given.position_side, hedge_mode),
        reduce_only=_reduce_only(given.reduce_only, hedge_mode),
    )


def _post_only(order: NewOrder) -> bool:
    if not order.is_post_only:
        return False
    if order.order_type is not OrderType.LIMIT:
        raise Refused(
            OrdRejReason.UNSUPPORTED, f"post-only applies to limit orders, this one is {order.order_type}"
        )
    if order.time_in_force not in (TimeInForce.GTC, TimeInForce.POST_ONLY):
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"post-only takes TimeInForce GTC (1), this order has {order.time_in_force}",
        )
    return True


def _check_list_attributes(given: OrderAttributes, effect: SideEffectType) -> None:
    """An order of a list goes without what POST /papi/v1/margin/order/oco does not take."""
    if given.self_trade_prevention is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"SelfTradePreventionMode(6102) {given.self_trade_prevention} cannot be chosen on the orders of "
            "a list: the venue takes no such parameter for them",
        )
    if effect is SideEffectType.AUTO_BORROW_REPAY:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"SideEffectType(6101) {effect} is not for the orders of a list; it can be NO_SIDE_EFFECT, "
            "MARGIN_BUY or AUTO_REPAY",
        )


def _refuse_futures_attributes(given: OrderAttributes) -> None:
    if given.position_side is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"PositionSide(6200) {given.position_side} applies to FUTURE and DELIVERY orders, "
            "this one is SPOT",
        )
    if given.reduce_only is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"ReduceOnly(6201) {str(given.reduce_only).lower()} applies to FUTURE and DELIVERY orders, "
            "this one is SPOT",
        )


def _position_side(given: PositionSide | None, hedge_mode: bool) -> PositionSide:
    if hedge_mode:
        if given not in (PositionSide.LONG, PositionSide.SHORT):
            raise Refused(
                OrdRejReason.UNSUPPORTED,
                "the account is in hedge mode: PositionSide(6200) must be LONG or SHORT, "
                f"it was {given or 'absent'}",
            )
        return given
    if given not in (None, PositionSide.BOTH):
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            f"the account is in one-way mode: PositionSide(6200) must be BOTH or absent, it was {given}",
        )
    return PositionSide.BOTH


def _reduce_only(given: bool | None, hedge_mode: bool) -> bool | None:
    if hedge_mode and given is not None:
        raise Refused(
            OrdRejReason.UNSUPPORTED,
            "the account is in hedge mode, where closing orders always reduce only: "
            f"leave ReduceOnly(6201) out, it was {str(given).lower()}",
        )
    return given
