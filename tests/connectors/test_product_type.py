"""The specification's table "Product Type": all eight rows, and the security metadata above them."""

import logging

import pytest

from fixgate.connectors.binance_pm.product_type import resolve_product_type
from fixgate.connectors.security_metadata import MetadataError, read_security_metadata
from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.refusal import Refused

FX, FUT = InstrumentType.FX, InstrumentType.FUTURE
NONE: tuple[str, ...] = ()
USDT, USD = ("USDT", "USDC"), ("USD",)

ROWS = [
    # instrument type, futureInstrumentCurrencies, deliveryInstrumentCurrencies, currency, product type
    (FX, USDT, USD, "USDT", ProductType.SPOT),
    (FUT, NONE, USD, "USD", ProductType.DELIVERY),
    (FUT, NONE, USD, "USDT", ProductType.FUTURE),
    (FUT, USDT, NONE, "USDT", ProductType.FUTURE),
    (FUT, USDT, NONE, "USD", ProductType.DELIVERY),
    (FUT, USDT, USD, "USDT", ProductType.FUTURE),
    (FUT, USDT, USD, "USD", ProductType.DELIVERY),
    (FUT, USDT, USD, "EUR", None),
]


@pytest.mark.parametrize(("kind", "future", "delivery", "currency", "product"), ROWS)
def test_row(kind, future, delivery, currency, product):
    def resolve(value=""):
        return resolve_product_type(
            symbol="X",
            instrument_type=kind,
            currency=currency,
            future_currencies=future,
            delivery_currencies=delivery,
            metadata_value=value,
        )

    if product is None:
        with pytest.raises(Refused, match="unsupported instrument: X has currency 'EUR'"):
            resolve()
    else:
        assert resolve() is product
    for given in ProductType:
        assert resolve(given.value) is given


def test_an_invalid_metadata_value_is_ignored_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        product = resolve_product_type(
            symbol="BTCUSDT",
            instrument_type=FUT,
            currency="USDT",
            future_currencies=USDT,
            delivery_currencies=USD,
            metadata_value="Futures",
        )
    assert product is ProductType.FUTURE
    assert "'Futures'" in caplog.text and "SPOT, FUTURE or DELIVERY" in caplog.text


def test_metadata_rows_are_found_by_symbol_and_type(tmp_path):
    path = tmp_path / "security.csv"
    path.write_text("symbol,type,BINANCEPMProductType\nBTCUSDT,FUTURE,DELIVERY\nETHUSDT,,SPOT\n")
    rows = read_security_metadata(path)
    assert rows["BTCUSDT/FUTURE"]["BINANCEPMProductType"] == "DELIVERY"
    assert rows["ETHUSDT"]["BINANCEPMProductType"] == "SPOT"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name,type\nBTCUSDT,FUTURE\n", "no column 'symbol'"),
        ("symbol\nA\nA\n", "line 3: 'A' is there twice"),
        ("symbol,type\n,FUTURE\n", "line 2: the symbol is empty"),
    ],
)
def test_a_bad_metadata_file_is_refused_with_file_and_line(tmp_path, text, complaint):
    path = tmp_path / "security.csv"
    path.write_text(text)
    with pytest.raises(MetadataError, match=complaint) as refused:
        read_security_metadata(path)
    assert str(path) in str(refused.value)
