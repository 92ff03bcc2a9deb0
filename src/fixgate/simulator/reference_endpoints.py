"""Public reference data: clocks, the three exchangeInfo shapes and last prices.

Sources: GET /fapi/v1/exchangeInfo, /dapi/v1/exchangeInfo, /api/v3/exchangeInfo, and each host's ticker/price.
"""

from typing import Any

from fixgate.model.decimals import plain
from fixgate.simulator.admission import MAX_ICEBERGS, MAX_MARGIN_STOPS
from fixgate.simulator.conditional_service import MAX_WAITING
from fixgate.simulator.endpoints import PUBLIC, Endpoint, Handler, Routes
from fixgate.simulator.filters import MAX_ICEBERG_PARTS
from fixgate.simulator.gate import Call
from fixgate.simulator.instruments import ONBOARD_MS, SimulatedInstrument
from fixgate.simulator.matching import SimulatedExchange
from fixgate.simulator.orders import STOP_TYPES, Leg
from fixgate.simulator.parameter_fields import check_names, optional
from fixgate.simulator.parameters import CONDITIONAL_TYPES
from fixgate.simulator.refusal import VenueRefusal

TICKERS = (
    ("/api/v3/ticker/price", Leg.MARGIN),
    ("/fapi/v1/ticker/price", Leg.UM),
    ("/fapi/v2/ticker/price", Leg.UM),
    ("/dapi/v1/ticker/price", Leg.CM),
)

_NONE: frozenset[str] = frozenset()
_SYMBOL = frozenset({"symbol"})


def reference_routes() -> Routes:
    """Return the public routes. They have budgets of their own at the exchange; here they are free."""
    routes: Routes = {("GET", "/papi/v1/ping"): Endpoint(ping, security=PUBLIC)}
    for base in ("/fapi/v1", "/dapi/v1", "/api/v3"):
        routes["GET", f"{base}/ping"] = Endpoint(ping, security=PUBLIC, weight=0)
        routes["GET", f"{base}/time"] = Endpoint(time, security=PUBLIC, weight=0)
    routes["GET", "/papi/v1/time"] = Endpoint(time, security=PUBLIC)
    routes["GET", "/fapi/v1/exchangeInfo"] = Endpoint(um_info, security=PUBLIC, weight=0)
    routes["GET", "/dapi/v1/exchangeInfo"] = Endpoint(cm_info, security=PUBLIC, weight=0)
    routes["GET", "/api/v3/exchangeInfo"] = Endpoint(spot_info, security=PUBLIC, weight=0)
    for path, leg in TICKERS:
        routes["GET", path] = Endpoint(_ticker(leg), security=PUBLIC, weight=0)
    return routes


def ping(exchange: SimulatedExchange, call: Call) -> Any:
    """GET ping."""
    return {}


def time(exchange: SimulatedExchange, call: Call) -> Any:
    """GET time."""
    return {"serverTime": exchange.state.clock()}


def um_info(exchange: SimulatedExchange, call: Call) -> Any:
    """GET /fapi/v1/exchangeInfo."""
    check_names(call.parameters, _NONE)
    return _info(exchange, [_futures_symbol(i) for i in _of(exchange, Leg.UM)], weight=2400)


def cm_info(exchange: SimulatedExchange, call: Call) -> Any:
    """GET /dapi/v1/exchangeInfo."""
    check_names(call.parameters, _NONE)
    return _info(exchange, [_futures_symbol(i) for i in _of(exchange, Leg.CM)], weight=2400)


def spot_info(exchange: SimulatedExchange, call: Call) -> Any:
    """GET /api/v3/exchangeInfo, of one symbol when asked."""
    check_names(call.parameters, _SYMBOL | {"symbols", "permissions", "showPermissionSets"})
    symbol = optional(call.parameters, "symbol")
    listed = [i for i in _of(exchange, Leg.MARGIN) if symbol in {None, i.symbol}]
    if not listed:
        raise VenueRefusal(-1121, "Invalid symbol.")
    return _info(exchange, [_spot_symbol(i) for i in listed], weight=6000)


def _ticker(leg: Leg) -> Handler:
    """Return GET ticker/price: the last trade's price, of one symbol or of all. CM answers a list always, and
    the futures hosts say when; SPOT takes several symbols as a JSON list as well, which is not simulated."""

    def ticker(exchange: SimulatedExchange, call: Call) -> Any:
        check_names(call.parameters, _SYMBOL)
        symbol = optional(call.parameters, "symbol")
        listed = [i for i in _of(exchange, leg) if symbol in {None, i.symbol}]
        if not listed:
            raise VenueRefusal(-1121, "Invalid symbol.")
        rows = [_price_row(exchange, instrument) for instrument in listed]
        return rows if symbol is None or leg is Leg.CM else rows[0]

    return ticker


