"""Every event of the user data stream is read whole and exactly, whatever the venue adds to it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fixgate.papi.events import (
    EVENT_TYPES,
    AlgoUpdate,
    ExecutionReport,
    OrderTradeUpdate,
    RiskLevelChange,
    UnknownEvent,
    read_event,
)
from fixgate.papi.stream_frames import read_frame

from .endpoint_rows import with_unknown_fields

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "events.json").read_text(encoding="utf-8"))
"""One or more of each type, invented, in the shape that the venue documents."""


def event(frame: object) -> Any:
    read = read_frame(json.dumps(frame).encode())
    assert isinstance(read, dict)
    return read_event(read)


def the_same(wire: Any, value: Any) -> bool:
    """True when every field on the wire is in the typed value, exactly; the type's name is its class."""
    if isinstance(wire, dict):
        names = {field.encode_name: field.name for field in msgspec.structs.fields(type(value))}
        return all(
            the_same(inner, getattr(value, names[name])) for name, inner in wire.items() if name != "e"
        )
    if isinstance(wire, list):
        return len(wire) == len(value) and all(map(the_same, wire, value))
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value) == str(Decimal(wire) if isinstance(value, Decimal) else int(wire))
    return type(wire) is type(value) and bool(wire == value)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_event_is_its_type_and_loses_nothing(name: str) -> None:
    frame = SAMPLES[name]
    read = event(frame)
    assert type(read) is EVENT_TYPES[frame["e"]]
    assert the_same(frame, read), read


@pytest.mark.parametrize("name", SAMPLES)
def test_each_event_with_fields_that_nobody_has_heard_of_is_the_same_event(name: str) -> None:
    assert event(with_unknown_fields(SAMPLES[name])) == event(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_each_event_wrapped_as_by_a_combined_stream_is_the_same_event(name: str) -> None:
    assert event({"stream": "k" * 40, "data": SAMPLES[name]}) == event(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_without_any_one_of_its_fields_is_never_dropped(name: str) -> None:
    frame = SAMPLES[name]
    inner = next((key for key, value in frame.items() if isinstance(value, dict)), None)
    for field in frame if inner is None else frame[inner]:
        if field == "e":
            continue
        cut = json.loads(json.dumps(frame))
        del (cut if inner is None else cut[inner])[field]
        read = event(cut)
        assert type(read) is EVENT_TYPES[frame["e"]] or f"`{field}`" in read.problem


def test_there_is_a_sample_of_each_type() -> None:
    assert {frame["e"] for frame in SAMPLES.values()} == set(EVENT_TYPES) - {"RISK_LEVEL_CHANGE"}


def test_both_spellings_of_the_risk_event_are_known() -> None:
    assert isinstance(event(SAMPLES["riskLevelChange"] | {"e": "RISK_LEVEL_CHANGE"}), RiskLevelChange)


@pytest.mark.parametrize("frame", [{"e": "listStatus", "N": 1}, {"e": 5}, {"x": 1}, {"e": None}, {}])
def test_an_event_of_an_unknown_type_comes_as_it_is(frame: dict[str, Any]) -> None:
    read = event(frame)
    assert isinstance(read, UnknownEvent) and read.fields == frame and not read.problem


def test_an_event_that_cannot_be_read_as_its_type_comes_as_it_is_with_the_reason() -> None:
    frame = SAMPLES["um_order_new"] | {"o": {"s": "X"}}
    read = event(frame)
    assert isinstance(read, UnknownEvent)
    assert (read.type, read.fields) == ("ORDER_TRADE_UPDATE", frame)
    assert "missing required field" in read.problem


def test_numbers_are_exact_ids_are_whole_and_an_empty_number_is_none() -> None:
    frame = json.loads(json.dumps(SAMPLES["um_trade_partial"]))
    frame["o"] |= {"i": 9_007_199_254_740_993, "ap": "0.1000000000000000000000001", "n": "", "M": "12"}
    read = event(frame)
    assert isinstance(read, OrderTradeUpdate)
    assert (read.order.orderId, read.order.modifyId, read.order.commission) == (
        9_007_199_254_740_993,
        12,
        None,
    )
    assert str(read.order.avgPrice) == "0.1000000000000000000000001"


def test_fields_that_differ_by_case_alone_are_kept_apart() -> None:
    read = event(SAMPLES["margin_stp"])
    assert isinstance(read, ExecutionReport)
    assert (read.tradeId, read.transactionTime) == (SAMPLES["margin_stp"]["t"], SAMPLES["margin_stp"]["T"])
    assert read.counterOrderId != read.tradeGroupId


def test_the_order_of_a_trigger_is_named_by_text() -> None:
    read = event(SAMPLES["algo_triggered"])
    assert isinstance(read, AlgoUpdate)
    assert read.order.actualOrderId == SAMPLES["algo_triggered"]["ao"]["ai"]
