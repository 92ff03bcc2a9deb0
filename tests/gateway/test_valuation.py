"""What an order is worth in USD, and where the prices come from."""

import asyncio
from decimal import Decimal as D

import pytest

from fixgate.engine.limits import LimitRules
from fixgate.gateway import valuation
from fixgate.gateway.valuation import Valuation
from fixgate.model.enums import OrderType, ProductType, Side, TimeInForce
from fixgate.model.execution import ErrorCode, ExecutionError, MarketType
from fixgate.model.refusal import Refused
from fixgate.model.venue import SubmitOrder

from .priced import Keeping, Priced
from .stand import StandConnector, until

pytestmark = pytest.mark.asyncio

RULES = LimitRules({"main": D(1000)})
DOLLARS = ("USD", "USDT", "USDC")
BUY, SELL = Side.BUY, Side.SELL
SPOT, SWAP = MarketType.SPOT, MarketType.SWAP
T = OrderType


def request(symbol: str = "BTC/USDT", side: Side = BUY, kind: OrderType = T.LIMIT, **fields) -> SubmitOrder:
    product = ProductType.SPOT if ":" not in symbol else ProductType.FUTURE
    if symbol == "BTC/USD:BTC":
        product = ProductType.DELIVERY
    common = {
        "connector": "PM",
        "account": "main",
        "order_id": 1,
        "client_order_id": "1",
        "product_type": product,
        "symbol": symbol,
        "side": side,
        "order_type": kind,
        "time_in_force": TimeInForce.GTC,
        "quantity": D(1),
    }
    return SubmitOrder(**(common | fields))


def valued(connector=None, rules: LimitRules = RULES) -> tuple[Valuation, Priced]:
    connector = connector or Priced()
    return Valuation({"PM": connector}, rules, DOLLARS), connector


@pytest.mark.parametrize(
    ("order", "worth"),
    [
        (request(price=D(64000)), 64000),
        (request(price=D(70000)), 70000),
        (request(side=SELL, price=D(70000)), 70000),
        (request(side=SELL, price=D(1)), 65000),
        (request(kind=T.MARKET), 65000),
        (request(side=SELL, kind=T.MARKET), 65000),
        (request(kind=T.STOP_LOSS, stop_price=D(66000)), 66000),
        (request(kind=T.TAKE_PROFIT, stop_price=D(60000)), 65000),
        (request(side=SELL, kind=T.STOP_LOSS, stop_price=D(60000)), 65000),
        (request(side=SELL, kind=T.TAKE_PROFIT, stop_price=D(80000)), 80000),
        (request(kind=T.STOP_LOSS_LIMIT, stop_price=D(66000), price=D(66500)), 66500),
        (request(side=SELL, kind=T.STOP_LOSS_LIMIT, stop_price=D(60000), price=D(59000)), 65000),
        (request(kind=T.TRAILING_STOP, trailing_delta=D(100)), 65650),
        (request(side=SELL, kind=T.TRAILING_STOP, trailing_delta=D(100)), 65000),
        (request("BTC/USDT:USDT", price=D(64000)), 64000),
        (request("ETH/BTC", price=D("0.05")), 3250),
        (request("ETH/BTC", kind=T.MARKET), 3900),
        (request("SOL/TRY", price=D(8000)), 200),
        (request("BTC/USD:BTC", price=D(64000), quantity=D(5)), 100),
        (request("BTC/USD:BTC", kind=T.MARKET), 100),
    ],
)
async def test_a_unit_is_worth_the_least_favourable_price_in_dollars(order, worth):
    valuer, connector = valued()
    connector.prices = {"BTC/USDT": D(65000), "ETH/BTC": D("0.06"), "USDT/TRY": D(40)}
    assert valuer.unit_usd(order) == worth


async def test_a_value_is_rounded_up_and_short_enough_to_be_exact_with_any_quantity():
    valuer, connector = valued()
    connector.prices = {"USDT/TRY": D(30), "BTC/USDT": D("65000.12345678")}
    unit = valuer.unit_usd(request("SOL/TRY", price=D(1)))
    assert unit == D("0.0333333333334")
    unit = valuer.unit_usd(request("ETH/BTC", price=D("0.05432109")))
    assert unit >= D("0.05432109") * D("65000.12345678") and len(unit.as_tuple().digits) <= 12


