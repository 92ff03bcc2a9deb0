"""Binance: spot, USDⓈ-M and COIN-M futures, each account's own wallets. Portfolio Margin is another
connector.

| order | spot | futures |
|---|---|---|
| market, limit | POST /api/v3/order | POST /fapi/v1/order, /dapi/v1/order |
| post-only | LIMIT_MAKER | timeInForce GTX |
| stop_loss(_limit), take_profit(_limit) | POST /api/v3/order | POST /fapi/v1/algoOrder, /dapi/v1/algoOrder |
| trailing_stop | | the same, TRAILING_STOP_MARKET |
| oco | POST /api/v3/orderList/oco | |

The algo service has ids of its own, and its client ids are `clientAlgoId`. What it holds is asked for and
canceled there (ccxt's `trigger`); the order that a trigger makes has an id in the order book, which the algo
order names as `actualOrderId`, and the algo order's client id.

Source: "Trading endpoints" of the spot documentation, "Trade" of the USDⓈ-M and COIN-M ones.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from fixgate.connectors.ccxt.quantise import amount_of, check_cost, check_price
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues.binance_account import BinanceAccount
from fixgate.connectors.ccxt.venues.binance_errors import CODES, WORDS
from fixgate.connectors.ccxt.venues.unified import (
    STOP_PRICES,
    check_supported,
    is_hedge,
    is_post_only,
    legs_of,
    trailing_percent,
)
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, ProductType, Side
from fixgate.model.execution import MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitList, SubmitOrder

BROKER = "fg-"
"""In the place of ccxt's broker id, should ccxt ever make a client order id itself."""

SUB_TYPES = ("linear", "inverse")


class Binance(BinanceAccount):
    """Translator of exchange `binance`."""

    exchange = "binance"
    title = "Binance"
    codes = CODES
    words = WORDS

    _OPTIONS: ClassVar[Mapping[str, Any]] = {
        "broker": dict.fromkeys(("spot", "margin", "future", "swap", "inverse", "option"), BROKER),
        "createOrder": {"quoteOrderQty": False},
        "fetchMarkets": {"types": ["spot", "linear", "inverse"]},
        "fetchMargins": False,
        "fetchOpenOrders": {"warnWithoutSymbol": False},
        "warnOnFetchOpenOrdersWithoutSymbol": False,
        "recvWindow": 5000,
        "setMarginMode": {"throwMarginModeAlreadySet": False},
    }

    def options(self) -> Mapping[str, Any]:
        return self._OPTIONS

    def prepare(self, exchange: Any) -> None:
        """Let every error keep its code: ccxt drops it where it knows the words, and the words are ours to
        read."""
        for kind in ("exact", "broad"):
            for table in (exchange.exceptions, *_by_market_type(exchange.exceptions)):
                known = table.get(kind, {})
                table[kind] = {code: error for code, error in known.items() if code.lstrip("-").isdigit()}

    # Orders

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.client_order_id}
        kind = order.order_type
        if kind is OrderType.LIMIT and is_post_only(order):
            params["postOnly"] = True  # with a timeInForce besides, ccxt would drop it
        elif kind is OrderType.LIMIT:
            params["timeInForce"] = str(order.time_in_force)
        elif kind is OrderType.TRAILING_STOP:
            params |= self._trail(order, market)
        elif kind in STOP_PRICES:
            params[STOP_PRICES[kind]] = self.stop_price(order, market)
            if kind.needs_price:
                params["timeInForce"] = str(order.time_in_force)
        if is_hedge(order):
            params["positionSide"] = str(order.attributes.position_side)  # and no reduceOnly: -1106
        elif order.attributes.reduce_only:
            params["reduceOnly"] = True
        return params

    def _trail(self, order: SubmitOrder, market: Market) -> dict[str, Any]:
        percent = trailing_percent(order)
        if not Decimal("0.1") <= Decimal(percent) <= 10 or Decimal(percent) % Decimal("0.1") != 0:
            raise Refused(
                OrdRejReason.OTHER,
                f"trailing delta {percent} % is not one of 0.1 %, 0.2 %, ... 10 %, which Binance takes",
            )
        params = {"trailingPercent": percent}
        if order.stop_price is not None:
            check_price(order.stop_price, market, "stop price")
            params["trailingTriggerPrice"] = plain(order.stop_price)
        return params

    def submit_list(self, orders: SubmitList, market: Market, last: Decimal | None) -> Call:
        for leg in orders.legs:
            check_supported(self.exchange, leg, market, OrderType.OCO)
        limit, stop = legs_of(orders)
        quantity = amount_of(limit.quantity, market)
        price = self.price(limit, market, last)
        assert price is not None
        check_cost(limit.quantity, price, market)
        trigger = self.stop_price(stop, market)
        maker, guard = ("above", "below") if limit.side is Side.SELL else ("below", "above")
        params = {
            "symbol": market.venue_id,
            "side": str(limit.side).upper(),
            "quantity": plain(quantity),
            "listClientOrderId": orders.list_client_id,
            f"{maker}Type": "LIMIT_MAKER",
            f"{maker}Price": plain(price),
            f"{maker}ClientOrderId": limit.client_order_id,
            f"{guard}Type": "STOP_LOSS",
            f"{guard}StopPrice": trigger,
            f"{guard}ClientOrderId": stop.client_order_id,
            "newOrderRespType": "FULL",
        }
        if stop.order_type is OrderType.STOP_LOSS_LIMIT:
            params[f"{guard}Type"] = "STOP_LOSS_LIMIT"
            stop_limit = self.price(stop, market, last)
            assert stop_limit is not None
            params[f"{guard}Price"] = plain(stop_limit)
            params[f"{guard}TimeInForce"] = str(stop.time_in_force)
        return Call("privatePostOrderListOco", (params,))

    def list_ids(self, orders: SubmitList, answer: Any) -> Sequence[str]:
        ids = {told["clientOrderId"]: str(told["orderId"]) for told in answer["orders"]}
        return [ids[leg.client_order_id] for leg in orders.legs]

    # Orders that are there

    def holds(self, product_type: ProductType) -> bool:
        return product_type is not ProductType.SPOT

    def triggered(self, order: Mapping[str, Any]) -> str | None:
        info = order["info"]
        algo = info.get("algoId") or info.get("aid")
        if not algo:
            return None
        return str(info.get("actualOrderId") or info.get("ai") or "")

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        if market_type is MarketType.SPOT:
            return [Call("fetch_open_orders", (symbol, None, None, {"type": "spot"}))]
        if symbol is not None:
            return [
                Call("fetch_open_orders", (symbol, None, None, extra)) for extra in ({}, {"trigger": True})
            ]
        return [
            Call("fetch_open_orders", (None, None, None, {"type": "swap", "subType": sub_type, **extra}))
            for sub_type in SUB_TYPES
            for extra in ({}, {"trigger": True})
        ]


def _by_market_type(exceptions: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [table for name, table in exceptions.items() if name not in ("exact", "broad")]


TRANSLATOR = Binance()

TRANSLATOR = Binance()
