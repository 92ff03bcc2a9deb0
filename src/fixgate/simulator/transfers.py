"""Money between the margin wallet and the futures wallets: collections, BNB, repayments.

Sources: PAPI auto-collection, asset-collection, bnb-transfer, repay-futures-negative-balance,
margin/repay-debt.
"""

from decimal import Decimal

from fixgate.simulator.accounts import Account
from fixgate.simulator.events import account_update, balance_update
from fixgate.simulator.margin_funds import repay
from fixgate.simulator.orders import ZERO, Leg
from fixgate.simulator.records import Income
from fixgate.simulator.refusal import INSUFFICIENT_BALANCE, VenueRefusal
from fixgate.simulator.venue_state import VenueState

_EIGHT = Decimal("0.00000001")
MAX_DEBT_REPAYMENT_USD = 50_000
"""The most that one repayment with other assets may be worth."""


def check_calls(account: Account, name: str, now: int, most: int, span_ms: int) -> None:
    """Count one call of `name`; raises -1003 (429) past `most` in the last `span_ms`."""
    recent = [each for each in account.records.calls.get(name, []) if each > now - span_ms]
    if len(recent) >= most:
        wait = max(1, (recent[0] + span_ms - now + 999) // 1000)
        raise VenueRefusal(
            -1003,
            f"Too many requests; current limit of {name} is {most} per {span_ms // 60_000} minutes.",
            status=429,
            retry_after=wait,
        )
    account.records.calls[name] = [*recent, now]


def move(state: VenueState, account: Account, leg: Leg, asset: str, amount: Decimal) -> int:
    """Move `amount` from the margin wallet to a futures wallet (back if negative); return the tranId.

    Both sides are told: ACCOUNT_UPDATE with ASSET_TRANSFER, balanceUpdate, outboundAccountPosition.
    """
    now, transfer = state.clock(), state.next_id("transfer")
    account.credit_wallet(leg, asset, amount)
    account.asset(asset).free -= amount
    account.records.add_income(
        Income(leg=leg, kind="TRANSFER", amount=amount, asset=asset, time_ms=now, transaction_id=transfer)
    )
    wallets = [(asset, account.wallets[leg, asset])]
    state.emit(account.name, account_update(leg, now, wallets, (), reason="ASSET_TRANSFER", change=amount))
    state.emit(account.name, balance_update(now, asset, -amount, state.next_id("update")))
    state.touch_asset(account.name, Leg.MARGIN, asset)
    return transfer


def deposit(state: VenueState, account: Account, asset: str, amount: Decimal) -> None:
    """Add a signed `amount` to the margin wallet, as a transfer from outside does."""
    entry = account.asset(asset)
    if entry.free + amount < 0:
        raise ValueError(f"account {account.name} has {entry.free} {asset} free, less than {-amount}")
    entry.free += amount
    state.emit(account.name, balance_update(state.clock(), asset, amount, state.next_id("update")))
    state.touch_asset(account.name, Leg.MARGIN, asset)


def pay_funding(state: VenueState, account: Account, leg: Leg, symbol: str, amount: Decimal) -> None:
    """Book a signed funding payment of a futures symbol, as ACCOUNT_UPDATE with FUNDING_FEE tells it."""
    asset, now = state.instrument(leg, symbol).margin_asset, state.clock()
    if leg is Leg.MARGIN:
        raise ValueError("funding is paid on UM and CM; leg is MARGIN")
    account.credit_wallet(leg, asset, amount)
    account.records.add_income(
        Income(
            leg=leg,
            kind="FUNDING_FEE",
            amount=amount,
            asset=asset,
            time_ms=now,
            transaction_id=state.next_id("transfer"),
            symbol=symbol,
        )
    )
    wallets = [(asset, account.wallets[leg, asset])]
    event = account_update(leg, now, wallets, (), reason="FUNDING_FEE", change=amount, symbol=symbol)
    state.emit(account.name, event)


def transfer_bnb(state: VenueState, account: Account, amount: Decimal, *, to_um: bool) -> int:
    """Move BNB to or from the UM wallet; raises -4050 or -2018 when there is too little."""
    if to_um and account.asset("BNB").free < amount:
        raise VenueRefusal(-2018, "Balance is insufficient.")
    if not to_um and account.wallets.get((Leg.UM, "BNB"), ZERO) < amount:
        raise VenueRefusal(-4050, "Cross balance insufficient.")
    return move(state, account, Leg.UM, "BNB", amount if to_um else -amount)


def collect_all(state: VenueState, account: Account) -> None:
    """Sweep what the futures wallets hold, BNB excepted, into the margin wallet."""
    for (leg, asset), amount in list(account.wallets.items()):
        if amount > 0 and asset != "BNB":
            move(state, account, leg, asset, -amount)


def collect(
    state: VenueState, account: Account, asset: str, amount: Decimal | None = None, leg: Leg | None = None
) -> None:
    """Move one asset, all of it or `amount` from `leg`, into the margin wallet; raises -1126, -4050."""
    if asset == "BNB":
        raise VenueRefusal(-1126, "This asset is not supported.")
    if amount is not None and leg is not None:
        if account.wallets.get((leg, asset), ZERO) < amount:
            raise VenueRefusal(-4050, "Cross balance insufficient.")
        move(state, account, leg, asset, -amount)
        return
    for each in (Leg.UM, Leg.CM):
        held = account.wallets.get((each, asset), ZERO)
        if held > 0:
            move(state, account, each, asset, -held)


def repay_negative_balances(state: VenueState, account: Account) -> None:
    """Fill negative futures wallets from the margin wallet, as far as it has the asset free."""
    for (leg, asset), amount in list(account.wallets.items()):
        payment = min(-amount, account.asset(asset).free) if amount < 0 else ZERO
        if payment > 0:
            move(state, account, leg, asset, payment)


def repay_debt(
    state: VenueState, account: Account, asset: str, amount: Decimal | None, with_assets: list[str]
) -> tuple[Decimal, list[str]]:
    """Repay a loan by selling other assets at the reference price; return (repaid, assets used).

    Raises -2018 when nothing is owed, -2010 when the other assets are worth less, and -1130 for more
    than 50 000 dollars at a time. An asset without a known price is worth nothing.
    """
    entry, price = account.asset(asset), state.usd_price(asset)
    owed = entry.borrowed + entry.interest
    wanted = min(owed, owed if amount is None else amount)
    if wanted <= 0 or not price:
        raise VenueRefusal(-2018, "Balance is insufficient.")
    if wanted * price > MAX_DEBT_REPAYMENT_USD:
        raise VenueRefusal(
            -1130, f"Data sent for parameter 'amount' is not valid: more than {MAX_DEBT_REPAYMENT_USD} USD."
        )
    sources = [name for name in with_assets or list(account.margin) if name != asset]
    worth = sum((account.asset(name).free * state.usd_price(name) for name in sources), ZERO)
    if worth < wanted * price:
        raise VenueRefusal(-2010, INSUFFICIENT_BALANCE)
    used = _sell(state, account, sources, wanted * price)
    entry.free += wanted
    repay(state, account, asset, wanted)
    return wanted, used


def _sell(state: VenueState, account: Account, sources: list[str], dollars: Decimal) -> list[str]:
    """Take `dollars` worth of the assets, in order, out of the margin wallet; return those touched."""
    used: list[str] = []
    for name in sources:
        price, entry = state.usd_price(name), account.asset(name)
        if not dollars or not price or entry.free <= 0:
            continue
        value = min(dollars, entry.free * price)
        entry.free -= min(entry.free, (value / price).quantize(_EIGHT))
        dollars -= value
        used.append(name)
        state.touch_asset(account.name, Leg.MARGIN, name)
    return used
