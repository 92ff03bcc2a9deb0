"""What can go wrong between the gateway and six exchanges, each in its own dialect: no order is lost, doubled
or told wrongly. The exchanges are simulated in this process, with empty books; the gateway is a process."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio

from fixgate.connectors.ccxt.connector import CcxtConnector
from fixgate.connectors.ccxt.market_loading import LoadRequest, load_lines
from fixgate.connectors.ccxt.settings import CcxtSettings
from fixgate.connectors.connector import Probe
from fixgate.simulator.faults import RequestFault
from fixgate.simulator.venues.dialect import VenueKey
from fixgate.simulator.venues.dialects import build
from fixgate.simulator.venues.going_wrong import OPENING
from fixgate.simulator.venues.server import VenuesServer
from fixgate.simulator.venues.venue import Venue
from fixgate.simulator.venues.views import OrderView, Status, Ticket
from tests.fixclient import FixClient, Message, next_cl_ord_id, utc_now

from .trading import Gateway

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "U0lNLVNFQ1JFVA=="
WALLET = "0x00000000000000000000000000000000f1c6a7e0"
KEY = {"apiKey": "K", "apiSecret": SECRET}
CREDENTIALS: dict[str, dict[str, str]] = {
    "binance": KEY,
    "bybit": KEY,
    "gateio": KEY,
    "kraken": KEY | {"futuresApiKey": "K", "futuresApiSecret": SECRET},
    "hyperliquid": {"walletAddress": WALLET, "privateKey": "0x" + WALLET[2:].zfill(64)},
    "okx": KEY | {"password": "P"},
}
BALANCES = dict.fromkeys(("USDT", "USDC", "USD", "BTC"), Decimal(1_000_000))
PRICE = Decimal(90000)
QUANTITY = Decimal("0.02")
HALF = QUANTITY / 2
WINDOW = 8.0
"""Seconds after which an order that the venue does not know is rejected: `requestTimeout` and 7."""


class Place(NamedTuple):
    """Where orders are tested: the connector, the simulated venue, the symbol, and the paths that take an
    order and a cancel."""

    connector: str
    venue: str
    symbol: str
    submits: str
    cancels: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.connector} {self.symbol}"


SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
PLACES = [
    Place("BINANCE", "binance", SPOT, p := "/api.binance.com/api/v3/order", ("DELETE", p)),
    Place("BINANCE", "binance", PERP, p := "/fapi.binance.com/fapi/v1/order", ("DELETE", p)),
    Place(
        "BYBIT", "bybit", SPOT, "/api.bybit.com/v5/order/create", ("POST", "/api.bybit.com/v5/order/cancel")
    ),
    Place(
        "BYBIT", "bybit", PERP, "/api.bybit.com/v5/order/create", ("POST", "/api.bybit.com/v5/order/cancel")
    ),
    Place("GATEIO", "gateio", SPOT, p := "/api.gateio.ws/api/v4/spot/orders", ("DELETE", p)),
    Place("GATEIO", "gateio", PERP, p := "/api.gateio.ws/api/v4/futures/usdt/orders", ("DELETE", p)),
    Place(
        "KRAKEN",
        "kraken",
        SPOT,
        "/api.kraken.com/0/private/AddOrder",
        ("POST", "/api.kraken.com/0/private/CancelOrder"),
    ),
    Place(
        "KRAKEN",
        "krakenfutures",
        "BTC/USD:USD",
        "/futures.kraken.com/derivatives/api/v3/sendorder",
        ("POST", "/futures.kraken.com/derivatives/api/v3/cancelorder"),
    ),
    Place(
        "HYPERLIQUID",
        "hyperliquid",
        "BTC/USDC:USDC",
        "/api.hyperliquid.xyz/exchange",
        ("POST", "/api.hyperliquid.xyz/exchange"),
    ),
    Place(
        "OKX",
        "okx",
        SPOT,
        "/www.okx.com/api/v5/trade/order",
        ("POST", "/www.okx.com/api/v5/trade/cancel-order"),
    ),
    Place(
        "OKX",
        "okx",
        PERP,
        "/www.okx.com/api/v5/trade/order",
        ("POST", "/www.okx.com/api/v5/trade/cancel-order"),
    ),
]


def account_of(place: Place) -> str:
    return place.connector.lower() + "-001"


async def load_here(request: LoadRequest) -> AsyncIterator[bytes]:
    for line in await load_lines(request):
        yield line + b"\n"


class World:
    """Every exchange, the gateway that trades on them, and a FIX client."""

    def __init__(self, server: VenuesServer, folder: Path) -> None:
        self.server = server
        self.settings: dict[str, dict[str, Any]] = {}
        connectors = ""
        for exchange, credentials in CREDENTIALS.items():
            self.settings[exchange] = settings = {
                "exchange": exchange,
                "simulatorUrl": server.url,
                "requestTimeout": "1 s",
                "reconcileInterval": "10 s",
                "marketsPath": str(folder / "markets"),
                "accounts": [{"account": f"{exchange}-001", **credentials}],
            }
            connectors += (
                f"  {exchange.upper()}: ${{template.connector.crypto.{exchange}}} "
                f"{{ settings {json.dumps(settings)} }}\n"
            )
        self.gateway = Gateway(
            folder, connectors, '  { targetCompId = "COPY", dropCopy = true, defaultConnector = "BINANCE" }\n'
        )
        self.client: FixClient = self.gateway.client()

    async def start(self) -> None:
        """Start the gateway and log on."""
        await self._read_markets()
        await self.gateway.start()
        self.client = self.gateway.client()
        await self.client.logon()

    async def _read_markets(self) -> None:
        """Have the exchanges' markets in the gateway's folder, as after an earlier run: its own reading of
        them takes a process for each."""
        connectors = []
        for settings in self.settings.values():
            connectors.append(
                CcxtConnector("X", CcxtSettings.model_validate(settings), Probe(), load=load_here)
            )
        markets = [each for connector in connectors for each in connector._markets.values()]
        for each in markets:
            each.start()
        async with asyncio.timeout(30):
            while not all(each._path.exists() for each in markets):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await asyncio.gather(*(each.stop() for each in markets))

    async def ready(self) -> None:
        """Wait until the streams of every account are up."""
        async with asyncio.timeout(30):
            while True:
                connectors = json.loads(await self.gateway.get("/ready"))["connectors"]
                if all(account["ready"] for each in connectors.values() for account in each.values()):
                    return
                await asyncio.sleep(0.05)

    def calm(self) -> None:
        """Let everything work, and empty every book and account."""
        self.server.faults.clear()
        self.server.silent.clear()
        for venue in self.server.venues.values():
            for order in venue.open_orders(self.name(venue)):
                venue.cancel(self.name(venue), market=order.market, order_id=order.order_id)
            for book in venue.exchange.state.books.values():
                for resting in [*book.bids, *book.asks]:
                    book.remove(resting)
        self.server.requests.clear()

    def venue(self, place: Place) -> Venue:
        return self.server.venues[place.venue]

    def name(self, venue: Venue) -> str:
        return "kraken-001" if venue.name == "krakenfutures" else f"{venue.name}-001"

    def fault(self, method: str, path: str, **what: Any) -> None:
        self.server.faults.requests.append(RequestFault(method, path, **what))

    def posts(self, places: Iterable[Place]) -> int:
        """Return how many requests to take an order came since `calm`."""
        paths = {place.submits for place in places}
        return sum(method == "POST" and path in paths for method, path in self.server.requests)

    def orders(self, place: Place) -> list[OrderView]:
        """Return the orders that the venue has had, on a market."""
        venue = self.venue(place)
        return venue.orders(account_of(place), venue.of_unified(place.symbol))

    def sell(self, place: Place, quantity: Decimal, price: Decimal = PRICE) -> None:
        """Have somebody sell into the bids."""
        venue = self.venue(place)
        market = venue.of_unified(place.symbol)
        venue.exchange.external_order(
            market.leg, market.instrument.symbol, "SELL", price, quantity, resting=False
        )

    async def order(self, place: Place, **more: object) -> str:
        """Send a limit order to buy, unless `more` fields (as t54=...) say else, and return its ClOrdID."""
        number = next_cl_ord_id("R")
        fields: dict[int, object] = {
            11: number,
            1: account_of(place),
            100: place.connector,
            55: place.symbol,
            167: "FUT" if ":" in place.symbol else "FXSPOT",
            54: 1,
            38: QUANTITY,
            40: "2",
            44: PRICE,
            60: utc_now(),
        }
        fields |= {int(name[1:]): value for name, value in more.items()}
        await self.client.send("D", [field for field in fields.items() if field[1] is not None])
        return number

    async def working(self, place: Place) -> str:
        number = await self.order(place)
        await self.told(number, "0")
        return number

    async def cancel(self, place: Place, of: str) -> str:
        number = next_cl_ord_id("X")
        await self.client.send("F", [(11, number), (41, of), (55, place.symbol), (54, 1), (60, utc_now())])
        return number

    async def told(self, number: str, exec_type: str, seconds: float = 20.0) -> Message:
        """Return the next report of that ClOrdID and ExecType; a reject in between fails the test."""
        report = await self.client.receive(
            "8", seconds, lambda m: m.get(11) == number and m.get(150) in (exec_type, "8")
        )
        assert report[150] == exec_type, report.get(58, report)
        return report

    async def ended(self, number: str, status: str, seconds: float = 25.0) -> Message:
        """Return the first report that leaves an order in a status, or in one of several."""
        report = await self.client.receive(
            "8", seconds, lambda m: number in (m.get(11), m.get(41)) and m.get(39) in (*status, "8")
        )
        assert report[39] in status, report.get(58, report)
        return report

    def trades(self, number: str) -> list[Message]:
        """Return every trade that was told of an order, what the session layer repeated once."""
        found = [m for m in self.client.received if m.get(150) == "F" and number in (m.get(11), m.get(41))]
        return list({m[17]: m for m in found}.values())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    def clock() -> int:
        return time.time_ns() // 1_000_000

    dialects = []
    for exchange, given in CREDENTIALS.items():
        key = VenueKey(
            account=f"{exchange}-001",
            api_key=given.get("apiKey", ""),
            api_secret=given.get("apiSecret", ""),
            password=given.get("password", ""),
            wallet_address=given.get("walletAddress", ""),
            balances=BALANCES,
        )
        dialects += build(exchange, [key], clock)
    server = VenuesServer(dialects)
    await server.start()
    world = World(server, tmp_path_factory.mktemp("recovery"))
    await world.start()
    yield world
    await world.client.drop()
    await world.gateway.stop(signal.SIGKILL)
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def world(everything: World) -> World:
    everything.calm()
    await everything.ready()
    everything.server.requests.clear()
    return everything


def of(message: Message, place: Place) -> bool:
    return (message.get(1), message.get(55)) == (account_of(place), place.symbol)


async def everywhere(test: Callable[[Place], Awaitable[None]]) -> None:
    """Run a test at every place at once, and tell of all that fail."""
    results = await asyncio.gather(*(test(place) for place in PLACES), return_exceptions=True)
    failed = [(place, each) for place, each in zip(PLACES, results, strict=True) if each is not None]
    if failed:
        pytest.fail("\n".join(f"{place}: {each!r}"[:600] for place, each in failed), pytrace=False)


GARBAGE = "<html>Bad Gateway</html>"


@pytest.mark.parametrize(
    "how",
    [{"reset": True}, {"timeout": True}, {"status": 502, "body": GARBAGE}, {"status": 200, "body": GARBAGE}],
    ids=["cut", "silence", "502", "garbage"],
)
async def test_an_order_whose_answer_is_lost_is_one_order_and_no_reject(world, how):
    async def test(place: Place) -> None:
        world.fault("POST", place.submits, land=True, **how)
        number = await world.order(place)
        assert (await world.told(number, "0"))[39] == "0"
        (order,) = [each for each in world.orders(place) if each.status.is_open]
        assert order.quantity == QUANTITY
        world.sell(place, HALF)
        trade = await world.told(number, "F")
        assert (Decimal(trade[14]), Decimal(trade[151])) == (HALF, HALF)
        end = await world.told(await world.cancel(place, number), "4")
        assert Decimal(end[14]) == HALF

    await everywhere(test)
    assert world.posts(PLACES) == len(PLACES) + 1  # a cancel of Hyperliquid goes the same way


async def test_what_never_arrived_is_found_out_after_the_window_and_never_sent_twice(world):
    """An order is rejected; a cancel, which the venue did not hear, is sent again."""

    async def test(place: Place) -> None:
        venue, account = world.venue(place), account_of(place)
        kept = await world.working(place)
        before = len(world.orders(place))
        how = {"reset": True} if ":" in place.symbol else {"status": 503, "body": GARBAGE}
        world.fault("POST", place.submits, **how)
        sent = time.monotonic()
        number = await world.order(place)
        ticket = Ticket(
            market=venue.of_unified(place.symbol), side="BUY", kind="limit", quantity=QUANTITY, price=PRICE
        )
        foreign = venue.place(account, ticket)
        async with asyncio.timeout(10):
            while world.server.faults.requests:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        all_sent.append(place)
        async with asyncio.timeout(10):
            while len(all_sent) < len(PLACES):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        world.fault(*place.cancels, reset=True)
        end = await world.cancel(place, kept)
        report = await world.client.receive("8", 25, lambda m: m.get(11) == number and m.get(39) in "08")
        assert (report[39], time.monotonic() - sent >= WINDOW) == ("8", True), report
        assert len(world.orders(place)) == before + 1
        assert venue.find(account, market=ticket.market, order_id=foreign.order_id).status is Status.OPEN
        assert Decimal((await world.told(end, "4", 30))[14]) == 0
        assert [each.order_id for each in world.orders(place) if each.status.is_open] == [foreign.order_id]

    all_sent: list[Place] = []
    await everywhere(test)
    assert world.posts(PLACES) == 2 * len(PLACES) + 2  # Hyperliquid's two cancels go the same way


async def test_a_cancel_that_was_executed_without_an_answer_ends_the_order(world):
    async def test(place: Place) -> None:
        number = await world.working(place)
        world.fault(*place.cancels, land=True, reset=True)
        end = await world.told(await world.cancel(place, number), "4")
        assert (end[39], Decimal(end[14])) == ("4", 0)
        assert not [each for each in world.orders(place) if each.status.is_open]

    await everywhere(test)


async def test_fills_while_the_streams_are_down_are_told_once_each(world):
    numbers = {place: await world.working(place) for place in PLACES}
    world.fault(OPENING, "/", status=503, times=10_000)
    for venue in world.server.venues:
        await world.server.drop_sockets(venue)
    for place in PLACES:
        world.sell(place, HALF)
        world.sell(place, QUANTITY)
    world.server.faults.clear()

    async def test(place: Place) -> None:
        end = await world.ended(numbers[place], "2")
        assert Decimal(end[14]) == QUANTITY

    await everywhere(test)
    await once(world, numbers)


async def test_fills_that_a_deaf_stream_does_not_tell_are_found(world):
    numbers = {place: await world.working(place) for place in PLACES}
    world.server.silent |= set(world.server.venues)
    for place in PLACES:
        world.sell(place, QUANTITY)

    async def test(place: Place) -> None:
        await world.ended(numbers[place], "2")

    await everywhere(test)
    await once(world, numbers)


async def once(world: World, numbers: dict[Place, str]) -> None:
    """Have every account compared once more, and check that each trade was told once."""
    world.calm()
    for venue in world.server.venues:
        await world.server.drop_sockets(venue)
    number = {place: await eventually(world, place) for place in PLACES}
    for place in PLACES:
        await world.told(await world.cancel(place, number[place]), "4")
    for place, each in numbers.items():
        told = world.trades(each)
        ids = [trade[527] for trade in told]
        assert len(ids) == len(set(ids)), (place, ids)
        assert sum(Decimal(trade[32]) for trade in told) == QUANTITY, (place, told)
        market = world.venue(place).of_unified(place.symbol)
        theirs = {str(trade.price) for trade in world.venue(place).trades(account_of(place), market)}
        assert {Decimal(trade[31]) for trade in told} <= {Decimal(price) for price in theirs}


async def eventually(world: World, place: Place) -> str:
    """Send an order until the account takes it, which it does not while its streams are down."""
    async with asyncio.timeout(30):
        while True:
            number = await world.order(place)
            report = await world.client.receive(
                "8", 20, lambda m, n=number: m.get(11) == n and m.get(39) in "08"
            )
            if report[39] == "0":
                return number
            assert "not ready" in report[58], report[58]
            await asyncio.sleep(0.2)


async def test_an_order_of_other_hands_is_never_taken_for_ours(world):
    copy = world.gateway.client(sender="COPY")
    await copy.logon()

    async def test(place: Place) -> None:
        world.fault("POST", place.submits, hold_ms=400)
        number = await world.order(place)
        async with asyncio.timeout(10):
            while not [each for each in world.orders(place) if each.status.is_open]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        venue = world.venue(place)
        ticket = Ticket(
            market=venue.of_unified(place.symbol), side="BUY", kind="limit", quantity=HALF, price=PRICE + 100
        )
        foreign = venue.place(account_of(place), ticket)
        world.sell(place, HALF, PRICE + 100)
        assert venue.find(account_of(place), market=ticket.market, order_id=foreign.order_id).status is (
            Status.FILLED
        )
        await world.told(number, "0")
        world.sell(place, QUANTITY)
        end = await world.ended(number, "2")
        assert (Decimal(end[14]), Decimal(end[6])) == (QUANTITY, PRICE)
        assert sum(Decimal(trade[32]) for trade in world.trades(number)) == QUANTITY
        assert {Decimal(trade[31]) for trade in world.trades(number)} == {PRICE}
        theirs = await copy.receive(
            "8", 20, lambda m: m.get(150) == "F" and m.get(31) == str(PRICE + 100) and of(m, place)
        )
        assert "unsolicited" in theirs[58]

    await everywhere(test)
    await copy.drop()


@pytest.mark.parametrize("kind", ["1", "2"], ids=["market", "IOC"])
async def test_what_an_immediate_order_leaves_ends(world, kind):
    async def test(place: Place) -> None:
        venue = world.venue(place)
        market = venue.of_unified(place.symbol)
        key = market.leg, market.instrument.symbol
        venue.exchange.set_reference_price(*key, PRICE)
        offer = venue.exchange.external_order(*key, "SELL", PRICE, HALF)
        bid = venue.exchange.external_order(*key, "BUY", PRICE * Decimal("0.9"), QUANTITY)
        more = {"t44": None} if kind == "1" else {"t59": 3}
        number = await world.order(place, t40=kind, **more)
        end = await world.ended(number, "4C" if kind == "1" else "4")
        assert (Decimal(end[14]), Decimal(end[151]), Decimal(end[38])) == (HALF, 0, QUANTITY), end
        assert sum(Decimal(trade[32]) for trade in world.trades(number)) == HALF
        assert {trade[32] for trade in world.trades(number)} == {"0.01"}
        assert not offer.remaining
        venue.exchange.withdraw(bid)

    await everywhere(test)


async def test_too_many_requests_refuse_an_order_and_only_delay_a_cancel(world):
    numbers = {place: await world.working(place) for place in PLACES}

    async def test(place: Place) -> None:
        world.fault("POST", place.submits, status=429, body="{}", retry_after=1)
        refused = await world.client.report(await world.order(place), "8")
        assert "request rate" in refused[58] or "too many requests" in refused[58], refused[58]
        end = await world.told(await world.cancel(place, numbers[place]), "4")
        assert Decimal(end[14]) == 0
        assert not [each for each in world.orders(place) if each.status.is_open]

    await everywhere(test)


@pytest.mark.parametrize("lost", [False, True], ids=["streams down", "answer lost too"])
async def test_an_oco_that_trades_unheard_ends_whole(world, lost):
    places = [place for place in PLACES if place.connector in ("BINANCE", "OKX") and place.symbol == SPOT]
    submits = {
        "BINANCE": "/api.binance.com/api/v3/orderList/oco",
        "OKX": "/www.okx.com/api/v5/trade/order-algo",
    }
    legs = {}
    for place in places:
        venue = world.venue(place)
        market = venue.of_unified(place.symbol)
        for side in ("SELL", "BUY"):
            venue.exchange.external_order(market.leg, market.instrument.symbol, side, PRICE, HALF)
        if lost:
            world.fault("POST", submits[place.connector], land=True, reset=True)
        limit, stop = next_cl_ord_id("L"), next_cl_ord_id("L")
        shared = [(1, account_of(place)), (100, place.connector), (55, SPOT), (167, "FXSPOT"), (54, 2)]
        fields = [(66, next_cl_ord_id("O")), (394, 3), (68, 2), (1385, 1), (73, 2)]
        for number, cl_ord_id, more in (
            (1, limit, [(40, "2"), (44, PRICE + 2000)]),
            (2, stop, [(40, "3"), (99, PRICE - 2000)]),
        ):
            fields += [(11, cl_ord_id), (67, number), *shared, (38, QUANTITY), *more]
        await world.client.send("E", fields)
        for each in (limit, stop):
            await world.ended(each, "09")
        legs[place] = limit, stop
    world.fault(OPENING, "/", status=503, times=10_000)
    for place in places:
        await world.server.drop_sockets(place.venue)
        venue = world.venue(place)
        market = venue.of_unified(place.symbol)
        key = market.leg, market.instrument.symbol
        venue.exchange.external_order(*key, "BUY", PRICE + 2000, QUANTITY)
        venue.exchange.finish()
    world.server.faults.clear()
    for place, (limit, stop) in legs.items():
        assert Decimal((await world.ended(limit, "2"))[14]) == QUANTITY, place
        assert Decimal((await world.ended(stop, "4C"))[14]) == 0, place
        assert sum(Decimal(trade[32]) for trade in world.trades(limit)) == QUANTITY
        assert not world.trades(stop)
        assert not [each for each in world.orders(place) if each.status.is_open]


STOP_QUANTITY = Decimal("0.1")


class Stop(NamedTuple):
    number: str
    symbol: str
    price: Decimal


async def stop_order(world: World, place: Place) -> Stop:
    """Send an order to buy ETH when its price rises, and wait until it waits."""
    symbol = place.symbol.replace("BTC/", "ETH/")
    venue = world.venue(place)
    price = (venue.last(venue.of_unified(symbol)) * Decimal("1.03")).quantize(Decimal(1))
    number = await world.order(place, t55=symbol, t40="3", t44=None, t99=price, t38=STOP_QUANTITY)
    report = await world.client.receive("8", 20, lambda m: m.get(11) == number and m.get(39) in "098")
    assert report[39] in "09", report[58]
    return Stop(number, symbol, price)


def rise(world: World, place: Place, stop: Stop) -> None:
    """Have the market rise to a stop order's price, where somebody sells enough."""
    venue = world.venue(place)
    market = venue.of_unified(stop.symbol)
    key = market.leg, market.instrument.symbol
    venue.exchange.external_order(*key, "SELL", stop.price, STOP_QUANTITY * 2)
    venue.exchange.external_order(*key, "BUY", stop.price, STOP_QUANTITY, resting=False)
    venue.exchange.set_reference_price(*key, stop.price)
    venue.exchange.finish()