def _price_row(exchange: SimulatedExchange, instrument: SimulatedInstrument) -> dict[str, Any]:
    last = exchange.state.lasts[instrument.leg, instrument.symbol]
    row: dict[str, Any] = {"symbol": instrument.symbol, "price": instrument.scaled_price(last)}
    if instrument.leg is Leg.CM:
        row["ps"] = instrument.pair
    return row if instrument.leg is Leg.MARGIN else row | {"time": exchange.state.clock()}


def _of(exchange: SimulatedExchange, leg: Leg) -> list[SimulatedInstrument]:
    return [i for (its_leg, _), i in exchange.state.instruments.items() if its_leg is leg]


def _info(exchange: SimulatedExchange, symbols: list[dict[str, Any]], weight: int) -> dict[str, Any]:
    limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": weight},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    ]
    return {
        "timezone": "UTC",
        "serverTime": exchange.state.clock(),
        "rateLimits": limits,
        "exchangeFilters": [],
        "symbols": symbols,
    }


def _decimals(step_text: str) -> int:
    return len(step_text.partition(".")[2])


def _futures_symbol(instrument: SimulatedInstrument) -> dict[str, Any]:
    tick, step = plain(instrument.tick_size), plain(instrument.lot_size)
    coin = instrument.leg is Leg.CM
    row: dict[str, Any] = {
        "symbol": instrument.symbol,
        "pair": instrument.pair,
        "contractType": instrument.contract_type,
        "deliveryDate": instrument.delivery_ms,
        "onboardDate": ONBOARD_MS,
        "contractStatus" if coin else "status": "TRADING",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.margin_asset,
        "pricePrecision": _decimals(tick),
        "quantityPrecision": _decimals(step),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": plain(instrument.price_up - 1),
        "orderTypes": ["LIMIT", "MARKET", *sorted(CONDITIONAL_TYPES)],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"] + ([] if coin else ["GTD"]),
        "filters": _futures_filters(instrument, tick, step),
    }
    if coin:
        row |= {"contractSize": int(instrument.contract_size), "equalQtyPrecision": 4}
    return row


def _futures_filters(instrument: SimulatedInstrument, tick: str, step: str) -> list[dict[str, Any]]:
    lot = {"minQty": plain(instrument.min_quantity), "stepSize": step}
    filters: list[dict[str, Any]] = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(instrument.min_price),
            "maxPrice": plain(instrument.max_price),
            "tickSize": tick,
        },
        {"filterType": "LOT_SIZE", "maxQty": plain(instrument.max_quantity), **lot},
        {"filterType": "MARKET_LOT_SIZE", "maxQty": plain(instrument.market_max_quantity), **lot},
        {"filterType": "MAX_NUM_ORDERS", "limit": instrument.max_open_orders},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": plain(instrument.price_up),
            "multiplierDown": plain(instrument.price_down),
            "multiplierDecimal": "4",
        },
    ]
    if instrument.leg is Leg.CM:
        filters.append({"filterType": "MAX_NUM_ALGO_ORDERS", "limit": MAX_WAITING})
    if instrument.min_notional:
        filters.append({"filterType": "MIN_NOTIONAL", "notional": plain(instrument.min_notional)})
    return filters


def _spot_symbol(instrument: SimulatedInstrument) -> dict[str, Any]:
    lot = {"minQty": f"{instrument.min_quantity:.8f}", "stepSize": f"{instrument.lot_size:.8f}"}
    notional = f"{instrument.min_notional:.8f}"
    return {
        "symbol": instrument.symbol,
        "status": "TRADING",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", *sorted(STOP_TYPES)],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": f"{instrument.min_price:.8f}",
                "maxPrice": f"{instrument.max_price:.8f}",
                "tickSize": f"{instrument.tick_size:.8f}",
            },
            {"filterType": "LOT_SIZE", "maxQty": f"{instrument.max_quantity:.8f}", **lot},
            {
                "filterType": "MARKET_LOT_SIZE",
                "minQty": "0.00000000",
                "maxQty": f"{instrument.market_max_quantity:.8f}",
                "stepSize": "0.00000000",
            },
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": plain(instrument.price_up),
                "bidMultiplierDown": plain(instrument.price_down),
                "askMultiplierUp": plain(instrument.price_up),
                "askMultiplierDown": plain(instrument.price_down),
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": notional,
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": instrument.max_open_orders},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAX_MARGIN_STOPS},
            {"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": MAX_ICEBERGS},
            {"filterType": "ICEBERG_PARTS", "limit": MAX_ICEBERG_PARTS},
        ],
    }
