"""From ccxt's order structure to the API's view of an order: amounts in base asset."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.reading import client_id, fee_of, number, side_of, text
from fixgate.connectors.ccxt.translator import Market, Translator
from fixgate.model.enums import OrderType
from fixgate.model.execution import Fee, OrderState, VenueOrder

_STATES = {
    "open": OrderState.OPEN,
    "closed": OrderState.CLOSED,
    "canceled": OrderState.CANCELED,
    "cancelled": OrderState.CANCELED,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}

_PLACES = Decimal("1E-12")
"""To how much of a base asset contracts of quote are turned into it."""


def venue_order(translator: Translator, market: Market, row: Mapping[str, Any]) -> VenueOrder:
    """Return an order as its venue tells it. Raises what `reading.UNREADABLE` names."""
    price = number(row.get("price")) or None
    average = number(row.get("average")) or None
    stop = next((found for name in _STOPS if (found := number(row.get(name)))), None)
    amount = number(row.get("amount")) or Decimal(0)
    filled = number(row.get("filled")) or Decimal(0)
    held = translator.triggered(row)
    if held is not None:
        filled = Decimal(0)
    at = average or price or stop
    whole, done = (_base(each, market, at) for each in (amount, filled))
    fee, currency = fee_of(row)
    side = side_of(row)
    if side is None:
        raise ValueError("an order without a side")
    order_type = _order_type(row, price, stop)
    if order_type is OrderType.MARKET:
        price = None  # ccxt gives the average
    return VenueOrder(
        order_id=text(row["id"]),
        client_order_id=client_id(row),
        symbol=market.symbol,
        status=_state(row, held, filled),
        order_type=order_type,
        side=side,
        price=price,
        stop_price=stop,
        amount=whole,
        filled=done,
        remaining=max(whole - done, Decimal(0)),
        average=average,
        cost=number(row.get("cost")) or (average * done if average else Decimal(0)),
        fee=Fee(cost=fee, currency=currency) if fee is not None and currency else None,
        at_ms=int(row.get("timestamp") or row.get("lastUpdateTimestamp") or 0),
    )


_STOPS = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")


def _state(row: Mapping[str, Any], held: str | None, filled: Decimal) -> OrderState:
    state = _STATES.get(str(row.get("status") or "open"), OrderState.OPEN)
    if held is not None and state is OrderState.CLOSED:
        return OrderState.OPEN  # it was triggered: what it became is another order
    if state is OrderState.CLOSED and row.get("filled") is not None and not filled:
        return OrderState.CANCELED
    return state


def _base(amount: Decimal, market: Market, price: Decimal | None) -> Decimal:
    """Return an amount in base asset; contracts of quote are worth what they are at the order's price."""
    if not market.inverse:
        return amount * market.contract_size
    worth = amount * market.contract_size
    return (worth / price).quantize(_PLACES).normalize() if price else worth


def _order_type(row: Mapping[str, Any], price: Decimal | None, stop: Decimal | None) -> OrderType | None:
    """Return the order's type in the API's words; `None` where the venue's record leaves it open."""
    info = row.get("info")
    words = [row.get("type")]
    if isinstance(info, Mapping):
        words += [info.get(name) for name in ("type", "orderType", "stopOrderType", "ordType", "origType")]
    said = " ".join(str(word) for word in words if word).lower().replace("-", "_")
    if "trail" in said or "move_order_stop" in said:
        return OrderType.TRAILING_STOP
    limit = str(row.get("type") or "").lower().endswith("limit") or ("limit" in said and price is not None)
    if stop is None:
        if str(row.get("type") or "").lower() == "market":
            return OrderType.MARKET
        return OrderType.LIMIT if limit or price is not None else OrderType.MARKET
    takes_profit = bool(number(row.get("takeProfitPrice"))) or "take" in said or "profit" in said
    if takes_profit:
        return OrderType.TAKE_PROFIT_LIMIT if limit else OrderType.TAKE_PROFIT
    if number(row.get("stopLossPrice")) or "stop" in said:
        return OrderType.STOP_LOSS_LIMIT if limit else OrderType.STOP_LOSS
    return None
