"""The capability table against the documents' own text, cell by cell, both ways."""

from itertools import product
from pathlib import Path

import pytest

from fixgate.model.capabilities import EXCHANGES, check, offers
from fixgate.model.enums import OrderType, TimeInForce
from fixgate.model.execution import MarketType

DOCUMENTS = Path(__file__).parents[1] / "documents"
EXECUTION = (DOCUMENTS / "execution-api.txt").read_text(encoding="utf-8")
PERPS = (DOCUMENTS / "perps-dma-api.txt").read_text(encoding="utf-8")
NAMES = {row.title: name for name, row in EXCHANGES.items()}


def table(text: str, heading: str) -> dict[str, dict[str, str]]:
    """The rows of the table whose first line begins with `heading`: exchange -> column -> cell."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    columns = cells(lines[start])
    found = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        row = cells(line)
        found[NAMES[row[0]]] = dict(zip(columns[1:], row[1:], strict=True))
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


ORDERS = table(EXECUTION, "| Exchange | market |")
FEATURES = table(EXECUTION, "| Exchange | reduce_only |")
ACCESS = table(PERPS, "| Exchange | Leverage |")
SIDES = {
    "Spot/Perp": {"spot", "perp"},
    "Both": {"spot", "perp"},
    "Perp": {"perp"},
    "Perp only": {"perp"},
    "Spot only": {"spot"},
    "-": set(),
}
VARIANTS = {
    "stop_loss": ("stop_loss", "stop_loss_limit"),
    "take_profit": ("take_profit", "take_profit_limit"),
}
MARKETS = {"spot": (MarketType.SPOT,), "perp": (MarketType.SWAP, MarketType.FUTURE)}


def test_the_documents_speak_of_the_same_exchanges():
    assert set(ORDERS) == set(FEATURES) == set(EXCHANGES)
    assert set(ACCESS) == set(EXCHANGES) - {"kraken"}


@pytest.mark.parametrize(
    ("exchange", "column", "side"),
    [(e, c, s) for e in ORDERS for c in ORDERS[e] for s in ("spot", "perp")],
)
def test_an_order_type_is_supported_where_the_matrix_says_so(exchange, column, side):
    allowed = side in SIDES[ORDERS[exchange][column]]
    for order_type, market in product(VARIANTS.get(column, (column,)), MARKETS[side]):
        refusal = check(exchange, market, OrderType(order_type))
        assert (refusal == "") is allowed, refusal
        if not allowed:
            assert refusal.startswith(f"{EXCHANGES[exchange].title} does not support ")


@pytest.mark.parametrize(
    ("exchange", "feature", "side"),
    [
        (e, f, s)
        for e in FEATURES
        for f in ("reduce_only", "post_only", "hedge_mode")
        for s in ("spot", "perp")
    ],
)
def test_a_feature_is_supported_where_the_matrix_says_so(exchange, feature, side):
    allowed = side in SIDES[FEATURES[exchange][feature]]
    option = "hedge" if feature == "hedge_mode" else feature
    for market in MARKETS[side]:
        refusal = check(exchange, market, OrderType.LIMIT, **{option: True})
        assert (refusal == "") is allowed, refusal


@pytest.mark.parametrize("exchange", sorted(EXCHANGES))
def test_post_only_by_time_in_force_is_the_same_as_by_flag(exchange):
    for market in MarketType:
        by_flag = check(exchange, market, OrderType.LIMIT, post_only=True)
        assert check(exchange, market, OrderType.LIMIT, TimeInForce.POST_ONLY) == by_flag


@pytest.mark.parametrize("exchange", sorted(ACCESS))
def test_the_perps_api_is_offered_where_its_matrix_says_so(exchange):
    words = {
        "Leverage": "leverage",
        "Margin Mode": "margin_mode",
        "Positions": "positions",
        "Funding": "funding",
        "Portfolio Margin": "portfolio_margin",
    }
    for column, access in words.items():
        assert offers(exchange, access) is (ACCESS[exchange][column] == "Yes"), column
    assert not offers("kraken", "leverage")


@pytest.mark.parametrize("exchange", sorted(EXCHANGES))
def test_the_notes_of_the_feature_table_are_kept(exchange):
    note = FEATURES[exchange]["Notes"].translate(str.maketrans("‘’", "''"))
    assert EXCHANGES[exchange].remark == ("" if note == "-" else note)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("gateio", MarketType.SPOT, OrderType.TRAILING_STOP),
            "Gate.io does not support trailing_stop orders",
        ),
        (("hyperliquid", MarketType.SPOT, OrderType.LIMIT), "Hyperliquid does not support spot trading"),
        (
            ("binance", MarketType.SPOT, OrderType.TRAILING_STOP),
            "Binance does not support trailing_stop orders on spot",
        ),
        (
            ("hyperliquid", MarketType.SWAP, OrderType.LIMIT, TimeInForce.FOK),
            "Hyperliquid does not support time_in_force FOK on perp",
        ),
        (("ftx", MarketType.SPOT, OrderType.LIMIT), "'ftx' is not an exchange of this API"),
        (
            ("okx", MarketType.SWAP, OrderType.MARKET, TimeInForce.FOK),
            "time_in_force FOK needs a limit order; order_type was market",
        ),
        (
            ("okx", MarketType.SWAP, OrderType.STOP_LOSS, TimeInForce.POST_ONLY),
            "post_only needs a limit order; order_type was stop_loss",
        ),
    ],
)
def test_a_refusal_is_in_the_documents_words(arguments, text):
    assert check(*arguments).startswith(text)
