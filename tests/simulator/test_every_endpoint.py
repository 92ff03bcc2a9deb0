"""Every read endpoint answers for an account that has been through everything, with its own fields."""

import json
import time
from typing import Any

import pytest

from fixgate.simulator import Leg, SimulatorServer
from tests.simulator.client import Client
from tests.simulator.desk import MAIN

BTC, COIN = "BTCUSDT", "BTCUSD_PERP"

ORDER = (
    "avgPrice clientOrderId executedQty orderId origQty origType price reduceOnly side positionSide "
    "status symbol time timeInForce type updateTime"
)
UM_ORDER = ORDER + " cumQuote selfTradePreventionMode goodTillDate priceMatch"
CM_ORDER = ORDER + " cumBase pair"
FORCED = ORDER + " cumQuote"
ALGO = (
    "algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity algoStatus "
    "triggerPrice price selfTradePreventionMode workingType priceMatch closePosition priceProtect "
    "reduceOnly createTime updateTime triggerTime goodTillDate"
)
ACTUAL = ALGO + " actualOrderId actualPrice"
STRATEGY = (
    "newClientStrategyId strategyId strategyStatus strategyType origQty price reduceOnly side "
    "positionSide stopPrice symbol bookTime updateTime timeInForce activatePrice priceRate"
)
SPAWNED = STRATEGY + " triggerTime orderId status type"
MARGIN = (
    "clientOrderId cummulativeQuoteQty executedQty icebergQty isWorking orderId origQty price side "
    "status stopPrice symbol time timeInForce type updateTime accountId selfTradePreventionMode "
    "preventedMatchId preventedQuantity"
)
LIST = (
    "orderListId contingencyType listStatusType listOrderStatus listClientOrderId transactionTime "
    "symbol orders"
)
ASSET = (
    "asset crossWalletBalance crossUnPnl maintMargin initialMargin positionInitialMargin "
    "openOrderInitialMargin updateTime"
)
POSITION = (
    "symbol initialMargin maintMargin unrealizedProfit positionInitialMargin openOrderInitialMargin "
    "leverage entryPrice positionSide positionAmt updateTime"
)
INCOME = "symbol incomeType income asset info time tranId tradeId"
RISK = (
    "entryPrice leverage markPrice positionAmt symbol unRealizedProfit liquidationPrice positionSide "
    "updateTime"
)
AMENDMENT = "amendmentId symbol pair orderId clientOrderId time amendment"
BALANCE = (
    "asset totalWalletBalance crossMarginAsset crossMarginBorrowed crossMarginFree crossMarginInterest "
    "crossMarginLocked umWalletBalance umUnrealizedPNL cmWalletBalance cmUnrealizedPNL updateTime "
    "negativeBalance"
)
TRADE = (
    "symbol id orderId side price qty realizedPnl commission commissionAsset time positionSide buyer maker"
)
EXPORTS = ("order", "trade", "income")

