"""Calls of Bybit that take more than one request, as coroutine methods of a ccxt exchange object.

`prepare` gives them to it, under the names that the translator uses, and takes from it what nobody asked for.
Every one of them asks by ccxt's implicit methods and reads with ccxt's own parsers. Source: Bybit API v5.
"""

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fixgate.connectors.ccxt.translator import Verdict
from fixgate.connectors.ccxt.venues.bybit_codes import CODES, UNSEEN, code_of
from fixgate.model.enums import OrdRejReason
from fixgate.model.refusal import Refused

CLOCK_SLACK_MS = 2000
"""How much the venue's clock may be behind ours when an order is told apart by when it was made."""

DAY_MS = 86_400_000
WINDOW_MS = 7 * DAY_MS
"""The longest time that one question about executions or profits spans."""

LONGEST_AGO_MS = 182 * DAY_MS
"""How far back executions and profits are asked for: each seven days are a request."""

MOST_PAGES = 50
"""After so many pages of one list something is wrong."""

_PERPS: Sequence[Mapping[str, str]] = (
    {"category": "linear", "settleCoin": "USDT"},
    {"category": "linear", "settleCoin": "USDC"},
    {"category": "inverse"},
)
"""What lists all perps and dated futures: Bybit lists linear ones by their settling coin only."""


def prepare(exchange: Any) -> None:
    """Take ccxt's broker id from the headers, let orders be read by their category, and add our calls."""
    sign, parse_order = exchange.sign, exchange.parse_order

    def signed(*args: Any, **keywords: Any) -> Any:
        request = sign(*args, **keywords)
        (request["headers"] or {}).pop("Referer", None)
        return request

    def read(order: Any, market: Any = None) -> Any:
        """ccxt takes a streamed order with `tpslMode` for a contract's, also a spot order; and one that was
        canceled when it was partly filled for one that was filled. Whether a trigger price is a stop-loss it
        says of reduce-only orders alone."""
        category = order.get("category")
        if market is None and category:
            kind = "spot" if category == "spot" else "contract"
            market = exchange.safe_market(order.get("symbol"), None, None, kind)
        found = parse_order(order, market)
        if order.get("orderStatus") == "PartiallyFilledCanceled":
            found["status"] = "canceled"
        return {**found, **_trigger(order, found)}

    exchange.sign, exchange.parse_order = signed, read
    for name, call in _CALLS.items():
        setattr(exchange, f"fixgate_{name}", functools.partial(call, exchange))


