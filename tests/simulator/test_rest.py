"""REST replies over real HTTP: their fields are the exchange's, no more and no less."""

from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg, SimulatedAccount, SimulatorServer
from tests.simulator.client import KEY, SECRET, Client
from tests.simulator.conftest import BALANCES, StartServer

ACTION = {
    "clientOrderId", "cumQty", "executedQty", "orderId", "origQty", "price", "reduceOnly", "side",
    "positionSide", "status", "symbol", "timeInForce", "type", "updateTime",
}  # fmt: skip
UM_ONLY = {"selfTradePreventionMode", "goodTillDate", "priceMatch"}
QUERY = (ACTION - {"cumQty"}) | {"avgPrice", "origType", "time"}
MARGIN = {
    "symbol", "orderId", "clientOrderId", "price", "origQty", "executedQty", "cummulativeQuoteQty",
    "status", "timeInForce", "type", "side",
}  # fmt: skip
FIELDS: dict[str, dict[str, set[str]]] = {
    "um": {"action": ACTION | UM_ONLY, "query": QUERY | UM_ONLY | {"cumQuote"}},
    "cm": {"action": ACTION | {"pair"}, "query": QUERY | {"pair", "cumBase"}},
}


@pytest.mark.parametrize("leg", ["um", "cm"])
async def test_given_a_futures_order_through_its_life_then_each_reply_has_its_fields(
    client: Client, leg: str
) -> None:
    path = f"/papi/v1/{leg}/order"
    new = (await client.order(leg, newClientOrderId="life")).body
    assert set(new) == FIELDS[leg]["action"] and new["status"] == "NEW"
    who: dict[str, Any] = {"symbol": new["symbol"], "orderId": new["orderId"]}
    changed = await client.call(
        "PUT", path, **who, side="BUY", quantity=new["origQty"], price="60100.0", modifyId=5
    )
    assert set(changed.body) == FIELDS[leg]["action"] | {"origType", "modifyId"}
    assert (changed.body["modifyId"], changed.body["clientOrderId"]) == (5, "life")
    found = await client.call("GET", path, symbol=new["symbol"], origClientOrderId="life")
    assert set(found.body) == FIELDS[leg]["query"]
    amendments = (await client.call("GET", f"/papi/v1/{leg}/orderAmendment", **who)).body
    assert amendments[0]["amendment"]["modifyId"] == 5
    gone = await client.call("DELETE", path, **who)
    assert set(gone.body) == FIELDS[leg]["action"] and gone.body["status"] == "CANCELED"
    assert (await client.call("DELETE", path, **who)).code == -2011
    assert (await client.call("GET", f"/papi/v1/{leg}/openOrder", **who)).code == -2013
    assert (await client.call("GET", path, **who)).body["status"] == "CANCELED"


async def test_given_a_margin_order_through_its_life_then_each_reply_has_its_fields(client: Client) -> None:
    path = "/papi/v1/margin/order"
    new = (await client.order("margin", newClientOrderId="life")).body
    assert set(new) == MARGIN | {"transactTime", "fills"}
    who = {"symbol": "BTCUSDT", "origClientOrderId": "life"}
    found = (await client.call("GET", path, **who)).body
    extra = {"icebergQty", "isWorking", "stopPrice", "time", "updateTime", "accountId"}
    stp = {"selfTradePreventionMode", "preventedMatchId", "preventedQuantity"}
    assert set(found) == MARGIN | extra | stp
    gone = (await client.call("DELETE", path, **who, newClientOrderId="bye")).body
    assert set(gone) == MARGIN | {"origClientOrderId"}
    assert (gone["clientOrderId"], gone["origClientOrderId"]) == ("bye", "life")
    assert set((await client.order("margin", newOrderRespType="ACK")).body) == {
        "symbol", "orderId", "clientOrderId", "transactTime",
    }  # fmt: skip


async def test_given_a_market_order_then_ack_says_new_and_result_says_filled(
    server: SimulatorServer, client: Client
) -> None:
    market = {"side": "BUY", "type": "MARKET", "symbol": "BTCUSDT", "quantity": "0.01"}
    for wanted, status in (("ACK", "NEW"), ("RESULT", "FILLED")):
        server.exchange.external_order(Leg.UM, "BTCUSDT", "SELL", Decimal(65000), Decimal("0.01"))
        reply = await client.call("POST", "/papi/v1/um/order", **market, newOrderRespType=wanted)
        assert reply.body["status"] == status
        assert "avgPrice" not in reply.body
    trades = (await client.call("GET", "/papi/v1/um/userTrades", symbol="BTCUSDT")).body
    assert len(trades) == 2 and "clientOrderId" not in trades[0]
    found = (
        await client.call("GET", "/papi/v1/um/order", symbol="BTCUSDT", orderId=reply.body["orderId"])
    ).body
    assert (found["avgPrice"], found["cumQuote"]) == ("65000.00000", "650.00000")


