"""`fixgate.client` over the door: every route, exact numbers, families of errors, orders sent again."""

import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from fixgate.api.answers import DoorCode
from fixgate.api.routes import ROUTES
from fixgate.client import (
    ApiError,
    AsyncExecutionClient,
    Conflict,
    ExecutionClient,
    GatewayFailure,
    InsufficientFunds,
    InvalidRequest,
    LimitExceeded,
    NotFound,
    RateLimited,
    Unreachable,
    Unsupported,
    answers,
)
from fixgate.client.errors import FAMILIES, error_of
from fixgate.model.execution import ErrorCode, ExecutionError, MarginMode, MarketType, OrderState
from tests.api.conftest import DeskOfTheTest
from tests.api.fake_desk import FakeDesk, pending

D = Decimal
SPOT, PERP, PM = "binance-sandbox-001", "binance-perp-001", "binance-pm-001"
SWAP = "BTC/USDT:USDT"

CALLS: dict[str, Callable[[Any], Any]] = {
    "place_order": lambda api: api.place(SPOT, "BTC/USDT", "buy", "market", D("0.001")),
    "get_order": lambda api: api.order(SPOT, "12345678", "BTC/USDT"),
    "cancel_order": lambda api: api.cancel(SPOT, "12345679"),
    "open_orders": lambda api: api.open_orders(SPOT),
    "capabilities": lambda api: api.capabilities("okx"),
    "validate": lambda api: api.validate("okx", "oco"),
    "balance": lambda api: api.balance(SPOT),
    "daily_limit": lambda api: api.daily_limit(SPOT),
    "set_leverage": lambda api: api.set_leverage(PERP, SWAP, 10),
    "get_leverage": lambda api: api.leverage(PERP, SWAP),
    "set_margin_mode": lambda api: api.set_margin_mode(PERP, SWAP, "isolated"),
    "positions": lambda api: api.positions(PERP),
    "funding_history": lambda api: api.funding_history(PERP, SWAP, 1, 10),
    "realized_pnl": lambda api: api.realized_pnl(PERP),
    "portfolio_balance": lambda api: api.portfolio_balance(PM),
    "portfolio_account": lambda api: api.portfolio_account(PM),
    "auto_collection": lambda api: api.auto_collection(PM),
    "asset_collection": lambda api: api.asset_collection(PM, "USDT"),
}


@pytest.fixture
def api(open_door: tuple[str, DeskOfTheTest], desk: FakeDesk) -> Iterator[ExecutionClient]:
    with ExecutionClient(open_door[0]) as client:
        yield client


class LosesAnswers(httpx.BaseTransport):
    """Delivers each call and loses the first `times` answers; `keys` are the Idempotency-Keys that left."""

    def __init__(self, times: int, error: Exception) -> None:
        self._inner = httpx.HTTPTransport()
        self._times, self._error = times, error
        self.keys: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        answer = self._inner.handle_request(request)
        if len(self.keys) <= self._times:
            answer.read()
            raise self._error
        return answer

    def close(self) -> None:
        self._inner.close()


def flaky(
    url: str, times: int, error: Exception, pauses: list[float]
) -> tuple[ExecutionClient, LosesAnswers]:
    transport = LosesAnswers(times, error)
    return ExecutionClient(url, transport=transport, pause=pauses.append), transport


def test_given_the_table_of_routes_then_the_client_has_a_call_for_each() -> None:
    assert set(CALLS) == {route.name for route in ROUTES}


