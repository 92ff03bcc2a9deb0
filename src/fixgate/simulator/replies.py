"""REST replies, field by field as each endpoint of the exchange returns them today.

Since 2026-07 the replies to NEW, CANCEL and (2026-08) MODIFY carry neither average price nor quote
amount; queries still do.
"""

from collections.abc import Sequence
from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator.events import average_text, eight
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import ZERO, Leg, Order, Trade
from fixgate.simulator.records import Income, Loan

Reply = dict[str, Any]


def futures_action(order: Order, instrument: SimulatedInstrument) -> Reply:
    """Return the reply to POST and DELETE um|cm order."""
    reply: Reply = {
        "clientOrderId": order.client_order_id,
        "cumQty": instrument.scaled_quantity(order.executed),
        "executedQty": instrument.scaled_quantity(order.executed),
        "orderId": order.order_id,
        "origQty": instrument.scaled_quantity(order.quantity),
        "price": instrument.scaled_price(order.price),
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": order.position_side,
        "status": order.status,
        "symbol": order.symbol,
    }
    if order.leg is Leg.CM:
        reply["pair"] = instrument.pair
    reply |= {"timeInForce": order.time_in_force, "type": order.type}
    if order.leg is Leg.UM:
        reply |= {"selfTradePreventionMode": order.stp_mode, "goodTillDate": order.good_till}
    reply["updateTime"] = order.updated_ms
    if order.leg is Leg.UM:
        reply["priceMatch"] = order.price_match
    return reply


def futures_modify(order: Order, instrument: SimulatedInstrument, modify_id: int | None) -> Reply:
    """Return the reply to PUT um|cm order; `modifyId` is echoed when one was given."""
    reply = futures_action(order, instrument)
    reply["origType"] = order.type
    if modify_id is not None:
        reply["modifyId"] = modify_id
    return reply


def futures_query(order: Order, instrument: SimulatedInstrument) -> Reply:
    """Return one order as the futures queries show it."""
    scale = instrument.tick_size * instrument.lot_size
    amount = eight(order.cum_quote) if order.leg is Leg.CM else plain(order.cum_quote.quantize(scale))
    reply: Reply = {
        "avgPrice": average_text(order, instrument),
        "clientOrderId": order.client_order_id,
        "cumBase" if order.leg is Leg.CM else "cumQuote": amount if order.cum_quote else "0",
        "executedQty": instrument.scaled_quantity(order.executed),
        "orderId": order.order_id,
        "origQty": instrument.scaled_quantity(order.quantity),
        "origType": order.type,
        "price": instrument.scaled_price(order.price),
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": order.position_side,
        "status": order.status,
        "symbol": order.symbol,
    }
    if order.leg is Leg.CM:
        reply["pair"] = instrument.pair
    reply |= {
        "time": order.created_ms,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "updateTime": order.updated_ms,
    }
    if order.leg is Leg.UM:
        reply |= {
            "selfTradePreventionMode": order.stp_mode,
            "goodTillDate": order.good_till,
            "priceMatch": order.price_match,
        }
    return reply


