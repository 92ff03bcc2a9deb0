"""What happens to an order inside the matching engine: crossing, fills, prevention, the end.

Every change of an account's order is one event, emitted here and nowhere else.
"""

from decimal import Decimal

from fixgate.simulator import margin_funds
from fixgate.simulator.accounts import Account
from fixgate.simulator.book import Book, reaches
from fixgate.simulator.conditional_orders import CONTRACT_PRICE
from fixgate.simulator.events import execution_report, order_trade_update
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import ZERO, Leg, Order, Trade
from fixgate.simulator.records import Income
from fixgate.simulator.venue_state import VenueState

MAKER_RATE = {Leg.UM: Decimal("0.0002"), Leg.CM: Decimal("0.0001"), Leg.MARGIN: Decimal("0.001")}
TAKER_RATE = {Leg.UM: Decimal("0.0005"), Leg.CM: Decimal("0.0005"), Leg.MARGIN: Decimal("0.001")}
BNB_DISCOUNT = Decimal("0.9")
"""What a UM commission costs when it is paid in BNB."""
_EIGHT = Decimal("0.00000001")

EXPIRED_BY_STP, EXPIRED_IOC, EXPIRED_IOC_BY_STP = "1", "2", "3"
EXPIRED_LIQUIDATION = "5"
EXPIRED_REDUCE_ONLY, EXPIRED_MARKET, EXPIRED_FOK, EXPIRED_POST_ONLY = "4", "9", "10", "11"
"""Expiry reasons of futures orders, ORDER_TRADE_UPDATE field `er`."""


