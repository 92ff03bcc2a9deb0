"""The copies of instrument lists on disk: written whole, and not believed when damaged or another's."""

import os
from decimal import Decimal as D

import pytest

from fixgate.connectors.binance_pm.reference_copy import Copy, CopyError, copy_path, read_copy, write_copy
from fixgate.model.enums import InstrumentType, ProductType
from fixgate.model.instrument import Instrument

HOST = "https://fapi.binance.com"
BTC = Instrument(
    symbol="币安BTCUSDT",
    instrument_type=InstrumentType.FUTURE,
    product_type=ProductType.FUTURE,
    base="BTC",
    currency="USDT",
    tick_size=D("0.10"),
    min_notional=D("50"),
    trading=False,
)
COPY = Copy([BTC], 1_795_000_000_000)


@pytest.fixture
def kept(tmp_path):
    write_copy(tmp_path / "var", ProductType.FUTURE, HOST, COPY)
    return copy_path(tmp_path / "var", ProductType.FUTURE, HOST)


def read(path, product=ProductType.FUTURE, host=HOST):
    return read_copy(path.parent, product, host)


def test_what_was_written_is_read_with_every_digit(kept):
    found = read(kept)
    assert found == COPY and str(found.instruments[0].tick_size) == "0.10"
    assert kept.name == "FUTURE@fapi.binance.com.json"
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


def test_where_none_was_written_there_is_none(tmp_path):
    assert read_copy(tmp_path, ProductType.SPOT, HOST) is None


def test_hosts_and_products_have_a_file_each(tmp_path):
    hosts = ["http://127.0.0.1:8083", "http://127.0.0.1:8084", "https://a.example/b", HOST]
    paths = {copy_path(tmp_path, product, host) for product in ProductType for host in hosts}
    assert len(paths) == 12 and all(path.parent == tmp_path for path in paths)


@pytest.mark.parametrize("keep", [0, 1, 60, 200, -2])
def test_a_torn_copy_is_not_used(kept, keep):
    kept.write_bytes(kept.read_bytes()[:keep])
    with pytest.raises(CopyError, match="damaged"):
        read(kept)


def test_a_copy_with_one_digit_changed_is_not_used(kept):
    kept.write_bytes(kept.read_bytes().replace(b"0.10", b"0.20"))
    with pytest.raises(CopyError, match="checksum"):
        read(kept)


def test_another_hosts_copy_under_this_name_is_not_used(kept, tmp_path):
    other = copy_path(kept.parent, ProductType.FUTURE, "https://elsewhere.example")
    other.write_bytes(kept.read_bytes())
    with pytest.raises(CopyError, match=r"from https://fapi\.binance\.com, not FUTURE from https://else"):
        read(kept, host="https://elsewhere.example")


def test_a_copy_of_another_version_is_not_used(kept):
    kept.write_bytes(kept.read_bytes().replace(b"min_notional,", b"", 1))
    with pytest.raises(CopyError, match="another version of fixgate wrote it"):
        read(kept)


def test_a_copy_that_cannot_be_written_leaves_the_former_one_and_nothing_else(kept, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CopyError, match="cannot be written: No space left on device"):
        write_copy(kept.parent, ProductType.FUTURE, HOST, Copy([], 1))
    assert read(kept) == COPY and len(list(kept.parent.iterdir())) == 1