LISTS: list[tuple[str, dict[str, Any], str]] = [
    ("balance", {}, BALANCE),
    ("rateLimit/order", {}, "rateLimitType interval intervalNum limit"),
    ("um/leverageBracket", {}, "symbol brackets"),
    ("cm/leverageBracket", {"symbol": COIN}, "symbol brackets"),
    ("um/symbolConfig", {"symbol": BTC}, "symbol marginType isAutoAddMargin leverage maxNotionalValue"),
    ("um/income", {"incomeType": "COMMISSION"}, INCOME),
    ("cm/income", {"symbol": COIN}, INCOME),
    ("um/positionRisk", {}, RISK + " maxNotionalValue notional"),
    ("cm/positionRisk", {"pair": "BTCUSD"}, RISK + " maxQty notionalValue"),
    ("um/adlQuantile", {}, "symbol adlQuantile"),
    ("cm/adlQuantile", {}, "symbol adlQuantile"),
    ("um/openOrders", {}, UM_ORDER),
    ("cm/openOrders", {}, CM_ORDER),
    ("um/allOrders", {"symbol": BTC}, UM_ORDER),
    ("cm/allOrders", {"symbol": COIN}, CM_ORDER),
    ("um/userTrades", {"symbol": BTC}, TRADE + " quoteQty"),
    ("cm/userTrades", {"symbol": COIN}, TRADE + " pair marginAsset baseQty"),
    ("um/orderAmendment", {"symbol": BTC}, AMENDMENT + " priceMatch"),
    ("cm/orderAmendment", {"symbol": COIN}, AMENDMENT),
    ("um/forceOrders", {"autoCloseType": "LIQUIDATION"}, FORCED),
    ("um/forceOrders", {"symbol": "ETHUSDT", "autoCloseType": "ADL"}, FORCED),
    ("um/algo/openAlgoOrders", {"symbol": BTC}, ALGO),
    ("um/algo/allAlgoOrders", {"symbol": BTC}, ACTUAL),
    ("cm/conditional/openOrders", {}, STRATEGY),
    ("margin/openOrders", {"symbol": BTC}, MARGIN),
    ("margin/allOrders", {"symbol": BTC}, MARGIN),
    (
        "margin/myTrades",
        {"symbol": BTC},
        "commission commissionAsset id isBestMatch isBuyer isMaker orderId price qty symbol time",
    ),
    ("margin/openOrderList", {}, LIST),
    ("margin/allOrderList", {}, LIST),
]
OBJECTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "account",
        {},
        "uniMMR accountEquity actualEquity accountInitialMargin accountMaintMargin accountStatus "
        "virtualMaxWithdrawAmount totalAvailableBalance totalMarginOpenLoss updateTime",
    ),
    ("balance", {"asset": "USDT"}, BALANCE),
    ("repay-futures-switch", {}, "autoRepay"),
    ("um/positionSide/dual", {}, "dualSidePosition"),
    ("cm/positionSide/dual", {}, "dualSidePosition"),
    ("um/commissionRate", {"symbol": BTC}, "symbol makerCommissionRate takerCommissionRate"),
    ("cm/commissionRate", {"symbol": COIN}, "symbol makerCommissionRate takerCommissionRate"),
    (
        "um/accountConfig",
        {},
        "feeTier canTrade canDeposit canWithdraw dualSidePosition updateTime multiAssetsMargin tradeGroupId",
    ),
    ("um/apiTradingStatus", {}, "indicators updateTime"),
    ("um/feeBurn", {}, "feeBurn"),
    ("um/algo/algoOrder", {"clientAlgoId": "waits"}, ACTUAL),
    ("cm/conditional/openOrder", {"symbol": COIN, "newClientStrategyId": "waits"}, STRATEGY),
    (
        "cm/conditional/orderHistory",
        {"symbol": COIN, "newClientStrategyId": "done"},
        SPAWNED + " workingType priceProtect priceMatch",
    ),
    ("margin/orderList", {"origClientOrderId": "list"}, LIST),
    ("margin/maxBorrowable", {"asset": "USDT"}, "amount borrowLimit"),
    ("margin/maxWithdraw", {"asset": "USDT"}, "amount"),
]
EMPTY: list[tuple[str, dict[str, Any], Any]] = [
    ("cm/forceOrders", {}, []),
    ("margin/forceOrders", {}, {"rows": [], "total": 0}),
    ("margin/marginInterestHistory", {}, {"rows": [], "total": 0}),
    ("portfolio/interest-history", {}, []),
    (
        "portfolio/negative-balance-exchange-record",
        {"startTime": 1, "endTime": 2},
        {"total": 0, "rows": []},
    ),
]


async def get(client: Client, path: str, **parameters: Any) -> Any:
    version = parameters.pop("version", "v1")
    reply = await client.call("GET", f"/papi/{version}/{path}", **parameters)
    assert reply.status == 200, (path, reply.body)
    return reply.body


async def post(client: Client, path: str, **parameters: Any) -> Any:
    reply = await client.call("POST", f"/papi/v1/{path}", **parameters)
    assert reply.status == 200, (path, reply.body)
    return reply.body


async def sim(client: Client, path: str, **values: Any) -> Any:
    reply = await client.raw("POST", f"/sim/{path}", json.dumps(values))
    assert reply.status == 200, (path, reply.body)
    return reply.body


async def trade(client: Client, leg: str, symbol: str, quantity: str) -> None:
    price = "3300" if symbol.startswith("ETH") else "65000"
    await sim(client, "order", leg=leg.upper(), symbol=symbol, side="SELL", quantity=quantity, price=price)
    values = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": quantity}
    await post(client, f"{leg}/order", **values)


