"""OKX: spot, swaps and dated futures of one account.

| order | request |
|---|---|
| market, limit, post-only | POST /api/v5/trade/order; ordType market, limit, ioc, fok, post_only |
| stop_loss(_limit), take_profit(_limit) | POST /api/v5/trade/order-algo; ordType conditional |
| trailing_stop | the same; ordType move_order_stop |
| oco | the same; ordType oco, one order at the venue for both |

The service for conditional orders is one of its own, on spot too; its client ids are `algoClOrdId`, where
ccxt sends `clOrdId`. Perps are counted in contracts of a part of the base asset. Every order names its
margin mode (`tdMode`): `cash` on spot, on perps the market's `margin_mode`, cross unless it was set.

Source: "Order Book Trading" and "Trading Account" of OKX's API v5.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from fixgate.connectors.ccxt.quantise import amount_of, check_cost, check_price
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues.okx_errors import CODES, WORDS
from fixgate.connectors.ccxt.venues.okx_records import (
    LIMIT,
    STOP,
    algo_of,
    is_algo,
    joined,
    leg_id,
    named,
    orders_in,
    put_right,
)
from fixgate.connectors.ccxt.venues.unified import (
    STOP_PRICES,
    UnifiedVenue,
    check_supported,
    is_hedge,
    is_post_only,
    legs_of,
    oldest_first,
    trailing_percent,
    unsupported,
    whole,
)
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType
from fixgate.model.execution import LedgerEntry, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitList, SubmitOrder

ALGO_ORDER = "trade/order-algo"

OPEN_ALGO_TYPES = ("conditional", "oco", "move_order_stop", "trigger")
"""The kinds of conditional orders that there are lists of."""

INSTRUMENT_TYPES = {MarketType.SPOT: "SPOT", MarketType.SWAP: "SWAP", MarketType.FUTURE: "FUTURES"}

MOST_ROWS = 100


class Okx(UnifiedVenue):
    """Translator of exchange `okx`."""

    exchange = "okx"
    title = "OKX"
    names_margin_mode = True
    codes = CODES
    words = WORDS

    _reason: ClassVar[re.Pattern[str]] = re.compile(r'"sCode"\s*:\s*"([1-9]\d*)"')

    _OPTIONS: ClassVar[Mapping[str, Any]] = {
        "brokerId": None,
        "createOrder": "privatePostTradeOrder",
        "defaultMarginMode": "cross",
        "fetchMarkets": {"types": ["spot", "future", "swap"]},
        "watchBalance": {},  # ccxt has a text here
    }

    def options(self) -> Mapping[str, Any]:
        return self._OPTIONS

    def prepare(self, exchange: Any) -> None:
        """Send no broker id with conditional orders, where ccxt adds one while it signs, and put its
        reading of orders right. `fetch_algo_orders` is added: a conditional order by either id, an OCO as
        two."""
        sign, parse_order, parse_orders = exchange.sign, exchange.parse_order, exchange.parse_orders

        def sign_as_it_is(
            path: str, api: Any = "public", method: str = "GET", params: Any = None, *rest: Any
        ) -> Any:
            params = {} if params is None else params
            if path == ALGO_ORDER and method == "POST":
                # ccxt knows the path by its text; this is the same path, and a text that it does not know.
                path, params = "trade/{service}", {**params, "service": "order-algo"}
            return sign(path, api, method, params, *rest)

        def parse_one(order: dict[str, Any], market: Any = None) -> Any:
            return put_right(parse_order(named(order), market))

        def parse_all(orders: Any, *rest: Any, **more: Any) -> Any:
            return parse_orders(orders_in(orders), *rest, **more)

        async def fetch_algo_orders(symbol: str, params: Mapping[str, Any]) -> Any:
            answer = await exchange.privateGetTradeOrderAlgo(params)
            return exchange.parse_orders(answer["data"], exchange.market(symbol))

        exchange.sign = sign_as_it_is
        exchange.parse_order = parse_one
        exchange.parse_orders = parse_all
        exchange.fetch_algo_orders = fetch_algo_orders

    def code_of(self, error: Exception) -> str:
        found = self._reason.search(str(error))
        return found.group(1) if found else super().code_of(error)

    # Orders

    def waits_apart(self, order: SubmitOrder) -> bool:
        return order.order_type.is_conditional or bool(order.list_orders)

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        kind = order.order_type
        params = _trade_mode(market)
        if kind.is_conditional:
            params["algoClOrdId"] = order.client_order_id
        else:
            params["clientOrderId"] = order.client_order_id
        if kind is OrderType.LIMIT and is_post_only(order):
            params["postOnly"] = True
        elif kind is OrderType.LIMIT:
            params["timeInForce"] = str(order.time_in_force)
        elif kind is OrderType.TRAILING_STOP:
            params |= self._trail(order, market)
        elif kind in STOP_PRICES:
            params[STOP_PRICES[kind]] = self.stop_price(order, market)
        if is_hedge(order):
            params["positionSide"] = str(order.attributes.position_side).lower()
        elif order.attributes.reduce_only:
            params["reduceOnly"] = True
        return params

    def _trail(self, order: SubmitOrder, market: Market) -> dict[str, Any]:
        percent = trailing_percent(order)
        if not Decimal("0.1") <= Decimal(percent) <= 100:
            raise Refused(
                OrdRejReason.OTHER,
                f"trailing delta {percent} % is not between 0.1 % and 100 %, as OKX takes it",
            )
        params = {"trailingPercent": percent}
        if order.stop_price is not None:
            check_price(order.stop_price, market, "stop price")
            params["activePx"] = plain(order.stop_price)
        return params

    def submit_list(self, orders: SubmitList, market: Market, last: Decimal | None) -> Call:
        for leg in orders.legs:
            check_supported(self.exchange, leg, market, OrderType.OCO)
        limit, stop = legs_of(orders)
        if stop.order_type is not OrderType.STOP_LOSS:
            raise unsupported("the second order of an OKX oco is a stop_loss; this is a stop_loss_limit")
        amount = amount_of(limit.quantity, market)
        price = self.price(limit, market, last)
        assert price is not None
        check_cost(limit.quantity, price, market)
        params = _trade_mode(market) | {
            "takeProfitPrice": plain(price),
            "tpOrdPx": plain(price),
            "stopLossPrice": self.stop_price(stop, market),
            "slOrdPx": "-1",
            "algoClOrdId": joined(limit.client_order_id, stop.client_order_id),
        }
        return Call("create_order", (market.symbol, "oco", str(limit.side), plain(amount), None, params))

    def list_ids(self, orders: SubmitList, answer: Any) -> Sequence[str]:
        return [
            leg_id(str(answer["id"]), LIMIT if leg.order_type is OrderType.LIMIT else STOP)
            for leg in orders.legs
        ]

    # Orders that are there

    def holds(self, product_type: ProductType) -> bool:
        return True

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        record = order["info"]
        if not is_algo(record):
            return None
        made = record.get("ordIdList") or [record.get("ordId") or ""]
        return str(made[0])

    def origin(self, order: Mapping[str, Any]) -> str:
        record = order["info"]
        return "" if is_algo(record) or not record.get("ordId") else str(record.get("algoId") or "")

    def cancel(self, request: CancelAtVenue, market: Market) -> Call:
        if algo_id := algo_of(request.venue_order_id):
            return Call("cancel_order", (algo_id, market.symbol, {"trigger": True}))
        return super().cancel(request, market)

    def query(self, request: QueryAtVenue, market: Market) -> Sequence[Call]:
        order_id, client_id = request.venue_order_id, request.client_order_id
        by_client_id = {"clientOrderId": client_id}
        in_book = [Call("fetch_order", (None, market.symbol, by_client_id))] if client_id else []
        if algo_id := algo_of(order_id):
            return [_algo(market, algoId=algo_id), *in_book]
        if order_id and not request.held:
            return [Call("fetch_order", (order_id, market.symbol, {}))]
        if order_id:
            return [_algo(market, algoId=order_id), *in_book]
        waiting = [_algo(market, algoClOrdId=client_id)] if client_id else []
        found = [*waiting, *in_book] if request.held else [*in_book, *waiting]
        return [*found, *self._lists_of(request, market)]

    def _lists_of(self, request: QueryAtVenue, market: Market) -> list[Call]:
        """An order of an OCO has no client id of its own at the venue: look through the lists for it."""
        if market.market_type is not MarketType.SPOT:
            return []
        since = request.born_ns // 1_000_000 or None
        kind = {"ordType": "oco"}
        return [
            Call("fetch_open_orders", (market.symbol, None, None, kind)),
            *(
                Call(method, (market.symbol, since, None, kind | {"trigger": True}))
                for method in ("fetch_closed_orders", "fetch_canceled_orders")
            ),
        ]

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        if request.venue_order_id and not request.held and not algo_of(request.venue_order_id):
            return Call("fetch_my_trades", (market.symbol, None, None, {"ordId": request.venue_order_id}))
        return Call("fetch_my_trades", (market.symbol, request.born_ns // 1_000_000 or None, None, {}))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        kinds = (MarketType.SPOT,) if market_type is MarketType.SPOT else (MarketType.SWAP, MarketType.FUTURE)
        calls = []
        for kind in kinds if symbol is None else (market_type,):
            where = {"instType": INSTRUMENT_TYPES[kind]} if symbol is None else {}
            calls.append(Call("fetch_open_orders", (symbol, None, None, where)))
            calls += [
                Call("fetch_open_orders", (symbol, None, None, where | {"ordType": algo}))
                for algo in OPEN_ALGO_TYPES
            ]
        return calls

    # Perps

    def leverage(self, market: Market) -> Call:
        return Call("fetch_leverage", (market.symbol, {"marginMode": _margin_mode(market)}))

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        return Call("set_leverage", (_lever(leverage), market.symbol, {"marginMode": _margin_mode(market)}))

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        """Set the leverage of that mode. The mode itself goes with every order from then on."""
        lever = _lever(leverage if leverage is not None else Decimal(1))
        return Call("set_leverage", (lever, market.symbol, {"marginMode": str(mode)}))

    def positions(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        if symbol is not None:
            return [Call("fetch_positions", ([symbol],))]
        return [
            Call("fetch_positions", (None, {"instType": INSTRUMENT_TYPES[kind]}))
            for kind in (MarketType.SWAP, MarketType.FUTURE)
        ]

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        if market is not None and market.market_type is not MarketType.SWAP:
            raise unsupported(f"{market.symbol} is no perpetual: it has no funding")
        params: dict[str, Any] = {"type": "swap"}
        if since_ms is not None:
            params["begin"] = str(since_ms)
        symbol = market.symbol if market is not None else None
        return Call("fetch_funding_history", (symbol, since_ms, _rows(limit), params))

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        """Positions that were closed, whole or in part. `pnl` is of the price alone, without fees and
        funding."""
        symbols = [market.symbol] if market is not None else None
        return Call("fetch_positions_history", (symbols, since_ms, _rows(limit), {}))

    def read_realized(self, answer: Any) -> Sequence[LedgerEntry]:
        return oldest_first(
            LedgerEntry(
                id=f"{row['info']['posId']}-{row['info']['uTime']}",
                symbol=row["symbol"],
                amount=Decimal(row["info"]["pnl"]),
                code=row["info"]["ccy"],
                at_ms=int(row["info"]["uTime"]),
                info=row["info"],
            )
            for row in answer
        )


def _trade_mode(market: Market) -> dict[str, Any]:
    if market.market_type is MarketType.SPOT:
        return {"tdMode": "cash"}
    return {"marginMode": _margin_mode(market)}


def _margin_mode(market: Market) -> str:
    return str(market.margin_mode or MarginMode.CROSS)


def _lever(leverage: Decimal) -> int:
    number = whole(leverage)
    if number > 125:
        raise unsupported(f"leverage {number} is above 125, the highest that OKX has")
    return number


def _algo(market: Market, **names: str) -> Call:
    return Call("fetch_algo_orders", (market.symbol, names))


def _rows(limit: int | None) -> int | None:
    return None if limit is None else min(limit, MOST_ROWS)


TRANSLATOR = Okx()
