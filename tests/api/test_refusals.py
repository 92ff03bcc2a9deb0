"""What the door refuses, in the envelope, naming the field, its value and what would be right."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from fixgate.api.openapi import examples
from fixgate.model.execution import ErrorCode, ExecutionError
from tests.api.fake_desk import FakeDesk, pending
from tests.api.wire import ROOT, post, raw

ORDERS = examples()["place_order"]["requests"]
MARKET = ORDERS["Market Order"]
LIMIT = {**MARKET, "order_type": "limit", "price": 80000}
STOP = ORDERS["Stop Loss Order"]
SWAP = {**MARKET, "exchange_account_id": "bybit-001", "symbol": "BTC/USDT:USDT", "market_type": "swap"}


def refused(answer: httpx.Response, status: int, code: str, text: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["statusCode"], told["isError"]) == (status, status, True), told
    assert told["data"].get("error") == code
    assert text in told["message"], told["message"]


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        ("NaN", "quantity is not a number; it must be above zero, such as 0.001; it was NaN"),
        ("Infinity", "quantity is not a number"),
        ("1e400", "quantity is too large or too small; it must be above zero, such as 0.001; it was 1e400"),
        ("1" * 50, "quantity has more than 38 digits"),
        ("true", "quantity must be a JSON number, such as 0.001; it was true"),
        ('"0.001"', 'quantity must be a JSON number, such as 0.001; it was "0.001"'),
        ("0", "quantity must be above zero, such as 0.001; it was 0"),
        ("-1", "quantity must be above zero, such as 0.001; it was -1"),
        ("{}", "quantity must be a JSON number, such as 0.001; it was an object"),
        ("[1]", "quantity must be a JSON number, such as 0.001; it was a list"),
        ("null", "quantity is missing. Order quantity in base asset."),
        ('1,"quantity":2', "'quantity' is there twice; give it once"),
    ],
)
async def test_given_a_number_that_is_none_then_422_names_it(
    http: httpx.AsyncClient, desk: FakeDesk, quantity: str, text: str
) -> None:
    body = (
        '{"exchange_account_id":"binance-sandbox-001","symbol":"BTC/USDT","side":"buy",'
        f'"order_type":"market","quantity":{quantity}}}'
    )
    refused(await raw(http, "/order", body.encode()), 422, "INVALID_REQUEST", text)
    assert desk.tickets == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"quantty": 1}, "quantty is not a field here; did you mean quantity?"),
        ({"params": {"stopPrice": 1}}, "params is not a field here; there are exchange_account_id, symbol"),
        ({"side": "BUY"}, 'side must be one of buy, sell (did you mean buy?); it was "BUY"'),
        ({"order_type": "stop_los"}, "did you mean stop_loss?"),
        ({"time_in_force": "GTD"}, "time_in_force must be one of GTC, IOC, FOK, POST_ONLY"),
        ({"market_type": 5}, "market_type must be one of spot, swap, future; it was 5"),
        ({"reduce_only": "true"}, 'reduce_only must be true or false; it was "true"'),
        ({"symbol": "BTC USDT"}, "symbol must be a unified symbol"),
        ({"symbol": "\ud800"}, "symbol must be a unified symbol"),
        ({"client_order_id": "a\nb"}, "client_order_id must be 1 to 64 printable ASCII characters"),
        ({"client_order_id": ""}, "client_order_id must be"),
        ({"trailing_delta": 101}, "trailing_delta must be above 0 and at most 100 percent"),
        ({"position_side": "long"}, "position_side must be one of BOTH, LONG, SHORT (did you mean LONG?)"),
    ],
)
async def test_given_a_field_that_is_wrong_then_422_says_what_would_be_right(
    http: httpx.AsyncClient, desk: FakeDesk, change: dict[str, Any], text: str
) -> None:
    body = json.dumps({**MARKET, "quantity": 0.001, **change}, default=float).encode()
    refused(await raw(http, "/order", body), 422, "INVALID_REQUEST", text)
    assert desk.tickets == []


async def test_given_several_wrong_fields_then_all_are_told(http: httpx.AsyncClient) -> None:
    answer = await post(http, "/order", {"side": "up", "quantity": 0, "colour": "red"})
    assert [problem["field"] for problem in answer.json()["data"]["problems"]] == [
        "colour",
        "exchange_account_id",
        "symbol",
        "side",
        "order_type",
        "quantity",
    ]


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"order"', b"{", b"", b"\xff"])
async def test_given_a_body_that_is_no_object_then_422(http: httpx.AsyncClient, body: bytes) -> None:
    refused(await raw(http, "/order", body), 422, "INVALID_REQUEST", "the body must be")


async def test_given_a_null_then_the_field_counts_as_absent(http: httpx.AsyncClient, desk: FakeDesk) -> None:
    answer = await post(http, "/order", {**MARKET, "price": None, "reduce_only": None, "market_type": None})
    assert answer.status_code == 200
    assert (desk.tickets[0].price, desk.tickets[0].reduce_only) == (None, False)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=latin-1", 415),
        ("application/json; charset=UTF-8", 200),
        ("Application/JSON", 200),
    ],
)
async def test_given_a_content_type_then_only_json_in_utf8_is_taken(
    http: httpx.AsyncClient, content_type: str, status: int
) -> None:
    answer = await post(http, "/order", MARKET, {"Content-Type": content_type})
    assert answer.status_code == status
    if status == 415:
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json")


async def test_given_a_compressed_body_then_415(http: httpx.AsyncClient) -> None:
    answer = await post(http, "/order", MARKET, {"Content-Encoding": "gzip"})
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding is not taken; it was 'gzip'")


async def test_given_a_body_over_64_kib_then_413_whether_it_was_declared_or_not(
    http: httpx.AsyncClient,
) -> None:
    body = b'{"symbol":"' + b"A" * 66_000 + b'"}'
    refused(await raw(http, "/order", body), 413, "BODY_TOO_LARGE", "at most 65536 bytes")

    async def chunks() -> Any:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    answer = await http.post(f"{ROOT}/order", content=chunks(), headers={"Content-Type": "application/json"})
    refused(answer, 413, "BODY_TOO_LARGE", "at most 65536 bytes")


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ({**MARKET, "order_type": "limit"}, "price is required for limit orders"),
        ({**STOP, "stop_price": None}, "stop_price is required for stop_loss orders"),
        (
            {**MARKET, "order_type": "oco"},
            "price is required for oco orders; stop_price is required for oco orders",
        ),
        (
            {**SWAP, "order_type": "trailing_stop"},
            "trailing_delta is required for trailing_stop orders",
        ),
        ({**MARKET, "price": 80000}, "price is not taken by market orders; it was 80000"),
        ({**LIMIT, "stop_price": 1}, "stop_price is not taken by limit orders; it was 1"),
        ({**STOP, "trailing_delta": 1}, "trailing_delta is not taken by stop_loss orders; it was 1"),
    ],
)
async def test_given_prices_that_do_not_go_with_the_order_type_then_400(
    http: httpx.AsyncClient, desk: FakeDesk, order: dict[str, Any], text: str
) -> None:
    refused(await post(http, "/order", order), 400, "INVALID_REQUEST", text)
    assert desk.tickets == []


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (
            {**MARKET, "exchange_account_id": "hyperliquid-001"},
            "Hyperliquid does not support spot trading",
        ),
        ({**MARKET, "reduce_only": True}, "Binance does not support reduce_only on spot"),
        (
            {**LIMIT, "exchange_account_id": "gateio-001", "post_only": True},
            "Gate.io does not support post_only on spot",
        ),
        ({**LIMIT, "position_side": "LONG"}, "Binance does not support hedge_mode on spot"),
        (
            {**LIMIT, "post_only": True, "time_in_force": "IOC"},
            "post_only cannot be combined with time_in_force IOC",
        ),
        ({**MARKET, "post_only": True}, "post_only needs a limit order; order_type was market"),
    ],
)
async def test_given_what_the_exchange_does_not_support_then_the_documents_words_and_shape(
    http: httpx.AsyncClient, desk: FakeDesk, order: dict[str, Any], text: str
) -> None:
    answer = await post(http, "/order", order)
    assert answer.status_code == 400
    assert answer.json()["message"] == text
    assert set(answer.json()["data"]) == {"exchange", "order_type", "market_type"}
    assert desk.tickets == []


@pytest.mark.parametrize("said", [{"time_in_force": "POST_ONLY"}, {"post_only": True}])
async def test_given_post_only_either_way_then_the_ticket_says_both(
    http: httpx.AsyncClient, desk: FakeDesk, said: dict[str, Any]
) -> None:
    await post(http, "/order", {**LIMIT, **said})
    assert (desk.tickets[0].time_in_force, desk.tickets[0].post_only) == ("POST_ONLY", True)


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/balance", "exchange_account_id is missing"),
        ("GET", "/balance?exchange_account_id=gateio-001&markt_type=spot", "did you mean market_type?"),
        ("GET", "/balance?exchange_account_id=gateio-001&exchange_account_id=x", "must be given once"),
        ("GET", "/positions?exchange_account_id=bybit-001&market_type=spot", "must be one of swap, future"),
        ("GET", "/funding-history?exchange_account_id=bybit-001&limit=0", "limit must be a whole number"),
        ("GET", "/funding-history?exchange_account_id=bybit-001&since=1e3", "since must be a whole number"),
        ("GET", "/funding-history?exchange_account_id=bybit-001&limit=%C2%B2", "limit must be a whole"),
        ("GET", "/capabilities?exchange=ftx", "exchange must be one of binance, bybit, gateio"),
        ("GET", "/order/a%20b?exchange_account_id=gateio-001", "order_id must be an order id"),
        ("DELETE", "/order/1", "exchange_account_id is missing"),
    ],
)
async def test_given_a_query_that_is_wrong_then_422(
    http: httpx.AsyncClient, method: str, path: str, text: str
) -> None:
    refused(await http.request(method, ROOT + path), 422, "INVALID_REQUEST", text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/nothing", "there is no /nothing"),
        (f"{ROOT}/ordr", "there is no /oems/execution/ordr; did you mean /oems/execution/order?"),
        (f"{ROOT}/order/", "there is no"),
        (f"{ROOT}/order/1/2", "there is no"),
        ("/%00%FF", "there is no"),
    ],
)
async def test_given_a_path_that_there_is_not_then_404(http: httpx.AsyncClient, path: str, text: str) -> None:
    refused(await http.get(path), 404, "NOT_FOUND", text)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", f"{ROOT}/order/1", "DELETE, GET"),
        ("GET", f"{ROOT}/order", "POST"),
        ("DELETE", f"{ROOT}/leverage", "GET, POST"),
        ("OPTIONS", f"{ROOT}/balance", "GET"),
        ("POST", "/health", "GET, HEAD"),
        ("BREW", f"{ROOT}/validate", "POST"),
    ],
)
async def test_given_a_method_that_the_path_does_not_take_then_405_and_allow(
    http: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await http.request(method, path)
    if method != "BREW":
        refused(answer, 405, "METHOD_NOT_ALLOWED", f"it takes {allow}")
        assert answer.headers["allow"] == allow
    else:
        refused(answer, 400, "BAD_REQUEST", "not HTTP")


async def test_given_no_http_at_all_then_400_in_the_envelope(http: httpx.AsyncClient) -> None:
    url = http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    told = await reader.read()
    writer.close()
    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b'"error":"BAD_REQUEST"' in told


async def test_given_an_account_that_there_is_not_then_404(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ROOT}/balance", params={"exchange_account_id": "binance-001"})
    refused(
        answer, 404, "ACCOUNT_NOT_FOUND", "'binance-001' is not an account; there are: binance-sandbox-001"
    )


async def test_given_an_account_without_portfolio_margin_then_400(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ROOT}/portfolio-margin/balance", params={"exchange_account_id": "okx-001"})
    refused(answer, 400, "INVALID_REQUEST", "must be a Binance PM account; 'okx-001' is none")


async def test_given_bnb_to_collect_then_400(http: httpx.AsyncClient, desk: FakeDesk) -> None:
    body = {"exchange_account_id": "binance-pm-001", "asset": "bnb"}
    answer = await post(http, "/portfolio-margin/asset-collection", body)
    refused(answer, 400, "INVALID_REQUEST", "BNB transfer is not supported")
    assert desk.calls == []


@pytest.mark.parametrize(
    ("account", "path", "text"),
    [
        ("kraken-001", "/positions", "Kraken does not support positions"),
        ("kraken-001", "/realized-pnl", "Kraken does not support positions"),
        ("kraken-001", "/funding-history", "Kraken does not support funding"),
    ],
)
async def test_given_perps_access_that_the_exchange_does_not_offer_then_400(
    http: httpx.AsyncClient, account: str, path: str, text: str
) -> None:
    answer = await http.get(ROOT + path, params={"exchange_account_id": account})
    assert (answer.status_code, answer.json()["message"]) == (400, text)


async def test_given_margin_mode_on_hyperliquid_then_400(http: httpx.AsyncClient, desk: FakeDesk) -> None:
    body = {
        "exchange_account_id": "hyperliquid-001",
        "symbol": "BTC/USDC:USDC",
        "margin_mode": "isolated",
    }
    answer = await post(http, "/margin-mode", body)
    assert answer.json()["message"] == "Hyperliquid does not support margin_mode"
    assert desk.calls == []


@pytest.mark.parametrize("code", ErrorCode)
async def test_given_a_no_of_the_desk_then_its_code_status_and_data_are_told(
    http: httpx.AsyncClient, desk: FakeDesk, code: ErrorCode
) -> None:
    desk.answers["place"] = ExecutionError(code, "what was wrong", {"venue_code": "-2010"})
    answer = await post(http, "/order", MARKET)
    refused(answer, code.status, code, "what was wrong")
    assert answer.json()["data"]["venue_code"] == "-2010"


async def test_given_a_defect_then_500_does_not_deny_the_order_and_tells_no_detail(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.answers["place"] = RuntimeError("apiSecret=hush")
    answer = await post(http, "/order", MARKET)
    refused(answer, 500, "INTERNAL_ERROR", "Whether it was done is not known")
    assert "hush" not in answer.text


async def test_given_no_answer_of_the_venue_in_time_then_202_says_where_to_ask(
    http: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.answers["placed"] = pending("fg-1736937000001")
    answer = await post(http, "/order", MARKET)
    told = answer.json()
    assert (answer.status_code, told["statusCode"], told["isError"]) == (202, 202, False)
    assert told["data"]["order_status"] == "pending"
    assert "ask GET /oems/execution/order/fg-1736937000001" in told["message"]


async def test_given_a_cancel_in_doubt_then_202(http: httpx.AsyncClient, desk: FakeDesk) -> None:
    order_id = (await post(http, "/order", LIMIT)).json()["data"]["order_id"]
    desk.answers["canceled"] = pending()
    query = {"exchange_account_id": "binance-sandbox-001"}
    answer = await http.delete(f"{ROOT}/order/{order_id}", params=query)
    assert answer.status_code == 202
    assert answer.json()["message"].startswith("The cancel was sent and its outcome is not known yet")


async def test_given_a_cancel_of_what_is_filled_then_409(http: httpx.AsyncClient) -> None:
    order_id = (await post(http, "/order", MARKET)).json()["data"]["order_id"]
    query = {"exchange_account_id": "binance-sandbox-001"}
    answer = await http.delete(f"{ROOT}/order/{order_id}", params=query)
    refused(answer, 409, "CONFLICT", f"order {order_id} cannot be cancelled any more; it is closed")


@pytest.mark.parametrize(
    ("again", "key"),
    [({}, {"Idempotency-Key": "k-1"}), ({"client_order_id": "mine-1"}, {})],
)
async def test_given_the_same_order_twice_then_it_is_placed_once(
    http: httpx.AsyncClient, again: dict[str, Any], key: dict[str, str]
) -> None:
    first = await post(http, "/order", {**MARKET, **again}, key)
    second = await post(http, "/order", {**MARKET, **again}, key)
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json()["data"].get("client_order_id") == again.get("client_order_id")
    other = await post(http, "/order", {**MARKET, **again, "side": "sell"}, key)
    refused(other, 409, "CONFLICT", "was used for another order")


@pytest.mark.parametrize("key", ["", "a b", "é", "k" * 129])
async def test_given_an_idempotency_key_that_is_none_then_422(http: httpx.AsyncClient, key: str) -> None:
    answer = await post(http, "/order", MARKET, {"Idempotency-Key": key.encode("latin-1")})  # type: ignore[dict-item]
    refused(answer, 422, "INVALID_REQUEST", "Idempotency-Key must be one key")


@pytest.mark.parametrize("key", ["\\ud800", "\\u0000", "a" * 500])
async def test_given_a_strange_key_twice_then_422_in_the_envelope(http: httpx.AsyncClient, key: str) -> None:
    answer = await raw(http, "/order", f'{{"{key}": 1, "{key}": 2}}'.encode())
    refused(answer, 422, "INVALID_REQUEST", "is there twice")
