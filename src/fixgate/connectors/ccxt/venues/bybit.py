"""Bybit, API v5, on a unified trading account: spot, linear and inverse perps, and dated futures.

A conditional order stays one order with one id when it is triggered, so there is no service of its own to
ask; spot alone keeps its conditional orders in a drawer (`orderFilter`) of their own.

A trailing stop is no order to Bybit: it belongs to a position, covers all of it, and takes no client order
id. So it is taken only where the position is open, on the side that the order closes, of just the order's
quantity, and without a trailing stop yet. What the venue then makes of it is an order with an id, and that is
what the gateway follows. Its distance is fixed when it is sent, at the last price times the percentage,
rounded to the tick.

The margin mode is the account's, not a symbol's. Sources: Bybit API v5, Place Order, Set Trading Stop, Order
Stream, Set Margin Mode; ccxt 4.5.90.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues import bybit_calls
from fixgate.connectors.ccxt.venues.bybit_codes import CODES, code_of
from fixgate.connectors.ccxt.venues.unified import (
    UnifiedVenue,
    check_reduces,
    check_supported,
    closes,
    is_hedge,
    is_post_only,
    oldest_first,
)
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, PositionSide, Side
from fixgate.model.execution import LedgerEntry, LeverageState, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder

RISES, FALLS = "ascending", "descending"

TRIGGER_DIRECTIONS: Mapping[tuple[OrderType, Side], str] = MappingProxyType(
    {
        (OrderType.STOP_LOSS, Side.SELL): FALLS,
        (OrderType.STOP_LOSS, Side.BUY): RISES,
        (OrderType.STOP_LOSS_LIMIT, Side.SELL): FALLS,
        (OrderType.STOP_LOSS_LIMIT, Side.BUY): RISES,
        (OrderType.TAKE_PROFIT, Side.SELL): RISES,
        (OrderType.TAKE_PROFIT, Side.BUY): FALLS,
        (OrderType.TAKE_PROFIT_LIMIT, Side.SELL): RISES,
        (OrderType.TAKE_PROFIT_LIMIT, Side.BUY): FALLS,
    }
)
"""Which way the price goes when it triggers an order. Not `stopLossPrice` and `takeProfitPrice`, with which
ccxt makes every order reduce-only."""

POSITION_INDEX: Mapping[PositionSide, int] = MappingProxyType({PositionSide.LONG: 1, PositionSide.SHORT: 2})

MARGIN_MODES: Mapping[str, MarginMode] = MappingProxyType(
    {
        "REGULAR_MARGIN": MarginMode.CROSS,
        "PORTFOLIO_MARGIN": MarginMode.CROSS,
        "ISOLATED_MARGIN": MarginMode.ISOLATED,
    }
)
"""The account's margin modes. Under portfolio margin, too, all positions share one collateral."""

_BASIS_POINTS = Decimal(10_000)

_PLACES = Decimal("1E-12")
"""To how much of a base asset contracts of quote are turned into it."""


