"""The `/sim/` routes: what a tester does to the venue. Open only when the server was told so."""

from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

from fixgate.model.decimals import parse_decimal, plain
from fixgate.simulator import transfers
from fixgate.simulator.faults import Faults, event_fault, request_fault
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import Leg, Order
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.streams import UserStreams


class _Faults(msgspec.Struct, forbid_unknown_fields=True):
    requests: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    clock_skew_ms: int | None = None
    expire_listen_key: str | None = None
    lose_listen_key: str | None = None
    drop_sockets: bool = False
    clear: bool = False


class _Order(msgspec.Struct, forbid_unknown_fields=True):
    leg: Leg
    symbol: str
    side: str
    quantity: str
    price: str | None = None


class _Price(msgspec.Struct, forbid_unknown_fields=True):
    leg: Leg
    symbol: str
    price: str


class _Risk(msgspec.Struct, forbid_unknown_fields=True):
    account: str
    uniMMR: str | None = None


class _Force(msgspec.Struct, forbid_unknown_fields=True):
    """A position to close by force; `quantity` is for auto-deleveraging only."""

    account: str
    leg: Leg
    symbol: str
    positionSide: str = "BOTH"
    price: str | None = None
    quantity: str | None = None


class _Transfer(msgspec.Struct, forbid_unknown_fields=True):
    account: str
    asset: str
    amount: str


class _Funding(msgspec.Struct, forbid_unknown_fields=True):
    account: str
    leg: Leg
    symbol: str
    amount: str


class AdminRoutes:
    """Faults, counterparty orders, reference prices and forced events over HTTP."""

    def __init__(self, exchange: SimulatedExchange, streams: UserStreams, faults: Faults) -> None:
        self._exchange = exchange
        self._streams = streams
        self._faults = faults

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one `/sim/` request: 200 with JSON, 400 saying what was wrong, 404."""
        actions = {
            ("POST", "/sim/faults"): self._script,
            ("GET", "/sim/faults"): self._pending,
            ("POST", "/sim/order"): self._order,
            ("POST", "/sim/price"): self._price,
            ("POST", "/sim/risk"): self._risk,
            ("POST", "/sim/liquidate"): self._liquidate,
            ("POST", "/sim/adl"): self._deleverage,
            ("POST", "/sim/transfer"): self._transfer,
            ("POST", "/sim/funding"): self._fund,
        }
        action = actions.get((request.method, request.path))
        if action is None:
            return _json(404, {"error": f"{request.method} {request.path} is not an admin route"})
        try:
            return _json(200, action(await request.read()))
        except (msgspec.DecodeError, ValueError, VenueRefusal) as problem:
            return _json(400, {"error": str(problem)})

    def _pending(self, body: bytes) -> Any:
        return {
            "requests": self._faults.requests,
            "events": self._faults.events,
            "clock_skew_ms": self._faults.clock_skew_ms,
        }

    def _script(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Faults)
        requests = [request_fault(values) for values in wanted.requests]
        events = [event_fault(values) for values in wanted.events]
        if wanted.clear:
            self._faults.clear()
        self._faults.requests += requests
        self._faults.events += events
        if wanted.clock_skew_ms is not None:
            self._faults.clock_skew_ms = wanted.clock_skew_ms
        if wanted.expire_listen_key is not None:
            self._exchange.account(wanted.expire_listen_key)
            self._streams.expire(wanted.expire_listen_key)
        if wanted.lose_listen_key is not None:
            self._exchange.account(wanted.lose_listen_key)
            self._streams.delete(wanted.lose_listen_key)
        if wanted.drop_sockets:
            self._streams.drop_sockets()
        return self._pending(b"")

    def _order(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Order)
        if wanted.side not in {"BUY", "SELL"}:
            raise ValueError(f"side {wanted.side!r} is not BUY or SELL")
        price = None if wanted.price is None else _above_zero("price", wanted.price)
        quantity = _above_zero("quantity", wanted.quantity)
        order = self._exchange.external_order(wanted.leg, wanted.symbol, wanted.side, price, quantity)
        return {"executedQty": plain(order.executed), "remainingQty": plain(order.remaining)}

    def _price(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Price)
        price = _above_zero("price", wanted.price)
        self._exchange.set_reference_price(wanted.leg, wanted.symbol, price)
        return {"symbol": wanted.symbol, "price": plain(price)}

    def _risk(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Risk)
        account = self._exchange.account(wanted.account)
        ratio = None if wanted.uniMMR is None else _above_zero("uniMMR", wanted.uniMMR)
        return {"accountStatus": self._exchange.liquidations.set_uni_mmr(account, ratio)}

    def _liquidate(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Force)
        if wanted.quantity is not None:
            raise ValueError("quantity does not apply: a liquidation closes the whole position")
        account = self._exchange.account(wanted.account)
        price = None if wanted.price is None else _above_zero("price", wanted.price)
        order = self._exchange.liquidate(account, wanted.leg, wanted.symbol, wanted.positionSide, price)
        return _forced(order)

    def _deleverage(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Force)
        account = self._exchange.account(wanted.account)
        price = None if wanted.price is None else _above_zero("price", wanted.price)
        quantity = None if wanted.quantity is None else _above_zero("quantity", wanted.quantity)
        order = self._exchange.deleverage(
            account, wanted.leg, wanted.symbol, wanted.positionSide, quantity, price
        )
        return _forced(order)

    def _transfer(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Transfer)
        account = self._exchange.account(wanted.account)
        transfers.deposit(self._exchange.state, account, wanted.asset, parse_decimal(wanted.amount))
        self._exchange.finish()
        return {"asset": wanted.asset, "free": plain(account.asset(wanted.asset).free)}

    def _fund(self, body: bytes) -> Any:
        wanted = msgspec.json.decode(body, type=_Funding)
        account, amount = self._exchange.account(wanted.account), parse_decimal(wanted.amount)
        transfers.pay_funding(self._exchange.state, account, wanted.leg, wanted.symbol, amount)
        return {"symbol": wanted.symbol, "amount": plain(amount)}


def _forced(order: Order) -> dict[str, Any]:
    return {
        "orderId": order.order_id,
        "clientOrderId": order.client_order_id,
        "executedQty": plain(order.executed),
    }


def _above_zero(name: str, text: str) -> Decimal:
    number = parse_decimal(text)
    if number <= 0:
        raise ValueError(f"{name} {text} is not above 0")
    return number


def _json(status: int, body: Any) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
