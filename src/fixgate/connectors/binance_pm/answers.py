"""From the venue's REST answer to an event. Pure.

A definite no becomes `RequestRefused`; whatever leaves open if the request was executed becomes
`OutcomeUnknown`, never a reject.
"""

from decimal import Decimal
from typing import Any

import msgspec

from fixgate.connectors.binance_pm.venue_words import LEG_OF, REJECT_REASON_OF, SIDE_OF, STATUS_OF
from fixgate.model.enums import OrdRejReason
from fixgate.model.venue import (
    ModifyAtVenue,
    OrderRequest,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    RequestRefused,
    SubmitOrder,
    VenueExec,
    VenueStatus,
    kind_of,
    request_number,
)
from fixgate.papi.answers import Answer, Response, SendFailure
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure, classify

CLOCK_SLACK_MS = 60_000
"""How far the venue's birth time of an order may lie before the gateway's own."""

_GONE = frozenset({-2011, -2013})
"""Cancel and modify refusals that say that the order is not open any more, or not open yet."""

decode = msgspec.json.Decoder().decode


def answer_event(request: OrderRequest, answer: Answer) -> OrderUpdate | RequestRefused | OutcomeUnknown:
    """Return what the answer to a request means for its order."""
    if isinstance(answer, SendFailure):
        return _unknown(request, answer.text) if answer.sent else _refused(request, "", answer.text)
    if 200 <= answer.status < 300:
        return _accepted(request, answer)
    failure = classify(answer.status, answer.body, LEG_OF[request.product_type], answer.headers)
    may_have_landed = failure.verify_first and isinstance(request, SubmitOrder)
    if failure.outcome is Outcome.UNKNOWN or may_have_landed:
        return _unknown(request, failure_text(failure))
    code = "" if failure.code is None else str(failure.code)
    gone = not isinstance(request, SubmitOrder) and failure.code in _GONE
    return _refused(request, code, failure_text(failure), gone)


def failure_text(failure: Failure) -> str:
    """Return the venue's own words, bounded."""
    return failure.message[:200] or f"the venue answered {failure.outcome}"


def _accepted(request: OrderRequest, answer: Response) -> OrderUpdate | OutcomeUnknown:
    try:
        reply = decode(answer.body)
        status = STATUS_OF[reply.get("status", "NEW")]
        return OrderUpdate(
            connector=request.connector,
            account=request.account,
            order_id=request.order_id,
            product_type=request.product_type,
            symbol=request.symbol,
            client_order_id=request.client_order_id,
            venue_order_id=str(reply["orderId"]),
            exec=_exec_of(request, status),
            status=status,
            quantity=_decimal(reply.get("origQty")),
            price=_decimal(reply.get("price")),
            cum_quantity=Decimal(reply.get("executedQty", "0")),
            request_id=request_number(request),
            at_ms=int(reply.get("updateTime") or reply.get("transactTime") or 0),
        )
    except (msgspec.DecodeError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        return _unknown(request, f"the venue's answer could not be read ({type(error).__name__})")


def _exec_of(request: OrderRequest, status: VenueStatus) -> VenueExec:
    """A modify's answer confirms it, unless the modify took the order off the market."""
    alive = status in (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED, VenueStatus.FILLED)
    return VenueExec.REPLACED if isinstance(request, ModifyAtVenue) and alive else VenueExec.SNAPSHOT


def query_update(request: QueryAtVenue, reply: dict[str, Any], *, settled: bool) -> OrderUpdate:
    """Return the state that a query answered. PAPI GET /papi/v1/{um,cm,margin}/order.

    Raises `KeyError`, `ValueError` or `ArithmeticError` for a reply that is not an order.
    """
    word = str(reply["status"])
    return OrderUpdate(
        connector=request.connector,
        account=request.account,
        order_id=request.order_id,
        product_type=request.product_type,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        venue_order_id=str(reply["orderId"]),
        exec=VenueExec.SNAPSHOT,
        status=STATUS_OF[word],
        side=SIDE_OF.get(str(reply.get("side"))),
        quantity=_decimal(reply.get("origQty")),
        price=_decimal(reply.get("price")),
        cum_quantity=Decimal(reply["executedQty"]),
        text="" if word != "EXPIRED_IN_MATCH" else "expired by self-trade prevention",
        at_ms=int(reply.get("updateTime") or 0),
        settled=settled,
    )


def is_same_order(request: QueryAtVenue, reply: dict[str, Any]) -> bool:
    """False when the order that was found by its client id alone cannot be the one that was sent.

    A client id is unique among open orders only: a finished order of old, or another program on the same
    account, may carry the same one.
    """
    if request.venue_order_id or request.side is None:
        return True
    born = int(reply.get("time") or 0)
    return (
        SIDE_OF.get(str(reply.get("side"))) is request.side
        and Decimal(str(reply.get("origQty"))) == request.quantity
        and (request.price is None or Decimal(str(reply.get("price"))) == request.price)
        and (not born or born >= request.born_ns // 1_000_000 - CLOCK_SLACK_MS)
    )


def trade_update(request: QueryAtVenue, order: OrderUpdate, row: dict[str, Any]) -> OrderUpdate:
    """Return one row of userTrades or myTrades as a trade of the order that was just queried.

    The row does not say how much was filled in all: `cum_quantity` is 0, which claims nothing. The
    order's terms are those of the query, and so is the time they are known for.
    """
    return OrderUpdate(
        connector=request.connector,
        account=request.account,
        order_id=request.order_id,
        product_type=request.product_type,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        venue_order_id=order.venue_order_id,
        exec=VenueExec.TRADE,
        status=VenueStatus.PARTIALLY_FILLED,
        quantity=order.quantity,
        price=order.price or None,
        last_quantity=Decimal(row["qty"]),
        last_price=Decimal(row["price"]),
        trade_id=str(row["id"]),
        commission=_decimal(row.get("commission")),
        commission_currency=str(row.get("commissionAsset") or ""),
        maker=bool(row.get("maker", row.get("isMaker"))),
        at_ms=max(int(row.get("time") or 0), order.at_ms),
    )


def _decimal(text: object) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


def _unknown(request: OrderRequest, text: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        order_id=request.order_id, kind=kind_of(request), request_id=request_number(request), text=text
    )


def _refused(request: OrderRequest, code: str, text: str, gone: bool = False) -> RequestRefused:
    return RequestRefused(
        order_id=request.order_id,
        kind=kind_of(request),
        request_id=request_number(request),
        reason=_reason(code, text),
        code=code,
        text=text,
        order_gone=gone,
    )


def _reason(code: str, text: str) -> OrdRejReason:
    if code in ("-1013", "-2010") and "insufficient balance" in text:
        return OrdRejReason.EXCEEDS_LIMIT
    if code == "-1013" and "LOT_SIZE" in text:
        return OrdRejReason.INCORRECT_QUANTITY
    return REJECT_REASON_OF.get(code, OrdRejReason.BROKER)
