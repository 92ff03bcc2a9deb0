"""The client stays below the venue's limits, and obeys its pauses, unless it was told not to."""

import asyncio

import pytest

from fixgate.papi import PortfolioClient, Throttled
from fixgate.papi.client.pacer import KeyCalls, Pacer
from fixgate.papi.endpoints import ENDPOINTS

from .venue import ACCOUNT, LIMITS, NOW, client_of, venue

ORDER, CANCEL = "POST /papi/v1/um/order", "DELETE /papi/v1/um/order"
ACK = {"symbol": "BTCUSDT", "orderId": 7, "clientOrderId": "a", "status": "NEW"}


async def place(client: PortfolioClient) -> None:
    await client.um.submit_new_um_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=1)


async def test_given_limits_nearly_used_up_then_orders_are_refused_unsent_and_cancels_go() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        used = {"X-MBX-USED-WEIGHT-1M": "4900"}
        stand_in.replies["GET /papi/v1/account"] = [(200, ACCOUNT, used)]
        stand_in.replies[ORDER] = stand_in.replies[CANCEL] = [(200, ACK, used)]
        await client.account.get_account_info()
        with pytest.raises(Throttled, match=r"request weight .* the minute ends in 39\.9 s") as error:
            await place(client)
        assert error.value.failure.status is None
        assert not stand_in.requests(ORDER)
        assert (await client.um.cancel_um_order(symbol="BTCUSDT", orderId=7)).orderId == 7


async def test_given_no_pacing_then_the_venue_s_limits_are_the_caller_s_affair() -> None:
    async with venue() as stand_in, client_of(stand_in, pacing=False) as client:
        stand_in.replies["GET /papi/v1/account"] = [(200, ACCOUNT, {"X-MBX-USED-WEIGHT-1M": "5999"})]
        stand_in.replies[ORDER] = [(200, ACK)]
        await client.account.get_account_info()
        await place(client)
        assert len(stand_in.requests(ORDER)) == 1
        assert not stand_in.requests("GET /papi/v1/rateLimit/order")


async def test_given_the_account_s_own_order_limit_then_that_one_counts() -> None:
    async with venue() as stand_in:
        stand_in.replies["GET /papi/v1/rateLimit/order"] = [(200, [LIMITS[0] | {"limit": 2}])]
        stand_in.replies[ORDER] = [(200, ACK)]
        async with client_of(stand_in) as client:
            await place(client)
            with pytest.raises(Throttled, match="limit of 2 orders per minute"):
                await place(client)


async def test_given_a_throttled_address_then_questions_and_cancels_wait_until_it_is_over() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with venue() as stand_in:
        now = lambda: NOW + (loop.time() - began) * 1000  # noqa: E731
        async with client_of(stand_in, now_ms=now) as client:
            stand_in.replies["GET /papi/v1/um/positionRisk"] = [
                (429, {"code": -1003, "msg": "Too many requests."}, {"Retry-After": "0.3"}),
                (200, []),
            ]
            stand_in.replies[CANCEL] = [(200, ACK)]
            with pytest.raises(Throttled):
                await client.um.get_um_position()
            throttled = loop.time()
            with pytest.raises(Throttled, match="the venue throttles this address until"):
                await place(client)
            await asyncio.gather(
                client.um.cancel_um_order(symbol="BTCUSDT", orderId=7), client.um.get_um_position()
            )
            assert loop.time() - throttled >= 0.25
            assert stand_in.server.requests[-2].startswith(b"DELETE"), "cancels leave first"


class Waits:
    """Limits that ask for these waits, in seconds, each once."""

    def __init__(self, *, pause: float = 0.0, question: float = 0.0, spacing: float = 0.0) -> None:
        self.waits = {"pause": pause, "question": question, "spacing": spacing}

    def _once(self, kind: str) -> float:
        wait, self.waits[kind] = self.waits[kind], 0.0
        return wait

    def refusal(self) -> str:
        return ""

    def cancel_wait(self) -> float:
        return self._once("pause")

    def question_wait(self, cost: object) -> float:
        return self._once("question")

    def spacing(self, cost: object) -> float:
        return self._once("spacing")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the pacer has waited for, instead of waiting."""
    waits: list[float] = []

    class Clock:
        @staticmethod
        async def sleep(seconds: float) -> None:
            waits.append(seconds)

    monkeypatch.setattr("fixgate.papi.client.pacer.asyncio", Clock)
    return waits


@pytest.mark.parametrize(
    ("method", "path", "waited"),
    [
        ("POST", "/papi/v1/um/order", []),
        ("PUT", "/papi/v1/cm/order", []),
        ("DELETE", "/papi/v1/um/order", [3.0]),
        ("DELETE", "/papi/v1/margin/orderList", [3.0]),
        ("PUT", "/papi/v1/listenKey", [3.0]),
        ("GET", "/papi/v1/um/order", [1.0, 2.0]),
        ("GET", "/papi/v1/ping", [1.0, 2.0]),
        ("POST", "/papi/v1/marginLoan", [1.0, 2.0]),
    ],
)
async def test_each_kind_of_call_waits_for_what_concerns_it(
    method: str, path: str, waited: list[float], slept: list[float]
) -> None:
    pacer = Pacer(Waits(spacing=1.0, question=2.0, pause=3.0))  # type: ignore[arg-type]
    await pacer.admit(ENDPOINTS[method, path], "")
    assert slept == waited


async def test_the_stream_s_listen_key_calls_wait_for_a_pause(slept: list[float]) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        keys = KeyCalls(client._rest, Pacer(Waits(pause=3.0)))  # type: ignore[arg-type]
        assert b"listenKey" in await keys.keyed("POST", "/papi/v1/listenKey")
        assert slept == [3.0]
