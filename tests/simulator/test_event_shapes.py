"""Field by field, the events have the exchange's documented shapes."""

from typing import Any

import pytest

from fixgate.simulator import Leg
from tests.simulator.desk import Desk

ORDER_FIELDS = "s c S o f q p ap sp x X i l z L T t b a m R ps rp V gtd"
REPORT_FIELDS = "e E s c S o f q p P F g C x X r i l z L n N T t I w m O Z Y Q W V"

UM_ENVELOPE = {"e", "fs", "E", "T", "i", "o"}
UM_ORDER = set(ORDER_FIELDS.split())
CM_ORDER = (UM_ORDER - {"gtd"}) | {"ma", "pm", "er"}
REPORT = set(REPORT_FIELDS.split())
FILL = {"N", "n"}


@pytest.mark.parametrize(("leg", "fields"), [(Leg.UM, UM_ORDER), (Leg.CM, CM_ORDER)])
def test_given_a_futures_order_when_new_filled_and_cancelled_then_its_fields(
    leg: Leg, fields: set[str]
) -> None:
    desk = Desk(leg)
    size, part = ("10", "4") if leg is Leg.CM else ("0.010", "0.004")
    order = desk.buy(size, "64000.0")
    desk.market("SELL", "64000.0", part)
    desk.cancel(order)
    new, trade, cancelled = desk.named("ORDER_TRADE_UPDATE")
    assert set(new) == UM_ENVELOPE and new["fs"] == leg.value
    assert (set(new["o"]), set(trade["o"]), set(cancelled["o"])) == (fields, fields | FILL, fields)
    assert (new["o"]["t"], new["o"]["l"], new["o"]["ap"]) == (0, "0", "0")
    assert (cancelled["o"]["z"], cancelled["o"]["l"], cancelled["o"]["X"]) == (part, "0", "CANCELED")


def test_given_um_numbers_then_they_are_printed_at_the_symbols_scale() -> None:
    desk = Desk()
    desk.buy("0.01", "64000.1")
    body: dict[str, Any] = desk.named("ORDER_TRADE_UPDATE")[0]["o"]
    assert (body["q"], body["p"], body["z"]) == ("0.010", "64000.10", "0")


def test_given_a_margin_order_when_new_filled_and_cancelled_then_its_fields() -> None:
    desk = Desk(Leg.MARGIN)
    order = desk.buy("0.01", "64000.00")
    desk.market("SELL", "64000.00", "0.004")
    desk.cancel(order)
    new, trade, cancelled = desk.named("executionReport")
    assert (set(new), set(trade), set(cancelled)) == (REPORT, REPORT, REPORT)
    assert (new["N"], new["n"], new["t"], new["w"]) == (None, "0", -1, True)
    assert (trade["Z"], trade["Y"], trade["N"]) == ("256.00000000", "256.00000000", "BTC")
    assert cancelled["w"] is False and cancelled["C"] == order.client_order_id


def test_given_account_events_then_their_fields() -> None:
    desk = Desk()
    desk.market("SELL", "65000.00", "0.010")
    desk.buy("0.010")
    update = desk.named("ACCOUNT_UPDATE")[0]
    assert set(update) == {"e", "fs", "E", "T", "i", "a"} and update["a"]["m"] == "ORDER"
    assert set(update["a"]["B"][0]) == {"a", "wb", "cw", "bc"}
    assert set(update["a"]["P"][0]) == {"s", "pa", "ep", "cr", "up", "ps", "bep"}


def test_given_any_event_then_no_number_has_an_exponent() -> None:
    desk = Desk(Leg.CM)
    desk.market("SELL", "65000.0", "1")
    desk.buy("1")
    texts = [value for _, event in desk.log for value in flatten(event) if isinstance(value, str)]
    numbers = [text for text in texts if text[:1].isdigit() or text[:1] == "-"]
    assert numbers and not [text for text in numbers if "E" in text or "e" in text]


def flatten(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in flatten(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in flatten(item)]
    return [value]
