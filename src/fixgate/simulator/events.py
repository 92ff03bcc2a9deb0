"""The user stream's events, rendered in the exchange's shapes.

Source: Binance Portfolio Margin user data streams (ORDER_TRADE_UPDATE, executionReport,
ACCOUNT_UPDATE, outboundAccountPosition, liabilityChange, listenKeyExpired).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import ZERO, Leg, Order, Trade
from fixgate.simulator.positions import Position

Event = dict[str, Any]


def eight(number: Decimal) -> str:
    """Return `number` with 8 decimals, as wallets and the margin engine print amounts."""
    return f"{number:.8f}"


def average_price(order: Order, instrument: SimulatedInstrument) -> Decimal:
    """Return the average fill price, 0 when nothing filled."""
    if not order.executed or not order.cum_quote:
        return ZERO
    if order.leg is Leg.CM:
        return order.executed * instrument.contract_size / order.cum_quote
    return order.cum_quote / order.executed


def average_text(order: Order, instrument: SimulatedInstrument) -> str:
    """Return the average fill price with three decimals more than the tick, `0` when none."""
    average = average_price(order, instrument)
    return f"{average.quantize(instrument.tick_size.scaleb(-3)):f}" if average else "0"


def order_trade_update(
    order: Order,
    instrument: SimulatedInstrument,
    exec_type: str,
    now: int,
    *,
    bid: Decimal,
    ask: Decimal,
    trade: Trade | None = None,
    modify_id: int | None = None,
    reason: str = "",
) -> Event:
    """Return ORDER_TRADE_UPDATE. `bid`/`ask` are the account's open notional on the symbol."""
    body: Event = {
        "s": order.symbol,
        "c": order.client_order_id,
        "S": order.side,
        "o": "LIQUIDATION" if exec_type == "CALCULATED" else order.type,
        "f": order.time_in_force,
        "q": instrument.scaled_quantity(order.quantity),
        "p": instrument.scaled_price(order.price),
        "ap": average_text(order, instrument),
        "sp": "0",
        "x": exec_type,
        "X": order.status,
        "i": order.order_id,
        "l": instrument.scaled_quantity(trade.quantity) if trade else "0",
        "z": instrument.scaled_quantity(order.executed),
        "L": instrument.scaled_price(trade.price) if trade else "0",
        "T": now,
        "t": trade.trade_id if trade else 0,
        "b": plain(bid) if bid else "0",
        "a": plain(ask) if ask else "0",
        "m": trade.maker if trade else False,
        "R": order.reduce_only,
        "ps": order.position_side,
        "rp": eight(trade.realized_pnl) if trade and trade.realized_pnl else "0",
        "V": order.stp_mode,
    }
    if trade is not None and order.force != "ADL":
        body["N"] = trade.commission_asset
        body["n"] = eight(trade.commission)
    if order.leg is Leg.CM:
        body |= {"ma": instrument.margin_asset, "pm": order.price_match, "er": reason or "0"}
        if order.origin_id:
            body |= {"st": f"C_{order.origin_type}", "si": order.origin_id}
    else:
        body["gtd"] = order.good_till
        if order.price_match != "NONE":
            body["pm"] = order.price_match
        if reason:
            body["er"] = reason
    if modify_id is not None:
        body["M"] = str(modify_id)
    alias = "SfsR" if order.leg is Leg.CM else ""
    return {"e": "ORDER_TRADE_UPDATE", "fs": order.leg.value, "E": now, "T": now, "i": alias, "o": body}


def execution_report(
    order: Order,
    exec_type: str,
    now: int,
    *,
    execution_id: int,
    trade: Trade | None = None,
    cancel_id: str = "",
    counter_order: Order | None = None,
    reason: str = "",
    reject_reason: str = "NONE",
) -> Event:
    """Return the margin engine's executionReport.

    `cancel_id` names the cancel request: it takes the place of the order's own id, which moves to
    `C`. `counter_order` is the order a self-trade was prevented with.
    """
    event: Event = {
        "e": "executionReport",
        "E": now,
        "s": order.symbol,
        "c": cancel_id or order.client_order_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": eight(order.quantity),
        "p": eight(order.price),
        "P": eight(order.stop_price),
        "F": eight(order.iceberg),
        "g": order.order_list_id,
        "C": order.client_order_id if cancel_id else "",
        "x": exec_type,
        "X": order.status,
        "r": reject_reason,
        "i": order.order_id,
        "l": eight(trade.quantity) if trade else "0.00000000",
        "z": eight(order.executed),
        "L": eight(trade.price) if trade else "0.00000000",
        "n": eight(trade.commission) if trade else "0",
        "N": trade.commission_asset if trade else None,
        "T": now,
        "t": trade.trade_id if trade else -1,
        "I": execution_id,
        "w": order.is_open and order.working,
        "m": trade.maker if trade else False,
        "O": order.created_ms,
        "Z": eight(order.cum_quote),
        "Y": eight(trade.amount) if trade else "0.00000000",
        "Q": eight(order.quote_quantity),
        "V": order.stp_mode,
    }
    if order.working:
        event["W"] = order.working_ms or order.created_ms
    if counter_order is not None:
        event |= _prevention(order, counter_order)
    if reason:
        event["eR"] = reason
    return event


