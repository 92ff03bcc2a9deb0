"""Every call that the venue offers is one method of the client, and its bytes on the wire are exact."""

import hmac
import inspect
import json
import re
from decimal import Decimal
from typing import Any, get_args
from urllib.parse import quote

import msgspec
import pytest

from fixgate.papi import PortfolioClient
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.weights import cost_of

from .endpoint_rows import ROWS, sample, with_unknown_fields
from .venue import KEY, NOW, SECRET, Venue, client_of, venue

GROUPS = ("account", "um", "algo", "cm", "conditional", "margin", "user_data")
TEXTS = {
    "symbol": "币安USDT",
    "specifyRepayAssets": "USDT,BNB",
    "newClientOrderId": "a:b/c_1.-",
    "newClientStrategyId": "a:b/c_1.-" + "x" * 27,
    "clientAlgoId": "A" * 36,
}
INTEGERS = {"startTime": NOW - 3_600_000, "endTime": NOW, "leverage": 20, "current": 2, "goodTillDate": NOW}
DECIMALS = {
    "callbackRate": Decimal("0.50"),
    "price": Decimal("1E-7"),
    "quantity": Decimal("1E+2"),
    "amount": 3,
}
"""Values that a careless client would change on the way: exponents, zeros, letters, big integers."""

Values = dict[str, object]