async def by_rest(world: World, place: Place, cancel: str = "") -> Any:
    """Place an order through the API, always the same one, and return status and answer; or cancel it."""
    market = {"market_type": "swap" if ":" in place.symbol else "spot", "symbol": place.symbol}
    order = {"exchange_account_id": account_of(place), **market}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{world.gateway.http_port}") as http:
        if cancel:
            async with http.delete(f"/oems/execution/order/{cancel}", params=order) as answer:
                return answer.status
        order |= {"side": "buy", "order_type": "limit", "client_order_id": f"once-{PLACES.index(place)}"}
        body = order | {"quantity": float(QUANTITY), "price": float(PRICE)}
        async with http.post("/oems/execution/order", json=body) as answer:
            return answer.status, await answer.json()


async def test_a_killed_gateway_tells_what_happened_while_it_was_dead(world):
    four = [{place: await world.working(place) for place in PLACES} for _ in range(4)]
    kept, filled, part, gone = four
    stops = {place: await stop_order(world, place) for place in PLACES}
    lost: dict[Place, str] = {}
    for place in PLACES:
        ours = [each for each in world.orders(place) if each.status.is_open]
        assert len(ours) == 4
    for place in PLACES:
        world.fault("POST", place.submits, land=True, timeout=True)
        lost[place] = await world.order(place)
    async with asyncio.timeout(10):
        while any(len([e for e in world.orders(p) if e.status.is_open]) < 5 for p in PLACES):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    for place in PLACES:
        world.fault("POST", place.submits, land=True, timeout=True)
    calls = [asyncio.create_task(by_rest(world, place)) for place in PLACES]
    async with asyncio.timeout(10):
        while any(len([e for e in world.orders(p) if e.status.is_open]) < 6 for p in PLACES):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    numbers = {"next_out": world.client.next_out, "next_in": world.client.next_in}
    await world.client.drop()
    before = world.client.received
    await world.gateway.stop(signal.SIGKILL)
    await asyncio.gather(*calls, return_exceptions=True)
    sent = world.posts(PLACES)
    for place in PLACES:
        venue, name = world.venue(place), account_of(place)
        market = venue.of_unified(place.symbol)
        first, _, _, fourth, _, _ = (each for each in world.orders(place) if each.status.is_open)
        venue.cancel(name, market=market, order_id=first.order_id)
        venue.cancel(name, market=market, order_id=fourth.order_id)
        world.sell(place, QUANTITY + HALF)
        rise(world, place, stops[place])
    await world.gateway.start()
    world.client = world.gateway.client(**numbers)
    world.client.received += before
    await world.client.logon(reset=False)
    await world.client.send("2", [(7, numbers["next_in"]), (16, 0)])

    async def test(place: Place) -> None:
        assert Decimal((await world.ended(filled[place], "2"))[14]) == QUANTITY
        for number in (kept[place], gone[place]):
            assert Decimal((await world.ended(number, "4"))[14]) == 0
        half = await world.ended(part[place], "1")
        assert Decimal(half[14]) == HALF
        if not [m for m in before if m.get(11) == lost[place] and m.get(39) == "0"]:
            await world.ended(lost[place], "0")
        for number in (part[place], lost[place]):
            await world.told(await world.cancel(place, number), "4")
        assert Decimal((await world.ended(stops[place].number, "2"))[14]) == STOP_QUANTITY
        status, answer = await by_rest(world, place)
        assert (status, answer["data"]["client_order_id"]) == (200, f"once-{PLACES.index(place)}"), answer
        assert len([each for each in world.orders(place) if each.status.is_open]) == 1
        assert await by_rest(world, place, answer["data"]["order_id"]) == 200
        for number, quantity in ((filled[place], QUANTITY), (part[place], HALF)):
            assert sum(Decimal(trade[32]) for trade in world.trades(number)) == quantity
        assert not [each for each in world.orders(place) if each.status.is_open]

    await everywhere(test)
    assert sent >= 6 * len(PLACES)
    assert world.posts(PLACES) - sent == [each.connector for each in PLACES].count("HYPERLIQUID") * 3
