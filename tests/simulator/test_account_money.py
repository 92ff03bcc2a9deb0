"""Money moved inside an account, what it is counted as, and the events that tell of it."""

import itertools
from decimal import Decimal
from typing import Any

import pytest

from fixgate.simulator import Leg
from fixgate.simulator.account_endpoints import account_routes
from fixgate.simulator.gate import Call
from fixgate.simulator.history_endpoints import history_routes
from fixgate.simulator.settings_endpoints import settings_routes
from fixgate.simulator.transfer_endpoints import transfer_routes
from tests.simulator.desk import MAIN, Desk, refused

ROUTES = {**transfer_routes(), **settings_routes(), **history_routes(), **account_routes(1200)}


def call(desk: Desk, method: str, path: str, **parameters: str) -> Any:
    """Call an endpoint of the main account past the gate."""
    request = Call(method, f"/papi/{path}", "", "", None, dict(parameters), account=MAIN)
    return ROUTES[method, request.path].handle(desk.exchange, request)


def with_profit(leg: Leg = Leg.UM) -> Desk:
    """Return a desk whose futures wallet holds the profit of a closed position."""
    desk = Desk(leg, USDT="100000", BTC="10", BNB="5")
    size = "1000" if leg is Leg.CM else "1"
    desk.hold(size)
    desk.market("BUY", "66000.00", size)
    desk.sell(size)
    desk.log.clear()
    return desk


@pytest.mark.parametrize(("leg", "asset"), [(Leg.UM, "USDT"), (Leg.CM, "BTC")])
def test_given_a_futures_profit_when_collected_then_the_margin_wallet_has_it_and_both_sides_hear(
    leg: Leg, asset: str
) -> None:
    desk = with_profit(leg)
    held, before = desk.account.wallets[leg, asset], desk.account.asset(asset).free
    assert held > 0
    assert call(desk, "POST", "v1/auto-collection") == {"msg": "success"}
    assert desk.account.wallets[leg, asset] == 0 and desk.account.asset(asset).free == before + held
    update, balance, position = (event for _, event in desk.log)
    assert (update["fs"], update["a"]["m"], update["a"]["P"]) == (leg.value, "ASSET_TRANSFER", [])
    assert update["a"]["B"][0] == {
        "a": asset, "wb": "0.00000000", "cw": "0.00000000", "bc": f"{-held:.8f}",
    }  # fmt: skip
    assert set(balance) == {"e", "E", "a", "d", "U", "T"} and balance["d"] == f"{held:.8f}"
    assert position["e"] == "outboundAccountPosition" and position["B"][0]["a"] == asset
    rows = call(desk, "GET", f"v1/{leg.value.lower()}/income", incomeType="TRANSFER")
    assert rows[0]["income"] == f"{-held:.8f}"


def test_given_bnb_in_the_um_wallet_when_everything_is_collected_then_it_stays() -> None:
    desk = with_profit()
    call(desk, "POST", "v1/bnb-transfer", amount="1", transferSide="TO_UM")
    call(desk, "POST", "v1/auto-collection")
    assert desk.account.wallets[Leg.UM, "BNB"] == 1 and desk.account.wallets[Leg.UM, "USDT"] == 0


def test_given_an_amount_when_collected_then_only_that_moves() -> None:
    desk = with_profit()
    held = desk.account.wallets[Leg.UM, "USDT"]
    call(desk, "POST", "v1/asset-collection", asset="USDT", amount="100", futureType="UM")
    assert desk.account.wallets[Leg.UM, "USDT"] == held - 100
    call(desk, "POST", "v1/asset-collection", asset="USDT")
    assert desk.account.wallets[Leg.UM, "USDT"] == 0


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"asset": "BNB"}, -1126),
        ({"asset": "USDT", "amount": "1"}, -1102),
        ({"asset": "USDT", "futureType": "UM"}, -1102),
        ({"asset": "USDT", "amount": "1", "futureType": "OPTION"}, 51122),
        ({"asset": "USDT", "amount": "1", "futureType": "SPOT"}, -1130),
        ({"asset": "USDT", "amount": "9999", "futureType": "UM"}, -4050),
        ({"asset": "USDT", "amount": "0", "futureType": "UM"}, -4055),
    ],
)
def test_given_a_wrong_collection_then_its_code(parameters: dict[str, str], code: int) -> None:
    desk = with_profit()
    with refused(code):
        call(desk, "POST", "v1/asset-collection", **parameters)
    assert not desk.log