async def live_through_everything(client: Client) -> None:
    """Leave behind a trace in every history, and something open in every list."""
    for leg, symbol, size in (("um", BTC, "0.02"), ("cm", COIN, "10"), ("margin", BTC, "0.02")):
        await trade(client, leg, symbol, size)
        resting = (await client.order(leg)).body
        if leg != "margin":
            who = {"symbol": symbol, "orderId": resting["orderId"], "side": "BUY"}
            await client.call(
                "PUT", f"/papi/v1/{leg}/order", **who, quantity=resting["origQty"], price="60100.0"
            )
    for symbol, how in (("BTCUSDC", "liquidate"), ("ETHUSDT", "adl")):
        await trade(client, "um", symbol, "0.02")
        await sim(client, how, account=MAIN, leg="UM", symbol=symbol)
    algo = {"algoType": "CONDITIONAL", "symbol": BTC, "side": "SELL", "quantity": "0.01"}
    waits = {"type": "STOP_MARKET", "triggerPrice": "60000", "clientAlgoId": "waits"}
    await post(client, "um/algo/order", **algo, **waits)
    strategy = {"symbol": COIN, "side": "BUY", "quantity": "5", "strategyType": "STOP_MARKET"}
    await post(client, "cm/conditional/order", **strategy, stopPrice="70000", newClientStrategyId="waits")
    await post(
        client, "cm/conditional/order", **strategy, stopPrice="65100", newClientStrategyId="done",
        workingType="MARK_PRICE",
    )  # fmt: skip
    await sim(client, "price", leg="CM", symbol=COIN, price="65100")
    await post(
        client, "margin/order/oco", symbol=BTC, side="SELL", quantity="0.01", price="70000",
        stopPrice="60000", listClientOrderId="list",
    )  # fmt: skip
    await post(client, "marginLoan", asset="USDT", amount="1000")
    await post(client, "repayLoan", asset="USDT", amount="400")


@pytest.fixture
async def seasoned(client: Client) -> Client:
    await live_through_everything(client)
    return client


async def test_given_an_account_with_a_past_then_every_list_has_rows_with_its_fields(
    seasoned: Client,
) -> None:
    for path, parameters, fields in LISTS:
        rows = await get(seasoned, path, **parameters)
        assert rows, path
        assert set(rows[-1]) == set(fields.split()), path


async def test_given_an_account_with_a_past_then_every_object_has_its_fields(seasoned: Client) -> None:
    for path, parameters, fields in OBJECTS:
        assert set(await get(seasoned, path, **parameters)) == set(fields.split()), path
    spawned = await get(seasoned, "cm/conditional/allOrders", symbol=COIN)
    assert [set(row) for row in spawned] == [set(STRATEGY.split()) | {"triggerTime"}, set(SPAWNED.split())]


async def test_given_what_never_happens_here_then_its_history_is_empty(seasoned: Client) -> None:
    for path, parameters, expected in EMPTY:
        assert await get(seasoned, path, **parameters) == expected, path


async def test_given_loans_then_both_histories_have_them(seasoned: Client) -> None:
    hour_ago = int(time.time() * 1000) - 3_600_000
    loans = await get(seasoned, "margin/marginLoan", asset="USDT", startTime=hour_ago)
    repaid = await get(seasoned, "margin/repayLoan", asset="USDT", startTime=hour_ago)
    assert (loans["total"], repaid["total"]) == (1, 1)
    assert set(loans["rows"][0]) == {"txId", "asset", "principal", "timestamp", "status"}
    assert set(repaid["rows"][0]) == set(loans["rows"][0]) | {"amount", "interest"}
    assert (loans["rows"][0]["principal"], repaid["rows"][0]["amount"]) == ("1000.00000000", "400.00000000")
    one = await get(seasoned, "margin/marginLoan", asset="USDT", txId=loans["rows"][0]["txId"])
    assert one == loans
    refused = await seasoned.call("GET", "/papi/v1/margin/marginLoan", asset="USDT")
    assert refused.code == -1102


async def test_given_futures_accounts_then_rows_have_their_fields_and_assets_sum_up_positions(
    seasoned: Client,
) -> None:
    um = POSITION + " maxNotional bidNotional askNotional"
    short = "symbol initialMargin maintMargin unrealizedProfit positionSide positionAmt updateTime notional"
    for path, version, fields in (
        ("um/account", "v1", um), ("cm/account", "v1", POSITION + " maxQty"), ("um/account", "v2", short),
    ):  # fmt: skip
        account = await get(seasoned, path, version=version)
        assert all(set(row) == set(ASSET.split()) for row in account["assets"])
        assert account["positions"] and all(set(row) == set(fields.split()) for row in account["positions"])


