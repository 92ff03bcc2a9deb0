"""From ccxt's structures to events: numbers exact, nothing guessed."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.connectors.ccxt.reading import UNREADABLE
from fixgate.model.enums import ProductType
from fixgate.model.venue import VenueExec, VenueStatus
from tests.connectors_ccxt.rows import READER, order_row, trade_row

STATES: list[tuple[dict[str, Any], VenueStatus]] = [
    ({}, VenueStatus.NEW),
    ({"status": None}, VenueStatus.NEW),
    ({"filled": "0.004"}, VenueStatus.PARTIALLY_FILLED),
    ({"filled": "0.010"}, VenueStatus.FILLED),
    ({"status": "closed", "filled": "0.010"}, VenueStatus.FILLED),
    ({"status": "closed", "filled": "0"}, VenueStatus.CANCELED),
    ({"status": "canceled"}, VenueStatus.CANCELED),
    ({"status": "expired"}, VenueStatus.EXPIRED),
    ({"status": "rejected"}, VenueStatus.REJECTED),
    ({"triggerPrice": "80000"}, VenueStatus.SUSPENDED),
    ({"stopLossPrice": "80000", "info": {"isWorking": False}}, VenueStatus.SUSPENDED),
    ({"stopLossPrice": "80000", "info": {"isWorking": True}}, VenueStatus.NEW),
    ({"triggerPrice": "80000", "info": {"orderStatus": "Untriggered"}}, VenueStatus.SUSPENDED),
    ({"triggerPrice": "80000", "info": {"orderStatus": "New"}}, VenueStatus.NEW),
    ({"triggerPrice": "80000", "filled": "0.001"}, VenueStatus.PARTIALLY_FILLED),
    ({"triggerPrice": "0"}, VenueStatus.NEW),
]


@pytest.mark.parametrize(("changes", "status"), STATES, ids=lambda value: str(value)[:50])
def test_an_orders_state(changes: dict[str, Any], status: VenueStatus) -> None:
    assert READER.order(order_row(**changes)).status is status


def test_a_conditional_order_waits_at_its_service_whatever_ccxt_calls_it() -> None:
    waiting = READER.order(order_row(info={"algo": 1}))
    assert (waiting.status, waiting.venue_order_id) == (VenueStatus.SUSPENDED, "v1")
    fired = READER.order(order_row(status="closed", filled="0.010", info={"algo": 1, "child": 77}))
    assert (fired.status, fired.venue_order_id, fired.parent_order_id) == (VenueStatus.NEW, "77", "v1")
    assert fired.cum_quantity == 0
    ended = READER.order(order_row(status="canceled", info={"algo": 1}))
    assert ended.status is VenueStatus.CANCELED


def test_contracts_become_base_asset_and_stay_contracts_where_inverse() -> None:
    swap = READER.order(order_row(symbol="BTC/USDT:USDT", amount="25", filled="3"))
    assert (swap.quantity, swap.cum_quantity) == (Decimal("0.25"), Decimal("0.03"))
    assert swap.product_type is ProductType.FUTURE
    inverse = READER.order(order_row(symbol="BTC/USD:BTC", amount="25", filled="3"))
    assert (inverse.quantity, inverse.cum_quantity) == (25, 3)
    assert inverse.product_type is ProductType.DELIVERY
    trade = READER.trade(trade_row(symbol="BTC/USDT:USDT", amount="3"))
    assert trade is not None and trade.last_quantity == Decimal("0.03")


def test_what_ccxt_does_not_tell_claims_nothing() -> None:
    update = READER.order(order_row(amount=None, filled=None, price=None, average=None, timestamp=None))
    assert (update.quantity, update.price, update.cum_quantity, update.at_ms) == (None, None, 0, 0)


@pytest.mark.parametrize(
    "info",
    [
        {"cl_ord_id": "fg1"},
        {"cliOrdId": "fg1"},
        {"algoClOrdId": "fg1", "clOrdId": ""},
        {"caid": "fg1"},
        {"orderLinkId": "fg1"},
        {"order": {"cloid": "fg1"}},
        {"text": "fg1"},
    ],
)
def test_the_client_order_id_that_ccxt_drops_is_found(info: dict[str, Any]) -> None:
    assert READER.order(order_row(clientOrderId=None, info=info)).client_order_id == "fg1"


def test_krakens_missing_number_is_no_client_order_id() -> None:
    assert not READER.order(order_row(clientOrderId="0")).client_order_id


@pytest.mark.parametrize(
    ("changes", "commission"),
    [
        ({}, Decimal("0.01")),
        ({"fee": {"cost": "-0.01", "currency": "USDT"}}, Decimal("-0.01")),
        ({"fee": {"cost": "-0.01", "currency": "USDT"}, "info": {"fillFee": "-0.01"}}, Decimal("0.01")),
        ({"fee": {"cost": 1e-05, "currency": "USDT"}}, Decimal("0.00001")),
        ({"fee": None}, None),
        ({"fee": {"cost": None, "currency": None}}, None),
    ],
)
def test_a_commission_is_above_zero_when_it_was_paid(
    changes: dict[str, Any], commission: Decimal | None
) -> None:
    trade = READER.trade(trade_row(**changes))
    assert trade is not None and trade.commission == commission
    assert trade.exec is VenueExec.TRADE and trade.cum_quantity == 0


@pytest.mark.parametrize("changes", [{"info": {"execType": "Funding"}}, {"order": None}, {"id": None}])
def test_what_is_no_trade_of_an_order_is_left_out(changes: dict[str, Any]) -> None:
    assert READER.trade(trade_row(**changes)) is None


@pytest.mark.parametrize(
    "changes",
    [{"symbol": "NEW/USDT"}, {"amount": "many"}, {"price": "NaN"}, {"filled": "Infinity"}],
)
def test_what_cannot_be_read_is_not_guessed(changes: dict[str, Any]) -> None:
    with pytest.raises(UNREADABLE):
        READER.order(order_row(**changes))
