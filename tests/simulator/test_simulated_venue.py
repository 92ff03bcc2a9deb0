"""A simulated venue without a dialect: orders, stops, trails, lists, positions and what is told of them."""

from decimal import Decimal

import pytest

from fixgate.simulator.venues.instruments import market
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import Happening, Refusal, Status, Ticket, Why

D = Decimal
SPOT = market("BTC/USDT", "BTC-USDT", tick="0.1", lot="0.0001")
SWAP = market("BTC/USDT:USDT", "BTC-USDT-SWAP", tick="0.1", lot="0.0001", contract_size="0.01")
COIN = market("BTC/USD:BTC", "BTC-USD-SWAP", tick="0.1", lot="1", contract_size="100")


@pytest.fixture(params=[True, False], ids=["one order", "two orders"])
def venue(request) -> Venue:
    venue = Venue("okx", [SPOT, SWAP, COIN], lambda: 1_700_000_000_000, one_order=request.param)
    venue.open_account("me", {"USDT": D(100_000), "BTC": D(1)})
    for each in (SPOT, SWAP, COIN):
        quote(venue, each, "BUY", "97990"), quote(venue, each, "SELL", "98010")
    return venue


def quote(venue: Venue, of, side: str, price: str, quantity: str = "50") -> None:
    venue.exchange.external_order(of.leg, of.instrument.symbol, side, D(price), D(quantity))


def heard(venue: Venue) -> list[Happening]:
    happenings: list[Happening] = []
    venue.listeners.append(happenings.append)
    return happenings


def test_a_market_order_trades_and_its_trades_are_told_under_its_id(venue):
    told = heard(venue)
    order = venue.place("me", Ticket(market=SPOT, side="BUY", kind="market", quantity=D("0.5")))
    assert (order.status, order.filled, order.average) == (Status.FILLED, D("0.5"), D(98010))
    trade = next(each.trade for each in told if each.trade is not None)
    assert (trade.order_id, trade.quantity, trade.price) == (order.order_id, D("0.5"), D(98010))
    assert venue.trades("me", SPOT, order_id=order.order_id) == [trade]
    assert order.fee == trade.fee > 0 and order.fee_asset == "BTC"
    assert any(each.order is None for each in told), "balances changed"


def test_a_limit_order_rests_locks_and_is_cancelled_by_either_id(venue):
    ticket = Ticket(market=SPOT, side="BUY", kind="limit", quantity=D("0.1"), price=D(90000), client_id="c1")
    order = venue.place("me", ticket)
    usdt = next(row for row in venue.balances("me") if row.asset == "USDT")
    assert (usdt.free, usdt.used, usdt.total) == (D(91000), D(9000), D(100000))
    assert venue.open_orders("me") == [order] and venue.find("me", client_id="c1") == order
    assert venue.cancel("me", client_id="c1").status is Status.CANCELED
    with pytest.raises(Refusal) as refusal:
        venue.cancel("me", order_id=order.order_id)
    assert refusal.value.why is Why.UNKNOWN_ORDER


@pytest.mark.parametrize("of", [SPOT, SWAP, COIN], ids=lambda each: each.venue_id)
def test_a_stop_waits_for_its_price_and_then_trades(venue, of):
    if not of.is_spot:
        venue.place("me", Ticket(market=of, side="BUY", kind="market", quantity=D(1)))
    stop = Ticket(market=of, side="SELL", kind="market", quantity=D(1), stop_price=D(96000), client_id="s1")
    held = venue.place("me", stop)
    assert held.status is Status.HELD and held.held and venue.open_orders("me") == [held]
    told = heard(venue)
    quote(venue, of, "BUY", "95900")
    venue.exchange.external_order(of.leg, of.instrument.symbol, "SELL", D(95900), D(60), resting=False)
    found = venue.find("me", client_id="s1")
    assert found is not None and found.status is Status.FILLED and found.filled == 1
    filled = [each.order for each in told if each.order is not None and each.order.filled]
    assert filled[0].order_id == (held.order_id if venue.one_order or of.is_spot else found.order_id)
    traded = [each.trade for each in told if each.trade is not None]
    assert {trade.order_id for trade in traded} == {filled[0].order_id}


