"""exchangeInfo to instruments: each host's shape, padded numbers, and symbols that cannot be read."""

import json
from decimal import Decimal as D

import pytest

from fixgate.connectors.binance_pm.reference import ReferenceError, read_exchange_info
from fixgate.model.enums import ProductType

SPOT = {
    "symbol": "ETHUSDT",
    "status": "TRADING",
    "baseAsset": "ETH",
    "quoteAsset": "USDT",
    "filters": [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01000000",
            "maxPrice": "1000000.00000000",
            "tickSize": "0.01000000",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.00010000",
            "maxQty": "9000.00000000",
            "stepSize": "0.00010000",
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": "2500.50000000",
            "stepSize": "0.00000000",
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": "5.00000000",
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "A_FILTER_OF_TOMORROW", "value": [1]},
    ],
}
UM = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "pricePrecision": 2,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "261.10", "maxPrice": "809484", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "50"},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
    ],
}
CM = {
    "symbol": "BTCUSD_PERP",
    "contractStatus": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USD",
    "contractSize": 100,
    "filters": [],
}


def read(product, *symbols):
    return read_exchange_info(product, json.dumps({"timezone": "UTC", "symbols": symbols}).encode())


def test_spot_numbers_lose_their_padding_and_a_market_order_has_the_stricter_bounds():
    (eth,) = read(ProductType.SPOT, SPOT)
    assert (str(eth.tick_size), str(eth.lot_size), str(eth.max_price)) == ("0.01", "0.0001", "1000000")
    assert (eth.market_min_quantity, eth.market_lot_size, eth.market_max_quantity) == (
        D("0.0001"),
        D("0.0001"),
        D("2500.5"),
    )
    assert (eth.min_notional, eth.max_notional, eth.max_open_orders) == (D(5), D(9_000_000), 200)


def test_spots_older_minimum_counts_where_there_is_no_newer_one():
    filters = [row for row in SPOT["filters"] if row["filterType"] != "NOTIONAL"]
    old = {
        "filterType": "MIN_NOTIONAL",
        "minNotional": "10.00000000",
        "applyToMarket": True,
        "avgPriceMins": 5,
    }
    (eth,) = read(ProductType.SPOT, SPOT | {"filters": [*filters, old]})
    assert (eth.min_notional, eth.max_notional) == (D(10), D(0))


def test_futures_numbers_keep_the_venues_scale():
    (btc,) = read(ProductType.FUTURE, UM)
    assert (str(btc.tick_size), str(btc.min_price)) == ("0.10", "261.10")
    assert (btc.min_notional, btc.max_open_orders, btc.market_max_quantity) == (D(50), 200, D(120))


def test_coin_futures_have_a_contract_size_and_a_status_of_their_own():
    (perp, closed) = read(ProductType.DELIVERY, CM, CM | {"symbol": "X", "contractStatus": "SETTLING"})
    assert (perp.contract_size, perp.currency, perp.trading) == (D(100), "USD", True)
    assert not closed.trading and perp.tick_size == perp.max_price == 0


@pytest.mark.parametrize(
    "spoilt",
    [
        {"baseAsset": None},
        {"filters": [{"filterType": "PRICE_FILTER", "tickSize": "NaN"}]},
        {"filters": [{"filterType": "LOT_SIZE", "stepSize": "-1"}]},
        {"contractSize": "Infinity"},
    ],
)
def test_a_symbol_that_cannot_be_read_is_left_out_and_said(spoilt, caplog):
    (found,) = read(ProductType.DELIVERY, CM | spoilt, CM | {"symbol": "ETHUSD_PERP"})
    assert found.symbol == "ETHUSD_PERP" and "1 symbols left out" in caplog.text


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"symbols": []}', b'{"symbols": [{}]}', b"[" * 99_999]
)
def test_an_answer_without_a_symbol_that_can_be_read_is_no_list(body):
    with pytest.raises(ReferenceError, match="exchangeInfo"):
        read_exchange_info(ProductType.SPOT, body)
