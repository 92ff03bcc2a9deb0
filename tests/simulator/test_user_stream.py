"""The user data stream over a real WebSocket: keys, both framings, silence, limits."""

from decimal import Decimal

import aiohttp
import pytest

from fixgate.simulator import Leg, SimulatedAccount, SimulatorServer
from tests.simulator.client import KEY, SECRET, Client, Listener, hmac_signer
from tests.simulator.conftest import BALANCES, StartServer


async def silent(listener: Listener, seconds: float = 0.2) -> bool:
    """True when nothing arrives; the socket itself stays open."""
    try:
        await listener.event(seconds)
    except TimeoutError:
        return not listener.socket.closed
    return False


async def test_given_both_framings_when_an_order_comes_then_each_gets_it_its_way(client: Client) -> None:
    raw, wrapped = await client.listen(), await client.listen(wrapped=True)
    assert raw.key == wrapped.key, "an account has one key"
    await client.order(newClientOrderId="seen")
    event = await raw.event()
    assert (event["e"], event["o"]["c"]) == ("ORDER_TRADE_UPDATE", "seen")
    assert await wrapped.event() == {"stream": raw.key, "data": event}


async def test_given_a_combined_socket_when_it_subscribes_then_it_is_told_and_served(client: Client) -> None:
    key = (await client.raw("POST", "/papi/v1/listenKey")).body["listenKey"]
    listener = await client.connect("/stream")
    await listener.socket.send_json({"method": "SUBSCRIBE", "params": [key], "id": "a1"})
    assert await listener.event() == {"result": None, "id": "a1"}
    await client.order()
    assert (await listener.event())["data"]["o"]["x"] == "NEW"
    await listener.socket.send_str("not json")
    assert "error" in await listener.event()


async def test_given_margin_and_coin_orders_then_one_stream_carries_all_families(client: Client) -> None:
    listener = await client.listen()
    await client.order("cm")
    assert (await listener.event())["fs"] == "CM"
    await client.order("margin")
    report = await listener.event()
    assert (report["e"], "fs" in report) == ("executionReport", False)
    assert (await listener.event())["e"] == "outboundAccountPosition"


async def test_given_a_key_when_posted_again_then_the_same_and_put_keeps_it(client: Client) -> None:
    first = (await client.raw("POST", "/papi/v1/listenKey")).body
    assert (await client.raw("POST", "/papi/v1/listenKey")).body == first
    assert (await client.raw("PUT", "/papi/v1/listenKey")).body == {}


async def test_given_a_deleted_key_then_every_socket_falls_silent_and_put_says_1125(
    client: Client, server: SimulatorServer
) -> None:
    listener = await client.listen()
    assert (await client.raw("DELETE", "/papi/v1/listenKey")).body == {}
    await client.order()
    assert await silent(listener)
    assert (await client.raw("PUT", "/papi/v1/listenKey")).code == -1125
    fresh = await client.listen()
    assert fresh.key != listener.key
    await client.order()
    assert (await fresh.event())["e"] == "ORDER_TRADE_UPDATE"
    assert await silent(listener)


async def test_given_a_key_that_runs_out_then_it_is_announced_and_the_socket_stays_open(
    start_server: StartServer,
) -> None:
    server = await start_server(listen_key_lifetime=0.15)
    async with Client(server) as client:
        listener = await client.listen()
        assert (await listener.event())["e"] == "listenKeyExpired"
        await client.order()
        assert await silent(listener)
        assert (await client.raw("PUT", "/papi/v1/listenKey")).code == -1125


async def test_given_an_unknown_key_when_connected_then_the_socket_opens_and_is_silent(
    client: Client,
) -> None:
    listener = await client.connect("/ws/nonsense")
    await client.order()
    assert await silent(listener)


async def test_given_a_lifetime_when_it_ends_then_the_socket_is_closed(start_server: StartServer) -> None:
    server = await start_server(socket_lifetime=0.1)
    async with Client(server) as client:
        listener = await client.listen()
        message = await listener.socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE


async def test_given_too_many_messages_then_the_socket_is_closed(client: Client) -> None:
    listener = await client.listen(wrapped=True)
    for number in range(30):
        await listener.socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
    while (message := await listener.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


async def test_given_a_counterparty_when_it_trades_then_the_maker_hears_the_fill(
    client: Client, server: SimulatorServer
) -> None:
    listener = await client.listen()
    await client.order()
    server.exchange.external_order(Leg.UM, "BTCUSDT", "SELL", Decimal(60000), Decimal("0.004"))
    body = await listener.until("TRADE")
    assert (body["X"], body["z"], body["m"], body["N"]) == ("PARTIALLY_FILLED", "0.004", True, "USDT")
    assert (await listener.event())["e"] == "ACCOUNT_UPDATE"


@pytest.mark.parametrize("wrapped", [False, True])
async def test_given_two_accounts_then_neither_hears_the_other(
    start_server: StartServer, wrapped: bool
) -> None:
    accounts = (
        SimulatedAccount("main", KEY, SECRET, balances=BALANCES),
        SimulatedAccount("second", "key2", "secret2", balances=BALANCES),
    )
    server = await start_server(accounts=accounts)
    async with Client(server) as one, Client(server, key="key2", sign=hmac_signer("secret2")) as two:
        mine, theirs = await one.listen(wrapped=wrapped), await two.listen()
        assert mine.key != theirs.key
        await two.order(newClientOrderId="theirs")
        assert (await theirs.event())["o"]["c"] == "theirs"
        assert await silent(mine)
