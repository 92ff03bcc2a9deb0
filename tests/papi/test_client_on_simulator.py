"""The client against the simulated exchange, which shares none of its code: an order's life on each leg."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TypeVar

import pytest

from fixgate.papi import EventStream, PortfolioClient, Rejected
from fixgate.papi.events import (
    AlgoUpdate,
    ConditionalOrderTradeUpdate,
    ExecutionReport,
    OrderTradeUpdate,
    StreamUp,
    UnknownEvent,
)
from fixgate.simulator import SimulatedAccount, SimulatorServer, SimulatorSettings

SECRET = "simulated-secret"
E = TypeVar("E")


@asynccontextmanager
async def trading() -> AsyncIterator[tuple[PortfolioClient, EventStream]]:
    """A client of a simulated account with money, its stream open."""
    account = SimulatedAccount(
        "main", "key", SECRET, balances={"USDT": Decimal(1_000_000), "BTC": Decimal(10)}
    )
    server = SimulatorServer(SimulatorSettings(market_enabled=False, accounts=(account,)))
    await server.start()
    urls = {"base_url": server.url, "time_url": server.url, "websocket_url": server.websocket_url}
    try:
        async with PortfolioClient("key", SECRET, **urls) as client, client.user_data_stream() as stream:  # type: ignore[arg-type]
            async with asyncio.timeout(10):
                assert isinstance(await anext(stream), StreamUp)
            yield client, stream
    finally:
        await server.stop()


async def event_of(stream: EventStream, wanted: type[E]) -> E:
    """Return the next event of a type; every event before it must be one that is known."""
    async with asyncio.timeout(10):
        async for event in stream:
            assert not isinstance(event, UnknownEvent), event
            if isinstance(event, wanted):
                return event
    raise AssertionError("the stream ended")


async def test_a_usd_margined_order_is_placed_modified_asked_for_and_cancelled() -> None:
    async with trading() as (client, stream):
        placed = await client.um.submit_new_um_order(
            symbol="BTCUSDT",
            side="BUY",
            type="LIMIT",
            timeInForce="GTX",
            quantity=Decimal("0.010"),
            price=Decimal("30000.00"),
            newClientOrderId="desk-1",
        )
        assert (
            (await event_of(stream, OrderTradeUpdate)).order.clientOrderId == "desk-1" == placed.clientOrderId
        )
        modified = await client.um.modify_um_order(
            symbol="BTCUSDT",
            side="BUY",
            quantity=Decimal("0.020"),
            price=Decimal("30001.00"),
            orderId=placed.orderId,
            modifyId=41,
        )
        amendment = (await event_of(stream, OrderTradeUpdate)).order
        assert (amendment.executionType, amendment.modifyId, modified.modifyId) == ("AMENDMENT", 41, 41)
        order = await client.um.get_um_order(symbol="BTCUSDT", origClientOrderId="desk-1")
        assert (order.price, order.origQty, order.status) == (Decimal(30001), Decimal("0.020"), "NEW")
        assert await client.um.get_all_um_open_orders() == [order]
        cancelled = await client.um.cancel_um_order(symbol="BTCUSDT", orderId=placed.orderId)
        assert cancelled.status == (await event_of(stream, OrderTradeUpdate)).order.status == "CANCELED"
        with pytest.raises(Rejected) as error:
            await client.um.cancel_um_order(symbol="BTCUSDT", orderId=placed.orderId)
        assert error.value.failure.code == -2011


async def test_a_coin_margined_order_is_placed_and_cancelled() -> None:
    async with trading() as (client, stream):
        placed = await client.cm.submit_new_cm_order(
            symbol="BTCUSD_PERP",
            side="BUY",
            type="LIMIT",
            timeInForce="GTC",
            quantity=3,
            price=Decimal("30000.0"),
        )
        update = await event_of(stream, OrderTradeUpdate)
        assert (update.businessUnit, update.order.orderId) == ("CM", placed.orderId)
        open_order = await client.cm.get_cm_open_order(symbol="BTCUSD_PERP", orderId=placed.orderId)
        assert open_order.origQty == 3
        assert (await client.cm.cancel_all_cm_orders(symbol="BTCUSD_PERP")).code == 200


async def test_a_margin_order_is_placed_and_cancelled() -> None:
    async with trading() as (client, stream):
        placed = await client.margin.submit_new_margin_order(
            symbol="BTCUSDT",
            side="BUY",
            type="LIMIT_MAKER",
            quantity=Decimal("0.00100"),
            price=Decimal("30000.00"),
            sideEffectType="NO_SIDE_EFFECT",
            autoRepayAtCancel=False,
        )
        assert (await event_of(stream, ExecutionReport)).orderId == placed.orderId
        assert (await client.margin.get_margin_open_orders(symbol="BTCUSDT"))[0].isWorking
        cancelled = await client.margin.cancel_margin_order(
            symbol="BTCUSDT", orderId=placed.orderId, newClientOrderId="the-cancel"
        )
        report = await event_of(stream, ExecutionReport)
        assert (report.clientOrderId, report.origClientOrderId) == ("the-cancel", placed.clientOrderId)
        assert (cancelled.clientOrderId, cancelled.origClientOrderId) == ("the-cancel", placed.clientOrderId)


async def test_conditional_orders_of_both_services_are_placed_and_cancelled() -> None:
    async with trading() as (client, stream):
        algo = await client.algo.submit_new_um_algo_order(
            algoType="CONDITIONAL",
            symbol="BTCUSDT",
            side="SELL",
            type="STOP_MARKET",
            quantity=Decimal("0.010"),
            triggerPrice=Decimal("20000.00"),
            clientAlgoId="stop-1",
        )
        assert (await event_of(stream, AlgoUpdate)).order.algoId == algo.algoId
        assert (await client.algo.get_um_algo_order(clientAlgoId="stop-1")).triggerPrice == 20000
        assert (await client.algo.cancel_um_algo_order(algoId=algo.algoId)).complete
        strategy = await client.conditional.submit_new_cm_conditional_order(
            symbol="BTCUSD_PERP",
            side="SELL",
            strategyType="STOP_MARKET",
            quantity=1,
            stopPrice=Decimal("20000.0"),
        )
        update = await event_of(stream, ConditionalOrderTradeUpdate)
        assert update.order.strategyId == strategy.strategyId
        await client.conditional.cancel_cm_conditional_order(
            symbol="BTCUSD_PERP", strategyId=strategy.strategyId
        )


async def test_the_account_is_read() -> None:
    async with trading() as (client, _):
        balances = {row.asset: row for row in await client.account.get_balance()}
        assert balances["USDT"].totalWalletBalance == 1_000_000
        assert (await client.account.get_balance(asset="BTC"))[0].crossMarginFree == 10
        assert (await client.account.get_account_info()).accountStatus == "NORMAL"
        assert not (await client.um.get_um_position_mode()).dualSidePosition
        assert (await client.account.get_order_rate_limits())[0].limit > 0
