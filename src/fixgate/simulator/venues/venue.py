"""A simulated venue without a dialect: its markets, accounts, orders and what it tells of them.

One matching engine is behind each venue. The futures wallets of an account and its spot wallet are one pool
of collateral, as in the unified accounts of most venues. Event loop only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fixgate.simulator.accounts import Account
from fixgate.simulator.conditional_orders import (
    CONTRACT_PRICE,
    MARK_PRICE,
    TRAILING,
    Conditional,
)
from fixgate.simulator.leverage import MAX_LEVERAGE
from fixgate.simulator.list_service import ListRequest
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import ZERO, Leg, Order, OrderRequest, Trade
from fixgate.simulator.positions import Position
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.venues.instruments import VenueMarket, instruments_of
from fixgate.simulator.venues.reading import Reading
from fixgate.simulator.venues.refusals import reason_of
from fixgate.simulator.venues.views import (
    BalanceView,
    Happening,
    IncomeView,
    OrderView,
    PositionView,
    Refusal,
    Status,
    Ticket,
    TradeView,
    Why,
)

Listener = Callable[[Happening], None]

_UNKNOWN = "the order does not exist"


class Venue:
    """One venue. `one_order` makes a stop order and what comes of it one order with one id.

    Every refusal is a `Refusal` and changes nothing. `listeners` hear every `Happening`, in order.
    """

    def __init__(
        self, name: str, markets: Sequence[VenueMarket], clock: Callable[[], int], *, one_order: bool
    ) -> None:
        self.name = name
        self.markets = tuple(markets)
        self.clock = clock
        self.one_order = one_order
        self.exchange = SimulatedExchange(clock, instruments_of(markets))
        self.listeners: list[Listener] = []
        self._by_unified = {each.unified: each for each in markets}
        self._by_venue_id = {each.venue_id: each for each in markets}
        self._reading = Reading(self.exchange.state, self.markets, one_order=one_order)
        self._isolated: set[tuple[str, str]] = set()
        self.exchange.subscribe(self._hear)

    # markets

    def market(self, venue_id: str) -> VenueMarket:
        """Return a market by the venue's own symbol. Refuses one that is not listed."""
        found = self._by_venue_id.get(venue_id)
        if found is None:
            raise Refusal(Why.SYMBOL, f"symbol {venue_id!r} is not listed")
        return found

    def of_unified(self, symbol: str) -> VenueMarket:
        """Return a market by its unified symbol. Raises `KeyError`."""
        return self._by_unified[symbol]

    def last(self, market: VenueMarket) -> Decimal:
        """Return the price of the last trade."""
        return self.exchange.state.lasts[market.leg, market.instrument.symbol]

    def mark(self, market: VenueMarket) -> Decimal:
        return self.exchange.state.marks[market.leg, market.instrument.symbol]

    def best(self, market: VenueMarket) -> tuple[Decimal, Decimal]:
        """Return the best bid and ask; the last price where a side is empty."""
        book = self.exchange.state.books[market.leg, market.instrument.symbol]
        last = self.last(market)
        bid, ask = book.bids.best(), book.asks.best()
        return (bid.price if bid is not None else last, ask.price if ask is not None else last)

    # orders

    def place(self, account: str, ticket: Ticket) -> OrderView:
        """Take an order in, and return how it stands after it was matched."""
        try:
            if ticket.waits and not ticket.market.is_spot:
                held = self.exchange.place_conditional(account, self._conditional(account, ticket))
                return self._reading.held(held)
            if ticket.callback_rate is not None:
                raise Refusal(Why.OTHER, "a trailing stop needs a futures market")
            placed = self.exchange.place(account, self._request(ticket))
        except VenueRefusal as refusal:
            raise reason_of(refusal) from refusal
        return self._reading.order(placed.order)

    def place_oco(
        self, account: str, limit: Ticket, stop: Ticket, client_id: str = ""
    ) -> tuple[OrderView, OrderView]:
        """Take a spot OCO in; return its limit order and its stop order."""
        request = ListRequest(
            client_id=client_id,
            limit=self._request(limit, limit_maker=True),
            stop=self._request(stop),
            response_type="RESULT",
        )
        try:
            found = self.exchange.place_list(account, request)
        except VenueRefusal as refusal:
            raise reason_of(refusal) from refusal
        orders = self._account(account).orders[Leg.MARGIN, limit.market.instrument.symbol]
        order = self._reading.order
        return order(orders[found.limit_order_id]), order(orders[found.stop_order_id])

    def cancel(
        self,
        account: str,
        *,
        market: VenueMarket | None = None,
        order_id: int | None = None,
        client_id: str = "",
        held: bool | None = None,
    ) -> OrderView:
        """Cancel an open order by its id, or else by its client id, and return it. `held` narrows the search
        to those that wait for a price (true) or to the others, `market` to its own: spot, linear and inverse
        markets count their orders from 1 each."""
        view = self.find(account, market=market, order_id=order_id, client_id=client_id, held=held)
        if view is None or not view.status.is_open:
            raise Refusal(Why.UNKNOWN_ORDER, _UNKNOWN)
        key = view.market.leg, view.market.instrument.symbol
        try:
            if view.held and view.status is Status.HELD and not view.market.is_spot:
                conditional = self._account(account).conditionals[view.market.leg, view.order_id]
                self.exchange.conditionals.cancel(conditional)
                self.exchange.finish()
                return self._reading.held(conditional)
            return self._reading.order(
                self.exchange.cancel(account, *key, order_id=view.child_id or view.order_id)
            )
        except VenueRefusal as refusal:
            raise reason_of(refusal) from refusal

    def find(
        self,
        account: str,
        *,
        market: VenueMarket | None = None,
        order_id: int | None = None,
        client_id: str = "",
        held: bool | None = None,
    ) -> OrderView | None:
        """Return an order by its id, or else the latest by its client id; `market` and `held` as for
        `cancel`."""
        owner = self._account(account)
        found: list[OrderView] = []
        if held is not True or order_id is None or (market is not None and market.is_spot):
            found += [self._reading.order(order) for order in _orders(owner, order_id, client_id)]
        conditionals = owner.conditionals.values()
        found += [
            self._reading.held(each)
            for each in conditionals
            if (each.conditional_id == order_id if order_id is not None else each.client_id == client_id)
        ]
        found = [
            view for view in found if held in (None, view.held) and (market is None or view.market is market)
        ]
        found.sort(key=lambda view: (view.status.is_open, view.created_ms, view.order_id))
        return found[-1] if found else None

    def orders(self, account: str, market: VenueMarket | None = None) -> list[OrderView]:
        """Return every order that is remembered, oldest first."""
        owner = self._account(account)
        views = [
            self._reading.order(order)
            for (leg, symbol), orders in owner.orders.items()
            if market is None or (leg, symbol) == (market.leg, market.instrument.symbol)
            for order in orders.values()
            if not (self.one_order and order.origin_id)
        ]
        views += [
            self._reading.held(conditional)
            for conditional in owner.conditionals.values()
            if market is None
            or (conditional.leg, conditional.symbol) == (market.leg, market.instrument.symbol)
        ]
        return sorted(views, key=lambda view: (view.created_ms, view.order_id))

    def open_orders(self, account: str, market: VenueMarket | None = None) -> list[OrderView]:
        """Return every open order, oldest first, those that wait for a price included."""
        return [view for view in self.orders(account, market) if view.status.is_open]

    def trades(
        self, account: str, market: VenueMarket | None = None, *, order_id: int | None = None
    ) -> list[TradeView]:
        """Return trades, oldest first, of one order or of all."""
        found = [
            self._reading.trade(trade)
            for (leg, symbol), trades in self._account(account).trades.items()
            if market is None or (leg, symbol) == (market.leg, market.instrument.symbol)
            for trade in trades
        ]
        wanted = [trade for trade in found if order_id in (None, trade.order_id)]
        return sorted(wanted, key=lambda trade: (trade.time_ms, trade.trade_id))

    # account

    def open_account(self, name: str, balances: Mapping[str, Decimal], *, hedge_mode: bool = False) -> None:
        """Create an account, unless the state file knew it."""
        if name not in self.exchange.state.accounts:
            self.exchange.open_account(name, dict(balances), hedge_mode=hedge_mode)

    def hedge_mode(self, account: str) -> bool:
        return self._account(account).hedge_mode

    def balances(self, account: str) -> list[BalanceView]:
        """Return the assets of which there is something."""
        owner = self._account(account)
        assets = sorted({*owner.margin, *(asset for _, asset in owner.wallets)})
        rows = []
        for asset in assets:
            entry = owner.asset(asset)
            wallets = sum((owner.wallets.get((leg, asset), ZERO) for leg in (Leg.UM, Leg.CM)), ZERO)
            row = BalanceView(asset=asset, free=entry.free + wallets, used=entry.locked)
            if row.free or row.used:
                rows.append(row)
        return rows

    def positions(self, account: str, market: VenueMarket | None = None) -> list[PositionView]:
        """Return open positions."""
        owner = self._account(account)
        return [
            self._position(owner, position)
            for position in owner.positions.values()
            if position.quantity
            and (market is None or (position.leg, position.symbol) == (market.leg, market.instrument.symbol))
        ]

    def leverage(self, account: str, market: VenueMarket) -> int:
        return self._account(account).leverage_of(market.leg, market.instrument.symbol)

    def set_leverage(self, account: str, market: VenueMarket, leverage: int) -> None:
        """Set a symbol's leverage: a whole number from 1 to 125."""
        if not 1 <= leverage <= MAX_LEVERAGE:
            raise Refusal(Why.LEVERAGE, f"leverage {leverage} is not between 1 and {MAX_LEVERAGE}")
        self._account(account).leverage[market.leg, market.instrument.symbol] = leverage

    def isolated(self, account: str, market: VenueMarket) -> bool:
        """Return whether a symbol's margin mode is isolated. A label only: all margin is cross here."""
        return (account, market.unified) in self._isolated

    def set_isolated(self, account: str, market: VenueMarket, isolated: bool) -> None:
        if isolated:
            self._isolated.add((account, market.unified))
        else:
            self._isolated.discard((account, market.unified))

    def income(self, account: str, kind: str, market: VenueMarket | None = None) -> list[IncomeView]:
        """Return changes of the futures wallets, oldest first: REALIZED_PNL, FUNDING_FEE or COMMISSION."""
        rows = []
        for record in self._account(account).records.income:
            of = self._reading.by_instrument.get((record.leg, record.symbol))
            if record.kind == kind and market in (None, of):
                rows.append(
                    IncomeView(
                        income_id=record.transaction_id,
                        kind=kind,
                        market=of,
                        amount=record.amount,
                        asset=record.asset,
                        time_ms=record.time_ms,
                    )
                )
        return rows

    # out of the matching engine

    def _account(self, name: str) -> Account:
        return self.exchange.state.accounts[name]

    def _request(self, ticket: Ticket, *, limit_maker: bool = False) -> OrderRequest:
        spot, limit = ticket.market.is_spot, ticket.kind == "limit"
        kind, time_in_force = ("LIMIT" if limit else "MARKET"), ticket.time_in_force
        if ticket.waits:
            name = "TAKE_PROFIT" if ticket.takes_profit else "STOP_LOSS"
            kind = f"{name}_LIMIT" if limit else name
        elif limit_maker or (ticket.post_only and spot):
            kind, time_in_force = "LIMIT_MAKER", "GTC"
        elif ticket.post_only:
            time_in_force = "GTX"
        return OrderRequest(
            leg=ticket.market.leg,
            symbol=ticket.market.instrument.symbol,
            side=ticket.side,
            type=kind,
            time_in_force=time_in_force,
            quantity=ticket.quantity,
            quote_quantity=ticket.quote_quantity,
            price=ticket.price if limit else None,
            client_order_id=ticket.client_id,
            reduce_only=ticket.reduce_only,
            position_side=ticket.position_side,
            stop_price=ticket.stop_price,
            response_type="RESULT",
        )

    def _conditional(self, account: str, ticket: Ticket) -> Conditional:
        limit = ticket.kind == "limit"
        kind = "TAKE_PROFIT" if ticket.takes_profit else "STOP"
        time_in_force = "GTX" if ticket.post_only else ticket.time_in_force
        return Conditional(
            leg=ticket.market.leg,
            symbol=ticket.market.instrument.symbol,
            conditional_id=0,
            client_id=ticket.client_id,
            account=account,
            side=ticket.side,
            type=TRAILING if ticket.callback_rate is not None else kind if limit else f"{kind}_MARKET",
            time_in_force=time_in_force,
            quantity=ticket.quantity or ZERO,
            price=(ticket.price or ZERO) if limit else ZERO,
            trigger_price=ticket.stop_price or ZERO,
            working_type=MARK_PRICE if ticket.on_mark else CONTRACT_PRICE,
            position_side=ticket.position_side,
            reduce_only=ticket.reduce_only,
            activation_price=ticket.activation_price or ZERO,
            callback_rate=ticket.callback_rate or ZERO,
        )

    def _position(self, owner: Account, position: Position) -> PositionView:
        market = self._reading.by_instrument[position.leg, position.symbol]
        return self._reading.position(owner, position, isolated=self.isolated(owner.name, market))

    # what happens

    def _hear(self, account: str, event: Mapping[str, Any]) -> None:
        """Turn the matching engine's event into a `Happening`."""
        happening = self._happening(account, event)
        if happening is not None:
            for listener in self.listeners:
                listener(happening)

    def _happening(self, account: str, event: Mapping[str, Any]) -> Happening | None:
        kind, owner = event["e"], self._account(account)
        if kind in ("outboundAccountPosition", "ACCOUNT_UPDATE"):
            return Happening(account=account)
        if kind == "executionReport":
            leg, body = Leg.MARGIN, event
        elif kind == "ORDER_TRADE_UPDATE":
            leg, body = Leg(event["fs"]), event["o"]
        elif kind == "ALGO_UPDATE":
            return self._held_happening(owner, Leg.UM, event["ao"]["aid"])
        elif kind == "CONDITIONAL_ORDER_TRADE_UPDATE":
            return self._held_happening(owner, Leg.CM, event["so"]["si"])
        else:
            return None
        order = owner.orders.get((leg, body["s"]), {}).get(body["i"])
        if order is None or (leg, order.symbol) not in self._reading.by_instrument:
            return None
        trade = _trade_of(owner, order, body["t"]) if body["x"] == "TRADE" else None
        return Happening(
            account=account,
            order=self._reading.order(order),
            trade=self._reading.trade(trade) if trade is not None else None,
        )

    def _held_happening(self, owner: Account, leg: Leg, conditional_id: int) -> Happening | None:
        conditional = owner.conditionals[leg, conditional_id]
        if self.one_order and conditional.order_id:
            return None  # what was put on the book tells of itself
        return Happening(account=owner.name, order=self._reading.held(conditional))


def _orders(owner: Account, order_id: int | None, client_id: str) -> Iterator[Order]:
    for leg, symbol in owner.orders:
        order = owner.find(leg, symbol, order_id, client_id)
        if order is not None:
            yield order


def _trade_of(owner: Account, order: Order, trade_id: int) -> Trade | None:
    trades: Iterable[Trade] = reversed(owner.trades.get((order.leg, order.symbol), ()))
    return next((t for t in trades if t.trade_id == trade_id and t.order_id == order.order_id), None)
