"""Every last price of an exchange at once, so that the first order in a symbol can be valued.

One request a list. ccxt's own `fetch_tickers` makes a structure of thirty fields of each of thousands of
rows, which would hold up orders for a tenth of a second; here two fields of each row are read, some rows at
a time. Source: the venues' public ticker lists, by ccxt 4.5.90's implicit methods.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from fixgate.connectors.ccxt.reading import UNREADABLE, number
from fixgate.connectors.ccxt.translator import Call

AT_A_TIME = 200
"""Rows that are read before others have their turn."""

Priced = tuple[str, object]
"""A market as the venue calls it, and its last price."""


class PriceList(NamedTuple):
    """One list: the call that asks for it, and what reads its answer."""

    call: Call
    rows: Callable[[Any], Iterable[Priced]]


def _list(method: str, symbol: str, last: str, *path: str, **asked: str) -> PriceList:
    """A list of records under `path`."""

    def rows(answer: Any) -> Iterator[Priced]:
        for name in path:
            answer = answer[name]
        for row in answer if isinstance(answer, list) else [answer]:
            yield str(row[symbol]), row[last]

    return PriceList(Call(method, (asked,)), rows)


def _kraken(answer: Any) -> Iterator[Priced]:
    for name, row in answer["result"].items():
        yield name, row["c"][0]


def _hyperliquid(answer: Any) -> Iterator[Priced]:
    meta, contexts = answer
    for coin, context in zip(meta["universe"], contexts, strict=True):
        yield coin["name"], context.get("midPx") or context["markPx"]


_OKX = ("publicGetMarketTickers", "instId", "last", "data")
_BYBIT = ("publicGetV5MarketTickers", "symbol", "lastPrice", "result", "list")

PRICE_LISTS: Mapping[tuple[str, bool], tuple[PriceList, ...]] = {
    ("binance", False): (_list("publicGetTickerPrice", "symbol", "price"),),
    ("binance", True): (
        _list("fapiPublicV2GetTickerPrice", "symbol", "price"),
        _list("dapiPublicGetTickerPrice", "symbol", "price"),
    ),
    ("bybit", False): (_list(*_BYBIT, category="spot"),),
    ("bybit", True): (_list(*_BYBIT, category="linear"), _list(*_BYBIT, category="inverse")),
    ("gate", False): (_list("publicSpotGetTickers", "currency_pair", "last"),),
    ("gate", True): (_list("publicFuturesGetSettleTickers", "contract", "last", settle="usdt"),),
    ("kraken", False): (PriceList(Call("publicGetTicker", ({},)), _kraken),),
    ("krakenfutures", True): (_list("publicGetTickers", "symbol", "last", "tickers"),),
    ("hyperliquid", True): (
        PriceList(Call("publicPostInfo", ({"type": "metaAndAssetCtxs"},)), _hyperliquid),
    ),
    ("okx", False): (_list(*_OKX, instType="SPOT"),),
    ("okx", True): (_list(*_OKX, instType="SWAP"), _list(*_OKX, instType="FUTURES")),
}
"""By ccxt class and side (True: perps). Hyperliquid tells no last trade: the middle of its book, else the
mark price."""


async def prices_in(
    found: PriceList, answer: Any, exchange: Any, *, perps: bool
) -> list[tuple[str, Decimal]]:
    """Return the prices of an answer by unified symbol; a row that cannot be read is left out. Raises what
    `reading.UNREADABLE` names for an answer that is no such list."""
    prices: list[tuple[str, Decimal]] = []
    for count, (name, last) in enumerate(found.rows(answer)):
        if count % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)
        for market in _called(exchange, name):
            if (market["type"] != "spot") is perps:
                try:
                    price = number(last)
                except UNREADABLE:
                    continue
                if price is not None and price > 0:
                    prices.append((market["symbol"], price))
    return prices


def _called(exchange: Any, name: str) -> list[Mapping[str, Any]]:
    """Return the markets that a venue calls by a name; Hyperliquid's ids are numbers, and its lists have
    names."""
    if exchange.id == "hyperliquid":
        symbol = f"{name}/USDC:USDC"
        return [exchange.markets[symbol]] if symbol in exchange.markets else []
    return exchange.markets_by_id.get(name) or exchange.markets_by_id.get(name.upper()) or []
