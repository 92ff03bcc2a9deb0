"""From the venue's REST answer to an event. Pure.

A definite no becomes `RequestRefused`; whatever leaves open if the request was executed becomes
`OutcomeUnknown`, never a reject.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from fixgate.connectors.binance_pm.conditional_answers import held_acceptance
from fixgate.connectors.binance_pm.conditional_requests import is_held_back
from fixgate.connectors.binance_pm.list_requests import report_of
from fixgate.connectors.binance_pm.requests import MARGIN_STOP_TYPE, at_service
from fixgate.connectors.binance_pm.venue_words import (
    INSUFFICIENT,
    LEG_OF,
    MARGIN_STOPS,
    REJECT_REASON_OF,
    SELF_TRADE_TEXT,
    SIDE_OF,
    STATUS_OF,
    WAITING_WORDS,
    exact,
    exact_or_none,
)
from fixgate.model.enums import OrdRejReason, ProductType
from fixgate.model.execution import ErrorCode
from fixgate.model.venue import (
    CancelAtVenue,
    ModifyAtVenue,
    OrderRequest,
    OrderUpdate,
    OutcomeUnknown,
    QueryAtVenue,
    RequestRefused,
    SubmitList,
    SubmitOrder,
    VenueExec,
    VenueStatus,
    kind_of,
    request_number,
)
from fixgate.papi.answers import Answer, Response, SendFailure
from fixgate.papi.error_codes import Outcome
from fixgate.papi.errors import Failure, classify

AnswerEvent = OrderUpdate | RequestRefused | OutcomeUnknown
"""What an answer can be to the order that it is about."""

R = TypeVar("R", bound=OrderRequest)

CLOCK_SLACK_MS = 60_000
"""How far the venue's birth time of an order may lie before the gateway's own."""

_QUEUE_TIMEOUT = -5041
"""The venue's queue for the account timed out: taken as not executed by the venue, and not by us before the
order was looked at, because nobody says what becomes of a request that was already taken from the queue."""

_GONE = frozenset({-2011, -2013})
"""Cancel and modify refusals that say that the order is not open any more, or not open yet."""

_TRIGGERING = -4117
"""A service's refusal of a cancel while it puts the order on the market: it is not its order any more."""

decode = msgspec.json.Decoder().decode


def answer_events(request: OrderRequest | SubmitList, answer: Answer) -> list[AnswerEvent]:
    """Return what the answer means, an event for each order that it is about."""
    if not isinstance(request, SubmitList):
        return [answer_event(request, answer)]
    if isinstance(answer, Response) and 200 <= answer.status < 300:
        return [_read(leg, answer, _listed) for leg in request.legs]
    return [answer_event(leg, answer) for leg in request.legs]


def answer_event(request: OrderRequest, answer: Answer) -> AnswerEvent:
    """Return what the answer to a request means for its order."""
    if isinstance(answer, SendFailure):
        return _unknown(request, answer.text) if answer.sent else _refused(request, "", answer.text)
    if 200 <= answer.status < 300:
        return _read(request, answer, _acceptance)
    failure = classify(answer.status, answer.body, LEG_OF[request.product_type], answer.headers)
    if failure.code == _TRIGGERING and isinstance(request, CancelAtVenue) and at_service(request):
        return _refused(request, str(failure.code), failure_text(failure), gone=True)
    if failure.outcome is Outcome.UNKNOWN or failure.code == _QUEUE_TIMEOUT:
        return _unknown(request, failure_text(failure))
    code = "" if failure.code is None else str(failure.code)
    gone = not isinstance(request, SubmitOrder) and failure.code in _GONE
    return _refused(request, code, failure_text(failure), gone)


def failure_text(failure: Failure) -> str:
    """Return the venue's own words, bounded."""
    return failure.message[:200] or f"the venue answered {failure.outcome}"


def _read(
    request: R, answer: Response, read: Callable[[R, dict[str, Any]], OrderUpdate]
) -> OrderUpdate | OutcomeUnknown:
    try:
        return read(request, decode(answer.body))
    except (
        msgspec.DecodeError,
        ArithmeticError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        return _unknown(request, f"the venue's answer could not be read ({type(error).__name__})")


def _listed(leg: SubmitOrder, reply: dict[str, Any]) -> OrderUpdate:
    return _acceptance(leg, report_of(leg, reply))


def _acceptance(request: OrderRequest, reply: dict[str, Any]) -> OrderUpdate:
    if isinstance(request, SubmitOrder) and is_held_back(request):
        return held_acceptance(request, reply)
    if isinstance(request, CancelAtVenue) and at_service(request):
        return held_acceptance(request, reply)
    named = request.client_order_id if isinstance(request, CancelAtVenue) else reply.get("clientOrderId")
    if named not in (None, request.client_order_id):
        raise ValueError("the answer is about another order")
    word = reply.get("status", "NEW") if isinstance(request, SubmitOrder) else reply["status"]
    status = STATUS_OF[word]
    if isinstance(request, SubmitOrder) and request.order_type in MARGIN_STOP_TYPE and word in WAITING_WORDS:
        status = VenueStatus.SUSPENDED
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
        quantity=exact_or_none(reply.get("origQty")),
        price=exact_or_none(reply.get("price")),
        cum_quantity=exact(reply.get("executedQty", "0")),
        request_id=request_number(request),
        at_ms=int(reply.get("updateTime") or reply.get("transactTime") or 0),
    )


