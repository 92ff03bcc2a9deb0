"""Commands as a client's OMS would put them into FIX: the inverse of `decode`, written apart from it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fixgate.fix.wire import SOH
from fixgate.model.commands import (
    CancelOrder,
    Command,
    NewOrder,
    NewOrderList,
    OrderAttributes,
    PositionsRequest,
    ReplaceOrder,
)
from fixgate.model.enums import OrderType

SENT = "20260101-00:00:00.000"
SIDE = {"buy": "1", "sell": "2"}
TYPE = {
    "market": "1",
    "limit": "2",
    "stop_loss": "3",
    "stop_loss_limit": "4",
    "take_profit": "J",
    "take_profit_limit": "J",
    "trailing_stop": "P",
}
TIF = {"GTC": "1", "IOC": "3", "FOK": "4", "GTD": "6"}


def message(msg_type: str, **tags: object) -> str:
    """Return FIX text with a believable header; tags are given as `t55="BTCUSDT"`, `None` is left out.

    A tag of the header is replaced."""
    header = {"t35": msg_type, "t34": "7", "t49": "OMS", "t52": SENT, "t56": "FIXGATE"}
    body = [(tag[1:], str(value)) for tag, value in (header | tags).items() if value is not None]
    text = "".join(f"{tag}={value}{SOH}" for tag, value in body)
    return f"8=FIX.4.4{SOH}9={len(text)}{SOH}{text}10=000{SOH}"


def attribute_tags(attributes: OrderAttributes, order_type: OrderType | None) -> dict[str, object]:
    """Return the tags of order attributes, those not given as `None`."""
    reduce_only = {True: "true", False: "false", None: None}[attributes.reduce_only]
    instructions = [
        code for code, given in (("6", attributes.post_only), ("a", order_type == "trailing_stop")) if given
    ]
    return {
        "t18": " ".join(instructions) or None,
        "t6101": attributes.side_effect_type,
        "t6102": attributes.self_trade_prevention,
        "t6200": attributes.position_side,
        "t6201": reduce_only,
    }


def order_tags(order: NewOrder) -> dict[str, object]:
    """Return the tags of an order, ClOrdID first, those not given as `None`."""
    expires = datetime(1970, 1, 1) + timedelta(milliseconds=order.expire_ms)
    return {
        "t11": order.cl_ord_id,
        "t1": order.account or None,
        "t15": order.currency or None,
        "t38": format(order.quantity, "f"),
        "t40": TYPE[order.order_type],
        "t44": None if order.price is None else format(order.price, "f"),
        "t54": SIDE[order.side],
        "t55": order.symbol,
        "t59": TIF[order.time_in_force],
        "t60": order.transact_time,
        "t99": None if order.stop_price is None else format(order.stop_price, "f"),
        "t100": order.connector,
        "t111": None if order.display_quantity is None else format(order.display_quantity, "f"),
        "t126": f"{expires:%Y%m%d-%H:%M:%S.%f}"[:-3].rjust(21, "0") if order.expire_ms else None,
        "t167": order.security_type,
        "t211": None if order.trailing_delta is None else format(order.trailing_delta, "f"),
        "t836": None if order.trailing_delta is None else "1",
        **attribute_tags(order.attributes, order.order_type),
    }


def list_message(list_id: str, orders: Sequence[dict[str, object]], **changes: object) -> str:
    """Return the FIX text of a list of orders, each given by its tags; `changes` replace the list's own tags.

    The group stands among the list's own fields in the order of their numbers, as the FIX engine has it."""
    own = {"t66": list_id, "t68": len(orders), "t73": len(orders), "t394": "3", "t1385": "1"} | changes
    text = message("E", **own)
    entries = "".join(
        f"{tag[1:]}={value}{SOH}" for order in orders for tag, value in order.items() if value is not None
    )
    count = f"{SOH}73={own['t73']}{SOH}"
    return text.replace(count, count + entries)


def as_client(command: Command) -> str:
    """Return the FIX text of a command."""
    if isinstance(command, NewOrder):
        return message("D", **order_tags(command))
    if isinstance(command, NewOrderList):
        return list_message(
            command.list_id,
            [
                {"t11": order.cl_ord_id, "t67": number} | order_tags(order)
                for number, order in enumerate(command.orders, 1)
            ],
        )
    if isinstance(command, PositionsRequest):
        return message(
            "AN",
            t1=command.account,
            t55=command.symbol or None,
            t100=command.connector,
            t710=command.request_id,
            t724="0",
        )
    if isinstance(command, CancelOrder):
        return message(
            "F",
            t11=command.cl_ord_id,
            t37=command.order_id or None,
            t41=command.orig_cl_ord_id,
            t54=SIDE[command.side] if command.side else None,
            t55=command.symbol,
            t60=command.transact_time,
        )
    if isinstance(command, ReplaceOrder):
        return message(
            "G",
            t11=command.cl_ord_id,
            t37=command.order_id or None,
            t38=None if command.quantity is None else format(command.quantity, "f"),
            t40=TYPE[command.order_type] if command.order_type else None,
            t41=command.orig_cl_ord_id,
            t44=None if command.price is None else format(command.price, "f"),
            t54=SIDE[command.side] if command.side else None,
            t55=command.symbol,
            t59=TIF[command.time_in_force] if command.time_in_force else None,
            t60=command.transact_time,
            **attribute_tags(command.attributes, command.order_type),
        )
    return message(
        "H",
        t11=command.cl_ord_id or None,
        t37=command.order_id or None,
        t54=SIDE[command.side] if command.side else None,
        t55=command.symbol,
        t790=command.status_req_id or None,
    )
