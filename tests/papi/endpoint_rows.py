"""The calls that Portfolio Margin offers, as its endpoint pages have them, apart from the client's own table.

`endpoints.json` has a row for each: method, path, who may call, weight, parameters in the venue's order with
form, words and bounds, what it answers, and the client's method for it. `specified` is the call's name in
the specification of the client. `any_of`: one of these must be given. `together`: both or none.
"""

import json
from pathlib import Path
from typing import Any

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "endpoints.json").read_text(encoding="utf-8")
)


def sample(shape: Any) -> Any:
    """Return an answer of a documented shape: texts are numbers, so that they fit any field."""
    if isinstance(shape, dict):
        if "_one_of" in shape:
            return sample(shape["_one_of"][0])
        if "_list_of" in shape:
            return [sample(shape["_list_of"])]
        return {name: sample(inner) for name, inner in shape.items()}
    if isinstance(shape, list):
        return [sample(inner) for inner in shape]
    return {
        "string": "7",
        "int": 9_007_199_254_740_993,
        "bool": True,
        "number": 0.1,
        "string[]": ["7"],
    }[shape]


def with_unknown_fields(value: Any) -> Any:
    """Return `value` with unknown fields in every object; a map by symbol is no such object."""
    if isinstance(value, dict):
        known = {name: with_unknown_fields(inner) for name, inner in value.items()}
        return known if "ACCOUNT" in value else known | {"zz": {"deep": [1, None, "x"]}, "Zz": 1.5}
    return [with_unknown_fields(inner) for inner in value] if isinstance(value, list) else value