def test_given_bnb_in_the_um_wallet_and_fee_burn_then_commissions_are_paid_in_it() -> None:
    desk = with_profit()
    assert set(call(desk, "POST", "v1/bnb-transfer", amount="1", transferSide="TO_UM")) == {"tranId"}
    call(desk, "POST", "v1/um/feeBurn", feeBurn="true")
    usdt = desk.account.wallets[Leg.UM, "USDT"]
    desk.market("SELL", "65000.00", "0.1")
    desk.log.clear()
    desk.buy("0.1")
    body = desk.named("ORDER_TRADE_UPDATE")[-1]["o"]
    expected = Decimal(6500) * Decimal("0.0005") * Decimal("0.9") / 600
    assert (body["N"], body["n"]) == ("BNB", f"{expected:.8f}")
    assert desk.account.wallets[Leg.UM, "USDT"] == usdt
    assert desk.account.wallets[Leg.UM, "BNB"] == 1 - Decimal(body["n"])


def test_given_too_little_bnb_then_refused_and_ten_calls_in_ten_minutes_are_the_most() -> None:
    desk = with_profit()
    with refused(-2018):
        call(desk, "POST", "v1/bnb-transfer", amount="6", transferSide="TO_UM")
    with refused(-4050):
        call(desk, "POST", "v1/bnb-transfer", amount="1", transferSide="FROM_UM")
    for _ in range(8):
        call(desk, "POST", "v1/bnb-transfer", amount="0.1", transferSide="TO_UM")
    with refused(-1003, "bnb-transfer"):
        call(desk, "POST", "v1/bnb-transfer", amount="0.1", transferSide="TO_UM")
    desk.clock.now += 600_000
    call(desk, "POST", "v1/bnb-transfer", amount="0.1", transferSide="TO_UM")


def test_given_twenty_switches_in_a_day_then_the_next_is_refused() -> None:
    desk = with_profit()
    assert call(desk, "GET", "v1/repay-futures-switch") == {"autoRepay": True}
    for _ in range(20):
        call(desk, "POST", "v1/repay-futures-switch", autoRepay="false")
    assert call(desk, "GET", "v1/repay-futures-switch") == {"autoRepay": False}
    with refused(-1003):
        call(desk, "POST", "v1/repay-futures-switch", autoRepay="true")


def test_given_a_negative_wallet_when_repaid_then_it_is_filled_from_the_margin_wallet() -> None:
    desk = Desk(USDT="1000")
    desk.hold("0.1")
    owed = desk.account.wallets[Leg.UM, "USDT"]
    assert owed < 0
    call(desk, "POST", "v1/repay-futures-negative-balance")
    assert desk.account.wallets[Leg.UM, "USDT"] == 0
    assert desk.account.asset("USDT").free == 1000 + owed


def test_given_a_debt_when_repaid_with_other_assets_then_they_are_sold_at_the_reference_price() -> None:
    desk = Desk(Leg.MARGIN, USDT="0", BTC="1")
    desk.exchange.account(MAIN).asset("USDT").borrowed = Decimal(6500)
    reply = call(desk, "POST", "v1/margin/repay-debt", asset="USDT", specifyRepayAssets="BTC")
    assert (reply["amount"], reply["specifyRepayAssets"], reply["success"]) == ("6500", ["BTC"], True)
    assert desk.account.asset("BTC").free == Decimal("0.9") and desk.account.asset("USDT").borrowed == 0
    assert desk.named("liabilityChange")[0]["t"] == "REPAY"
    with refused(-2018):
        call(desk, "POST", "v1/margin/repay-debt", asset="USDT")
    desk.account.asset("USDT").borrowed = Decimal(50_001)
    with refused(-1130, "50000"):
        call(desk, "POST", "v1/margin/repay-debt", asset="USDT")