async def test_a_missing_price_refuses_the_order_and_is_asked_for():
    valuer, connector = valued()
    connector.at_venue = {"BTC/USDT": D(65000)}
    with pytest.raises(Refused, match="no price of BTC/USDT is known yet; it is asked for"):
        valuer.unit_usd(request(kind=T.MARKET))
    await until(lambda: connector.prices)
    assert valuer.unit_usd(request(kind=T.MARKET)) == 65000


async def test_what_has_no_way_to_dollars_is_refused():
    valuer, _ = valued()
    with pytest.raises(Refused, match="no price of XYZ in USD, USDT, USDC is told there"):
        valuer.unit_usd(request("SOL/XYZ", price=D(1)))
    with pytest.raises(Refused, match="symbol NO/NO is not listed"):
        valuer.unit_usd(request("NO/NO", price=D(1)))


async def test_a_connector_that_tells_no_prices_has_its_orders_refused():
    valuer, _ = valued(StandConnector())
    with pytest.raises(Refused, match="connector PM tells no prices"):
        valuer.unit_usd(request(price=D(1)))
    await valuer.ready("PM", "main", "BTC/USDT", SPOT)


async def test_a_caller_that_can_wait_has_every_price_that_is_needed():
    valuer, connector = valued()
    connector.at_venue = {"ETH/BTC": D("0.06"), "BTC/USDT": D(65000)}
    await valuer.ready("PM", "main", "ETH/BTC", SPOT)
    assert connector.asked == ["ETH/BTC", "BTC/USDT"]
    assert valuer.unit_usd(request("ETH/BTC", kind=T.MARKET)) == 3900
    await valuer.ready("PM", "main", "ETH/BTC", SPOT)
    await valuer.ready("PM", "main", "BTC/USD:BTC", SWAP)
    assert connector.asked == ["ETH/BTC", "BTC/USDT"], "known prices are not asked for again"
    with pytest.raises(ExecutionError, match="no price of BTC/USDT:USDT") as error:
        await valuer.ready("PM", "main", "BTC/USDT:USDT", SWAP)
    assert error.value.code is ErrorCode.NETWORK_ERROR


async def test_an_account_without_a_limit_costs_no_question():
    valuer, connector = valued(rules=LimitRules({"other": D(1)}))
    await valuer.ready("PM", "main", "BTC/USDT", SPOT)
    assert connector.asked == []


async def test_prices_in_use_are_kept_fresh_until_an_hour_after_the_last_order(monkeypatch):
    monkeypatch.setattr(valuation, "REFRESH_SECONDS", 0.01)
    valuer, connector = valued()
    connector.at_venue = {"BTC/USDT": D(65000)}
    valuer.start([])
    with pytest.raises(Refused):
        valuer.unit_usd(request(kind=T.MARKET))
    await until(lambda: len(connector.asked) > 3)
    connector.at_venue = {"BTC/USDT": D(65001)}
    await until(lambda: connector.prices["BTC/USDT"] == 65001)
    monkeypatch.setattr(valuation, "IN_USE_SECONDS", 0.0)
    await until(lambda: not valuer._used)
    valuer.close()


async def test_a_price_that_fails_is_asked_for_again(monkeypatch):
    monkeypatch.setattr(valuation, "REFRESH_SECONDS", 0.01)
    valuer, connector = valued()
    valuer.start([])
    with pytest.raises(Refused):
        valuer.unit_usd(request(kind=T.MARKET))
    await until(lambda: len(connector.asked) > 2)
    connector.at_venue = {"BTC/USDT": D(65000)}
    await until(lambda: connector.prices)
    valuer.close()


async def test_connectors_that_can_keep_every_price_are_told_to_for_accounts_with_a_limit(monkeypatch):
    monkeypatch.setattr(valuation, "REFRESH_SECONDS", 0.0)
    valuer, connector = valued(Keeping(("main", "other")))
    connector.at_venue = {"BTC/USDT": D(65000)}
    valuer.start([])
    assert connector.kept == ["main"]
    assert valuer.unit_usd(request(kind=T.MARKET)) == 65000
    for _ in range(5):
        await asyncio.sleep(0)
    assert connector.asked == []
    valuer.close()
