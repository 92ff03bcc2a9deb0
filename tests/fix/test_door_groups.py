"""Messages with repeating groups over a real connection: taken, kept and sent whole."""

import asyncio
import importlib.resources
import time
from decimal import Decimal

import pytest
import quickfix

from fixgate.fix.wire import SOH
from fixgate.model.commands import NewOrder, NewOrderList, PositionsRequest
from fixgate.model.enums import OrderType, OrdStatus
from fixgate.model.reports import ListedOrder, ListState, ListStatus, News, PositionReport, Report
from tests.fix.broker import wait_until
from tests.fix.stand import Stand, heard, name_of
from tests.fixclient import Field, FixClient, utc_now

DICTIONARY = importlib.resources.files("fixgate") / "fix_spec" / "FIXGATE44.xml"


def two_orders(list_id: str, **changes: object) -> list[Field]:
    """Return the fields of a NewOrderList(E) as an OMS would write them, with `changes`."""
    common: list[Field] = [(55, "BTCUSDT"), (167, "FXSPOT"), (54, 2), (38, "0.010")]
    limit: list[Field] = [(11, f"{list_id}-1"), (67, 1), *common, (40, 2), (44, "70000.00")]
    stop: list[Field] = [(11, f"{list_id}-2"), (67, 2), *common, (40, changes.get("type", 4))]
    prices: list[Field] = [(44, "59900.00"), (99, "60000.00")]
    parties: list[Field] = [(453, 1), (448, "desk"), (447, "D"), (452, 3)]
    group = [*limit, *parties, *stop, *prices, (60, utc_now())]
    return [(66, list_id), (394, 3), (433, 1), (1385, 1), (68, 2), (73, changes.get("count", 2)), *group]


def text_of(client: FixClient, msg_type: str) -> str:
    """Return the body of the last message of a type, as it came: from the first tag after the header on."""
    found = next(each for each in reversed(client.texts) if f"{SOH}35={msg_type}{SOH}" in each)
    return found[found.index(f"{SOH}56=") :].replace(SOH, "|")


def validated(client: FixClient, msg_type: str) -> None:
    """Let a FIX engine with the dictionary read the last message of a type; it raises for what is wrong."""
    raw = next(each for each in reversed(client.texts) if f"{SOH}35={msg_type}{SOH}" in each)
    with importlib.resources.as_file(DICTIONARY) as path:
        dictionary = quickfix.DataDictionary(str(path))
        dictionary.validate(quickfix.Message(raw, dictionary, True))


def status(client: FixClient, list_id: str = "L-1") -> ListStatus:
    return ListStatus(
        session=name_of(client),
        list_id=list_id,
        state=ListState.EXECUTING,
        orders=(
            ListedOrder(cl_ord_id="A1", ord_status=OrdStatus.NEW, leaves_quantity=Decimal("0.010")),
            ListedOrder(
                cl_ord_id="A2", ord_status=OrdStatus.SUSPENDED, leaves_quantity=Decimal("0.020"), text="held"
            ),
        ),
        at_ns=time.time_ns(),
    )


def position(client: FixClient) -> PositionReport:
    return PositionReport(
        session=name_of(client),
        request_id="P-1",
        report_id="17",
        total=1,
        connector="PM",
        account="main",
        symbol="BTCUSDT",
        position_side="LONG",
        quantity=Decimal("0.010"),
        entry_price=Decimal("65000.10"),
        settle_price=Decimal("64900.00"),
        unrealized_pnl=Decimal("-1.001"),
        at_ns=1_767_270_600_123_456_789,
    )


def news(client: FixClient) -> News:
    return News(session=name_of(client), headline="Margin call", lines=("b line", "a line"), urgent=True)


async def test_given_a_list_of_orders_then_the_engine_takes_it_and_both_orders_are_delivered(
    stand: Stand,
) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send("E", two_orders("L-1"))
        _, _, found = await asyncio.to_thread(
            stand.deliveries.wait, lambda command: isinstance(command, NewOrderList)
        )

    assert isinstance(found, NewOrderList)
    limit, stop = found.orders
    assert (limit.cl_ord_id, limit.order_type, limit.price) == ("L-1-1", OrderType.LIMIT, Decimal(70000))
    assert (stop.cl_ord_id, stop.order_type) == ("L-1-2", OrderType.STOP_LOSS_LIMIT)
    assert (stop.price, stop.stop_price, stop.list_id) == (Decimal(59900), Decimal(60000), "L-1")


