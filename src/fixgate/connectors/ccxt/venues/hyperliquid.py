"""Hyperliquid: perps only, signed by a wallet.

- A market order is an immediate-or-cancel limit order, `SLIPPAGE` through the last price; a stop's, through
  its trigger. The price is made here, by the venue's own rule, and ccxt adds nothing to it.
- A client order id is `0x` and 32 hexadecimal digits.
- ccxt would approve a builder's fee and set a referrer with the first order; both are off, and nothing else
  is sent that was not asked for.
- Questions go without parameters: `type` would take the place of the question's own.

`walletAddress` is the account that trades: the one whose API wallet `privateKey` is of. Orders for a
sub-account or vault are not sent.

Source: Hyperliquid API, "Exchange endpoint", "Info endpoint"; ccxt 4.5.90 `hyperliquid`.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.ccxt.quantise import check_cost
from fixgate.connectors.ccxt.translator import Call, Market
from fixgate.connectors.ccxt.venues import hyperliquid_answers, hyperliquid_signing
from fixgate.connectors.ccxt.venues.hyperliquid_codes import CODES, known_beginning
from fixgate.connectors.ccxt.venues.hyperliquid_prices import (
    EXACT,
    FIGURES,
    MAX_DECIMALS,
    above,
    below,
    is_allowed,
    size_decimals,
)
from fixgate.connectors.ccxt.venues.unified import (
    STOP_PRICES,
    UnifiedVenue,
    closes,
    is_post_only,
    oldest_first,
    unsupported,
    whole,
)
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, OrdRejReason, Side
from fixgate.model.execution import LedgerEntry, LeverageState, MarginMode, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import QueryAtVenue, SubmitOrder

SLIPPAGE = Decimal("0.05")
"""How far a market order may trade through its reference price: the venue's own default."""

ID_PREFIX = "0x66697867"
"""`fixg`: marks the client order ids of this gateway."""

CLOCK_MARGIN_MS = 60_000
"""How far the venue's clock may be behind ours: trades are asked for from before the order was made."""


