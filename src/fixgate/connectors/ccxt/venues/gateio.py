"""Gate.io, API v4, on a classic account: spot, and perps that settle in USDT.

Sizes of perps are whole contracts, signed: below zero sells. Gate takes the cost of a spot market buy, not
its quantity; an exact quantity is bought by a limit order that cancels what it cannot fill at once (IOC), at
a price that the slippage bound allows. So are spot stop-loss and take-profit orders, both ways, from their
trigger price: what waits for a price on spot puts limit orders on the book alone.

What waits for a price is in a service of its own, with ids of its own; what a trigger makes of it is another
order, with our client order id. A perp's trailing stop exists at the venue, but not in the Execution API's
table. Sources: Gate API v4, Create Price-Triggered Order, Update Position Leverage; ccxt 4.5.90.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from fixgate.connectors.ccxt.quantise import bare, check_cost
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues import gateio_calls
from fixgate.connectors.ccxt.venues.gateio_codes import CODES, code_of
from fixgate.connectors.ccxt.venues.unified import (
    UnifiedVenue,
    check_reduces,
    check_supported,
    closes,
    is_post_only,
    oldest_first,
)
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side
from fixgate.model.execution import LedgerEntry, LeverageState, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

SLIPPAGE = Decimal("0.05")
"""How far from the last price (a market buy) or the trigger price (a stop) a spot order without a price of
its own fills at most; less where the venue takes less."""

EXPIRATION_S = 30 * 86_400
"""How long a spot order waits for its price before the venue cancels it. The venue asks for a time; ccxt's
own is one day."""

_STOP_RULES: Mapping[tuple[bool, Side], str] = {
    (True, Side.SELL): "<=",
    (True, Side.BUY): ">=",
    (False, Side.SELL): ">=",
    (False, Side.BUY): "<=",
}
"""Whether it is a stop-loss, and its side -> where the price has to be."""

_STOP_LOSSES = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT})


class Gateio(UnifiedVenue):
    exchange = "gateio"
    title = "Gate.io"
    codes = CODES

    def ccxt_class(self, market_type: MarketType) -> str:
        return "gate"

    def code_of(self, error: Exception) -> str:
        return code_of(error)

    def options(self) -> Mapping[str, Any]:
        return {
            # Without it ccxt asks for the account's record before its first order.
            "unifiedAccount": False,
            "fetchMarkets": {"types": ["spot", "swap"]},
            "swap": {"fetchMarkets": {"settlementCurrencies": ["usdt"]}},
        }

    def prepare(self, exchange: Any) -> None:
        gateio_calls.prepare(exchange)

    # Orders

    def client_order_id(self, number: int) -> str:
        return f"t-fg{number}"

    def needs_last(self, order: SubmitOrder) -> bool:
        return _is_spot(order) and order.order_type is OrderType.MARKET and order.side is Side.BUY

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.client_order_id}
        if is_post_only(order):
            params["postOnly"] = True
        elif order.order_type.needs_price:
            params["timeInForce"] = str(order.time_in_force)
        if order.order_type.needs_stop_price:
            kind = "stopLossPrice" if order.order_type in _STOP_LOSSES else "takeProfitPrice"
            params[kind] = self.stop_price(order, market)
        if closes(order):
            params["reduceOnly"] = True
        return params

    def submit(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        if market.market_type is MarketType.FUTURE:
            raise Refused(OrdRejReason.UNKNOWN_SYMBOL, f"{self.title} has no dated futures here")
        if self.needs_last(order):
            return self._market_buy(order, market, last)
        if _is_spot(order) and order.order_type.needs_stop_price:
            return self._price_order(order, market)
        return super().submit(order, market, last)

    def _market_buy(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        check_supported(self.exchange, order, market, order.order_type)
        if last is None:
            raise Refused(
                OrdRejReason.OTHER,
                f"{self.title} buys an exact quantity at a price only, and the last price of {market.symbol} "
                "is not known",
            )
        amount, price = self.amount(order, market), _beyond(last, order.side, market)
        check_cost(order.quantity, last, market)
        params = {"clientOrderId": order.client_order_id, "timeInForce": "IOC"}
        return Call(
            "create_order", (market.symbol, "limit", str(order.side), plain(amount), plain(price), params)
        )

    def _price_order(self, order: SubmitOrder, market: Market) -> Call:
        """Return the call that places a spot order that waits for a price."""
        check_supported(self.exchange, order, market, order.order_type)
        check_reduces(order)
        trigger, amount = self.stop_price(order, market), self.amount(order, market)
        price = self.price(order, market, None)
        check_cost(order.quantity, price or Decimal(trigger), market)
        put = {
            "type": "limit",
            "side": str(order.side),
            "price": plain(_beyond(Decimal(trigger), order.side, market) if price is None else price),
            "amount": plain(amount),
            "account": "normal",
            "time_in_force": "ioc" if price is None else "gtc",
            "text": order.client_order_id,
        }
        rule = _STOP_RULES[order.order_type in _STOP_LOSSES, order.side]
        body = {
            "trigger": {"price": trigger, "rule": rule, "expiration": EXPIRATION_S},
            "put": put,
            "market": market.venue_id,
        }
        return Call("fixgate_spot_price_order", (market.symbol, body))

    # Orders that are there

    def holds(self, product_type: ProductType) -> bool:
        return True

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        info = order["info"]
        if "trigger" not in info or not ("put" in info or "initial" in info):
            return None
        made = str(info.get("fired_order_id") or info.get("trade_id") or "")
        return "" if made == "0" else made

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        return Call(
            "fixgate_cancel",
            (market.symbol, request.venue_order_id, request.client_order_id, request.held),
        )

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        if request.venue_order_id:
            if not request.held:
                return [Call("fetch_order", (request.venue_order_id, market.symbol, {}))]
            # The id is the other service's: on the book it may be somebody else's. The client id is ours.
            held_one = Call("fetch_order", (request.venue_order_id, market.symbol, {"trigger": True}))
            made = [Call("fetch_order", (request.client_order_id, market.symbol, {}))]
            return [held_one, *(made if request.client_order_id else [])]
        since_s = max(0, request.born_ns // 1_000_000_000 - gateio_calls.CLOCK_SLACK_S)
        return [
            # Gate knows an order by our id while it is open, and for an hour more: then it is in the lists.
            Call("fetch_order", (request.client_order_id, market.symbol, {})),
            Call("fixgate_find_price_order", (market.symbol, request.client_order_id)),
            Call("fixgate_find_finished_order", (market.symbol, request.client_order_id, since_s)),
        ]

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        known = request.venue_order_id if not request.held else ""
        return Call("fixgate_trades", (market.symbol, known, request.born_ns // 1_000_000_000))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        if market_type is MarketType.FUTURE:
            return []
        return [Call("fixgate_open_orders", (str(market_type), symbol, trigger)) for trigger in (False, True)]

    # Perps

    def leverage(self, market: Market) -> Call:
        return Call("fetch_position", (market.symbol,))

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read ccxt's position structure, as `gateio_calls.prepare` corrects it. Without a position it says
        leverage and margin mode all the same."""
        leverage, mode = answer["leverage"], answer["marginMode"]
        size = Decimal(answer["contracts"] or 0)
        return LeverageState(
            symbol=market.symbol,
            leverage=None if leverage is None else Decimal(leverage),
            margin_mode=MarginMode(mode) if mode else None,
            position_side=answer["side"] if size else None,
            position_size=bare(size * market.contract_size),
            notional=Decimal(answer["notional"] or 0),
            unrealized_pnl=Decimal(answer["unrealizedPnl"] or 0),
        )

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        """In the margin mode that the symbol has: Gate's plain request would make it isolated."""
        if leverage < 1:
            raise Refused(OrdRejReason.OTHER, f"leverage {plain(leverage)} is below 1")
        return Call("fixgate_set_leverage", (market.symbol, plain(leverage)))

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        """To Gate, leverage 0 is cross margin, with the leverage as its limit; any other is isolated."""
        crossed = mode is MarginMode.CROSS
        if leverage is None and not crossed:
            raise Refused(
                OrdRejReason.OTHER,
                f"{market.symbol} is crossed without a leverage of its own, and {self.title} isolates at a "
                "leverage only: set it first",
            )
        text = "0" if leverage is None else plain(leverage)
        return Call("fixgate_update_leverage", (market.symbol, text, crossed))

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        if market_type is not MarketType.SWAP:
            return []
        return [Call("fetch_positions", ([symbol] if symbol else None, {"type": "swap", "holding": "true"}))]

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fixgate_account_book", ("fund", market and market.symbol, since_ms, limit))

    def read_funding(self, answer: Any) -> Sequence[LedgerEntry]:
        """Read records of the futures account's book. Funding has no id: its time and contract are one."""
        return oldest_first(
            LedgerEntry(
                id=str(row.get("id") or f"{row['time']}-{row['contract']}"),
                symbol=row["unified"],
                amount=Decimal(row["change"]),
                code=row["settle"],
                at_ms=int(Decimal(str(row["time"])) * 1000),
                info={key: value for key, value in row.items() if key not in ("unified", "settle")},
            )
            for row in answer
        )

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fixgate_account_book", ("pnl", market and market.symbol, since_ms, limit))


def _is_spot(order: SubmitOrder) -> bool:
    return order.product_type is ProductType.SPOT


def _beyond(price: Decimal, side: Side, market: Market) -> Decimal:
    """Return the worst price that an order may fill at, never further away than the bound."""
    buys = side is Side.BUY
    bound = min(SLIPPAGE, Decimal(str(market.info.get("up_rate" if buys else "down_rate") or 0)) or SLIPPAGE)
    worst = price * (1 + bound if buys else 1 - bound)
    if not market.tick:
        return worst
    ticks = (worst / market.tick).to_integral_value(ROUND_FLOOR if buys else ROUND_CEILING)
    return (ticks * market.tick).normalize()


TRANSLATOR = Gateio()
