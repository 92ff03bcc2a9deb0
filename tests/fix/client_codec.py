"""Commands as a client's OMS would put them into FIX: the inverse of `decode`, written apart from it."""

from fixgate.fix.wire import SOH
from fixgate.model.commands import CancelOrder, Command, NewOrder, OrderAttributes, ReplaceOrder

SENT = "20260101-00:00:00.000"
SIDE = {"buy": "1", "sell": "2"}
TYPE = {"market": "1", "limit": "2", "stop_loss": "3", "stop_loss_limit": "4"}
TIF = {"GTC": "1", "IOC": "3", "FOK": "4"}


def message(msg_type: str, **tags: object) -> str:
    """Return FIX text with a believable header; tags are given as `t55="BTCUSDT"`, `None` is left out.

    A tag of the header is replaced."""
    header = {"t35": msg_type, "t34": "7", "t49": "OMS", "t52": SENT, "t56": "FIXGATE"}
    body = [(tag[1:], str(value)) for tag, value in (header | tags).items() if value is not None]
    text = "".join(f"{tag}={value}{SOH}" for tag, value in body)
    return f"8=FIX.4.4{SOH}9={len(text)}{SOH}{text}10=000{SOH}"


def attribute_tags(attributes: OrderAttributes) -> dict[str, object]:
    """Return the tags of order attributes, those not given as `None`."""
    reduce_only = {True: "true", False: "false", None: None}[attributes.reduce_only]
    return {
        "t18": "6" if attributes.post_only else None,
        "t6101": attributes.side_effect_type,
        "t6102": attributes.self_trade_prevention,
        "t6200": attributes.position_side,
        "t6201": reduce_only,
    }


def as_client(command: Command) -> str:
    """Return the FIX text of a command."""
    if isinstance(command, NewOrder):
        return message(
            "D",
            t1=command.account or None,
            t11=command.cl_ord_id,
            t15=command.currency or None,
            t38=format(command.quantity, "f"),
            t40=TYPE[command.order_type],
            t44=None if command.price is None else format(command.price, "f"),
            t54=SIDE[command.side],
            t55=command.symbol,
            t59=TIF[command.time_in_force],
            t60=command.transact_time,
            t99=None if command.stop_price is None else format(command.stop_price, "f"),
            t100=command.connector,
            t167=command.security_type,
            **attribute_tags(command.attributes),
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
            **attribute_tags(command.attributes),
        )
    return message(
        "H",
        t11=command.cl_ord_id or None,
        t37=command.order_id or None,
        t54=SIDE[command.side] if command.side else None,
        t55=command.symbol,
        t790=command.status_req_id or None,
    )
