"""What the side effect types do to the account's money: "Side Effect Type" of the connector specification.

The account has less than its order costs, so that the difference can only be borrowed.
"""

import copy
from decimal import Decimal

import pytest
import pytest_asyncio

from tests.fixclient import cancel

pytestmark = pytest.mark.asyncio(loop_scope="session")

SELL = "2"
FREE = Decimal(100)
SHORT = Decimal("0.010") * 59000 - FREE
"""What the order of these tests costs beyond that."""


class Wallet:
    """The margin wallet of one connector's account, as the exchange keeps it."""

    def __init__(self, desk, name):
        self.account = desk.exchange.exchange.account(name)
        self.kept = copy.deepcopy(self.account.margin)

    def asset(self, name):
        return self.account.margin[name]

    def owed(self, name):
        return self.asset(name).borrowed


@pytest_asyncio.fixture(loop_scope="session")
async def wallet(desk):
    """Open the wallet of a connector's account with `FREE` USDT; what it held is put back after the test."""
    opened = []

    def open_wallet(name):
        opened.append(Wallet(desk, name))
        opened[-1].asset("USDT").free = FREE
        return opened[-1]

    yield open_wallet
    desk.exchange.clear()
    for each in opened:
        each.account.margin = each.kept


async def canceled(desk, order):
    request = desk.next_id()
    await desk.client.send("F", cancel(order, cl_ord_id=request))
    await desk.told(request, "4")


async def test_no_side_effect_spends_what_is_there_and_borrows_nothing(desk, wallet):
    money = wallet("PM")
    refused = await desk.refused(await desk.order("SPOT", price="59000.00"))
    assert refused[6300] == "-2010" and money.owed("USDT") == 0


async def test_margin_buy_borrows_when_the_order_is_placed_and_not_when_it_trades(desk, wallet):
    money = wallet("MARGIN_BUY")
    await desk.working("SPOT", "MARGIN_BUY", price="59000.00")
    assert money.owed("USDT") == SHORT > 0
    assert money.asset("USDT").free == 0


@pytest.mark.parametrize(("connector", "left"), [("MARGIN_BUY", SHORT), ("REPAY_AT_CANCEL", 0)])
async def test_a_cancel_repays_only_with_auto_repay_at_cancel(desk, wallet, connector, left):
    money = wallet(connector)
    order = await desk.working("SPOT", connector, price="59000.00")
    assert money.owed("USDT") == SHORT
    await canceled(desk, order)
    assert money.owed("USDT") == left


async def test_auto_repay_pays_interest_first_then_principal_of_the_asset_received_alone(desk, wallet):
    money = wallet("AUTO_REPAY")
    money.asset("USDT").free = Decimal(10_000)
    money.asset("USDT").borrowed = Decimal(500)
    money.asset("BTC").borrowed, money.asset("BTC").interest = Decimal(1), Decimal("0.004")
    desk.exchange.quote("SPOT", "SELL", "59000", "1")
    fill = await desk.told(await desk.order("SPOT", "AUTO_REPAY", price="59000.00"), "F")
    received = Decimal(fill[32]) - (Decimal(fill[12]) if fill[479] == "BTC" else 0)
    assert money.asset("BTC").interest == 0
    assert money.owed("BTC") == 1 - (received - Decimal("0.004"))
    assert money.owed("USDT") == 500


async def test_auto_borrow_repay_borrows_what_it_pays_and_repays_with_what_it_receives(desk, wallet):
    money = wallet("AUTO_BORROW_REPAY")
    money.asset("BTC").borrowed = Decimal("0.005")
    desk.exchange.quote("SPOT", "SELL", "59000", "1")
    await desk.told(await desk.order("SPOT", "AUTO_BORROW_REPAY", price="59000.00"), "F")
    assert money.owed("USDT") == SHORT and money.owed("BTC") == 0


async def test_margin_buy_repay_sell_borrows_to_buy_and_repays_with_the_sale(desk, wallet):
    money = wallet("MARGIN_BUY_REPAY_SELL")
    desk.exchange.quote("SPOT", "SELL", "59000", "0.010")
    await desk.told(await desk.order("SPOT", "MARGIN_BUY_REPAY_SELL", price="59000.00"), "F")
    assert money.owed("USDT") == SHORT
    desk.exchange.quote("SPOT", "BUY", "60000", "0.010")
    order = await desk.order("SPOT", "MARGIN_BUY_REPAY_SELL", side=SELL, price="60000.00")
    await desk.told(order, "F")
    assert money.owed("USDT") == 0


async def test_margin_sell_repay_buy_borrows_to_sell_and_repays_with_the_purchase(desk, wallet):
    money = wallet("MARGIN_SELL_REPAY_BUY")
    money.asset("BTC").free, money.asset("USDT").free = Decimal(0), Decimal(10_000)
    desk.exchange.quote("SPOT", "BUY", "60000", "0.010")
    order = await desk.order("SPOT", "MARGIN_SELL_REPAY_BUY", side=SELL, price="60000.00")
    await desk.told(order, "F")
    assert money.owed("BTC") == Decimal("0.010")
    desk.exchange.quote("SPOT", "SELL", "60000", "0.020")
    order = await desk.order("SPOT", "MARGIN_SELL_REPAY_BUY", quantity="0.020", price="60000.00")
    await desk.told(order, "F")
    assert money.owed("BTC") == 0
