"""Every request example of the Execution API's documents, run with curl against the gateway as `make run`
starts it, gives the documented shape. The examples and the shapes are read from the documents' own text.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.documents.reading import Answer, Example, answers, examples, routes

from .shipped import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDER_ID = "12345678"

OF_POSITIONS = {("GET", "positions"), ("GET", "realized-pnl"), ("GET", "leverage")}
"""What the documents show the answers of with a position open."""

SILENT = {
    "price",
    "liquidation_price",
    "margin_mode",
    "mark_price",
    "fee",
    "percentage",
    "collateral",
    "symbol",
    "avg_fill_price",
    "order_fee",
    "fee_currency",
    "average",
}
"""Keys whose value may be null: what an exchange did not say, or what there is none of."""

MAPS = {"free", "used", "total", "assets", "exchanges", "result", "response", "info", "notes"}
"""Keys of maps whose own keys are the account's or the exchange's, not the documents'."""


def documented(example: Example) -> Answer | None:
    """The successful answer that the example's section gives, where it gives one."""
    path = example.path.replace(f"/{ORDER_ID}", "/")
    found = [
        answer
        for answer in answers()
        if (answer.document, answer.method, answer.path) == (example.document, example.method, path)
        and not answer.body["isError"]
    ]
    if path.endswith("/capabilities"):
        return found[0] if example.query else found[1]
    return found[0] if found else None


def check_shape(actual: Any, expected: Any, place: str) -> None:
    """Every documented key is there, with a value of the documented kind."""
    key = place.rpartition(".")[2]
    if actual is None and (key in SILENT or expected is None):
        return
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{place} was {actual!r}"
        if key in MAPS:
            return
        missing = expected.keys() - actual.keys()
        assert not missing, f"{place} lacks {sorted(missing)}"
        for name, value in expected.items():
            check_shape(actual[name], value, f"{place}.{name}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{place} was {actual!r}"
        for number, value in enumerate(actual):
            check_shape(value, expected[0], f"{place}.{number}")
    elif isinstance(expected, bool) or expected is None:
        assert expected is None or isinstance(actual, bool), f"{place} was {actual!r}"
    elif isinstance(expected, int | Decimal):
        assert isinstance(actual, int | Decimal) and not isinstance(actual, bool), f"{place} was {actual!r}"
    else:
        assert isinstance(actual, str), f"{place} was {actual!r}"


async def prepare(running: Running, example: Example) -> Example:
    """Make what the example takes for given: an order to ask after, a position to reduce, money to
    collect."""
    body = example.body or {}
    if body.get("reduce_only") or (example.method, example.path.rpartition("/")[2]) in OF_POSITIONS:
        account = body.get("exchange_account_id") or example.query["exchange_account_id"]
        await running.placed(
            exchange_account_id=account,
            symbol="BTC/USDT:USDT",
            side="buy",
            order_type="market",
            quantity=0.002,
            market_type="swap",
        )
    if ORDER_ID in example.path:
        resting = example.method == "DELETE"
        order = await running.placed(
            exchange_account_id=example.query["exchange_account_id"],
            symbol="BTC/USDT",
            side="buy",
            order_type="limit" if resting else "market",
            quantity=0.001,
            **({"price": 80000} if resting else {}),
        )
        return example._replace(path=example.path.replace(ORDER_ID, order["order_id"]))
    return example


@pytest.mark.parametrize("example", examples(), ids=str)
async def test_a_documented_request_gives_the_documented_shape(running, example):
    expected = documented(example)
    ready = await prepare(running, example)
    reply = await running.curl(ready.method, ready.path, ready.query, ready.body)
    if example.path.endswith("/validate"):
        assert (
            reply.status == 400 and reply.body["message"] == "Gate.io does not support trailing_stop orders"
        )
        return
    assert reply.status == reply.body["statusCode"] == 200, reply.body
    assert reply.body["isError"] is False
    if expected is not None:
        check_shape(reply.body, expected.body, "")


async def test_an_unsupported_feature_is_answered_in_the_documents_words(running):
    expected = next(answer.body for answer in answers() if answer.title == "Unsupported Feature")
    order = {
        "exchange_account_id": "gateio-001",
        "symbol": "BTC/USDT",
        "side": "sell",
        "order_type": "trailing_stop",
        "quantity": 0.001,
        "trailing_delta": 1,
    }
    reply = await running.curl("POST", "/oems/execution/order", {}, order)
    assert (reply.status, reply.body) == (400, expected)


async def test_an_order_over_the_daily_limit_is_answered_in_the_documents_shape(running):
    expected = next(answer.body for answer in answers() if answer.title == "Daily Limit Exceeded")
    order = {
        "exchange_account_id": "gateio-001",
        "symbol": "BTC/USDT",
        "side": "buy",
        "order_type": "limit",
        "quantity": 20,
        "price": 90000,
    }
    reply = await running.curl("POST", "/oems/execution/order", {}, order)
    assert reply.status == 400, reply.body
    check_shape(reply.body, expected, "")
    assert reply.body["message"].startswith("Order would exceed daily limit. Remaining: $")
    assert reply.body["data"]["error"] == "DAILY_LIMIT_EXCEEDED"


@pytest.mark.parametrize("title", ["Single Exchange", "Valid", "Invalid"])
async def test_answers_that_depend_on_nothing_are_the_documents_to_the_letter(running, title):
    expected = next(answer for answer in answers() if answer.title == title)
    if title == "Single Exchange":
        reply = await running.curl("GET", expected.path, {"exchange": "binance"})
        data = reply.body["data"]
        assert {key: data[key] for key in expected.body["data"]} == expected.body["data"]
        return
    exchange = "binance" if title == "Valid" else "hyperliquid"
    reply = await running.curl("POST", expected.path, {}, {"exchange": exchange, "order_type": "limit"})
    assert reply.body == expected.body


async def test_every_documented_route_is_served_and_no_other(running):
    reply = await running.curl("GET", "/openapi.json", {})
    served = {
        (method.upper(), path)
        for path, operations in reply.body["paths"].items()
        for method in operations
        if path.startswith("/oems/execution/")
    }
    assert served == routes()