def _prevention(order: Order, counter_order: Order) -> Event:
    prevented = order.prevented_quantity or ZERO
    price = order.price or counter_order.price
    return {
        "v": order.prevented_match_id,
        "A": eight(prevented),
        "B": eight(prevented),
        "u": 1,
        "U": counter_order.order_id,
        "Cs": counter_order.symbol,
        "pl": eight(prevented),
        "pL": eight(price),
        "pY": eight(prevented * price),
    }


def account_update(
    leg: Leg,
    now: int,
    wallets: Iterable[tuple[str, Decimal]],
    positions: Iterable[tuple[Position, SimulatedInstrument, Decimal]],
    *,
    reason: str = "ORDER",
    change: Decimal = ZERO,
    symbol: str = "",
) -> Event:
    """Return ACCOUNT_UPDATE for changed wallets (asset, balance) and positions (with their mark).

    `change` is the balance change that is neither profit nor commission; `symbol` goes with the
    reason FUNDING_FEE.
    """
    return {
        "e": "ACCOUNT_UPDATE",
        "fs": leg.value,
        "E": now,
        "T": now,
        "i": "SfsR" if leg is Leg.CM else "",
        "a": {
            "m": reason,
            **({"S": symbol} if symbol else {}),
            "B": [
                {
                    "a": asset,
                    "wb": eight(balance),
                    "cw": eight(balance),
                    "bc": eight(change) if change else "0",
                }
                for asset, balance in wallets
            ],
            "P": [_position(position, instrument, mark) for position, instrument, mark in positions],
        },
    }


def _position(position: Position, instrument: SimulatedInstrument, mark: Decimal) -> Event:
    entry = position.entry_price(instrument)
    return {
        "s": position.symbol,
        "pa": instrument.scaled_quantity(position.quantity),
        "ep": plain(entry),
        "cr": eight(position.realized),
        "up": eight(position.unrealized(instrument, mark)),
        "ps": position.side,
        "bep": plain(entry),
    }


def outbound_account_position(
    now: int, update_id: int, balances: Iterable[tuple[str, Decimal, Decimal]]
) -> Event:
    """Return outboundAccountPosition for changed assets: (asset, free, locked)."""
    return {
        "e": "outboundAccountPosition",
        "E": now,
        "u": now,
        "U": update_id,
        "B": [{"a": asset, "f": eight(free), "l": eight(locked)} for asset, free, locked in balances],
    }


def liability_change(
    now: int,
    asset: str,
    kind: str,
    transaction_id: int,
    principal: Decimal,
    interest: Decimal,
    total: Decimal,
) -> Event:
    """Return liabilityChange; `kind` is BORROW or REPAY, `total` what is owed afterwards."""
    return {
        "e": "liabilityChange",
        "E": now,
        "a": asset,
        "t": kind,
        "T": transaction_id,
        "p": eight(principal),
        "i": eight(interest) if interest else "0",
        "l": eight(total),
    }


def balance_update(now: int, asset: str, change: Decimal, update_id: int) -> Event:
    """Return balanceUpdate for a transfer into (or out of) the margin wallet."""
    return {"e": "balanceUpdate", "E": now, "a": asset, "d": eight(change), "U": update_id, "T": now}


def account_config_update(leg: Leg, now: int, symbol: str, leverage: int) -> Event:
    """Return ACCOUNT_CONFIG_UPDATE for a new leverage."""
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "fs": leg.value,
        "E": now,
        "T": now,
        "ac": {"s": symbol, "l": leverage},
    }


def risk_level_change(now: int, uni_mmr: Decimal, level: str, equity: Decimal, maintenance: Decimal) -> Event:
    """Return riskLevelChange. There are no collateral haircuts here, so both equities are one."""
    return {
        "e": "riskLevelChange",
        "E": now,
        "u": eight(uni_mmr),
        "s": level,
        "eq": eight(equity),
        "ae": eight(equity),
        "m": eight(maintenance),
    }


def list_status(order_list: OrderList, now: int) -> Event:
    """Return listStatus of an order list. Source: spot user data stream, List Status."""
    return {
        "e": "listStatus",
        "E": now,
        "s": order_list.symbol,
        "g": order_list.order_list_id,
        "c": "OCO",
        "l": order_list.status_type,
        "L": order_list.status,
        "r": "NONE",
        "C": order_list.client_id,
        "T": now,
        "O": [
            {"s": leg["symbol"], "i": leg["orderId"], "c": leg["clientOrderId"]} for leg in order_list.names
        ],
    }


def listen_key_expired(now: int) -> Event:
    """Return listenKeyExpired."""
    return {"e": "listenKeyExpired", "E": now}
