"""What every venue does in ccxt's unified way; each file of this package overrides what its venue does
otherwise.

A venue says in `parameters` what goes with an order; everything else has a default here. Numbers leave as
text, quantised here and not by ccxt, which truncates amounts and rounds prices without a word.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from fixgate.connectors.ccxt.quantise import amount_of, check_cost, check_price
from fixgate.connectors.ccxt.translator import Call, Market, Meaning
from fixgate.model import capabilities
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, ProductType, Side, TimeInForce
from fixgate.model.execution import LedgerEntry, LeverageState, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitList, SubmitOrder

ORDER_TYPES = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP_LOSS: "market",
    OrderType.STOP_LOSS_LIMIT: "limit",
    OrderType.TAKE_PROFIT: "market",
    OrderType.TAKE_PROFIT_LIMIT: "limit",
    OrderType.TRAILING_STOP: "market",
}
"""ccxt's `type` of an order; what it waits for is in the parameters."""

STOP_PRICES = {
    OrderType.STOP_LOSS: "stopLossPrice",
    OrderType.STOP_LOSS_LIMIT: "stopLossPrice",
    OrderType.TAKE_PROFIT: "takeProfitPrice",
    OrderType.TAKE_PROFIT_LIMIT: "takeProfitPrice",
}
"""ccxt's parameter for a trigger price, where it says by itself on which side of the market it lies."""

CLOSING_SIDE = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}

BASIS_POINTS_OF_PERCENT = Decimal(100)


def unsupported(text: str) -> Refused:
    """Return a refusal of something that the venue does not have."""
    return Refused(OrdRejReason.UNSUPPORTED, text)


def check_supported(exchange: str, order: SubmitOrder, market: Market, order_type: OrderType) -> None:
    """Raise `Refused`, in the capability table's words, unless the table allows the order."""
    attributes = order.attributes
    if text := capabilities.check(
        exchange,
        market.market_type,
        order_type,
        order.time_in_force,
        reduce_only=bool(attributes.reduce_only),
        post_only=bool(attributes.post_only),
        hedge=is_hedge(order),
    ):
        raise unsupported(text)


def is_post_only(order: SubmitOrder) -> bool:
    return order.time_in_force is TimeInForce.POST_ONLY or bool(order.attributes.post_only)


def is_hedge(order: SubmitOrder) -> bool:
    """True where the order names one side of a position that can have two."""
    return order.attributes.position_side in CLOSING_SIDE


def closes(order: SubmitOrder) -> bool:
    """True where the order can only reduce: reduce-only, or against the side of the position that it
    names."""
    side = order.attributes.position_side
    if side in CLOSING_SIDE:
        return order.side is CLOSING_SIDE[side]
    return bool(order.attributes.reduce_only)


def check_reduces(order: SubmitOrder) -> None:
    """Raise `Refused` for a reduce-only order that would add to the side of the position that it names."""
    side = order.attributes.position_side
    if side in CLOSING_SIDE and order.attributes.reduce_only and not closes(order):
        raise Refused(
            OrdRejReason.OTHER,
            f"reduce_only with position side {side} needs side {CLOSING_SIDE[side]}; it was {order.side}",
        )


def trailing_percent(order: SubmitOrder) -> str:
    """Return how far a trailing stop follows the price, in percent."""
    if order.trailing_delta is None:
        raise Refused(OrdRejReason.OTHER, "a trailing_stop order needs a trailing delta")
    return plain((order.trailing_delta / BASIS_POINTS_OF_PERCENT).normalize())