def test_given_both_clients_then_they_have_the_same_calls() -> None:
    def calls(client: type[Any]) -> dict[str, list[tuple[str, Any, Any]]]:
        return {
            name: [(p.name, p.default, p.annotation) for p in inspect.signature(method).parameters.values()]
            for name, method in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_")
        }

    assert calls(ExecutionClient) == calls(AsyncExecutionClient)
    for name, method in inspect.getmembers(ExecutionClient, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(method) == inspect.getdoc(
            getattr(AsyncExecutionClient, name)
        )


async def test_given_every_call_then_both_clients_read_the_same_typed_answer(
    open_door: tuple[str, DeskOfTheTest], desk: FakeDesk
) -> None:
    told: list[dict[str, Any]] = []
    for is_async in (False, True):
        open_door[1].desk = FakeDesk()
        found: dict[str, Any] = {}
        async with AsyncExecutionClient(open_door[0]) as waiting:
            with ExecutionClient(open_door[0]) as api:
                api.place(SPOT, "BTC/USDT", "buy", "limit", D("0.001"), price=D("80000"))
                api.place(SPOT, "BTC/USDT", "buy", "limit", D("0.001"), price=D("80000"))
                for name, call in CALLS.items():
                    found[name] = await call(waiting) if is_async else call(api)
        told.append(found)
    assert told[0] == told[1]
    found = told[0]
    assert found["place_order"].avg_fill_price == D("43250.50")
    assert found["place_order"].order_fee == D("0.0432505")
    assert found["place_order"].order_status is OrderState.CLOSED
    assert found["get_order"].price == D("80000")
    assert found["cancel_order"].order_status is OrderState.CANCELED
    assert found["open_orders"].orders[0].remaining == D("0.001")
    assert found["capabilities"].perp.features == ["hedge_mode", "post_only", "reduce_only"]
    assert found["validate"] == answers.Validation(
        valid=True, error=None, warnings=["stop_price is required for oco orders"]
    )
    assert found["balance"].free == {"BTC": D("0.00033967"), "USDT": D("0.30120829")}
    assert found["daily_limit"].pct_used == D("76.5")
    assert found["set_leverage"].result == {"leverage": 10, "symbol": "BTCUSDT"}
    assert found["get_leverage"].margin_mode is MarginMode.CROSS
    assert found["set_margin_mode"].margin_mode is MarginMode.ISOLATED
    assert found["positions"].positions[0].liquidation_price == D("88200")
    assert found["funding_history"].payments[0].amount == D("-0.15")
    assert found["realized_pnl"].entries[0].amount == D("125.5")
    assert found["portfolio_balance"].assets["USDT"].um_futures.unrealized_pnl == D("125.5")
    assert found["portfolio_account"].papi_balance[0]["crossMarginAsset"] == "10000.00"
    assert found["asset_collection"].asset == "USDT"


def test_given_terms_then_they_reach_the_desk_exactly(api: ExecutionClient, desk: FakeDesk) -> None:
    order = api.place(
        "bybit-001",
        SWAP,
        "sell",
        "stop_loss_limit",
        D("0.1234567890123456789012345678901234567"),
        price=D("84000.10"),
        stop_price=85000,
        reduce_only=True,
        client_order_id="mine-1",
        market_type="swap",
        position_side="LONG",
    )
    ticket = desk.tickets[0]
    assert ticket.quantity == D("0.1234567890123456789012345678901234567")
    assert (ticket.price, ticket.stop_price, ticket.reduce_only) == (D("84000.1"), D(85000), True)
    assert (ticket.client_order_id, ticket.market_type) == ("mine-1", MarketType.SWAP)
    assert len(ticket.idempotency_key) == 32
    assert order.client_order_id == "mine-1"
    assert order.quantity == ticket.quantity


def test_given_a_float_then_it_is_refused_before_it_is_sent(api: ExecutionClient, desk: FakeDesk) -> None:
    with pytest.raises(TypeError, match=r"quantity must be a Decimal or an int, not the float 0\.1"):
        api.place(SPOT, "BTC/USDT", "buy", "market", 0.1)  # type: ignore[arg-type]
    assert desk.tickets == []


def test_given_an_order_in_doubt_then_the_result_is_pending(api: ExecutionClient, desk: FakeDesk) -> None:
    desk.answers["placed"] = pending("fg-7")
    order = api.place(SPOT, "BTC/USDT", "buy", "market", D(1))
    assert (order.is_pending, order.order_id) == (True, "fg-7")


def test_given_an_order_that_is_not_valid_then_validate_tells_it_as_a_result(api: ExecutionClient) -> None:
    told = api.validate("gateio", "trailing_stop")
    assert told == answers.Validation(
        valid=False, error="Gate.io does not support trailing_stop orders", warnings=[]
    )
    with pytest.raises(InvalidRequest, match="exchange must be one of"):
        api.validate("ftx", "market")


@pytest.mark.parametrize(
    ("code", "family"),
    [
        (ErrorCode.DAILY_LIMIT_EXCEEDED, LimitExceeded),
        (ErrorCode.INSUFFICIENT_MARGIN, InsufficientFunds),
        (ErrorCode.ORDER_NOT_FOUND, NotFound),
        (ErrorCode.CONFLICT, Conflict),
    ],
)
def test_given_a_refusal_then_it_is_an_exception_of_its_family(
    api: ExecutionClient, desk: FakeDesk, code: ErrorCode, family: type[ApiError]
) -> None:
    desk.answers["place"] = ExecutionError(code, "no", {"limit_check": {"remaining_usd": D("23.50")}})
    with pytest.raises(family) as caught:
        api.place(SPOT, "BTC/USDT", "buy", "market", D(1))
    error = caught.value
    assert (error.code, error.message, error.status) == (code, "no", code.status)
    assert error.data["limit_check"] == {"remaining_usd": D("23.5")}


def test_given_what_the_exchange_does_not_support_then_unsupported(api: ExecutionClient) -> None:
    with pytest.raises(Unsupported, match=r"Gate\.io does not support trailing_stop") as caught:
        api.place("gateio-001", "BTC/USDT", "buy", "trailing_stop", D(1), trailing_delta=1)
    assert caught.value.data == {"exchange": "gateio", "order_type": "trailing_stop", "market_type": "spot"}


def test_given_every_code_of_the_api_then_it_has_a_family() -> None:
    assert set(FAMILIES) == {code.value for code in (*ErrorCode, *DoorCode)}


def test_given_an_answer_of_a_proxy_then_a_failure_that_says_so() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<html>"))
    with (
        ExecutionClient(transport=transport) as api,
        pytest.raises(GatewayFailure, match="not one of the Execution API") as caught,
    ):
        api.balance(SPOT)
    assert caught.value.status == 502


def test_given_429_then_the_seconds_to_wait() -> None:
    error = error_of(429, "slow down", {"error": "RATE_LIMITED", "retry_after_seconds": 3})
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3


def test_given_a_token_then_it_is_sent() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(401, json={"isError": True, "message": "no", "data": {"error": "UNAUTHORIZED"}})

    with (
        ExecutionClient(token="fxg_1", transport=httpx.MockTransport(answer)) as api,
        pytest.raises(ApiError, match="no \\(UNAUTHORIZED, HTTP 401\\)"),
    ):
        api.balance(SPOT)
    assert seen == ["Bearer fxg_1"]


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.ReadTimeout("late")])
def test_given_a_lost_answer_then_the_order_is_sent_again_under_its_key_and_placed_once(
    open_door: tuple[str, DeskOfTheTest], desk: FakeDesk, error: Exception
) -> None:
    pauses: list[float] = []
    api, transport = flaky(open_door[0], 2, error, pauses)
    with api:
        order = api.place(SPOT, "BTC/USDT", "buy", "limit", D(1), price=1)
        assert len(set(transport.keys)) == 1 and len(transport.keys) == 3
        assert api.open_orders(SPOT).count == 1
    assert order.order_id == "12345678"
    assert pauses == [0.1, 0.5]


