"""The documents' request examples, and the shapes and words of their answers."""

import json
from typing import Any

import httpx
import pytest

from fixgate.api.openapi import examples
from fixgate.model.exact_json import write
from fixgate.model.execution import ErrorCode, ExecutionError, MarginMode, MarketType
from tests.api.fake_desk import FakeDesk
from tests.api.wire import ROOT, post

TOLD = examples()
MARKET = TOLD["place_order"]["requests"]["Market Order"]
ORDERS = TOLD["place_order"]["requests"]


def exactly(answer: httpx.Response) -> Any:
    """Return an answer's JSON with every number as it is spelt."""
    return json.loads(answer.content, parse_float=str, parse_int=str)


def spelt(value: Any) -> Any:
    """Return an example likewise, its numbers as short as can be."""
    return json.loads(write(value), parse_float=str, parse_int=str)


def shape(value: Any) -> Any:
    """Return the keys of a value all the way down, in order; what is inside `info`, `result` and the
    exchange's own records is its own affair."""
    if isinstance(value, dict):
        own = ("info", "result", "response", "papi_balance", "papi_um_account", "assets")
        return {key: "..." if key in own else shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else "."


@pytest.mark.parametrize("title", ORDERS)
async def test_given_an_order_of_the_document_then_it_is_placed_and_told_in_its_shape(
    http: httpx.AsyncClient, desk: FakeDesk, title: str
) -> None:
    answer = await post(http, "/order", ORDERS[title])
    told = TOLD["place_order"]["responses"]["Successful Order"]
    assert answer.status_code == 200
    assert shape(exactly(answer)) == shape(told)
    assert answer.json()["message"] == told["message"]
    ticket = desk.tickets[0]
    for name, value in ORDERS[title].items():
        if name != "time_in_force":
            assert getattr(ticket, name) == value, name


async def test_given_the_market_order_of_the_document_then_its_answer_is_the_documents_to_the_digit(
    http: httpx.AsyncClient,
) -> None:
    answer = await post(http, "/order", MARKET)
    assert exactly(answer) == spelt(TOLD["place_order"]["responses"]["Successful Order"])
    assert b'"avg_fill_price":43250.5,' in answer.content


async def test_given_trailing_stop_on_gateio_then_it_is_refused_in_the_documents_words(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    order = {**MARKET, "exchange_account_id": "gateio-001", "order_type": "trailing_stop"}
    answer = await post(http, "/order", order)
    assert exactly(answer) == spelt(TOLD["place_order"]["responses"]["Unsupported Feature"])
    assert desk.tickets == []


async def test_given_a_daily_limit_then_its_refusal_is_the_documents(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    told = TOLD["place_order"]["responses"]["Daily Limit Exceeded"]
    desk.answers["place"] = ExecutionError(
        ErrorCode.DAILY_LIMIT_EXCEEDED, told["message"], {"limit_check": told["data"]["limit_check"]}
    )
    answer = await post(http, "/order", MARKET)
    assert answer.status_code == 400
    assert exactly(answer) == spelt(told)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("balance", "/balance"),
        ("daily_limit", "/daily-limit"),
        ("get_leverage", "/leverage"),
        ("positions", "/positions"),
        ("funding_history", "/funding-history"),
        ("realized_pnl", "/realized-pnl"),
        ("portfolio_balance", "/portfolio-margin/balance"),
        ("portfolio_account", "/portfolio-margin/account"),
    ],
)
async def test_given_a_question_of_the_documents_then_the_answer_has_its_shape(
    http: httpx.AsyncClient, name: str, path: str
) -> None:
    answer = await http.get(ROOT + path, params=TOLD[name]["query"])
    assert answer.status_code == 200, answer.text
    assert shape(exactly(answer)) == shape(TOLD[name]["responses"]["Example"])
    assert answer.json()["message"] == "Success"


@pytest.mark.parametrize("name", ["balance", "daily_limit", "get_leverage"])
async def test_given_the_documents_numbers_then_the_answer_is_the_documents_to_the_digit(
    http: httpx.AsyncClient, name: str
) -> None:
    path = {"balance": "/balance", "daily_limit": "/daily-limit", "get_leverage": "/leverage"}[name]
    answer = await http.get(ROOT + path, params=TOLD[name]["query"])
    assert exactly(answer) == spelt(TOLD[name]["responses"]["Example"])


async def test_given_a_portfolio_balance_then_text_numbers_became_the_documents_numbers(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get(f"{ROOT}/portfolio-margin/balance", params=TOLD["portfolio_balance"]["query"])
    told = TOLD["portfolio_balance"]["responses"]["Example"]["data"]["assets"]["USDT"]
    assert exactly(answer)["data"]["assets"] == {"USDT": spelt(told)}


@pytest.mark.parametrize(
    ("name", "path", "call"),
    [
        (
            "set_leverage",
            "/leverage",
            ("set_leverage", "binance-perp-001", "BTC/USDT:USDT", 10, MarketType.SWAP),
        ),
        (
            "set_margin_mode",
            "/margin-mode",
            ("set_margin_mode", "binance-perp-001", "BTC/USDT:USDT", MarginMode.ISOLATED, MarketType.SWAP),
        ),
        (
            "auto_collection",
            "/portfolio-margin/auto-collection",
            ("pm_auto_collection", "binance-pm-001"),
        ),
        (
            "asset_collection",
            "/portfolio-margin/asset-collection",
            ("pm_asset_collection", "binance-pm-001", "USDT"),
        ),
    ],
)
async def test_given_a_setting_of_the_documents_then_it_is_made_and_the_answer_is_the_documents(
    http: httpx.AsyncClient, desk: FakeDesk, name: str, path: str, call: tuple[Any, ...]
) -> None:
    answer = await post(http, path, TOLD[name]["requests"]["Example"])
    assert exactly(answer) == spelt(TOLD[name]["responses"]["Example"])
    assert desk.calls == [call]


async def test_given_an_order_then_asking_for_it_gives_the_documents_shape(http: httpx.AsyncClient) -> None:
    placed = (await post(http, "/order", MARKET)).json()["data"]["order_id"]
    answer = await http.get(f"{ROOT}/order/{placed}", params=TOLD["get_order"]["query"])
    told = exactly(answer)
    assert shape(told) == shape(TOLD["get_order"]["responses"]["Example"])
    assert told["data"]["remaining"] == "0"
    assert told["data"]["fee"] == {"cost": "0.0432505", "currency": "USDT"}
    assert told["data"]["datetime"] == "2025-01-15T10:30:00Z"


async def test_given_a_resting_order_then_it_is_among_the_open_ones_and_can_be_cancelled(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    order_id = (await post(http, "/order", ORDERS["Stop Loss Order"])).json()["data"]["order_id"]
    listed = await http.get(f"{ROOT}/orders/open", params=TOLD["open_orders"]["query"])
    assert listed.json()["data"]["count"] == 1
    assert listed.json()["data"]["orders"][0]["stop_price"] == 85000
    answer = await http.delete(f"{ROOT}/order/{order_id}", params=TOLD["cancel_order"]["query"])
    assert answer.status_code == 200
    assert answer.json()["message"] == "Order cancelled successfully"
    assert answer.json()["data"]["order_status"] == "canceled"
    assert ("cancel", "api", "binance-sandbox-001", order_id, "BTC/USDT", MarketType.SPOT) in desk.calls
    listed = await http.get(f"{ROOT}/orders/open", params=TOLD["open_orders"]["query"])
    assert listed.json()["data"]["orders"] == []


async def test_given_the_capabilities_of_binance_then_they_are_the_documents(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ROOT}/capabilities", params={"exchange": "binance"})
    assert answer.json() == TOLD["capabilities"]["responses"]["Single Exchange"]


async def test_given_no_exchange_then_the_capabilities_of_all_are_told(http: httpx.AsyncClient) -> None:
    told = (await http.get(f"{ROOT}/capabilities")).json()
    assert list(told) == ["isError", "statusCode", "data"]
    assert list(told["data"]["exchanges"]) == ["binance", "bybit", "gateio", "kraken", "hyperliquid", "okx"]
    assert told["data"]["exchanges"]["hyperliquid"]["spot"] is None


async def test_given_the_validation_of_the_document_then_gateio_does_not_support_it(
    http: httpx.AsyncClient,
) -> None:
    answer = await post(http, "/validate", TOLD["validate"]["requests"]["Example"])
    assert answer.status_code == 400
    assert answer.json()["message"] == "Gate.io does not support trailing_stop orders"


@pytest.mark.parametrize(
    ("title", "order"),
    [
        ("Valid", {"exchange": "binance", "order_type": "limit", "time_in_force": "POST_ONLY"}),
        ("Invalid", {"exchange": "hyperliquid", "order_type": "market"}),
    ],
)
async def test_given_an_order_to_validate_then_the_answer_is_the_documents(
    http: httpx.AsyncClient, title: str, order: dict[str, Any]
) -> None:
    answer = await post(http, "/validate", order)
    assert answer.json() == TOLD["validate"]["responses"][title]
    assert answer.status_code == answer.json()["statusCode"]


async def test_given_a_stop_order_to_validate_without_its_price_then_that_is_a_warning(
    http: httpx.AsyncClient,
) -> None:
    answer = await post(http, "/validate", {"exchange": "okx", "order_type": "stop_loss_limit"})
    assert answer.json()["data"] == {
        "valid": True,
        "error": None,
        "warnings": ["stop_price is required for stop_loss_limit orders"],
    }


async def test_given_a_price_that_the_order_type_does_not_take_then_it_is_not_valid(
    http: httpx.AsyncClient,
) -> None:
    order = {"exchange": "okx", "order_type": "market", "trailing_delta": 1}
    answer = await post(http, "/validate", order)
    assert answer.json()["data"]["error"] == "trailing_delta is not taken by market orders; it was 1"