def legs_of(orders: SubmitList) -> tuple[SubmitOrder, SubmitOrder]:
    """Return an OCO's limit and stop order. Raises `Refused` for anything else."""
    limits = [leg for leg in orders.legs if leg.order_type is OrderType.LIMIT]
    stops = [leg for leg in orders.legs if leg.order_type in (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)]
    if len(limits) != 1 or len(stops) != 1 or len(orders.legs) != 2:
        kinds = ", ".join(leg.order_type for leg in orders.legs)
        raise Refused(
            OrdRejReason.OTHER,
            f"an oco takes two orders, one limit and one stop_loss or stop_loss_limit; it had {kinds}",
        )
    limit, stop = limits[0], stops[0]
    if (limit.side, limit.quantity) != (stop.side, stop.quantity):
        raise Refused(OrdRejReason.OTHER, "both orders of an oco must have the same side and quantity")
    if limit.price is not None and stop.stop_price is not None:
        sells = limit.side is Side.SELL
        if limit.price <= stop.stop_price if sells else limit.price >= stop.stop_price:
            raise Refused(
                OrdRejReason.OTHER,
                f"the limit price of a {limit.side} oco must be {'above' if sells else 'below'} its stop "
                f"price; they were {plain(limit.price)} and {plain(stop.stop_price)}",
            )
    return limit, stop