class Bybit(UnifiedVenue):
    exchange = "bybit"
    title = "Bybit"
    codes = CODES

    def code_of(self, error: Exception) -> str:
        return code_of(error)

    def options(self) -> Mapping[str, Any]:
        return {
            # Without these three ccxt asks for the key's and the account's records before its first order.
            "enableUnifiedMargin": False,
            "enableUnifiedAccount": True,
            "unifiedMarginStatus": 6,
            "fetchMarkets": {"types": ["spot", "linear", "inverse"]},
            # Positions are read by REST; ccxt would read them once more before each stream of them.
            "watchPositions": {"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
        }

    def prepare(self, exchange: Any) -> None:
        bybit_calls.prepare(exchange)

    # Orders

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.client_order_id}
        if is_post_only(order):
            params["postOnly"] = True
        elif order.order_type.needs_price:
            params["timeInForce"] = str(order.time_in_force)
        if order.order_type.needs_stop_price:
            params["triggerPrice"] = self.stop_price(order, market)
            if market.market_type.is_perp:
                params["triggerDirection"] = TRIGGER_DIRECTIONS[order.order_type, order.side]
        if market.market_type.is_perp and closes(order):
            params["reduceOnly"] = True
        if is_hedge(order):
            assert order.attributes.position_side is not None
            params["positionIdx"] = POSITION_INDEX[order.attributes.position_side]
        return params

    def needs_last(self, order: SubmitOrder) -> bool:
        return order.order_type is OrderType.TRAILING_STOP

    def submit(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        if order.order_type is OrderType.TRAILING_STOP:
            return self._trailing_stop(order, market, last)
        return super().submit(order, market, last)

    def _trailing_stop(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        check_supported(self.exchange, order, market, order.order_type)
        check_reduces(order)
        if order.trailing_delta is None or order.trailing_delta <= 0:
            raise Refused(OrdRejReason.OTHER, "a trailing_stop order needs a trailing delta above 0")
        if last is None:
            raise Refused(
                OrdRejReason.OTHER,
                f"{self.title} takes a trailing distance in {market.quote}, and the last price of "
                f"{market.symbol} is not known",
            )
        if is_hedge(order) and not closes(order):
            raise Refused(
                OrdRejReason.OTHER,
                f"a trailing_stop on {self.title} closes a position; side {order.side} would add to "
                f"{order.attributes.position_side}",
            )
        away = last * order.trailing_delta / _BASIS_POINTS
        if market.tick:
            away = max(Decimal(1), (away / market.tick).to_integral_value(ROUND_HALF_UP)) * market.tick
        begin = self.stop_price(order, market) if order.stop_price is not None else None
        side = order.attributes.position_side
        return Call(
            "fixgate_trailing_stop",
            (
                market.symbol,
                str(order.side),
                plain(self.amount(order, market)),
                plain(away.normalize()),
                begin,
                POSITION_INDEX.get(side, 0) if side is not None else 0,
                order.client_order_id,
            ),
        )

    # Orders that are there

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        return Call("fixgate_cancel", (market.symbol, _reference(request)))

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        name = _reference(request)
        calls = [
            Call("fetch_open_orders", (market.symbol, None, None, dict(name))),
            Call("fetch_open_orders", (market.symbol, None, None, name | {"trigger": True})),
            Call("fetch_canceled_and_closed_orders", (market.symbol, None, None, dict(name))),
        ]
        if request.held and not request.venue_order_id and request.price is None and request.side is not None:
            # A trailing stop whose answer was lost: the venue does not know our id for it.
            since = max(0, request.born_ns // 1_000_000 - bybit_calls.CLOCK_SLACK_MS)
            quantity = "" if request.quantity is None else plain(request.quantity)
            calls.append(
                Call(
                    "fixgate_find_trailing_stop",
                    (market.symbol, str(request.side), quantity, since, request.client_order_id),
                )
            )
        return calls

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        return Call("fixgate_trades", (market.symbol, _reference(request)))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fixgate_open_orders", (str(market_type), symbol))]

    # Perps

    def leverage(self, market: Market) -> Call:
        return Call("fixgate_leverage", (market.symbol,))

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read the account's margin mode and ccxt's position structures of one symbol."""
        mode, positions = MARGIN_MODES.get(answer["marginMode"]), answer["positions"]
        open_ones = [each for each in positions if Decimal(each["contracts"] or 0) > 0]
        first = (open_ones or positions or [{}])[0]
        state = LeverageState(symbol=market.symbol, leverage=_number(first.get("leverage")), margin_mode=mode)
        if not open_ones:
            return state
        return LeverageState(
            symbol=market.symbol,
            leverage=state.leverage,
            margin_mode=mode,
            position_side=first["side"],
            position_size=_base_size(first, market),
            notional=_number(first["notional"]) or Decimal(0),
            unrealized_pnl=_number(first["unrealizedPnl"]) or Decimal(0),
        )

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        if leverage < 1:
            raise Refused(OrdRejReason.OTHER, f"leverage {plain(leverage)} is below 1")
        return Call("set_leverage", (plain(leverage), market.symbol))

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        """The account's: it goes for all of its symbols."""
        return Call("set_margin_mode", (str(mode), None))

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fixgate_positions", (str(market_type), symbol))]

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fixgate_funding", (market and market.symbol, since_ms, limit))

    def read_funding(self, answer: Any) -> Sequence[LedgerEntry]:
        """Bybit writes a payment as a fee: above zero is paid, where the API has it below."""
        return oldest_first(
            LedgerEntry(
                id=row["execId"],
                symbol=row["unified"],
                amount=Decimal(0) - Decimal(row["execFee"]),
                code=row["settle"],
                at_ms=int(row["execTime"]),
                info=_own(row),
            )
            for row in answer
        )

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fixgate_closed_pnl", (market and market.symbol, since_ms, limit))

    def read_realized(self, answer: Any) -> Sequence[LedgerEntry]:
        return oldest_first(
            LedgerEntry(
                id=row["orderId"],
                symbol=row["unified"],
                amount=Decimal(row["closedPnl"]),
                code=row["settle"],
                at_ms=int(row["updatedTime"]),
                info=_own(row),
            )
            for row in answer
        )


def _reference(request: CancelAtVenue | QueryAtVenue) -> dict[str, str]:
    """Return Bybit's parameter that names an order."""
    if request.venue_order_id:
        return {"orderId": request.venue_order_id}
    return {"orderLinkId": request.client_order_id}


def _base_size(position: Mapping[str, Any], market: Market) -> Decimal:
    """Return the size of ccxt's position structure in base asset, of contracts of quote at the mark price."""
    count = Decimal(position["contracts"]) * market.contract_size
    price = _number(position.get("markPrice")) or _number(position.get("entryPrice"))
    if not market.inverse:
        return count
    return (count / price).quantize(_PLACES).normalize() if price else Decimal(0)


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("unified", "settle")}


def _number(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


TRANSLATOR = Bybit()