async def test_given_a_strategy_order_under_way_then_it_is_still_listed_as_open(
    server: SimulatorServer, client: Client
) -> None:
    server.exchange.conditionals.trigger_delay_ms = 600_000
    strategy = {"symbol": COIN, "side": "SELL", "quantity": "5", "strategyType": "STOP_MARKET"}
    more = {"stopPrice": "64000", "workingType": "MARK_PRICE", "newClientStrategyId": "slow"}
    await post(client, "cm/conditional/order", **strategy, **more)
    await sim(client, "price", leg="CM", symbol=COIN, price="64000")
    who = {"symbol": COIN, "newClientStrategyId": "slow"}
    assert (await get(client, "cm/conditional/openOrder", **who))["strategyStatus"] == "NEW"
    assert len(await get(client, "cm/conditional/openOrders")) == 1
    assert (await client.call("GET", "/papi/v1/cm/conditional/orderHistory", **who)).code == -2013
    assert (await client.call("DELETE", "/papi/v1/cm/conditional/order", **who)).code == -4117


@pytest.mark.parametrize("kind", EXPORTS)
async def test_given_an_export_then_404_since_there_are_none(client: Client, kind: str) -> None:
    assert (await client.call("GET", f"/papi/v1/um/{kind}/asyn", startTime=1, endTime=2)).status == 404
    assert (await client.call("GET", f"/papi/v1/um/{kind}/asyn/id", downloadId="1")).status == 404


@pytest.mark.parametrize("path", ["order", "openOrders", "allOpenOrders", "orderHistory"])
async def test_given_the_removed_um_conditional_service_then_404(client: Client, path: str) -> None:
    assert (await client.call("GET", f"/papi/v1/um/conditional/{path}", symbol=BTC)).status == 404


async def test_given_an_oco_then_it_counts_as_two_orders(server: SimulatorServer, client: Client) -> None:
    await trade(client, "margin", BTC, "0.02")
    values = {"symbol": BTC, "side": "SELL", "quantity": "0.01", "price": "70000", "stopPrice": "60000"}
    reply = await client.call("POST", "/papi/v1/margin/order/oco", **values)
    assert reply.headers["X-MBX-ORDER-COUNT-1M"] == "3"
    report = "symbol orderId orderListId clientOrderId transactTime price origQty executedQty "
    report += "cummulativeQuoteQty status timeInForce type side stopPrice"
    assert [set(row) for row in reply.body["orderReports"]] == [set(report.split())] * 2
    gone = await client.call(
        "DELETE", "/papi/v1/margin/orderList", symbol=BTC, orderListId=reply.body["orderListId"]
    )
    fields = (set(report.split()) | {"origClientOrderId"}) - {"transactTime"}
    assert [set(row) for row in gone.body["orderReports"]] == [fields] * 2
    assert (gone.body["listStatusType"], gone.body["listOrderStatus"]) == ("ALL_DONE", "ALL_DONE")
    account = server.exchange.account(MAIN)
    assert not account.list_open(Leg.MARGIN, None)


async def test_given_conditional_orders_then_placing_and_cancelling_answer_as_each_service_does(
    client: Client,
) -> None:
    algo = {"algoType": "CONDITIONAL", "symbol": BTC, "side": "SELL", "quantity": "0.01"}
    placed = await post(client, "um/algo/order", **algo, type="STOP_MARKET", triggerPrice="60000")
    assert set(placed) == set(ALGO.split()) | {"activatePrice", "callbackRate"}
    gone = await client.call("DELETE", "/papi/v1/um/algo/order", algoId=placed["algoId"])
    assert gone.body == {"complete": True}
    assert (await client.call("DELETE", "/papi/v1/um/algo/order", algoId=placed["algoId"])).code == -2011
    assert (await client.call("GET", "/papi/v1/um/algo/algoOrder", algoId=1)).code == -2013
    assert (await client.call("DELETE", "/papi/v1/um/algo/order")).code == -1102
    strategy = {"symbol": COIN, "side": "SELL", "quantity": "5", "strategyType": "STOP_MARKET"}
    placed = await post(client, "cm/conditional/order", **strategy, stopPrice="60000")
    fields = set(STRATEGY.split()) | {"workingType", "priceProtect"}
    assert set(placed) == fields | {"pair"}
    who = {"symbol": COIN, "strategyId": placed["strategyId"]}
    gone = await client.call("DELETE", "/papi/v1/cm/conditional/order", **who)
    assert set(gone.body) == fields and gone.body["strategyStatus"] == "CANCELED"
    assert (await client.call("GET", "/papi/v1/cm/conditional/openOrder", **who)).code == -2013
    for path, code in (("um/algo/allOpenOrders", 200), ("cm/conditional/allOpenOrders", "200")):
        symbol = BTC if path.startswith("um") else COIN
        assert (await client.call("DELETE", f"/papi/v1/{path}", symbol=symbol)).body["code"] == code