class Hyperliquid(UnifiedVenue):
    exchange = "hyperliquid"
    title = "Hyperliquid"
    codes = CODES

    def options(self) -> Mapping[str, Any]:
        return {
            "builderFee": False,
            "approvedBuilderFee": False,
            "refSet": True,
            "fetchMarkets": {"types": ["swap"]},
        }

    def prepare(self, exchange: Any) -> None:
        for name in ("initialize_client", "handle_builder_fee_approval", "set_ref"):
            setattr(exchange, name, _nothing)
        exchange.approve_builder_fee = _nothing
        exchange.calculate_price_precision = lambda _price, size_digits, most: int(most) - int(size_digits)
        hyperliquid_signing.prepare(exchange)
        hyperliquid_answers.prepare(exchange)

    def code_of(self, error: Exception) -> str:
        return known_beginning(_text_in(str(error)))

    # Orders

    def client_order_id(self, number: int) -> str:
        return f"{ID_PREFIX}{number:024x}"

    def needs_last(self, order: SubmitOrder) -> bool:
        return order.order_type is OrderType.MARKET

    def submit(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Call:
        call = super().submit(order, msgspec.structs.replace(market, min_cost=Decimal(0)), last)
        if not closes(order):
            check_cost(order.quantity, order.price or order.stop_price or last, market)
        return call

    def price(self, order: SubmitOrder, market: Market, last: Decimal | None) -> Decimal | None:
        """Return an order's own price, or how far an order without one may trade: the venue wants to know."""
        if order.order_type.needs_price:
            if order.price is None:
                raise Refused(OrdRejReason.OTHER, f"a {order.order_type} order needs a price")
            check_allowed("price", order.price, market)
            return order.price
        reference = order.stop_price if order.order_type in STOP_PRICES else last
        if reference is None or reference <= 0:
            raise Refused(
                OrdRejReason.OTHER,
                f"a {order.order_type} order on Hyperliquid needs a reference price above 0; "
                f"that of {market.symbol} is {'not known' if reference is None else plain(reference)}",
            )
        digits = size_decimals(market.lot)
        if order.side is Side.BUY:
            return below(EXACT.multiply(reference, 1 + SLIPPAGE), digits)
        return above(EXACT.multiply(reference, 1 - SLIPPAGE), digits)

    def stop_price(self, order: SubmitOrder, market: Market) -> str:
        if order.stop_price is None:
            raise Refused(OrdRejReason.OTHER, f"a {order.order_type} order needs a stop price")
        check_allowed("stop price", order.stop_price, market)
        return plain(order.stop_price)

    def parameters(self, order: SubmitOrder, market: Market, last: Decimal | None) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": order.client_order_id}
        if not order.order_type.needs_price:
            params["slippage"] = "0"
        if order.order_type in STOP_PRICES:
            params[STOP_PRICES[order.order_type]] = self.stop_price(order, market)
        elif is_post_only(order):
            params["postOnly"] = True
        elif order.order_type is OrderType.LIMIT:
            params["timeInForce"] = str(order.time_in_force)
        if order.attributes.reduce_only:
            params["reduceOnly"] = True
        return params

    # Orders that are there: all in one list, conditional ones included

    def trades(self, request: QueryAtVenue, market: Market) -> Call:
        since = max(request.born_ns // 1_000_000 - CLOCK_MARGIN_MS, 0) or None
        return Call("fetch_my_trades", (market.symbol, since))

    def open_orders(self, market_type: MarketType, symbol: str | None) -> Sequence[Call]:
        return [Call("fetch_open_orders", (symbol,))]

    # Perps

    def read_leverage(self, market: Market, answer: Any) -> LeverageState:
        """Read `activeAssetData`."""
        leverage = answer.get("leverage") or {}
        mode, value = leverage.get("type"), leverage.get("value")
        return LeverageState(
            symbol=market.symbol,
            leverage=None if value is None else Decimal(str(value)),
            margin_mode=MarginMode(mode) if mode else None,
        )

    def set_leverage(self, market: Market, leverage: Decimal) -> Call:
        return Call("set_leverage_alone", (whole(leverage), market.symbol))

    def set_margin_mode(self, market: Market, mode: MarginMode, leverage: Decimal | None) -> Call:
        raise unsupported("Hyperliquid does not support margin mode")

    def funding(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fetch_funding_since", (market and market.symbol, since_ms, limit))

    def read_funding(self, answer: Any) -> Sequence[LedgerEntry]:
        """Read ccxt's funding structures. The venue's id of a payment is a hash of zeros: all have the
        same."""
        return oldest_first(
            LedgerEntry(
                id=f"{entry['timestamp']}-{entry['info']['delta']['coin']}",
                symbol=entry["symbol"],
                amount=Decimal(str(entry["amount"])),
                code=entry["code"],
                at_ms=entry["timestamp"],
                info=entry["info"],
            )
            for entry in answer
        )

    def realized(self, market: Market | None, since_ms: int | None, limit: int | None) -> Call:
        return Call("fetch_closing_trades", (market and market.symbol, since_ms, limit))

    def read_realized(self, answer: Any) -> Sequence[LedgerEntry]:
        """Read trades. The amount is before fees."""
        return oldest_first(
            LedgerEntry(
                id=str(trade["id"]),
                symbol=trade["symbol"],
                amount=Decimal(str(trade["info"]["closedPnl"])),
                code=trade["symbol"].rpartition(":")[2],
                at_ms=trade["timestamp"],
                info=trade["info"],
            )
            for trade in answer
        )


def check_allowed(what: str, price: Decimal, market: Market) -> None:
    """Raise `Refused`, with the nearest prices, for one that the venue would not take as it is."""
    digits = size_decimals(market.lot)
    if price <= 0:
        raise Refused(OrdRejReason.OTHER, f"{what} {plain(price)} is not above 0")
    if not is_allowed(price, digits):
        near = [fit for fit in (below(price, digits), above(price, digits)) if fit]
        raise Refused(
            OrdRejReason.OTHER,
            f"{what} {plain(price)} has more than {FIGURES} significant figures or more than "
            f"{MAX_DECIMALS - digits} decimals ({market.symbol}); nearest: {' or '.join(map(plain, near))}",
        )


async def _nothing(*_: object, **__: object) -> bool:
    """Send nothing, and say that it is done."""
    return True


def _text_in(text: str) -> str:
    """Return the error text in the venue's answer, which ccxt puts behind the exchange's name."""
    try:
        answer = json.loads(text[text.index("{") :])
    except ValueError:
        return next((row for row in CODES if row in text), "")
    if answer.get("status") == "err":
        return str(answer.get("response") or "")
    if answer.get("status") not in ("ok", None):
        return str(answer["status"])
    response = answer.get("response")
    data = response.get("data") if isinstance(response, dict) else None
    statuses = (data.get("statuses") if isinstance(data, dict) else None) or ()
    for status in statuses:
        if isinstance(status, dict) and status.get("error"):
            return str(status["error"])
    return str(answer.get("error") or "")


TRANSLATOR = Hyperliquid()