async def test_given_a_list_with_a_wrong_count_then_the_engine_rejects_it(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        number = await client.send("E", two_orders("L-2", count=3))
        reject = await client.receive("3")

    assert (reject[45], reject[372]) == (str(number), "E")


async def test_given_a_list_with_an_order_that_is_not_served_then_all_of_it_is_refused(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send("E", two_orders("L-3", type=9))
        first, second = [await client.report(f"L-3-{number}", "8") for number in (1, 2)]
        await client.receive("N")
        text = text_of(client, "N")
        validated(client, "N")
        validated(client, "8")

    words = "order 2 of the list (L-3-2): OrdType(40) was 9; use 1 (market)"
    assert first[58].startswith(words) and second[58].startswith(words)
    assert (first[66], second[66], first[103], second[39]) == ("L-3", "L-3", "11", "8")
    assert (
        "|68=2|73=2|11=L-3-1|14=0|39=8|151=0|84=0|6=0|103=11|11=L-3-2|14=0|39=8|151=0|84=0|6=0|103=11|"
        in text
    )
    assert "|429=1|431=7|" in text


@pytest.mark.parametrize(
    "order",
    [
        [(40, "J"), (99, "70000")],
        [(40, "P"), (18, "a"), (211, "150"), (836, 1)],
        [(40, 2), (44, "65000"), (59, 6), (126, "20991231-00:00:00")],
        [(40, 2), (44, "65000"), (111, "0.001"), (18, "6")],
    ],
    ids=["take profit", "trailing stop", "good till a time", "iceberg"],
)
async def test_given_an_order_with_unusual_terms_then_the_engine_takes_it(
    stand: Stand, order: list[Field]
) -> None:
    cl_ord_id = f"U-{order[0][1]}-{order[-1][0]}"
    fields: list[Field] = [(11, cl_ord_id), (55, "BTCUSDT"), (167, "FUT"), (54, 2), (38, "0.010")]
    async with stand.client() as client:
        await client.logon()
        await client.send("D", [*fields, *order, (60, utc_now())])
        _, _, found = await asyncio.to_thread(
            stand.deliveries.wait,
            lambda command: isinstance(command, NewOrder) and command.cl_ord_id == cl_ord_id,
        )

    assert isinstance(found, NewOrder)


async def test_given_a_request_for_positions_then_the_engine_takes_it(stand: Stand) -> None:
    async with stand.client() as client:
        await client.logon()
        await client.send("AN", [(710, "P-1"), (724, 0), (1, "main"), (55, "BTCUSDT"), (60, utc_now())])
        _, _, found = await asyncio.to_thread(
            stand.deliveries.wait, lambda command: isinstance(command, PositionsRequest)
        )

    assert isinstance(found, PositionsRequest)
    assert (found.request_id, found.connector, found.symbol) == ("P-1", "PM", "BTCUSDT")


GROUPS = {
    "N": "|68=2|73=2|11=A1|14=0|39=0|151=0.010|84=0|6=0|11=A2|14=0|39=9|151=0.020|84=0|6=0|58=held|",
    "AP": "|702=1|703=TQ|704=0.010|",
    "B": "|33=2|58=b line|58=a line|",
}
MAKERS = {"N": status, "AP": position, "B": news}


@pytest.mark.parametrize("msg_type", ["N", "AP", "B"])
async def test_given_a_report_with_groups_then_each_entry_comes_whole_and_in_order(
    stand: Stand, msg_type: str
) -> None:
    async with stand.client() as client:
        await client.logon()
        await heard(
            stand, client, 2
        )  # of a Logon that resets: what is sent before that is lost with the rest
        report: Report = MAKERS[msg_type](client)
        assert stand.door.publish(report)
        await client.receive(msg_type)

        assert GROUPS[msg_type] in text_of(client, msg_type)
        validated(client, msg_type)


async def test_given_reports_of_while_the_client_was_away_then_they_are_resent_with_their_groups(
    stand: Stand,
) -> None:
    client = stand.client()
    await client.logon()
    await client.logout()
    await asyncio.to_thread(wait_until, lambda: (name_of(client), False) in stand.door.sessions())
    for msg_type in GROUPS:
        assert stand.door.publish(MAKERS[msg_type](client))
    again = stand.client(client.sender, next_out=client.next_out, next_in=client.next_in)
    async with again:
        await again.logon(reset=False)
        await again.send("2", [(7, client.next_in), (16, 0)])
        for msg_type, group in GROUPS.items():
            found = await again.receive(msg_type)

            assert found[43] == "Y"
            assert group in text_of(again, msg_type)
            validated(again, msg_type)