@pytest.mark.parametrize("leg", ["um", "cm", "margin"])
async def test_given_open_orders_then_lists_show_them_and_cancel_all_empties_them(
    client: Client, leg: str
) -> None:
    symbol = (await client.order(leg)).body["symbol"]
    await client.order(leg)
    base = f"/papi/v1/{leg}"
    assert len((await client.call("GET", f"{base}/openOrders", symbol=symbol)).body) == 2
    gone = await client.call("DELETE", f"{base}/allOpenOrders", symbol=symbol)
    assert len(gone.body) == 2 if leg == "margin" else gone.body["code"] == 200
    assert (await client.call("GET", f"{base}/openOrders", symbol=symbol)).body == []
    assert len((await client.call("GET", f"{base}/allOrders", symbol=symbol)).body) == 2


async def test_given_a_history_query_when_its_window_is_wrong_then_refused(client: Client) -> None:
    path, day = "/papi/v1/um/userTrades", 86_400_000
    for changes, code in (
        ({"startTime": 10, "endTime": 5}, -1023),
        ({"startTime": 0, "endTime": 8 * day}, -1127),
        ({"startTime": 0, "fromId": 1}, -1128),
        ({"limit": 1001}, -1130),
    ):
        assert (await client.call("GET", path, symbol="BTCUSDT", **changes)).code == code


async def test_given_an_account_then_its_views_agree(server: SimulatorServer, client: Client) -> None:
    server.exchange.external_order(Leg.UM, "BTCUSDT", "SELL", Decimal(65000), Decimal("0.01"))
    await client.order(price="65000.00")
    one = (await client.call("GET", "/papi/v1/balance", asset="USDT")).body
    assert (one["crossMarginFree"], one["umWalletBalance"]) == ("1000000.00000000", "-0.32500000")
    risk = (await client.call("GET", "/papi/v1/um/positionRisk", symbol="BTCUSDT")).body
    assert (risk[0]["positionAmt"], risk[0]["positionSide"]) == ("0.010", "BOTH")
    held = (await client.call("GET", "/papi/v2/um/account")).body["positions"]
    assert [p["positionAmt"] for p in held] == ["0.010"]
    summary = (await client.call("GET", "/papi/v1/account")).body
    assert summary["accountStatus"] == "NORMAL" and Decimal(summary["uniMMR"]) > 1
    limits = (await client.call("GET", "/papi/v1/rateLimit/order")).body
    assert limits == [{"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}]
    assert isinstance((await client.call("GET", "/papi/v1/balance")).body, list)


async def test_given_position_modes_when_changed_then_um_leads_and_orders_block(client: Client) -> None:
    um, cm = "/papi/v1/um/positionSide/dual", "/papi/v1/cm/positionSide/dual"
    assert (await client.call("POST", um, dualSidePosition="false")).code == -4059
    assert (await client.call("POST", cm, dualSidePosition="true")).code == -4220
    await client.order()
    assert (await client.call("POST", um, dualSidePosition="true")).code == -4067
    await client.call("DELETE", "/papi/v1/um/allOpenOrders", symbol="BTCUSDT")
    assert (await client.call("POST", um, dualSidePosition="true")).body["code"] == 200
    assert (await client.call("GET", cm)).body == {"dualSidePosition": True}


async def test_given_public_data_then_three_shapes_of_exchange_info(client: Client) -> None:
    um = (await client.raw("GET", "/fapi/v1/exchangeInfo")).body["symbols"]
    cm = (await client.raw("GET", "/dapi/v1/exchangeInfo")).body["symbols"]
    spot = (await client.raw("GET", "/api/v3/exchangeInfo")).body["symbols"]
    assert {"BTCUSDT", "BTCUSDT_261225", "ETHBTC", "BTCUSDC"} <= {s["symbol"] for s in um}
    assert um[0]["status"] == "TRADING" and "contractStatus" not in um[0]
    sizes = {s["symbol"]: s["contractSize"] for s in cm}
    assert (sizes["BTCUSD_PERP"], sizes["ETHUSD_PERP"]) == (100, 10) and "status" not in cm[0]
    assert all(s["isMarginTradingAllowed"] for s in spot)
    tick = next(f for f in um[0]["filters"] if f["filterType"] == "PRICE_FILTER")["tickSize"]
    assert tick == "0.10"
    assert isinstance((await client.raw("GET", "/fapi/v1/time")).body["serverTime"], int)
    assert (await client.raw("GET", "/papi/v1/ping")).body == {}


async def test_given_a_margin_loan_when_taken_and_repaid_then_the_debt_is_gone(client: Client) -> None:
    assert (await client.call("POST", "/papi/v1/marginLoan", asset="BTC", amount="1")).body["tranId"] > 0
    await client.call("POST", "/papi/v1/repayLoan", asset="BTC", amount="1")
    row = (await client.call("GET", "/papi/v1/balance", asset="BTC")).body
    assert (row["crossMarginBorrowed"], row["crossMarginFree"]) == ("0.00000000", "10.00000000")
    assert (await client.call("POST", "/papi/v1/repayLoan", asset="BTC", amount="1")).code == -2018


async def test_given_a_hedge_account_when_it_trades_over_rest_then_sides_are_kept(
    start_server: StartServer,
) -> None:
    account = SimulatedAccount("main", KEY, SECRET, hedge_mode=True, balances=BALANCES)
    server = await start_server(accounts=(account,))
    async with Client(server) as client:
        assert (await client.order()).code == -4061
        assert (await client.order(positionSide="LONG", reduceOnly="false")).code == -1106
        assert (await client.order(positionSide="LONG")).body["positionSide"] == "LONG"
