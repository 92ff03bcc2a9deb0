"""One FIX session to every venue: ExDestination(100) or ExecBroker(76) names the connector, Account(1) the
account."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from tests.fixclient import FixClient, Message, next_cl_ord_id, utc_now

from .shipped import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Venue(NamedTuple):
    """A connector, one of its accounts, and what is traded there: symbol, SecurityType(167), quantity."""

    connector: str
    account: str
    symbol: str
    security_type: str
    quantity: str
    trails: bool = False
    lists: bool = False

    def __str__(self) -> str:
        return f"{self.connector} {self.symbol}"


SPOT, PERP = ("BTC/USDT", "FXSPOT"), ("BTC/USDT:USDT", "FUT")
VENUES = [
    Venue("BINANCE", "binance-sandbox-001", *SPOT, "0.002", lists=True),
    Venue("BINANCE", "binance-perp-001", *PERP, "0.002", trails=True),
    Venue("BINANCE", "binance-perp-001", "BTC/USD:BTC", "FUT", "1", trails=True),
    Venue("BYBIT", "bybit-001", *SPOT, "0.002"),
    Venue("BYBIT", "bybit-001", *PERP, "0.002"),
    Venue("GATEIO", "gateio-001", *SPOT, "0.002"),
    Venue("GATEIO", "gateio-001", *PERP, "0.002"),
    Venue("KRAKEN", "kraken-001", *SPOT, "0.002"),
    Venue("KRAKEN", "kraken-001", "BTC/USD:USD", "FUT", "0.002"),
    Venue("HYPERLIQUID", "hyperliquid-001", "BTC/USDC:USDC", "FUT", "0.002"),
    Venue("OKX", "okx-001", *SPOT, "0.002", lists=True),
    Venue("OKX", "okx-001", *PERP, "0.002", trails=True),
]
BYBIT_PERP = Venue("BYBIT", "bybit-001", *PERP, "0.003")
UNTRAILED = [venue for venue in VENUES if not (venue.trails or venue[:3] == BYBIT_PERP[:3])]


@pytest_asyncio.fixture(loop_scope="session")
async def client(running: Running) -> Any:
    client = running.client()
    await client.logon()
    yield client
    await client.drop()


def order(venue: Venue, cl_ord_id: str, kind: str, side: int = 1, **more: object) -> list[tuple[int, object]]:
    """A NewOrderSingle; `more` are further fields as t44="..."."""
    fields: list[tuple[int, object]] = [
        (11, cl_ord_id),
        (1, venue.account),
        (100, venue.connector),
        (55, venue.symbol),
        (167, venue.security_type),
        (54, side),
        (38, venue.quantity),
        (40, kind),
        (60, utc_now()),
    ]
    return [*fields, *((int(name[1:]), value) for name, value in more.items())]


async def told(client: FixClient, cl_ord_id: str, exec_type: str) -> Message:
    return await client.receive(
        "8", where=lambda m: m.get(11) == cl_ord_id and m.get(150) == exec_type, timeout=20
    )


async def sent(client: FixClient, venue: Venue, kind: str, side: int = 1, **more: object) -> str:
    """Send an order and return its ClOrdID. An account may have a daily limit: every price that an order is
    valued by is at hand when the gateway is ready."""
    number = next_cl_ord_id("V")
    await client.send("D", order(venue, number, kind, side, **more))
    first = await client.receive("8", where=lambda m: m.get(11) == number, timeout=20)
    assert first[39] != "8", first[58]
    return number


async def cancelled(client: FixClient, venue: Venue, of: str, side: int = 1) -> None:
    cl_ord_id = next_cl_ord_id("X")
    asked: list[tuple[int, object]] = [(11, cl_ord_id), (41, of), (55, venue.symbol), (54, side)]
    await client.send("F", [*asked, (60, utc_now())])
    end = await told(client, cl_ord_id, "4")
    assert (end[41], end[39]) == (of, "4")


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_a_limit_order_rests_and_is_cancelled(client, venue):
    number = await sent(client, venue, "2", t44="90000")
    new = await told(client, number, "0")
    assert (new[39], new[55], new[1]) == ("0", venue.symbol, venue.account)
    assert new[198] and new[198] != new[37], "the venue's own id"
    await cancelled(client, venue, number)


@pytest.mark.parametrize("venue", VENUES, ids=str)
async def test_a_market_order_fills_with_every_trade_told(client, venue):
    for side in (1, 2):
        number = await sent(client, venue, "1", side)
        end = await client.receive(
            "8", where=lambda m, n=number: m.get(11) == n and m.get(39) == "2", timeout=20
        )
        trades = [m for m in client.received if m.get(11) == number and m.get(150) == "F"]
        assert Decimal(end[14]) == Decimal(venue.quantity) and end[151] == "0" and Decimal(end[6]) > 90_000
        assert sum(Decimal(m[32]) for m in trades) == Decimal(venue.quantity)
        assert all(m[527] for m in trades), "the venue's trade ids"


@pytest.mark.parametrize("venue", VENUES, ids=str)
@pytest.mark.parametrize(("kind", "stop"), [("3", "93000"), ("4", "93000"), ("J", "104000")])
async def test_a_conditional_order_waits_and_is_cancelled(client, venue, kind, stop):
    price = {"t44": "92500"} if kind == "4" else {}
    number, side = await sent(client, venue, kind, 2, t99=stop, **price), 2
    waiting = await client.receive(
        "8", where=lambda m: m.get(11) == number and m.get(39) in ("0", "9", "8"), timeout=20
    )
    assert waiting[39] in ("0", "9"), waiting.get(58)
    await cancelled(client, venue, number, side)


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue.trails], ids=str)
async def test_a_trailing_stop_waits_and_is_cancelled(client, venue):
    number = next_cl_ord_id("V")
    await client.send("D", order(venue, number, "P", 2, t18="a", t211="100", t836="1"))
    waiting = await client.receive(
        "8", where=lambda m: m.get(11) == number and m.get(39) in ("0", "9", "8"), timeout=20
    )
    assert waiting[39] in ("0", "9"), waiting
    await cancelled(client, venue, number, 2)


async def test_a_trailing_stop_of_bybit_is_attached_to_the_position_that_it_closes(client):
    """Which is what Bybit has: without a position of that size there is nothing to attach it to."""
    trail = {"t18": "a", "t211": "100", "t836": "1"}
    early, opening, number = (next_cl_ord_id("V") for _ in range(3))
    await client.send("D", order(BYBIT_PERP, early, "P", 2, **trail))
    assert "position" in (await told(client, early, "8"))[58]
    await client.send("D", order(BYBIT_PERP, opening, "1"))
    await client.receive("8", where=lambda m: m.get(11) == opening and m.get(39) == "2", timeout=20)
    await client.send("D", order(BYBIT_PERP, number, "P", 2, **trail))
    waiting = await client.receive(
        "8", where=lambda m: m.get(11) == number and m.get(39) in ("0", "9", "8"), timeout=20
    )
    assert waiting[39] in ("0", "9"), waiting
    await cancelled(client, BYBIT_PERP, number, 2)


@pytest.mark.parametrize("venue", UNTRAILED, ids=str)
async def test_a_trailing_stop_is_refused_where_the_matrix_has_none(client, venue):
    number = next_cl_ord_id("V")
    await client.send("D", order(venue, number, "P", 2, t18="a", t211="100", t836="1"))
    refused = await told(client, number, "8")
    assert "does not support trailing_stop orders" in refused[58]


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue.lists], ids=str)
async def test_an_oco_is_taken_as_one_and_cancelled_as_one(client, venue):
    list_id, limit, stop = (next_cl_ord_id("L") for _ in range(3))
    common = order(venue, "", "", 2)
    shared = [field for field in common if field[0] not in (11, 40, 60)]

    def leg(cl_ord_id: str, number: int, *more: tuple[int, object]) -> list[tuple[int, object]]:
        return [(11, cl_ord_id), (67, number), *shared, *more]

    fields: list[tuple[int, object]] = [(66, list_id), (394, 3), (68, 2), (1385, 1), (73, 2)]
    legs = [*leg(limit, 1, (40, "2"), (44, "120000")), *leg(stop, 2, (40, "3"), (99, "85000"))]
    await client.send("E", [*fields, *legs])
    for each in (limit, stop):
        state = await client.receive(
            "8", where=lambda m, n=each: m.get(11) == n and m.get(39) in ("0", "9", "8"), timeout=20
        )
        assert state[39] in ("0", "9"), state
    await cancelled(client, venue, limit, 2)
    await told(client, stop, "4")


async def test_exec_broker_names_the_connector_where_no_destination_does(client):
    number = next_cl_ord_id("V")
    named = order(VENUES[0], number, "2", t44="90000")
    await client.send("D", [(76 if tag == 100 else tag, value) for tag, value in named])
    await told(client, number, "0")
    await cancelled(client, VENUES[0], number)


async def test_a_wrong_account_symbol_and_connector_are_named(client):
    for change, text in (
        ({"account": "binance-perp-01"}, "Account(1) can be: binance-sandbox-001, binance-perp-001"),
        ({"symbol": "BTC/USTD"}, "BTC/USTD"),
        ({"connector": "BINANCES"}, "ExDestination(100) can be: BINANCE"),
    ):
        number = next_cl_ord_id("V")
        await client.send("D", order(VENUES[0]._replace(**change), number, "2", t44="90000"))
        assert text in (await told(client, number, "8"))[58]
