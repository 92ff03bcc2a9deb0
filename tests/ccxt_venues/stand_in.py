"""A local server that stands in for a venue: it keeps every request and answers from payloads of ours.

A payload file of a venue (`payloads/<venue>.py`) has `MARKETS`: what ccxt's own loader asks for, each as
`"GET api.binance.com/api/v3/exchangeInfo"` with its answer in the venue's raw format, or with a function of
the request that makes it. A test adds its own with `server.answer(route, payload, status)`.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

from aiohttp import web

from fixgate.connectors.ccxt.exchange import new_exchange
from fixgate.connectors.ccxt.redirect import RedirectingSession
from fixgate.connectors.ccxt.translator import Call, Credentials, Market, Translator
from fixgate.model.commands import OrderAttributes
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.execution import MarketType
from fixgate.model.venue import CancelAtVenue, QueryAtVenue, SubmitOrder


class Recorded(NamedTuple):
    """One request as it came in. `body` is a decoded form or JSON, `None` if there was none."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]

    @property
    def route(self) -> str:
        return f"{self.method} {self.host}{self.path}"

    def parameters(self, *noise: str) -> Any:
        """Query and body together, without those of `noise`; a body that is a JSON list is returned alone."""
        if isinstance(self.body, list):
            return self.body
        return {key: value for key, value in (self.query | (self.body or {})).items() if key not in noise}


Answer = Any | Callable[[Recorded], Any]


class StandIn:
    """`async with StandIn(MARKETS) as server`. Requests that nothing was said about are answered by 404."""

    def __init__(self, markets: Mapping[str, Answer]) -> None:
        self.requests: list[Recorded] = []
        self._markets = markets
        self._answers: dict[str, tuple[int, Answer]] = {}
        self.reset()
        self._exchanges: list[Any] = []
        self.url = ""

    def reset(self) -> None:
        """Forget requests and answers, but for the markets': for tests that share a server."""
        self.requests.clear()
        self._answers = {route: (200, body) for route, body in self._markets.items()}

    def answer(self, route: str, body: Answer, status: int = 200) -> None:
        """Answer `route`, such as `"POST api.binance.com/api/v3/order"`, from now on; text is sent as it
        is."""
        self._answers[route] = (status, body)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for exchange in self._exchanges:
            session = exchange.session
            await exchange.close()
            await session.close()
        await self._runner.cleanup()

    def closes(self, exchange: Any) -> None:
        """Close `exchange` and its session at the end."""
        self._exchanges.append(exchange)

    async def _take(self, request: web.Request) -> web.Response:
        _, host, path = request.path.split("/", 2)
        recorded = Recorded(
            request.method,
            host,
            f"/{path}",
            dict(request.query),
            _decoded(await request.text()),
            request.headers,
        )
        self.requests.append(recorded)
        status, answer = self._answers.get(recorded.route, (404, {"unexpected": recorded.route}))
        body = answer(recorded) if callable(answer) else answer
        if isinstance(body, str):
            return web.Response(text=body, status=status)
        return web.json_response(body, status=status)


def _decoded(text: str) -> Any:
    if not text:
        return None
    if text[0] in "[{":
        return json.loads(text)
    return dict(parse_qsl(text, keep_blank_values=True))


CREDENTIALS = Credentials(
    api_key="key",
    api_secret="c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
    password="pass",
    wallet_address="0x" + "1" * 40,
    private_key="0x" + "2" * 64,
)

_loaded: dict[str, tuple[Any, Any]] = {}
"""Markets and currencies by ccxt class, as its own loader made them from our payloads."""


async def exchange_for(translator: Translator, market_type: MarketType, server: StandIn) -> Any:
    """Return a ccxt.pro object as the connector makes it, with markets, whose traffic goes to `server`.

    The requests that loaded the markets are forgotten.
    """
    name = translator.ccxt_class(market_type)
    exchange = new_exchange(
        translator, market_type, CREDENTIALS, session=RedirectingSession(server.url), pro=True
    )
    exchange.ssl_context = False  # nothing here is encrypted, and making one takes long
    server.closes(exchange)
    if name in _loaded:
        exchange.set_markets(*_loaded[name])
    else:
        await exchange.load_markets()
        _loaded[name] = (list(exchange.markets.values()), exchange.currencies)
        server.requests.clear()
    return exchange


async def call(exchange: Any, request: Call) -> Any:
    """Make a translator's call."""
    return await getattr(exchange, request.method)(*request.args)


async def first_of(exchange: Any, requests: Iterable[Call]) -> list[Any]:
    """Make calls in turn, and return their answers."""
    return [await call(exchange, request) for request in requests]


def market_of(exchange: Any, symbol: str) -> Market:
    """Return a market as the connector reads it from ccxt's."""
    raw = exchange.markets[symbol]
    limits = raw["limits"]

    def number(value: Any) -> Decimal:
        return Decimal(str(value)) if value is not None else Decimal(0)

    return Market(
        symbol=symbol,
        venue_id=raw["id"],
        market_type=MarketType(raw["type"]),
        base=raw["base"],
        quote=raw["quote"],
        settle=raw["settle"] or "",
        inverse=bool(raw["inverse"]),
        contract_size=number(raw["contractSize"] or "1"),
        tick=number(raw["precision"]["price"]),
        lot=number(raw["precision"]["amount"]),
        min_amount=number(limits["amount"]["min"]),
        max_amount=number(limits["amount"]["max"]),
        min_cost=number(limits["cost"]["min"]),
        active=raw["active"] is not False,
        info=raw["info"],
    )


def an_order(market: Market, **changes: Any) -> SubmitOrder:
    """Return a limit order to buy, or what `changes` make of it. Its quantity is given in base asset, on
    DELIVERY in contracts; attributes may be given as a dict."""
    values: dict[str, Any] = {
        "connector": "VENUE",
        "account": "venue-001",
        "order_id": 7001,
        "client_order_id": "fg7001",
        "product_type": market.product_type,
        "symbol": market.symbol,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "quantity": Decimal(10) if market.product_type is ProductType.DELIVERY else Decimal("0.01"),
    }
    values |= changes
    if isinstance(values.get("attributes"), dict):
        values["attributes"] = OrderAttributes(**values["attributes"])
    if values["order_type"].needs_price:
        values.setdefault("price", Decimal(90000))
    return SubmitOrder(**values)


def a_cancel(market: Market, **changes: Any) -> CancelAtVenue:
    """Return a cancel of the order of `an_order`, by its client order id unless `changes` give the
    venue's."""
    values = _names(market) | {"request_id": 7002} | changes
    return CancelAtVenue(**values)


def a_query(market: Market, **changes: Any) -> QueryAtVenue:
    """Return a question about the order of `an_order`, by its client order id unless `changes` give the
    venue's."""
    values = _names(market) | {"side": Side.BUY, "born_ns": 1_767_225_600_000_000_000} | changes
    return QueryAtVenue(**values)


def _names(market: Market) -> dict[str, Any]:
    return {
        "connector": "VENUE",
        "account": "venue-001",
        "order_id": 7001,
        "client_order_id": "fg7001",
        "product_type": market.product_type,
        "symbol": market.symbol,
    }
