"""The venue's rows as the Execution API's values. Pure.

Every function raises `ArithmeticError`, `AttributeError`, `KeyError`, `TypeError` or `ValueError` for a row
that is not what it should be. Sources: PAPI um|cm|margin order, um/algo, cm/conditional, balance,
um|cm positionRisk, um|cm income.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from fixgate.connectors.binance_pm.conditional_service import HELD_STATUS_OF, SERVICE_OF, known_word, positive
from fixgate.connectors.binance_pm.market_symbols import unified_symbol
from fixgate.connectors.binance_pm.venue_words import SIDE_OF, exact, exact_or_none
from fixgate.model.decimals import plain
from fixgate.model.enums import OrderType, ProductType
from fixgate.model.execution import (
    AssetBalance,
    Fee,
    LedgerEntry,
    MarginMode,
    OpenPosition,
    OrderState,
    VenueOrder,
)
from fixgate.model.instrument import Instrument
from fixgate.model.venue import VenueStatus

Row = Mapping[str, Any]
ZERO = Decimal(0)
PLACES = Decimal("0.00000001")
"""Base asset amounts of contracts are quotients: they are rounded to this."""

STATE_OF = {
    "NEW": OrderState.OPEN,
    "PENDING_NEW": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.OPEN,
    "PENDING_CANCEL": OrderState.OPEN,
    "NEW_INSURANCE": OrderState.OPEN,
    "NEW_ADL": OrderState.OPEN,
    "FILLED": OrderState.CLOSED,
    "CANCELED": OrderState.CANCELED,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    "EXPIRED_IN_MATCH": OrderState.EXPIRED,
}

_HELD_STATE = {
    VenueStatus.SUSPENDED: OrderState.OPEN,
    VenueStatus.CANCELED: OrderState.CANCELED,
    VenueStatus.EXPIRED: OrderState.EXPIRED,
    VenueStatus.REJECTED: OrderState.REJECTED,
}

MARGIN_TYPE = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "STOP_LOSS": OrderType.STOP_LOSS,
    "STOP_LOSS_LIMIT": OrderType.STOP_LOSS_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
}
FUTURES_TYPE = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP_MARKET": OrderType.STOP_LOSS,
    "STOP": OrderType.STOP_LOSS_LIMIT,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_LIMIT,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}


def engine_order(instrument: Instrument, row: Row) -> VenueOrder:
    """Return a row of um|cm|margin order or openOrders."""
    spot = instrument.product_type is ProductType.SPOT
    types = MARGIN_TYPE if spot else FUTURES_TYPE
    quantity, executed = exact(row["origQty"]), exact(row["executedQty"])
    average = _average(row, executed)
    price, stop = positive(row.get("price")), positive(row.get("stopPrice"))
    filled = base_quantity(instrument, executed, average)
    remaining = base_quantity(instrument, quantity - executed, price or stop or average)
    return VenueOrder(
        order_id=str(row["orderId"]),
        client_order_id=str(row.get("clientOrderId") or ""),
        symbol=unified_symbol(instrument),
        status=STATE_OF[str(row["status"])],
        order_type=types.get(str(row.get("origType") or row.get("type"))),
        side=SIDE_OF[str(row["side"])],
        price=price,
        stop_price=stop,
        amount=filled + remaining,
        filled=filled,
        remaining=remaining,
        average=average,
        cost=_cost(instrument, executed, average),
        at_ms=int(row.get("time") or row.get("updateTime") or 0),
    )


def held_order(instrument: Instrument, row: Row) -> VenueOrder:
    """Return a row of a service for conditional orders, of one that has no child in the engine (yet)."""
    service = SERVICE_OF[instrument.product_type]
    word = known_word(row[service.status])
    status = HELD_STATUS_OF.get(word)
    price, stop = positive(row.get("price")), positive(row.get(service.stop_price))
    # The UM service calls the type `orderType` in its answers and `type` in its parameters.
    kind = row.get("orderType") or row.get(service.kind)
    amount = base_quantity(instrument, exact(row[service.quantity]), price or stop)
    return VenueOrder(
        order_id=str(row[service.id]),
        client_order_id=str(row.get(service.client_id) or ""),
        symbol=unified_symbol(instrument),
        status=_HELD_STATE[status] if status is not None else OrderState.OPEN,
        order_type=FUTURES_TYPE.get(str(kind)),
        side=SIDE_OF[str(row["side"])],
        price=price,
        stop_price=stop,
        amount=amount,
        remaining=amount,
        at_ms=int(row.get(service.born) or row.get("updateTime") or 0),
    )


def _average(row: Row, executed: Decimal) -> Decimal | None:
    """Margin orders say the quote amount instead, below 0 when the venue has lost it."""
    average = positive(row.get("avgPrice"))
    quote = exact_or_none(row.get("cummulativeQuoteQty")) or ZERO
    if average is None and executed > 0 and quote > 0:
        return quote / executed
    return average if executed else None


def base_quantity(instrument: Instrument, quantity: Decimal, price: Decimal | None) -> Decimal:
    """Return a quantity in base asset: contracts are worth a fixed amount of quote currency each. Contracts
    of which no price is known are worth nothing that could be told."""
    if instrument.product_type is not ProductType.DELIVERY or not quantity:
        return quantity
    return (quantity * instrument.contract_size / price).quantize(PLACES) if price else ZERO


def _cost(instrument: Instrument, executed: Decimal, average: Decimal | None) -> Decimal:
    if instrument.product_type is ProductType.DELIVERY:
        return executed * instrument.contract_size
    return executed * average if average is not None else ZERO


def fee_of(trades: Iterable[Row], order_id: str, executed: Decimal) -> Fee | None:
    """Return what an order's trades cost; `None` unless all of its trades are there, in one asset."""
    found = [row for row in trades if str(row["orderId"]) == order_id]
    currencies = {str(row["commissionAsset"]) for row in found}
    if len(currencies) != 1 or sum((exact(row["qty"]) for row in found), ZERO) != executed:
        return None
    return Fee(cost=sum((exact(row["commission"]) for row in found), ZERO), currency=currencies.pop())


