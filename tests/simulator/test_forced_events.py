"""Margin calls, liquidation and auto-deleveraging: what a tester asks for, told as the exchange tells it."""

import json
from decimal import Decimal

import pytest

from fixgate.simulator import Leg, SimulatorServer
from tests.simulator.client import Client
from tests.simulator.conftest import StartServer
from tests.simulator.desk import Desk, refused


@pytest.mark.parametrize(
    ("ratio", "level"),
    [("1.5", "MARGIN_CALL"), ("1.2", "REDUCE_ONLY"), ("1.05", "FORCE_LIQUIDATION")],
)
def test_given_a_uni_mmr_then_the_risk_event_has_it_and_its_numbers_agree(ratio: str, level: str) -> None:
    desk = Desk(USDT="30000")
    desk.hold("0.1")
    assert desk.exchange.liquidations.set_uni_mmr(desk.account, Decimal(ratio)) == level
    (event,) = desk.named("riskLevelChange")
    assert set(event) == {"e", "E", "u", "s", "eq", "ae", "m"} and event["s"] == level
    assert Decimal(event["u"]) == Decimal(ratio)
    assert abs(Decimal(event["eq"]) / Decimal(event["m"]) - Decimal(ratio)) < Decimal("0.0001")


def test_given_a_level_then_it_is_told_once_and_going_back_to_normal_is_silent() -> None:
    desk = Desk(USDT="30000")
    for ratio in ("1.4", "1.3", None):
        desk.exchange.liquidations.set_uni_mmr(desk.account, None if ratio is None else Decimal(ratio))
    assert [event["s"] for event in desk.named("riskLevelChange")] == ["MARGIN_CALL"]


def test_given_reduce_only_and_liquidation_then_orders_are_refused_accordingly() -> None:
    desk = Desk(USDT="30000")
    desk.hold("0.1")
    desk.exchange.liquidations.set_uni_mmr(desk.account, Decimal("1.1"))
    with refused(-4087):
        desk.buy("0.01", "64000.0")
    assert desk.sell("0.01", "66000.0", reduceOnly="true").status == "NEW"
    desk.exchange.liquidations.set_uni_mmr(desk.account, Decimal("1.01"))
    with refused(-2023):
        desk.sell("0.01", "66000.0", reduceOnly="true")
    margin = Desk(Leg.MARGIN)
    margin.exchange.liquidations.set_uni_mmr(margin.account, Decimal("1.01"))
    with refused(51068):
        margin.buy("0.01", "64000.00")


@pytest.mark.parametrize("leg", [Leg.UM, Leg.CM])
def test_given_a_liquidation_then_orders_go_the_position_is_closed_and_the_fee_follows(leg: Leg) -> None:
    desk = Desk(leg)
    size = "100" if leg is Leg.CM else "0.1"
    desk.hold(size)
    resting = desk.buy(size, "64000.0")
    desk.log.clear()
    order = desk.exchange.liquidate(desk.account, leg, desk.symbol, "BOTH")
    told = [event["o"] for event in desk.named("ORDER_TRADE_UPDATE")]
    assert [(body["x"], body["X"], body["o"]) for body in told] == [
        ("EXPIRED", "EXPIRED", "LIMIT"), ("NEW", "NEW", "LIMIT"), ("CALCULATED", "FILLED", "LIQUIDATION"),
    ]  # fmt: skip
    assert told[0]["i"] == resting.order_id and told[0]["er"] == "5"
    assert order.client_order_id.startswith("autoclose-") and told[1]["f"] == "IOC"
    assert desk.position() == 0
    closed, insurance = desk.named("ACCOUNT_UPDATE")
    assert (closed["a"]["m"], closed["a"]["P"][0]["pa"]) == ("ORDER", "0")
    fee = Decimal(insurance["a"]["B"][0]["bc"])
    assert insurance["a"]["m"] == "INSURANCE_CLEAR"
    assert fee == -(order.cum_quote * Decimal("0.0125")).quantize(Decimal("0.00000001"))