def _trigger(order: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an order's trigger price is, which the venue tells by the direction that the price goes; on
    spot, by the price when the order was made. Prices attached to a plain order are none of its own."""
    price = found.get("triggerPrice")
    told: dict[str, Any] = {"stopLossPrice": None, "takeProfitPrice": None}
    direction, last = str(order.get("triggerDirection") or "0"), order.get("lastPriceOnCreated")
    if not price or order.get("stopOrderType") == "TrailingStop" or (direction == "0" and not last):
        return told
    rises = direction == "1" if direction != "0" else Decimal(str(price)) > Decimal(str(last))
    told["stopLossPrice" if rises is (found["side"] == "buy") else "takeProfitPrice"] = price
    return told


async def cancel(exchange: Any, symbol: str, name: Mapping[str, str]) -> Any:
    """Cancel an order. On spot it is in one of two drawers, and which one the venue alone knows; a trailing
    stop that cannot be canceled as an order is taken from its position."""
    spot = exchange.market(symbol)["spot"] is True
    try:
        return await exchange.cancel_order(None, symbol, dict(name))
    except Exception as error:
        if spot and _says(error, Verdict.NOT_FOUND):
            return await exchange.cancel_order(None, symbol, {**name, "trigger": True})
        if spot or _is_unknown(error) or "orderId" not in name:
            raise
        cleared = await _clear_trailing_stop(exchange, symbol, name)
        if cleared is None:
            raise
        return cleared


async def _clear_trailing_stop(exchange: Any, symbol: str, name: Mapping[str, str]) -> Any:
    """Take a trailing stop from its position; return its order, `None` if there is no such trailing stop."""
    query = {**_named(exchange, symbol), **name, "orderFilter": "StopOrder"}
    for row in (await exchange.privateGetV5OrderRealtime(query))["result"]["list"]:
        if row.get("stopOrderType") == "TrailingStop" and row.get("orderStatus") == "Untriggered":
            request = {"tpslMode": "Full", "trailingStop": "0", "positionIdx": int(row["positionIdx"])}
            await exchange.privatePostV5PositionTradingStop({**_named(exchange, symbol), **request})
            return exchange.parse_order(row, exchange.market(symbol))
    return None


async def open_orders(exchange: Any, market_type: str, symbol: str | None) -> list[Any]:
    """Return every open order, conditional ones included, each once."""
    found: dict[str, Any] = {}
    for query in _queries(exchange, market_type, symbol):
        for drawer in ({}, {"orderFilter": "StopOrder"}):
            rows = await _pages(exchange.privateGetV5OrderRealtime, {**query, **drawer}, 50)
            for row in rows:
                order = exchange.parse_order({**row, "category": query["category"]})
                if order["status"] == "open" and _is_of(exchange, order, market_type):
                    found[row["orderId"]] = order
    return list(found.values())


async def trades(exchange: Any, symbol: str, name: Mapping[str, str]) -> list[Any]:
    """Return an order's trades of the last seven days, which is as far as one question goes."""
    query = {**_named(exchange, symbol), **name, "execType": "Trade"}
    rows = await _pages(exchange.privateGetV5ExecutionList, query, 100)
    return [exchange.parse_trade(row, exchange.market(symbol)) for row in rows]


async def trailing_stop(
    exchange: Any,
    symbol: str,
    side: str,
    amount: str,
    away: str,
    begin: str | None,
    index: int,
    client_id: str,
) -> Any:
    """Attach a trailing stop to the position that the order closes, and return the order that it became.

    When the answer is lost, the list tells: there was no trailing stop before. If the venue lists no order
    for it, the outcome is unknown. Raises `Refused` where there is no such position.
    """
    market = exchange.market(symbol)
    position = await _position(exchange, symbol, side, index)
    size = position.get("size") or "0"
    if _number(size) != _number(amount):
        raise Refused(
            OrdRejReason.OTHER,
            f"a trailing stop of {market['symbol']} closes all of a position, and the one that a {side} "
            f"would close is of {size}; the quantity was {amount}",
        )
    if _number(position.get("trailingStop")):
        raise Refused(OrdRejReason.OTHER, f"the position of {market['symbol']} has a trailing stop already")
    request = {
        **_named(exchange, symbol),
        "tpslMode": "Full",
        "trailingStop": away,
        "positionIdx": index,
    }
    if begin is not None:
        request["activePrice"] = begin
    try:
        await exchange.privatePostV5PositionTradingStop(request)
    except Exception as error:
        if not _is_unknown(error):
            raise
    for _ in range(3):
        try:
            found = await find_trailing_stop(exchange, symbol, side, amount, 0, client_id)
        except Exception as error:
            raise _unseen(market["symbol"]) from error
        if found:
            return found[0]
    raise _unseen(market["symbol"])


async def find_trailing_stop(
    exchange: Any, symbol: str, side: str, amount: str, since_ms: int, client_id: str
) -> list[Any]:
    """Return the order that the venue made of a position's trailing stop, if it was made since and is of that
    side and amount. It is named by our client order id, which the venue does not know."""
    query = {**_named(exchange, symbol), "orderFilter": "StopOrder"}
    found = []
    for row in await _pages(exchange.privateGetV5OrderRealtime, query, 50):
        if (
            row.get("stopOrderType") == "TrailingStop"
            and row["side"].lower() == side
            and (not amount or _number(row["qty"]) == _number(amount))
            and int(row["createdTime"]) >= since_ms
        ):
            found.append({**exchange.parse_order(row, exchange.market(symbol)), "clientOrderId": client_id})
    return found


async def leverage(exchange: Any, symbol: str) -> dict[str, Any]:
    """Return the account's margin mode and the positions of one symbol, empty ones included."""
    return {
        "marginMode": await _margin_mode(exchange),
        "positions": await _positions(exchange, [_named(exchange, symbol)]),
    }


async def positions(exchange: Any, market_type: str, symbol: str | None) -> list[Any]:
    """Return open positions, with the margin mode of the account: Bybit says it nowhere else."""
    every = await _positions(exchange, _queries(exchange, market_type, symbol))
    found = [each for each in every if _number(each["contracts"]) and _is_of(exchange, each, market_type)]
    if found:
        mode = "isolated" if await _margin_mode(exchange) == "ISOLATED_MARGIN" else "cross"
        found = [{**each, "marginMode": mode} for each in found]
    return found


async def funding(exchange: Any, symbol: str | None, since_ms: int | None, limit: int | None) -> list[Any]:
    """Return funding payments as the venue records them, each with its unified symbol and settling asset."""
    query = {"execType": "Funding"}
    return await _ledger(exchange, exchange.privateGetV5ExecutionList, query, symbol, since_ms, limit)


async def closed_pnl(exchange: Any, symbol: str | None, since_ms: int | None, limit: int | None) -> list[Any]:
    """Return closed profits as the venue records them, each with its unified symbol and settling asset."""
    return await _ledger(exchange, exchange.privateGetV5PositionClosedPnl, {}, symbol, since_ms, limit)


async def _ledger(
    exchange: Any,
    method: Any,
    query: Mapping[str, Any],
    symbol: str | None,
    since_ms: int | None,
    limit: int | None,
) -> list[Any]:
    """Return the records since `since_ms`, as far back as `LONGEST_AGO_MS`, or of the last seven days."""
    most = limit or 100
    found: list[Any] = []
    for place in [_named(exchange, symbol)] if symbol else [{"category": c} for c in ("linear", "inverse")]:
        rows: list[Any] = []
        for window in _windows(since_ms, exchange.milliseconds()):
            asked = {**place, **query, **window}
            rows += await _pages(method, asked, min(most, 100), most if since_ms is None else None)
            if len(rows) >= most:
                break
        for row in rows:
            market = exchange.safe_market(row["symbol"], None, None, "contract")
            found.append({**row, "unified": market["symbol"], "settle": market["settle"]})
    found.sort(key=lambda row: int(row.get("execTime") or row.get("updatedTime") or 0))
    return found[-most:] if since_ms is None else found[:most]


def _windows(since_ms: int | None, now_ms: int) -> Iterable[dict[str, int]]:
    if since_ms is None:
        yield {}
        return
    start = max(since_ms, now_ms - LONGEST_AGO_MS)
    while start <= now_ms:
        yield {"startTime": start, "endTime": min(start + WINDOW_MS - 1, max(now_ms, start))}
        start += WINDOW_MS


async def _pages(method: Any, query: Mapping[str, Any], size: int, most: int | None = None) -> list[Any]:
    """Return the rows of a list that comes in pages, until it ends or there are `most`."""
    rows: list[Any] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        asked = {**query, "limit": size, **({"cursor": cursor} if cursor else {})}
        result = (await method(asked))["result"]
        rows += result.get("list") or []
        cursor = result.get("nextPageCursor") or ""
        if not cursor or len(result.get("list") or []) < size or (most is not None and len(rows) >= most):
            break
    return rows


def _queries(exchange: Any, market_type: str, symbol: str | None) -> Sequence[Mapping[str, str]]:
    if symbol is not None:
        return [_named(exchange, symbol)]
    return [{"category": "spot"}] if market_type == "spot" else _PERPS


def _is_of(exchange: Any, row: Mapping[str, Any], market_type: str) -> bool:
    """True for what is of a market type: swaps and dated futures share their lists. What is of a market that
    was listed since ours were read counts as well."""
    market = exchange.markets.get(row["symbol"])
    return market is None or market["type"] == market_type


def _named(exchange: Any, symbol: str) -> dict[str, Any]:
    market = exchange.market(symbol)
    kind = "spot" if market["spot"] is True else "linear" if market["linear"] is True else "inverse"
    return {"category": kind, "symbol": market["id"]}


async def _position(exchange: Any, symbol: str, side: str, index: int) -> Mapping[str, Any]:
    """Return the venue's record of the position that an order of that side would close, else nothing."""
    answer = await exchange.privateGetV5PositionList(_named(exchange, symbol))
    held = "Buy" if side == "sell" else "Sell"
    for row in answer["result"]["list"]:
        if int(row["positionIdx"]) == index and row["side"] == held:
            return row  # type: ignore[no-any-return]
    return {}


async def _positions(exchange: Any, queries: Iterable[Mapping[str, str]]) -> list[Any]:
    found = []
    for query in queries:
        for row in await _pages(exchange.privateGetV5PositionList, query, 200):
            market = exchange.safe_market(row["symbol"], None, None, "contract")
            found.append(exchange.parse_position(row, market))
    return found


async def _margin_mode(exchange: Any) -> str:
    answer = await exchange.privateGetV5AccountInfo()
    return str(answer["result"].get("marginMode") or "")


def _number(text: Any) -> Decimal:
    return Decimal(str(text)) if text else Decimal(0)


def _says(error: Exception, verdict: Verdict) -> bool:
    meaning = CODES.get(code_of(error))
    return meaning is not None and meaning.verdict is verdict


def _is_unknown(error: Exception) -> bool:
    """True where the venue did not answer in its own format, or said that it lost sight of the request."""
    return not code_of(error) or _says(error, Verdict.UNKNOWN)


def _unseen(symbol: str) -> Exception:
    """Return an error as the venue would say it, under a code that means that the outcome is unknown."""
    errors = importlib.import_module("ccxt.base.errors")
    error: Exception = errors.RequestTimeout(
        f'bybit {{"retCode":"{UNSEEN}","retMsg":"the trailing stop of {symbol} is not listed"}}'
    )
    return error


_CALLS: Mapping[str, Callable[..., Any]] = {
    "cancel": cancel,
    "open_orders": open_orders,
    "trades": trades,
    "trailing_stop": trailing_stop,
    "find_trailing_stop": find_trailing_stop,
    "leverage": leverage,
    "positions": positions,
    "funding": funding,
    "closed_pnl": closed_pnl,
}
