"""Calls of Gate that take more than one request, or one that ccxt would make wrong, as coroutine methods of a
ccxt exchange object.

`prepare` gives them to it, under the names that the translator uses, and takes from it what nobody asked for.
Every one of them asks by ccxt's implicit methods and reads with ccxt's own parsers. Source: Gate API v4.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.gateio_codes import CODES, code_of

CLOCK_SLACK_S = 2
"""How much the venue's clock may be behind ours when an order is told apart by when it was made."""

SETTLE = "usdt"
PAGE = 100
MOST_PAGES = 20

_STATUSES = {
    None: None,
    "open": "open",
    "_new": "open",
    "_update": "open",
    "filled": "closed",
    "closed": "closed",
    "finished": "closed",
    "finish": "closed",
    "succeeded": "closed",
    "expired": "expired",
    "failed": "rejected",
}
"""Gate's words for an order's state -> ccxt's. All others (ioc, reduce_only, stp, position_closed, ...) say
why what was left of it was canceled; ccxt hands on those that it does not know."""


_RISES = frozenset({">=", "1"})
"""The rules of a trigger that waits for a price to rise, on spot and on perps."""


def prepare(exchange: Any) -> None:
    """Take ccxt's channel id from the headers, correct what ccxt reads wrong, and add our calls."""
    exchange.headers = {key: value for key, value in exchange.headers.items() if key != "X-Gate-Channel-Id"}
    parse_order, parse_position = exchange.parse_order, exchange.parse_position

    def status(text: Any) -> Any:
        return _STATUSES.get(text, "canceled")

    def position(record: Any, market: Any = None) -> Any:
        """Leverage 0 is cross margin, and its limit the leverage; 0 again is the most there is."""
        found = parse_position(record, market)
        if found["marginMode"] == "cross":
            limit = exchange.omit_zero(exchange.safe_string(record, "cross_leverage_limit"))
            found["leverage"] = exchange.parse_number(limit)
        return found

    def order(record: Any, market: Any = None) -> Any:
        """ccxt looks for the client order id of a spot price order where the venue has none, and does not
        say if a trigger price is a stop-loss."""
        found = parse_order(record, market)
        if "put" in record:
            found = {**found, "clientOrderId": _text(record)}
        rule = str((record.get("trigger") or {}).get("rule") or "")
        if found.get("triggerPrice") and rule:
            rises = rule in _RISES
            loss = rises is (found["side"] == "buy")
            found = {**found, "stopLossPrice" if loss else "takeProfitPrice": found["triggerPrice"]}
        return found

    handle_order = getattr(exchange, "handle_order", None)

    def streamed(client: Any, message: Any) -> Any:
        """ccxt drops what the stream of spot price orders tells: it is one record, and flat."""
        assert handle_order is not None
        result = message.get("result")
        if message.get("channel") == "spot.priceorders" and isinstance(result, Mapping):
            message = {**message, "result": [_price_order(result)]}
        return handle_order(client, message)

    if handle_order is not None:
        exchange.handle_order = streamed
    exchange.parse_order, exchange.parse_order_status, exchange.parse_position = order, status, position
    for name, call in _CALLS.items():
        setattr(exchange, f"fixgate_{name}", functools.partial(call, exchange))


async def spot_price_order(exchange: Any, symbol: str, body: Mapping[str, Any]) -> Any:
    """Place a spot order that waits for a price. ccxt would put our client order id where it is not seen."""
    answer = await exchange.privateSpotPostPriceOrders(dict(body))
    return {**exchange.parse_order(answer, exchange.market(symbol)), "clientOrderId": body["put"]["text"]}