def futures_trade(trade: Trade, instrument: SimulatedInstrument) -> Reply:
    """Return one row of um|cm userTrades."""
    reply: Reply = {"symbol": trade.symbol, "id": trade.trade_id, "orderId": trade.order_id}
    if trade.leg is Leg.CM:
        reply["pair"] = instrument.pair
    reply |= {
        "side": trade.side,
        "price": instrument.scaled_price(trade.price),
        "qty": instrument.scaled_quantity(trade.quantity),
        "realizedPnl": eight(trade.realized_pnl),
    }
    if trade.leg is Leg.CM:
        reply |= {"marginAsset": instrument.margin_asset, "baseQty": eight(trade.amount)}
    else:
        reply["quoteQty"] = eight(trade.amount)
    return reply | {
        "commission": eight(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": trade.time_ms,
        "positionSide": trade.position_side,
        "buyer": trade.side == "BUY",
        "maker": trade.maker,
    }


def amendments(order: Order, instrument: SimulatedInstrument) -> list[Reply]:
    """Return the modification history of one order, newest first."""
    rows: list[Reply] = []
    for change in reversed(order.amendments):
        amendment: Reply = {
            "price": {
                "before": instrument.scaled_price(change.price_before),
                "after": instrument.scaled_price(change.price_after),
            },
            "origQty": {
                "before": instrument.scaled_quantity(change.quantity_before),
                "after": instrument.scaled_quantity(change.quantity_after),
            },
            "count": change.count,
        }
        if change.modify_id is not None:
            amendment["modifyId"] = change.modify_id
        row: Reply = {
            "amendmentId": change.amendment_id,
            "symbol": order.symbol,
            "pair": instrument.pair,
            "orderId": order.order_id,
            "clientOrderId": order.client_order_id,
            "time": change.time_ms,
            "amendment": amendment,
        }
        if order.leg is Leg.UM:
            row["priceMatch"] = order.price_match
        rows.append(row)
    return rows


def income(each: Income) -> Reply:
    """Return one row of um|cm income."""
    return {
        "symbol": each.symbol,
        "incomeType": each.kind,
        "income": eight(each.amount),
        "asset": each.asset,
        "info": each.info,
        "time": each.time_ms,
        "tranId": str(each.transaction_id),
        "tradeId": "" if each.trade_id is None else str(each.trade_id),
    }


def force_order(order: Order, instrument: SimulatedInstrument) -> Reply:
    """Return one row of um|cm forceOrders."""
    row = futures_query(order, instrument)
    for name in ("selfTradePreventionMode", "goodTillDate", "priceMatch"):
        row.pop(name, None)
    return row


def loan(each: Loan) -> Reply:
    """Return one row of margin/marginLoan, or of margin/repayLoan."""
    row: Reply = {
        "txId": each.transaction_id,
        "asset": each.asset,
        "principal": eight(each.principal),
        "timestamp": each.time_ms,
        "status": "CONFIRMED",
    }
    if each.repaid:
        row |= {"amount": eight(each.principal + each.interest), "interest": eight(each.interest)}
    return row


def margin_new(order: Order, fills: Sequence[Trade], response_type: str) -> Reply:
    """Return the reply to POST margin/order: ACK, RESULT or FULL."""
    reply: Reply = {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "clientOrderId": order.client_order_id,
        "transactTime": order.created_ms,
    }
    if response_type == "ACK":
        return reply
    reply |= _margin_amounts(order)
    if order.borrowed:
        reply |= margin_borrowed(order)
    if response_type == "FULL":
        reply["fills"] = [
            {
                "price": eight(trade.price),
                "qty": eight(trade.quantity),
                "commission": eight(trade.commission),
                "commissionAsset": trade.commission_asset,
            }
            for trade in fills
        ]
    return reply


def margin_borrowed(order: Order) -> Reply:
    """Return what was borrowed for an order."""
    return {
        "marginBuyBorrowAmount": eight(order.borrowed),
        "marginBuyBorrowAsset": order.borrowed_asset,
    }


def order_list(each: OrderList) -> Reply:
    """Return an order list as every endpoint shows it."""
    return {
        "orderListId": each.order_list_id,
        "contingencyType": "OCO",
        "listStatusType": each.status_type,
        "listOrderStatus": each.status,
        "listClientOrderId": each.client_id,
        "transactionTime": each.updated_ms,
        "symbol": each.symbol,
        "orders": each.names,
    }


def list_new(order: Order, *, full: bool) -> Reply:
    """Return one order's report in the reply to POST margin/order/oco."""
    report: Reply = {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": order.order_list_id,
        "clientOrderId": order.client_order_id,
        "transactTime": order.created_ms,
    }
    if full:
        report |= _margin_amounts(order) | {"stopPrice": eight(order.stop_price)}
    return report


def list_cancel(order: Order) -> Reply:
    """Return one order's report in the reply to DELETE margin/orderList."""
    report = margin_cancel(order) | {"orderListId": order.order_list_id}
    return report | {"stopPrice": eight(order.stop_price)}


def _margin_amounts(order: Order) -> Reply:
    return {
        "price": eight(order.price),
        "origQty": eight(order.quantity),
        "executedQty": eight(order.executed),
        "cummulativeQuoteQty": eight(order.cum_quote),
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
    }


def margin_cancel(order: Order) -> Reply:
    """Return the reply to DELETE margin/order: `clientOrderId` names the cancel request."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "origClientOrderId": order.client_order_id,
        "clientOrderId": order.cancel_id,
        **_margin_amounts(order),
    }


def margin_query(order: Order) -> Reply:
    """Return one order as the margin queries show it."""
    return {
        "clientOrderId": order.client_order_id,
        "cummulativeQuoteQty": eight(order.cum_quote),
        "executedQty": eight(order.executed),
        "icebergQty": eight(order.iceberg),
        "isWorking": order.working,
        "orderId": order.order_id,
        "origQty": eight(order.quantity),
        "price": eight(order.price),
        "side": order.side,
        "status": order.status,
        "stopPrice": eight(order.stop_price),
        "symbol": order.symbol,
        "time": order.created_ms,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "updateTime": order.updated_ms,
        "accountId": 1,
        "selfTradePreventionMode": order.stp_mode,
        "preventedMatchId": order.prevented_match_id,
        "preventedQuantity": eight(order.prevented_quantity or ZERO) if order.prevented_match_id else None,
    }


def margin_trade(trade: Trade) -> Reply:
    """Return one row of margin/myTrades."""
    return {
        "commission": eight(trade.commission),
        "commissionAsset": trade.commission_asset,
        "id": trade.trade_id,
        "isBestMatch": True,
        "isBuyer": trade.side == "BUY",
        "isMaker": trade.maker,
        "orderId": trade.order_id,
        "price": eight(trade.price),
        "qty": eight(trade.quantity),
        "symbol": trade.symbol,
        "time": trade.time_ms,
    }