def client_methods(client: PortfolioClient) -> dict[str, Any]:
    """Return every public coroutine method of the client's groups, by `group.name`."""
    return {
        f"{group}.{name}": method
        for group in GROUPS
        for name, method in inspect.getmembers(getattr(client, group), inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


def values_of(parameter: dict[str, Any]) -> list[object]:
    """Return the values to try for a parameter: each of its words, both of a switch, else one."""
    name = parameter["name"]
    match parameter["form"]:
        case "word":
            return list(parameter["words"])
        case "switch":
            return [True, False]
        case "text":
            return [TEXTS.get(name, "T1")]
        case "integer":
            return [INTEGERS.get(name, parameter.get("max", 9_007_199_254_740_993))]
        case _:
            return [DECIMALS.get(name, Decimal("0.10"))]


def on_the_wire(value: object) -> str:
    """Return a value as the venue wants it, by other means than the client's."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return quote(text, safe="")


def cases(row: dict[str, Any]) -> list[Values]:
    """Return the least that a call takes, then that with each value of each parameter, then everything."""
    everything = {parameter["name"]: values_of(parameter)[0] for parameter in row["params"]}
    any_of, together = row.get("any_of", []), row.get("together", [])
    least = [parameter["name"] for parameter in row["params"] if parameter["required"]]
    tried: list[Values] = [{name: everything[name] for name in [*least, *any_of[:1]]}]
    for parameter in row["params"]:
        name = parameter["name"]
        beside = [*least, *(together if name in together else []), *([] if name in any_of else any_of[:1])]
        tried += [{n: everything[n] for n in beside} | {name: value} for value in values_of(parameter)]
    if not row.get("apart"):
        tried.append(everything)
    return tried


def expected_request(row: dict[str, Any], given: Values, stand_in: Venue, recv_window: int = 5000) -> bytes:
    """Return the bytes of a request, built here from the documentation alone."""
    names = [parameter["name"] for parameter in row["params"] if parameter["name"] in given]
    pairs = [f"{name}={on_the_wire(given[name])}" for name in names]
    target = row["path"]
    if row["signed"]:
        payload = "&".join([*pairs, f"recvWindow={recv_window}", f"timestamp={NOW}"])
        signature = hmac.new(SECRET.encode(), payload.encode(), "sha256").hexdigest()
        target += f"?{payload}&signature={signature}"
    elif pairs:
        target += f"?{'&'.join(pairs)}"
    key = "" if row["security"] == "NONE" else f"X-MBX-APIKEY: {KEY}\r\n"
    length = "" if row["method"] == "GET" else "Content-Length: 0\r\n"
    host = f"Host: 127.0.0.1:{stand_in.server.port}\r\n"
    return f"{row['method']} {target} HTTP/1.1\r\n{host}{key}{length}\r\n".encode()


def the_same(documented: Any, value: Any) -> bool:
    """True when every documented field is in the typed value, exactly."""
    if isinstance(documented, dict):
        if isinstance(value, dict):
            return documented.keys() == value.keys() and all(the_same(documented[n], value[n]) for n in value)
        return all(the_same(inner, getattr(value, name)) for name, inner in documented.items())
    if isinstance(documented, list):
        return len(documented) == len(value) and all(map(the_same, documented, value))
    if isinstance(documented, float):
        return isinstance(value, Decimal) and value == Decimal(str(documented))
    if isinstance(documented, str):
        return not isinstance(value, bool | float) and value in ("7", 7)
    if isinstance(documented, bool):
        return value is documented
    return isinstance(value, int | Decimal) and value == documented


def named(row: dict[str, Any]) -> str:
    return f"{row['method']} {row['path']}"


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_each_call_is_reachable_with_each_parameter_and_exact_on_the_wire(row: dict[str, Any]) -> None:
    async with venue() as stand_in:
        stand_in.replies[named(row)] = [(200, sample(row["response"]))]
        if row["path"] == "/papi/v1/rateLimit/order":
            stand_in.replies[named(row)] = [(200, [])]
        async with client_of(stand_in, pacing=False) as client:
            method = client_methods(client)[row["call"]]
            for given in cases(row):
                stand_in.server.requests.clear()
                await method(**given)
                assert stand_in.server.requests == [expected_request(row, given, stand_in)]
            if row["signed"]:
                given = cases(row)[0]
                await method(**given, recvWindow=60_000)
                assert stand_in.server.requests[-1] == expected_request(row, given, stand_in, 60_000)


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_each_answer_is_typed_exactly_and_unknown_fields_are_passed_over(row: dict[str, Any]) -> None:
    documented = sample(row["response"])
    async with venue() as stand_in, client_of(stand_in, pacing=False) as client:
        stand_in.replies[named(row)] = [(200, documented), (200, with_unknown_fields(documented))]
        method = client_methods(client)[row["call"]]
        plain, extended = await method(**cases(row)[0]), await method(**cases(row)[0])
    several = inspect.signature(method).return_annotation
    wanted = documented
    if isinstance(documented, list) and not str(several).startswith("list["):
        wanted = documented[0]
    assert the_same(wanted, plain), msgspec.to_builtins(plain)
    assert extended == plain


async def test_methods_and_calls_are_the_same_set_and_each_call_has_one_method() -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        methods = client_methods(client)
        bound = {method.__func__ for method in methods.values()}
    assert sorted(methods) == sorted(row["call"] for row in ROWS)
    assert len(bound) == len(methods) == len(ROWS) == 102
    assert {(row["method"], row["path"]) for row in ROWS} == set(ENDPOINTS)


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_each_method_has_the_official_parameters_typed_and_the_mandatory_ones_mandatory(
    row: dict[str, Any],
) -> None:
    async with venue() as stand_in, client_of(stand_in) as client:
        method = client_methods(client)[row["call"]]
    parameters = inspect.signature(method).parameters.values()
    official = [parameter["name"] for parameter in row["params"]] + ["recvWindow"] * row["signed"]
    assert [parameter.name for parameter in parameters] == official
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters)
    needed = {parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty}
    assert needed == {parameter["name"] for parameter in row["params"] if parameter["required"]}
    for documented in row["params"]:
        if documented["form"] == "word":
            annotation = inspect.signature(method).parameters[documented["name"]].annotation
            literal = annotation if documented["required"] else get_args(annotation)[0]
            assert set(get_args(literal)) == set(documented["words"])
        assert f"{documented['name']}: " in (method.__doc__ or "")
    assert f"PAPI {row['method']} {row['path']} ({row['security']}, " in method.__doc__
    assert f"Weight {row['weight']['default']}" in method.__doc__


@pytest.mark.parametrize("row", [row for row in ROWS if "specified" in row], ids=named)
def test_a_name_that_the_specification_gives_is_the_method_s_in_snake_case(row: dict[str, Any]) -> None:
    words = re.findall(r"UM|CM|ADL|OCO|BNB|[A-Z]?[a-z]+", row["specified"])
    assert row["call"].partition(".")[2] == "_".join(word.lower() for word in words)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_each_call_costs_what_its_page_says(row: dict[str, Any]) -> None:
    weight, names = row["weight"], {parameter["name"] for parameter in row["params"]}
    method, path = row["method"], row["path"]
    assert cost_of(method, path, "symbol=X&limit=5").weight == weight["default"]
    assert cost_of(method, path, "").weight == weight.get("no_symbol", weight["default"])
    if "pair" in weight:
        assert cost_of(method, path, "pair=X").weight == weight["pair"] and "pair" in names


async def test_an_answer_may_be_an_object_or_a_list_where_the_venue_is_documented_with_both() -> None:
    balance = {"asset": "USDT", "totalWalletBalance": "1.10"}
    order = sample(next(r for r in ROWS if r["call"] == "cm.get_cm_order")["response"])
    async with venue() as stand_in, client_of(stand_in) as client:
        stand_in.replies["GET /papi/v1/balance"] = [(200, balance), (200, [balance, balance])]
        stand_in.replies["GET /papi/v1/cm/openOrder"] = [(200, order), (200, [order])]
        one = await client.account.get_balance(asset="USDT")
        assert [(row.asset, row.totalWalletBalance) for row in one] == [("USDT", Decimal("1.10"))]
        assert len(await client.account.get_balance()) == 2
        first = await client.cm.get_cm_open_order(symbol="BTCUSD_PERP", orderId=7)
        assert first == await client.cm.get_cm_open_order(symbol="BTCUSD_PERP", orderId=7)


def test_the_rows_themselves_are_whole() -> None:
    assert len({named(row) for row in ROWS}) == len(ROWS) == 102
    assert not [row for row in ROWS if "/um/conditional/" in row["path"] or "unimmr" in row["path"]]
    assert json.dumps(ROWS).count('"specified"') == 75