class UnifiedVenue:
    """The default translator. Subclasses set the class attributes and give `parameters`."""

    exchange: str = ""
    title: str = ""
    names_margin_mode: bool = False
    codes: Mapping[str, Meaning] = {}

    words: ClassVar[Sequence[tuple[str, str, Meaning]]] = ()
    """What a code means with certain words in the text: code (empty: any), words in lower case, meaning.
    The first that fits counts, before `codes`."""

    code_pattern: ClassVar[re.Pattern[str]] = re.compile(r'"code"\s*:\s*"?(-?\d+)')
    """Finds the raw error code in an exception's text, as its first group."""

    # The exchange object

    def ccxt_class(self, market_type: MarketType) -> str:
        return self.exchange

    def options(self) -> Mapping[str, Any]:
        return {}

    def prepare(self, exchange: Any) -> None:
        return None

    def code_of(self, error: Exception) -> str:
        found = self.code_pattern.search(str(error))
        return found.group(1) if found else ""

    def meaning_of(self, error: Exception) -> Meaning | None:
        code, text = self.code_of(error), str(error).lower()
        for wanted, words, meaning in self.words:
            if wanted in ("", code) and words in text:
                return meaning
        return self.codes.get(code)

    # Orders

    def client_order_id(self, number: int) -> str:
        return f"fg{number}"

    def waits_apart(self, order: SubmitOrder) -> bool:
        return order.order_type.is_conditional and self.holds(order.product_type)

    def needs_last(self, order: SubmitOrder) -> bool:
        return False

    def amount(self, order: SubmitOrder, market: Market) -> Decimal:
        return amount_of(order.quantity, market)

    def price(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Decimal | None:
        """Return the price that goes with an order as ccxt's argument. Raises `Refused` for one that is
        missing or off the tick."""
        if not order.order_type.needs_price:
            return None
        if order.price is None:
            raise Refused(OrdRejReason.OTHER, f"a {order.order_type} order needs a price")
        check_price(order.price, market)
        return order.price

    def stop_price(self, order: SubmitOrder, market: Market) -> str:
        """Return an order's trigger price. Raises `Refused` for one that is missing or off the tick."""
        if order.stop_price is None:
            raise Refused(OrdRejReason.OTHER, f"a {order.order_type} order needs a stop price")
        check_price(order.stop_price, market, "stop price")
        return plain(order.stop_price)

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        """Return ccxt's `params` for an order that the capability table allows: allow-listed ones only."""
        raise NotImplementedError(f"{type(self).__name__} has no orders")

    def submit(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        check_supported(self.exchange, order, market, order.order_type)
        check_reduces(order)
        amount = self.amount(order, market)
        price = self.price(order, market, last)
        if not closes(order):
            check_cost(order.quantity, price, market)
        params = self.parameters(order, market, last)
        return Call(
            "create_order",
            (
                market.symbol,
                ORDER_TYPES[order.order_type],
                str(order.side),
                plain(amount),
                None if price is None else plain(price),
                params,
            ),
        )

    def submit_list(self, orders: SubmitList, market: Market, last: Decimal | None) -> Call:
        if orders.legs:
            check_supported(self.exchange, orders.legs[0], market, OrderType.OCO)
        raise unsupported(f"{self.title} does not support oco orders")

    def list_ids(self, orders: SubmitList, answer: Any) -> Sequence[str]:
        raise unsupported(f"{self.title} does not support oco orders")

    # Orders that are there

    def holds(self, product_type: ProductType) -> bool:
        """True where conditional orders of a product are in a service of their own, with ids of their own."""
        return False

    def reference(self, request: CancelAtVenue | QueryAtVenue) -> tuple[str | None, dict[str, Any]]:
        """Return ccxt's `id` and `params` that name an order: the venue's id, else the client order id."""
        if request.venue_order_id:
            return request.venue_order_id, {}
        return None, {"clientOrderId": request.client_order_id}

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        return None

    def origin(self, order: Mapping[str, Any]) -> str:
        return ""

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        order_id, params = self.reference(request)
        if request.held and self.holds(request.product_type):
            params["trigger"] = True
        return Call("cancel_order", (order_id, market.symbol, params))

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        order_id, params = self.reference(request)
        plain_one = Call("fetch_order", (order_id, market.symbol, params))
        if not self.holds(request.product_type) or (request.venue_order_id and not request.held):
            return [plain_one]
        held_one = Call("fetch_order", (order_id, market.symbol, params | {"trigger": True}))
        if not request.held:
            return [plain_one, held_one]
        # The id is the other service's: in the book it may be somebody else's. The client order id is ours.
        by_client_id = {"clientOrderId": request.client_order_id}
        if not request.client_order_id:
            return [held_one]
        return [held_one, Call("fetch_order", (None, market.symbol, by_client_id))]

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        since = request.born_ns // 1_000_000 or None
        params = {"orderId": request.venue_order_id} if request.venue_order_id and not request.held else {}
        return Call("fetch_my_trades", (market.symbol, None if params else since, None, params))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fetch_open_orders", (symbol, None, None, {"type": str(market_type)}))]

    # Perps

    def leverage(self, market: Market) -> Call:
        return Call("fetch_leverage", (market.symbol,))

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read ccxt's leverage structure."""
        sides = [answer.get(side) for side in ("longLeverage", "shortLeverage")]
        leverage = next((Decimal(str(side)) for side in sides if side is not None), None)
        mode = answer.get("marginMode")
        return LeverageState(
            symbol=market.symbol, leverage=leverage, margin_mode=MarginMode(mode) if mode else None
        )

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        return Call("set_leverage", (whole(leverage), market.symbol))

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        return Call("set_margin_mode", (str(mode), market.symbol))

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fetch_positions", ([symbol] if symbol else None,))]

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fetch_funding_history", (market and market.symbol, since_ms, limit))

    def read_funding(self, answer: Any) -> Sequence[LedgerEntry]:
        """Read ccxt's funding structures."""
        return oldest_first(
            LedgerEntry(
                id=str(entry.get("id") or ""),
                symbol=entry["symbol"] or "",
                amount=Decimal(str(entry["amount"])),
                code=entry["code"] or "",
                at_ms=entry["timestamp"] or 0,
                info=entry["info"],
            )
            for entry in answer
        )

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        raise unsupported(f"{self.title} does not tell realized profits")

    def read_realized(self, answer: Any) -> Sequence[LedgerEntry]:
        return self.read_funding(answer)


def oldest_first(entries: Any) -> list[LedgerEntry]:
    return sorted(entries, key=lambda entry: (entry.at_ms, entry.id))


def whole(leverage: Decimal) -> int:
    """Return a leverage as the whole number that it must be. Raises `Refused`."""
    if leverage != leverage.to_integral_value() or leverage < 1:
        raise Refused(OrdRejReason.OTHER, f"leverage {plain(leverage)} is not a whole number of 1 or more")
    return int(leverage)