def test_given_two_auto_deleveragings_then_one_client_id_and_no_new_before_the_fill() -> None:
    desk = Desk()
    desk.hold("0.1")
    for _ in range(2):
        desk.exchange.deleverage(desk.account, Leg.UM, "BTCUSDT", "BOTH", Decimal("0.04"), Decimal(65100))
    told = [event["o"] for event in desk.named("ORDER_TRADE_UPDATE")]
    assert [(b["c"], b["x"], b["X"], b["L"]) for b in told] == [
        ("adl_autoclose", "TRADE", "FILLED", "65100.00")
    ] * 2
    assert not {"N", "n"} & set(told[0]) and desk.position() == Decimal("0.02")


def test_given_no_position_then_nothing_can_be_forced() -> None:
    desk = Desk()
    with pytest.raises(ValueError, match="no BOTH position in UM BTCUSDT"):
        desk.exchange.liquidate(desk.account, Leg.UM, "BTCUSDT", "BOTH")
    with pytest.raises(ValueError, match="cannot be reached"):
        desk.exchange.liquidations.set_uni_mmr(Desk(USDT="0").account, Decimal(1))


async def test_given_the_admin_routes_then_they_force_tell_and_refuse(
    server: SimulatorServer, client: Client
) -> None:
    listener = await client.listen()

    async def sim(path: str, **values: str) -> tuple[int, dict[str, str]]:
        reply = await client.raw("POST", f"/sim/{path}", json.dumps({"account": "main"} | values))
        return reply.status, reply.body

    assert await sim("risk", uniMMR="1.3") == (200, {"accountStatus": "MARGIN_CALL"})
    assert (await listener.event())["e"] == "riskLevelChange"
    assert (await client.call("GET", "/papi/v1/account")).body["accountStatus"] == "MARGIN_CALL"
    assert await sim("risk") == (200, {"accountStatus": "NORMAL"})
    assert await sim("transfer", asset="USDT", amount="-1000") == (200, {"asset": "USDT", "free": "999000"})
    assert (await listener.event())["d"] == "-1000.00000000"
    assert (await sim("funding", leg="UM", symbol="BTCUSDT", amount="-0.065"))[0] == 200
    while (event := await listener.event())["e"] != "ACCOUNT_UPDATE":
        pass
    assert (event["a"]["m"], event["a"]["S"], event["a"]["P"]) == ("FUNDING_FEE", "BTCUSDT", [])
    assert event["a"]["B"][0]["bc"] == event["a"]["B"][0]["wb"] == "-0.06500000"
    for path, values, text in (
        ("funding", {"leg": "MARGIN", "symbol": "BTCUSDT", "amount": "1"}, "leg is MARGIN"),
        ("liquidate", {"leg": "UM", "symbol": "BTCUSDT"}, "no BOTH position"),
        ("adl", {"leg": "UM", "symbol": "NONE"}, "Invalid symbol"),
        ("risk", {"uniMMR": "0"}, "not above 0"),
        ("transfer", {"asset": "USDT", "amount": "-9999999"}, "less than"),
    ):
        status, body = await sim(path, **values)
        assert status == 400 and text in body["error"]


async def test_given_a_trigger_delay_then_the_server_fires_by_itself(start_server: StartServer) -> None:
    server = await start_server(trigger_delay=0.05)
    async with Client(server) as client:
        listener = await client.listen()
        values = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET"}
        await client.call(
            "POST", "/papi/v1/um/algo/order", **values, quantity="0.01", triggerPrice="64000",
            workingType="MARK_PRICE", clientAlgoId="slow",
        )  # fmt: skip
        price = json.dumps({"leg": "UM", "symbol": "BTCUSDT", "price": "64000"})
        await client.raw("POST", "/sim/price", price)
        while (await listener.event()).get("ao", {}).get("X") != "TRIGGERING":
            pass
        gone = await client.call("DELETE", "/papi/v1/um/algo/order", clientAlgoId="slow")
        assert gone.code == -4117
        while (await listener.event()).get("ao", {}).get("X") != "FINISHED":
            pass