async def cancel(exchange: Any, symbol: str, order_id: str, text: str, held: bool) -> Any:
    """Cancel an order by its id, or else by our client order id, wherever it is: on the book, or waiting for
    a price. `held` says where to look first, and where its id counts: the same number may be another order's
    in the other place, where it is looked for by our client order id alone."""
    missing: Exception | None = None
    for trigger in (True, False) if held else (False, True):
        name = order_id if trigger is held else ""
        if not name and text and not (order_id and trigger):
            name = text if not trigger else await _waiting(exchange, symbol, text)
        if not name:
            continue
        try:
            return await exchange.cancel_order(name, symbol, {"trigger": True} if trigger else {})
        except Exception as error:
            if not _is_missing(error):
                raise
            missing = error
    assert missing is not None
    raise missing


async def find_price_order(exchange: Any, symbol: str, text: str) -> list[Any]:
    """Return the order that waits, or waited, for a price under our client order id."""
    found = []
    for status in ("open", "finished"):
        rows = await _price_orders(exchange, symbol, status)
        found += [exchange.parse_order(row, exchange.market(symbol)) for row in rows if _text(row) == text]
        if found:
            break
    return found


async def find_finished_order(exchange: Any, symbol: str, text: str, since_s: int) -> list[Any]:
    """Return the order that ended under our client order id, among those made since."""
    market = exchange.market(symbol)
    if market["spot"] is True:
        asked = {"currency_pair": market["id"], "status": "finished", "account": "spot", "from": since_s}
        method = exchange.privateSpotGetOrders
    else:
        asked = {**_contract(market), "from": since_s}
        method = exchange.privateFuturesGetSettleOrdersTimerange
    rows = await _rows(method, asked, paged="page" if market["spot"] is True else "offset")
    return [exchange.parse_order(row, market) for row in rows if row.get("text") == text]


async def trades(exchange: Any, symbol: str, order_id: str, since_s: int) -> list[Any]:
    """Return an order's trades, or without its id the market's since it was made."""
    market = exchange.market(symbol)
    if market["spot"] is True:
        asked = {"currency_pair": market["id"], "account": "spot"}
        asked |= {"order_id": order_id} if order_id else {"from": since_s}
        rows = await _rows(exchange.privateSpotGetMyTrades, asked, paged="page")
    elif order_id:
        # ccxt asks for a range of time, where the venue takes no order's id.
        asked = {**_contract(market), "order": order_id}
        rows = await _rows(exchange.privateFuturesGetSettleMyTrades, asked, paged="offset")
    else:
        asked = {**_contract(market), "from": since_s}
        rows = await _rows(exchange.privateFuturesGetSettleMyTradesTimerange, asked, paged="offset")
    return [exchange.parse_trade(row, market) for row in rows]


async def open_orders(exchange: Any, market_type: str, symbol: str | None, trigger: bool) -> list[Any]:
    """Return open orders: those on the book, or those that wait for a price."""
    market = exchange.market(symbol) if symbol else None
    if trigger:
        rows = await _price_orders(exchange, symbol, "open", spot=market_type == "spot")
    elif market_type != "spot":
        asked = {"settle": SETTLE, "status": "open", **(_contract(market) if market else {})}
        rows = await _rows(exchange.privateFuturesGetSettleOrders, asked, paged="offset")
    elif market is not None:
        asked = {"currency_pair": market["id"], "status": "open", "account": "spot"}
        rows = await _rows(exchange.privateSpotGetOrders, asked, paged="page")
    else:
        pairs = await _rows(exchange.privateSpotGetOpenOrders, {"account": "spot"}, paged="page")
        rows = [row for pair in pairs for row in pair["orders"]]
    return [exchange.parse_order(row) for row in rows]


async def set_leverage(exchange: Any, symbol: str, leverage: str) -> Any:
    """Set a symbol's leverage in the margin mode that it has."""
    position = await exchange.fetch_position(symbol)
    return await update_leverage(exchange, symbol, leverage, position["marginMode"] == "cross")


async def update_leverage(exchange: Any, symbol: str, leverage: str, crossed: bool) -> Any:
    """Set a symbol's leverage and margin mode at once."""
    asked = {**_contract(exchange.market(symbol)), "leverage": "0" if crossed else leverage}
    if crossed:
        asked["cross_leverage_limit"] = leverage
    return await exchange.privateFuturesPostSettlePositionsContractLeverage(asked)