def test_a_trailing_stop_follows_and_turns(venue):
    venue.place("me", Ticket(market=SWAP, side="BUY", kind="market", quantity=D(1)))
    ticket = Ticket(
        market=SWAP, side="SELL", kind="market", quantity=D(1), callback_rate=D(1), reduce_only=True
    )
    held = venue.place("me", ticket)
    assert held.callback_rate == 1 and held.status is Status.HELD
    quote(venue, SWAP, "BUY", "96000", "100")
    venue.exchange.external_order(SWAP.leg, SWAP.instrument.symbol, "SELL", D(96000), D("60"), resting=False)
    assert not venue.positions("me")


def test_one_leg_of_an_oco_ends_the_other(venue):
    sell = {"market": SPOT, "side": "SELL", "quantity": D("0.5")}
    limit, stop = venue.place_oco(
        "me",
        Ticket(kind="limit", price=D(99000), client_id="a", **sell),
        Ticket(kind="market", stop_price=D(96000), client_id="b", **sell),
    )
    assert limit.list_id == stop.list_id > 0 and stop.status is Status.HELD
    quote(venue, SPOT, "BUY", "99000", "60")
    ends = {view.client_id: view.status for view in venue.orders("me")}
    assert ends == {"a": Status.FILLED, "b": Status.EXPIRED} or ends["b"] is Status.CANCELED


def test_positions_leverage_and_profit(venue):
    venue.set_leverage("me", SWAP, 5)
    venue.place("me", Ticket(market=SWAP, side="BUY", kind="market", quantity=D(1)))
    (position,) = venue.positions("me", SWAP)
    assert (position.quantity, position.entry_price, position.leverage) == (D(1), D(98010), 5)
    venue.place("me", Ticket(market=SWAP, side="SELL", kind="market", quantity=D(1), reduce_only=True))
    assert not venue.positions("me")
    (profit,) = venue.income("me", "REALIZED_PNL", SWAP)
    assert profit.amount == D(-20)


@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        (Ticket(market=SPOT, side="BUY", kind="market", quantity=D(40)), Why.BALANCE),
        (Ticket(market=SWAP, side="BUY", kind="market", quantity=D(49)), Why.MARGIN),
        (Ticket(market=SPOT, side="BUY", kind="limit", quantity=D("0.00001"), price=D(90000)), Why.QUANTITY),
        (Ticket(market=SPOT, side="BUY", kind="limit", quantity=D(1), price=D("90000.05")), Why.PRICE),
        (
            Ticket(market=SPOT, side="BUY", kind="limit", quantity=D("0.1"), price=D(98010), post_only=True),
            Why.WOULD_TAKE,
        ),
        (
            Ticket(market=SWAP, side="BUY", kind="limit", quantity=D("0.1"), price=D(98010), post_only=True),
            Why.WOULD_TAKE,
        ),
        (Ticket(market=SWAP, side="SELL", kind="market", quantity=D(1), reduce_only=True), Why.REDUCE_ONLY),
        (
            Ticket(market=SWAP, side="SELL", kind="market", quantity=D(1), stop_price=D(99000)),
            Why.WOULD_TRIGGER,
        ),
        (
            Ticket(market=SWAP, side="BUY", kind="market", quantity=D(1), position_side="LONG"),
            Why.POSITION_SIDE,
        ),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(venue, ticket, why):
    venue.set_leverage("me", SWAP, 10)
    before = venue.balances("me")
    with pytest.raises(Refusal) as refusal:
        venue.place("me", ticket)
    assert refusal.value.why is why, refusal.value.text
    assert venue.balances("me") == before and not venue.orders("me")