def _exec_of(request: OrderRequest, status: VenueStatus) -> VenueExec:
    """A modify's answer confirms it, unless the modify took the order off the market."""
    alive = status in (VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED, VenueStatus.FILLED)
    return VenueExec.REPLACED if isinstance(request, ModifyAtVenue) and alive else VenueExec.SNAPSHOT


def query_update(request: QueryAtVenue, row: dict[str, Any], *, settled: bool) -> OrderUpdate:
    """Return the state that a query answered. PAPI GET /papi/v1/{um,cm,margin}/order and allOrders.

    Raises `AttributeError`, `KeyError`, `TypeError`, `ValueError` or `ArithmeticError` for a row that is
    not an order.
    """
    state = _state(request.connector, request.account, request.product_type, row)
    return replace(
        state,
        order_id=request.order_id,
        symbol=request.symbol,
        client_order_id=request.client_order_id,
        settled=settled,
    )


def open_order_update(connector: str, account: str, product: ProductType, row: Any) -> OrderUpdate:
    """Return one row of a list of open orders. PAPI GET /papi/v1/{um,cm,margin}/openOrders.

    Which order of the gateway it is, if any, is for the engine to find; the list may lag behind the
    venue's engine, so it settles nothing. Raises what `query_update` raises.
    """
    return _state(connector, account, product, row)


def _state(connector: str, account: str, product: ProductType, row: dict[str, Any]) -> OrderUpdate:
    word = str(row["status"])
    cum = exact(row["executedQty"])
    return OrderUpdate(
        connector=connector,
        account=account,
        product_type=product,
        symbol=str(row["symbol"]),
        client_order_id=str(row["clientOrderId"]),
        venue_order_id=str(row["orderId"]),
        exec=VenueExec.SNAPSHOT,
        status=VenueStatus.SUSPENDED if _waits(row, word) else STATUS_OF[word],
        side=SIDE_OF.get(str(row.get("side"))),
        quantity=exact_or_none(row.get("origQty")),
        price=exact_or_none(row.get("price")),
        cum_quantity=cum,
        average_price=_average_price(row, cum),
        text=SELF_TRADE_TEXT if word == "EXPIRED_IN_MATCH" else "",
        at_ms=int(row.get("updateTime") or 0),
    )


def _waits(row: dict[str, Any], word: str) -> bool:
    """True for a margin stop order whose price has not come; `isWorking` is margin's own field."""
    return word in WAITING_WORDS and row.get("type") in MARGIN_STOPS and row.get("isWorking") is False


def _average_price(row: dict[str, Any], cum: Decimal) -> Decimal:
    """0 when the venue does not say; margin says the quote amount, below 0 when it has lost it."""
    average = exact(row.get("avgPrice") or "0")
    quote = exact(row.get("cummulativeQuoteQty") or "0")
    return quote / cum if not average and cum > 0 and quote > 0 else average


def is_same_order(request: QueryAtVenue, reply: dict[str, Any], clock_offset_ms: float = 0.0) -> bool:
    """False when the order that was found by its client id alone cannot be the one that was sent.

    A client id is unique among open orders only: a finished order of old, or another program on the same
    account, may carry the same one. Quantity and price tell the two apart only where the venue does not say
    when the order was made: other hands may have changed the order that was sent. `clock_offset_ms` is how
    far the venue's clock is ahead of the gateway's.
    """
    if request.venue_order_id or request.side is None:
        return True
    if SIDE_OF.get(str(reply.get("side"))) is not request.side:
        return False
    born = int(reply.get("time") or 0)
    if born:
        return born >= request.born_ns // 1_000_000 + clock_offset_ms - CLOCK_SLACK_MS
    same_price = request.price is None or Decimal(str(reply.get("price"))) == request.price
    return same_price and Decimal(str(reply.get("origQty"))) == request.quantity


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
        parent_order_id=order.parent_order_id,
        exec=VenueExec.TRADE,
        status=VenueStatus.PARTIALLY_FILLED,
        quantity=order.quantity,
        price=order.price or None,
        last_quantity=exact(row["qty"]),
        last_price=exact(row["price"]),
        trade_id=str(row["id"]),
        commission=exact_or_none(row.get("commission")),
        commission_currency=str(row.get("commissionAsset") or ""),
        maker=bool(row.get("maker", row.get("isMaker"))),
        at_ms=max(int(row.get("time") or 0), order.at_ms),
    )


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
        error=_error(request, code, text),
        order_gone=gone,
    )


def _error(request: OrderRequest, code: str, text: str) -> ErrorCode | None:
    """Return the Execution API's word for a refusal, `None` where it has none of its own."""
    if code not in INSUFFICIENT and not _lacks_balance(code, text):
        return None
    spot = request.product_type is ProductType.SPOT
    return ErrorCode.INSUFFICIENT_BALANCE if spot else ErrorCode.INSUFFICIENT_MARGIN


def _lacks_balance(code: str, text: str) -> bool:
    return code in ("-1013", "-2010") and "insufficient balance" in text


def _reason(code: str, text: str) -> OrdRejReason:
    if _lacks_balance(code, text):
        return OrdRejReason.EXCEEDS_LIMIT
    if code == "-1013" and "LOT_SIZE" in text:
        return OrdRejReason.INCORRECT_QUANTITY
    return REJECT_REASON_OF.get(code, OrdRejReason.BROKER)