def test_given_no_answer_at_all_then_unreachable_has_the_key_to_ask_again_with(
    open_door: tuple[str, DeskOfTheTest], desk: FakeDesk
) -> None:
    api, transport = flaky(open_door[0], 3, httpx.ReadError("reset"), [])
    with api:
        with pytest.raises(Unreachable, match="POST /oems/execution/order got no answer: reset") as caught:
            api.place(SPOT, "BTC/USDT", "buy", "limit", D(1), price=1)
        key = caught.value.idempotency_key
        assert set(transport.keys) == {key}
        api.place(SPOT, "BTC/USDT", "buy", "limit", D(1), price=1, idempotency_key=key)
        assert api.open_orders(SPOT).count == 1


def test_given_a_collection_that_may_have_been_made_then_it_is_not_made_again(
    open_door: tuple[str, DeskOfTheTest], desk: FakeDesk
) -> None:
    api, transport = flaky(open_door[0], 1, httpx.ReadError("reset"), [])
    with api, pytest.raises(Unreachable):
        api.auto_collection(PM)
    assert len(transport.keys) == 1
    api, transport = flaky(open_door[0], 1, httpx.ConnectError("refused"), [])
    with api:
        assert api.auto_collection(PM).success


async def test_given_a_lost_answer_then_the_async_client_sends_again_likewise() -> None:
    keys: list[str] = []
    pauses: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        raise httpx.ReadError("reset")

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with AsyncExecutionClient(transport=httpx.MockTransport(answer), pause=pause) as api:
        with pytest.raises(Unreachable) as caught:
            await api.place(SPOT, "BTC/USDT", "buy", "market", D(1))
    assert keys == [caught.value.idempotency_key] * 3
    assert pauses == [0.1, 0.5]
