"""What the venue does to an account by force: margin calls, liquidation, auto-deleveraging.

Nothing here happens by itself; a tester asks for it. Sources: riskLevelChange; ORDER_TRADE_UPDATE with
the client order ids `autoclose-...` and `adl_autoclose`; PAPI GET /papi/v1/um/forceOrders.
"""

from decimal import Decimal

from fixgate.simulator import futures_margin
from fixgate.simulator.accounts import Account
from fixgate.simulator.events import account_update, risk_level_change
from fixgate.simulator.execution import EXPIRED_LIQUIDATION, Execution
from fixgate.simulator.orders import ZERO, Leg, Order
from fixgate.simulator.positions import Position
from fixgate.simulator.records import Income
from fixgate.simulator.venue_state import VenueState

LIQUIDATION_FEE = Decimal("0.0125")
"""Share of a liquidated notional that goes to the insurance fund."""


class Liquidations:
    """The forced side of one venue. Raises `ValueError` for what cannot be forced."""

    def __init__(self, state: VenueState, execution: Execution) -> None:
        self._state = state
        self._execution = execution

    def set_uni_mmr(self, account: Account, ratio: Decimal | None) -> str:
        """Add maintenance margin so that the uniMMR becomes `ratio`, None for the account's own.

        Returns the account's status then; a new one below NORMAL is told by riskLevelChange. The ratio
        moves with the equity from then on.
        """
        state = self._state
        before = futures_margin.risk_level(state, account)
        account.extra_maintenance = ZERO
        equity = futures_margin.equity(state, account)
        if ratio is not None:
            own = futures_margin.maintenance_margin(state, account)
            if ratio <= 0 or equity <= 0 or equity / ratio < own:
                raise ValueError(
                    f"uniMMR {ratio} cannot be reached by adding maintenance margin: equity is {equity}, "
                    f"maintenance margin {own}; give a lower ratio above 0, and an account with equity"
                )
            account.extra_maintenance = equity / ratio - own
        level = futures_margin.risk_level(state, account)
        state.version += 1
        if level not in {before, "NORMAL"}:
            needed = futures_margin.maintenance_margin(state, account)
            mmr = equity / needed
            state.emit(account.name, risk_level_change(state.clock(), mmr, level, equity, needed))
        return level

    def liquidate(
        self, account: Account, leg: Leg, symbol: str, side: str, price: Decimal | None = None
    ) -> Order:
        """Close the position of `side` (BOTH, LONG, SHORT) at `price`, by default the mark price.

        The account's open orders of the symbol expire first; the fee for the insurance fund follows.
        """
        position = self._held(account, leg, symbol, side)
        for open_order in account.list_open(leg, symbol):
            self._state.books[leg, symbol].remove(open_order)
            self._execution.end(open_order, "EXPIRED", reason=EXPIRED_LIQUIDATION)
        number = self._state.next_id("autoclose")
        client_id = f"autoclose-{self._state.clock()}{number:06d}"
        order = self._order(account, position, abs(position.quantity), price, client_id, "LIQUIDATION")
        order.time_in_force = "IOC"
        self._execution.report(order, "NEW")
        self._close(order, "CALCULATED")
        self._charge_fee(account, order)
        return order

    def deleverage(
        self,
        account: Account,
        leg: Leg,
        symbol: str,
        side: str,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
    ) -> Order:
        """Close `quantity` (by default all) of a position for another account's liquidation. No fee."""
        position = self._held(account, leg, symbol, side)
        size = min(quantity or abs(position.quantity), abs(position.quantity))
        order = self._order(account, position, size, price, "adl_autoclose", "ADL")
        self._close(order, "TRADE")
        return order

    def _held(self, account: Account, leg: Leg, symbol: str, side: str) -> Position:
        self._state.instrument(leg, symbol)
        position = account.positions.get((leg, symbol, side))
        if position is None or not position.quantity:
            raise ValueError(f"account {account.name} has no {side} position in {leg} {symbol} to close")
        return position

    def _order(
        self,
        account: Account,
        position: Position,
        quantity: Decimal,
        price: Decimal | None,
        client_id: str,
        force: str,
    ) -> Order:
        state, now = self._state, self._state.clock()
        instrument = state.instruments[position.leg, position.symbol]
        wanted = price or state.marks[position.leg, position.symbol]
        order = Order(
            leg=position.leg,
            symbol=position.symbol,
            order_id=state.next_id(f"order:{position.leg}"),
            client_order_id=client_id,
            account=account.name,
            side="SELL" if position.quantity > 0 else "BUY",
            type="LIMIT",
            time_in_force="GTC",
            quantity=quantity,
            price=wanted.quantize(instrument.tick_size),
            position_side=position.side,
            created_ms=now,
            updated_ms=now,
            priority=state.next_id("priority"),
            force=force,
            amendments=[],
        )
        account.remember(order)
        return order

    def _close(self, order: Order, exec_type: str) -> None:
        trade_id = self._state.next_id(f"trade:{order.leg}")
        maker = False
        self._execution.fill(order, order.price, order.quantity, trade_id, maker, exec_type)

    def _charge_fee(self, account: Account, order: Order) -> None:
        state = self._state
        instrument = state.instruments[order.leg, order.symbol]
        asset = instrument.margin_asset
        fee = (order.cum_quote * LIQUIDATION_FEE).quantize(Decimal("0.00000001"))
        state.flush()
        account.credit_wallet(order.leg, asset, -fee)
        account.records.add_income(
            Income(
                leg=order.leg,
                kind="INSURANCE_CLEAR",
                amount=-fee,
                asset=asset,
                time_ms=state.clock(),
                transaction_id=state.next_id("transfer"),
                symbol=order.symbol,
            )
        )
        wallets = [(asset, account.wallets[order.leg, asset])]
        event = account_update(order.leg, state.clock(), wallets, (), reason="INSURANCE_CLEAR", change=-fee)
        state.emit(account.name, event)