async def account_book(
    exchange: Any, kind: str, symbol: str | None, since_ms: int | None, limit: int | None
) -> list[Any]:
    """Return changes of the futures account as the venue records them, each with its unified symbol and
    settling asset."""
    asked: dict[str, Any] = {"settle": SETTLE, "type": kind, "limit": min(limit or PAGE, 1000)}
    if symbol:
        asked["contract"] = exchange.market(symbol)["id"]
    if since_ms is not None:
        asked["from"] = since_ms // 1000
    found = []
    for row in await exchange.privateFuturesGetSettleAccountBook(asked):
        contract = row.get("contract") or str(row.get("text") or "").partition(":")[0]
        market = exchange.safe_market(contract, None, "_", "contract")
        found.append(
            {**row, "contract": contract, "unified": market["symbol"], "settle": market["settle"] or "USDT"}
        )
    return found


async def _price_orders(exchange: Any, symbol: str | None, status: str, *, spot: bool = False) -> list[Any]:
    market = exchange.market(symbol) if symbol else None
    if spot or (market is not None and market["spot"] is True):
        asked = {"status": status, **({"market": market["id"]} if market else {})}
        return await _rows(exchange.privateSpotGetPriceOrders, asked, paged="offset")
    asked = {"settle": SETTLE, "status": status, **(_contract(market) if market else {})}
    return await _rows(exchange.privateFuturesGetSettlePriceOrders, asked, paged="offset")


async def _waiting(exchange: Any, symbol: str, text: str) -> str:
    """Return the id of the order that waits for a price under our client order id, empty if none does."""
    rows = await _price_orders(exchange, symbol, "open")
    return next((str(row["id"]) for row in rows if _text(row) == text), "")


async def _rows(method: Any, asked: Mapping[str, Any], *, paged: str) -> list[Any]:
    """Return all rows of a list that comes in pages, which are told by number or by how many rows to skip."""
    rows: list[Any] = []
    for page in range(MOST_PAGES):
        place = {} if page == 0 else {paged: page + 1 if paged == "page" else len(rows)}
        answer = await method({**asked, "limit": PAGE, **place})
        rows += answer
        if len(answer) < PAGE:
            break
    return rows


def _price_order(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spot price order as REST has it. The stream has no status: one that has ended fired an order,
    or says what went wrong, or was canceled."""
    status = "failed" if told.get("err_msg") else "cancelled"
    if int(told.get("fired_order_id") or 0):
        status = "finish"
    elif int(told.get("ftime") or 0) <= 0:
        status = "open"
    return {
        "id": told["id"],
        "market": told["market"],
        "fired_order_id": told.get("fired_order_id"),
        "reason": told.get("reason"),
        "status": status,
        "ctime": told.get("ctime"),
        "trigger": {"price": told.get("trigger_price"), "rule": told.get("trigger_rule")},
        "put": {name: told.get(name) for name in ("side", "price", "amount", "text")}
        | {"type": told.get("order_type")},
    }


def _contract(market: Mapping[str, Any]) -> dict[str, Any]:
    return {"settle": SETTLE, "contract": market["id"]}


def _text(row: Mapping[str, Any]) -> str:
    return str((row.get("put") or row.get("initial") or {}).get("text") or "")


def _is_missing(error: Exception) -> bool:
    meaning = CODES.get(code_of(error))
    return meaning is not None and meaning.verdict is Verdict.NOT_FOUND


_CALLS: Mapping[str, Callable[..., Any]] = {
    "spot_price_order": spot_price_order,
    "cancel": cancel,
    "find_price_order": find_price_order,
    "find_finished_order": find_finished_order,
    "trades": trades,
    "open_orders": open_orders,
    "set_leverage": set_leverage,
    "update_leverage": update_leverage,
    "account_book": account_book,
}