def spot_balance(row: Row) -> AssetBalance:
    """Return an asset of the cross margin wallet."""
    free, used = exact(row["crossMarginFree"]), exact(row["crossMarginLocked"])
    return AssetBalance(asset=str(row["asset"]), free=free, used=used, total=free + used)


def futures_balance(row: Row) -> AssetBalance:
    """Return an asset of the two futures wallets together. Margin is not taken from them but from the
    portfolio as a whole, so that nothing of them is in use."""
    total = exact(row["umWalletBalance"]) + exact(row["cmWalletBalance"])
    return AssetBalance(asset=str(row["asset"]), free=total, used=ZERO, total=total)


def open_position(instrument: Instrument, row: Row) -> OpenPosition | None:
    """Return a row of um|cm positionRisk, `None` for one without a position."""
    quantity = exact(row["positionAmt"])
    if not quantity:
        return None
    side = str(row["positionSide"]).lower()
    if side not in ("long", "short"):
        side = "long" if quantity > 0 else "short"
    notional = exact_or_none(row.get("notional", row.get("notionalValue")))
    leverage, profit = exact_or_none(row.get("leverage")), exact_or_none(row.get("unRealizedProfit"))
    collateral = (abs(notional) / leverage).quantize(PLACES) if notional and leverage else None
    percentage = None
    if profit is not None and collateral:
        percentage = (100 * profit / collateral).quantize(Decimal("0.01"))
    return OpenPosition(
        symbol=unified_symbol(instrument),
        side=side,
        contracts=abs(quantity),
        contract_size=instrument.contract_size,
        entry_price=positive(row.get("entryPrice")),
        mark_price=positive(row.get("markPrice")),
        notional=abs(notional) if notional is not None else None,
        leverage=leverage,
        unrealized_pnl=profit,
        percentage=percentage,
        margin_mode=MarginMode.CROSS,
        liquidation_price=positive(row.get("liquidationPrice")),
        collateral=collateral,
        at_ms=int(row.get("updateTime") or 0),
    )


def ledger_entry(symbol: str, row: Row) -> LedgerEntry:
    """Return a row of um|cm income. A `tranId` is the venue's own only together with the kind of income."""
    return LedgerEntry(
        id=str(row["tranId"]),
        symbol=symbol,
        amount=exact(row["income"]),
        code=str(row["asset"]),
        at_ms=int(row["time"]),
        info=dict(row),
    )


DOLLARS = frozenset({"USDT", "USDC", "FDUSD", "BUSD"})
"""Assets of the USDⓈ-M wallet that stand for a dollar each."""


def with_totals(um_account: Row, whole: Row) -> dict[str, Any]:
    """Return PAPI um/account with the totals that the Perps DMA API shows and the venue does not tell there.

    They are sums over the wallet's dollar assets; what can be used and withdrawn is of the portfolio as a
    whole, from PAPI account. Where the venue tells a total itself, that stays.
    """
    rows = [row for row in um_account["assets"] if row["asset"] in DOLLARS]

    def total(name: str) -> Decimal:
        return sum((exact(row[name]) for row in rows), ZERO)

    wallet, profit = total("crossWalletBalance"), total("crossUnPnl")
    totals = {
        "totalInitialMargin": total("initialMargin"),
        "totalMaintMargin": total("maintMargin"),
        "totalWalletBalance": wallet,
        "totalUnrealizedProfit": profit,
        "totalMarginBalance": wallet + profit,
        "availableBalance": exact(whole["totalAvailableBalance"]),
        "maxWithdrawAmount": exact(whole["virtualMaxWithdrawAmount"]),
    }
    return {name: plain(value) for name, value in totals.items()} | dict(um_account)
