"""The specification's table "Client Order ID", and the venue's length limits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.connectors.binance_pm.client_order_id import mint_client_order_id
from fixgate.connectors.binance_pm.settings import OrderMapperType
from fixgate.model.enums import ProductType
from fixgate.model.refusal import Refused

SEQUENCE, COMPOSITE = OrderMapperType.SEQUENCE, OrderMapperType.COMPOSITE


def mint(
    mapper, *, prefix="", sequence=1795225276658, source_id="OMS", order_id="A1", product=ProductType.FUTURE
):
    return mint_client_order_id(
        mapper, prefix=prefix, sequence=sequence, source_id=source_id, order_id=order_id, product=product
    )


def test_sequence_takes_the_journals_number_and_the_prefix():
    assert mint(SEQUENCE) == "1795225276658"
    assert mint(SEQUENCE, prefix="fund-7/") == "fund-7/1795225276658"


def test_composite_joins_source_and_order_id_and_takes_no_prefix():
    assert mint(COMPOSITE, prefix="fund-7/") == "OMS:A1"


def test_composite_refuses_a_colon_in_the_source_id():
    with pytest.raises(Refused, match=r"'OM:S' contains ':'"):
        mint(COMPOSITE, source_id="OM:S")


@pytest.mark.parametrize(
    ("product", "limit"), [(ProductType.SPOT, 36), (ProductType.FUTURE, 32), (ProductType.DELIVERY, 32)]
)
def test_length_limit_per_product(product, limit):
    assert len(mint(COMPOSITE, order_id="x" * (limit - 4), product=product)) == limit
    with pytest.raises(Refused, match=f"{limit + 1} characters; the venue takes {limit} on {product}"):
        mint(COMPOSITE, order_id="x" * (limit - 3), product=product)


@given(st.text(min_size=1, max_size=20))
def test_only_the_venues_characters_pass(order_id):
    allowed = re.fullmatch(r"[.A-Z:/a-z0-9_-]+", order_id)
    if allowed:
        assert mint(COMPOSITE, order_id=order_id) == f"OMS:{order_id}"
    else:
        with pytest.raises(Refused, match="character"):
            mint(COMPOSITE, order_id=order_id)