def test_given_a_new_leverage_then_it_is_told_shown_and_counted() -> None:
    desk = Desk(USDT="10000")
    reply = call(desk, "POST", "v1/um/leverage", symbol="BTCUSDT", leverage="50")
    assert reply == {"leverage": 50, "maxNotionalValue": "12000000", "symbol": "BTCUSDT"}
    event = desk.named("ACCOUNT_CONFIG_UPDATE")[0]
    assert (event["fs"], event["ac"]) == ("UM", {"s": "BTCUSDT", "l": 50})
    assert call(desk, "GET", "v1/um/symbolConfig", symbol="BTCUSDT")[0]["leverage"] == 50
    desk.hold("0.1")
    assert call(desk, "GET", "v1/account")["accountInitialMargin"] == "130.00000000"
    row = call(desk, "GET", "v1/um/account")["positions"][0]
    assert (row["leverage"], row["initialMargin"]) == ("50", "130.00000000")


def test_given_a_leverage_that_cannot_be_then_its_code() -> None:
    desk = Desk(USDT="4000")
    for wanted in ("0", "126"):
        with refused(-4028):
            call(desk, "POST", "v1/um/leverage", symbol="BTCUSDT", leverage=wanted)
    desk.hold("1")
    with refused(-2028):
        call(desk, "POST", "v1/um/leverage", symbol="BTCUSDT", leverage="5")
    assert desk.account.leverage_of(Leg.UM, "BTCUSDT") == 20
    rich = Desk(USDT="100000000")
    rich.hold("4")
    call(rich, "POST", "v1/um/leverage", symbol="BTCUSDT", leverage="125")
    with refused(-2027):
        rich.buy("1", "65000.00")


def margin(bracket: dict[str, Any], amount: Decimal) -> Decimal:
    """Return the maintenance margin of `amount` by one bracket, whose numbers are JSON as it is sent."""
    rate, cum = (Decimal(bytes(bracket[name]).decode()) for name in ("maintMarginRatio", "cum"))
    return amount * rate - cum


def test_given_brackets_then_the_maintenance_margin_is_continuous_between_them() -> None:
    desk = Desk()
    for leg, symbol, kind in (("um", "BTCUSDT", "notional"), ("cm", "BTCUSD_PERP", "qty")):
        (row,) = call(desk, "GET", f"v1/{leg}/leverageBracket", symbol=symbol)
        for below, above in itertools.pairwise(row["brackets"]):
            edge = Decimal(above[f"{kind}Floor"])
            assert edge == below[f"{kind}Cap"]
            assert margin(below, edge) == margin(above, edge)


def test_given_an_account_in_use_then_its_numbers_add_up() -> None:
    desk = Desk(USDT="10000", BTC="0")
    desk.hold("0.1")
    desk.buy("0.05", "64000.0")
    desk.mark("66000.0")
    summary = {name: value for name, value in call(desk, "GET", "v1/account").items() if name != "updateTime"}
    balance = call(desk, "GET", "v1/balance", asset="USDT")
    equity = Decimal(balance["totalWalletBalance"]) + Decimal(balance["umUnrealizedPNL"])
    assert Decimal(summary["accountEquity"]) == equity
    parts = ("crossMarginAsset", "umWalletBalance", "cmWalletBalance")
    assert Decimal(balance["totalWalletBalance"]) == sum(Decimal(balance[name]) for name in parts)
    ratio = Decimal(summary["accountEquity"]) / Decimal(summary["accountMaintMargin"])
    assert abs(Decimal(summary["uniMMR"]) - ratio) < Decimal("0.00000001")
    (asset,) = call(desk, "GET", "v1/um/account")["assets"]
    assert Decimal(asset["initialMargin"]) == Decimal(summary["accountInitialMargin"])
    assert Decimal(asset["maintMargin"]) == Decimal(summary["accountMaintMargin"])
    free = Decimal(summary["accountEquity"]) - Decimal(summary["accountInitialMargin"])
    assert Decimal(summary["totalAvailableBalance"]) == free


def test_given_a_waiting_conditional_order_then_the_position_mode_cannot_change() -> None:
    desk = Desk()
    waiting = desk.algo("STOP_MARKET", "SELL", "60000.00")
    with refused(-4067):
        call(desk, "POST", "v1/um/positionSide/dual", dualSidePosition="true")
    desk.exchange.conditionals.cancel(waiting)
    call(desk, "POST", "v1/um/positionSide/dual", dualSidePosition="true")
    coin = Desk(Leg.CM)
    coin.strategy("STOP_MARKET", "SELL", "60000.0")
    with refused(-4531):
        call(coin, "POST", "v1/um/positionSide/dual", dualSidePosition="true")
    with refused(-4220):
        call(coin, "POST", "v1/cm/positionSide/dual", dualSidePosition="false")