class Execution:
    """The engine's moves on one `VenueState`."""

    def __init__(self, state: VenueState) -> None:
        self._state = state

    def executable(self, order: Order) -> Decimal:
        """Return how much of `order` may trade now: all that remains, or the position if reduce-only."""
        if not order.reduce_only:
            return order.remaining
        account = self._state.accounts[order.account]
        closable = account.closable(order.leg, order.symbol, order.side, order.position_side)
        return min(order.remaining, closable)

    def cross(self, taker: Order, limit: Decimal | None) -> str:
        """Trade `taker` against the book as far as `limit` (None: any price) allows.

        Returns the expiry reason when self-trade prevention ended the taker, else an empty string.
        """
        book = self._state.books[taker.leg, taker.symbol]
        while taker.remaining:
            maker = book.other_side(taker.side).best()
            if maker is None or (limit is not None and not reaches(taker.side, limit, maker.price)):
                break
            if prevents(taker, maker):
                reason = self._prevent(taker, maker, book)
                if reason:
                    return reason
                continue
            offered = self.executable(maker)
            if not offered:
                book.remove(maker)
                maker.dormant = True
                continue
            quantity = min(self.executable(taker), offered, maker.slice_left or offered)
            if not quantity:
                break
            self._trade(taker, maker, quantity)
            if not maker.remaining:
                book.remove(maker)
            elif maker.iceberg:
                self._show_next_slice(maker, quantity, book)
        return ""

    def _show_next_slice(self, maker: Order, quantity: Decimal, book: Book) -> None:
        """Take `quantity` off an iceberg's shown slice; a new slice queues behind its price level."""
        maker.slice_left -= quantity
        if not maker.slice_left:
            maker.slice_left = min(maker.iceberg, maker.remaining)
            maker.priority = self._state.next_id("priority")
            book.remove(maker)
            book.add(maker)

    def _trade(self, taker: Order, maker: Order, quantity: Decimal) -> None:
        trade_id = self._state.next_id(f"trade:{taker.leg}")
        price = maker.price
        self._state.see_price(taker.leg, taker.symbol, CONTRACT_PRICE, price)
        for order, is_maker in ((taker, False), (maker, True)):
            if order.account:
                self.fill(order, price, quantity, trade_id, is_maker)
            else:
                order.executed += quantity

    def fill(
        self,
        order: Order,
        price: Decimal,
        quantity: Decimal,
        trade_id: int,
        maker: bool,
        exec_type: str = "TRADE",
    ) -> None:
        """Book one fill of an account's order and report it, a liquidation's as CALCULATED."""
        state = self._state
        account = state.accounts[order.account]
        instrument = state.instruments[order.leg, order.symbol]
        amount = instrument.amount(price, quantity)
        order.executed += quantity
        order.cum_quote += amount
        order.status = "PARTIALLY_FILLED" if order.remaining else "FILLED"
        order.updated_ms = state.clock()
        rate = (MAKER_RATE if maker else TAKER_RATE)[order.leg] if order.force != "ADL" else ZERO
        profit = ZERO
        if order.leg is Leg.MARGIN:
            asset = margin_funds.received_asset(instrument, order.side)
            commission = ((quantity if order.is_buy else amount) * rate).quantize(_EIGHT)
            margin_funds.settle(state, account, instrument, order, price, quantity, commission)
        else:
            asset, commission = self._commission(account, instrument, amount * rate)
            profit = self._book_position(account, instrument, order, price, quantity)
            account.credit_wallet(order.leg, instrument.margin_asset, profit)
            account.credit_wallet(order.leg, asset, -commission)
            state.touch_asset(account.name, order.leg, instrument.margin_asset)
            state.touch_asset(account.name, order.leg, asset)
        trade = Trade(
            leg=order.leg,
            symbol=order.symbol,
            trade_id=trade_id,
            order_id=order.order_id,
            side=order.side,
            price=price,
            quantity=quantity,
            amount=amount,
            commission=commission,
            commission_asset=asset,
            realized_pnl=profit,
            maker=maker,
            position_side=order.position_side,
            time_ms=order.updated_ms,
        )
        account.record_trade(trade)
        if order.leg is not Leg.MARGIN:
            self._record_income(account, instrument, trade)
        self.reserve(account, instrument, order)
        if not order.remaining:
            account.close(order)
        self.report(order, exec_type, trade=trade)
        self._follow_up(order)
        if order.leg is Leg.MARGIN and not order.remaining:
            margin_funds.finish(state, account, instrument, order)

    def _commission(
        self, account: Account, instrument: SimulatedInstrument, amount: Decimal
    ) -> tuple[str, Decimal]:
        """Return (asset, amount) of a futures commission: BNB where the account chose it and has it."""
        asset = instrument.margin_asset
        bnb = self._state.usd_price("BNB")
        if instrument.leg is Leg.UM and account.fee_burn and bnb:
            in_bnb = (amount * self._state.usd_price(asset) * BNB_DISCOUNT / bnb).quantize(_EIGHT)
            if account.wallets.get((Leg.UM, "BNB"), ZERO) >= in_bnb:
                return "BNB", in_bnb
        return asset, amount.quantize(_EIGHT)

    def _record_income(self, account: Account, instrument: SimulatedInstrument, trade: Trade) -> None:
        parts = (
            ("REALIZED_PNL", trade.realized_pnl, instrument.margin_asset),
            ("COMMISSION", -trade.commission, trade.commission_asset),
        )
        for kind, amount, asset in parts:
            if amount:
                account.records.add_income(
                    Income(
                        leg=trade.leg,
                        kind=kind,
                        amount=amount,
                        asset=asset,
                        time_ms=trade.time_ms,
                        transaction_id=self._state.next_id("transfer"),
                        symbol=trade.symbol,
                        trade_id=trade.trade_id,
                        info=str(trade.trade_id),
                    )
                )

    def _follow_up(self, order: Order) -> None:
        """Queue an order whose list or conditional order has to hear of its fill or its end."""
        if order.order_list_id >= 0 or order.origin_id:
            self._state.changed.append(order)

    def _book_position(
        self,
        account: Account,
        instrument: SimulatedInstrument,
        order: Order,
        price: Decimal,
        quantity: Decimal,
    ) -> Decimal:
        position = account.position(order.leg, order.symbol, order.position_side)
        profit = position.apply_fill(instrument, order.side, price, quantity)
        position.updated_ms = order.updated_ms
        self._state.touch_position(account.name, order.leg, order.symbol, order.position_side)
        return profit

    def reserve(self, account: Account, instrument: SimulatedInstrument, order: Order) -> None:
        """Recount the open notional of a futures order; reduce-only orders reserve none."""
        if order.leg is Leg.MARGIN:
            return
        counted = order.remaining if order.price and not order.reduce_only else ZERO
        notional = instrument.amount(order.price, counted) if counted else ZERO
        account.reserve(order, notional.quantize(_EIGHT) if order.leg is Leg.CM else notional)

    def _prevent(self, taker: Order, maker: Order, book: Book) -> str:
        """Expire what the taker's mode says; return the taker's reason if it is one of them."""
        match_id = self._state.next_id("prevention")
        quantity = min(taker.remaining, maker.remaining)
        for order in (maker, taker):
            order.prevented_match_id = match_id
        if taker.stp_mode in {"EXPIRE_MAKER", "EXPIRE_BOTH"}:
            book.remove(maker)
            maker.prevented_quantity = quantity
            self.end(maker, "EXPIRED_IN_MATCH", reason=EXPIRED_BY_STP, counter_order=taker)
        else:
            maker.prevented_match_id = None
        if taker.stp_mode in {"EXPIRE_TAKER", "EXPIRE_BOTH"}:
            taker.prevented_quantity = quantity
            reason = EXPIRED_IOC_BY_STP if taker.time_in_force == "IOC" else EXPIRED_BY_STP
            self.end(taker, "EXPIRED_IN_MATCH", reason=reason, counter_order=maker)
            return reason
        taker.prevented_match_id = None
        return ""

    def end(
        self,
        order: Order,
        status: str,
        *,
        reason: str = "",
        cancel_id: str = "",
        counter_order: Order | None = None,
        reject_reason: str = "NONE",
    ) -> None:
        """Make `order` terminal: CANCELED, EXPIRED or EXPIRED_IN_MATCH, and report it.

        `reason` is the futures `er`, or the margin engine's `eR` text; `reject_reason` its `r`.
        """
        state = self._state
        account = state.accounts[order.account]
        order.status = status
        order.updated_ms = state.clock()
        account.close(order)
        exec_type = "EXPIRED" if status == "EXPIRED_IN_MATCH" else status
        if order.leg is Leg.MARGIN and counter_order is not None:
            exec_type, reason = "TRADE_PREVENTION", ""
        self.report(
            order,
            exec_type,
            reason=reason,
            cancel_id=cancel_id,
            counter_order=counter_order,
            reject_reason=reject_reason,
        )
        if order.leg is Leg.MARGIN:
            margin_funds.finish(state, account, state.instruments[order.leg, order.symbol], order)
        self._follow_up(order)

    def report(
        self,
        order: Order,
        exec_type: str,
        *,
        trade: Trade | None = None,
        modify_id: int | None = None,
        reason: str = "",
        cancel_id: str = "",
        counter_order: Order | None = None,
        reject_reason: str = "NONE",
    ) -> None:
        """Emit the order event of the order's leg."""
        state = self._state
        now = state.clock()
        if order.leg is Leg.MARGIN:
            event = execution_report(
                order,
                exec_type,
                now,
                execution_id=state.next_id("execution"),
                trade=trade,
                cancel_id=cancel_id,
                counter_order=counter_order,
                reason=reason,
                reject_reason=reject_reason,
            )
        else:
            reserved = state.accounts[order.account].reserved
            event = order_trade_update(
                order,
                state.instruments[order.leg, order.symbol],
                exec_type,
                now,
                bid=reserved.get((order.leg, order.symbol, "BUY"), ZERO),
                ask=reserved.get((order.leg, order.symbol, "SELL"), ZERO),
                trade=trade,
                modify_id=modify_id,
                reason=reason,
            )
        state.emit(order.account, event)


def prevents(taker: Order, maker: Order) -> bool:
    """True when a match of the two is a self-trade that the taker's mode prevents.

    Futures FOK orders are not covered: STP works for IOC, GTC and GTD only.
    """
    if not taker.account or taker.account != maker.account or taker.stp_mode == "NONE":
        return False
    return taker.leg is Leg.MARGIN or taker.time_in_force != "FOK"
