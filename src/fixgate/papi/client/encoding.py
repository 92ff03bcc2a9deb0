"""From arguments to the parameters on the wire, checked against the call's row before anything leaves."""

import re
from collections.abc import Mapping
from decimal import Decimal

from fixgate.papi.endpoints.endpoint import Endpoint, Form, Parameter


def encoded(endpoint: Endpoint, given: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the parameters of a call in the venue's order; those that are None are left out.

    Raises `TypeError` for a value of the wrong type (a float above all) and `ValueError` for one outside its
    bounds, for a mandatory one that is None, and for a combination that the venue refuses.
    """
    pairs = []
    for parameter in endpoint.params:
        value = given.get(parameter.name)
        if value is not None:
            pairs.append((parameter.name, encode(parameter, value)))
        elif parameter.required:
            raise ValueError(f"{endpoint.name}: {parameter.name} is mandatory and was None")
    _check_combination(endpoint, {name for name, _ in pairs})
    _check_window(endpoint, given)
    return pairs


def encode(parameter: Parameter, value: object) -> str:
    """Return one value as text. Raises `TypeError` and `ValueError`, as `encoded` does."""
    match parameter.form:
        case Form.SWITCH:
            if not isinstance(value, bool):
                raise _wrong_type(parameter, value, "True or False")
            return "true" if value else "false"
        case Form.NUMBER:
            return _number(parameter, value)
        case Form.INTEGER:
            if not isinstance(value, int) or isinstance(value, bool):
                raise _wrong_type(parameter, value, "an int")
            _check_bounds(parameter, Decimal(value))
            return str(int(value))
        case Form.WORD:
            if not isinstance(value, str):
                raise _wrong_type(parameter, value, f"one of {', '.join(parameter.words)}")
            if value not in parameter.words:
                raise ValueError(f"{parameter.name} was {value!r}, not one of {', '.join(parameter.words)}")
            return str.__str__(value)
        case Form.TEXT:
            return _text(parameter, value)


def _number(parameter: Parameter, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise _wrong_type(parameter, value, 'a Decimal, such as Decimal("0.01")')
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{parameter.name} was {number}, which is no number to trade with")
    _check_bounds(parameter, number)
    return format(number, "f")


def _text(parameter: Parameter, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong_type(parameter, value, "text")
    if not value:
        raise ValueError(f"{parameter.name} was empty; leave it out instead (the venue refuses it, -1105)")
    if parameter.pattern is not None and not re.fullmatch(parameter.pattern, value):
        raise ValueError(f"{parameter.name} was {value[:80]!r}, which does not match {parameter.pattern}")
    return str.__str__(value)


def _check_bounds(parameter: Parameter, value: Decimal) -> None:
    if parameter.minimum is not None and value < Decimal(parameter.minimum):
        raise ValueError(f"{parameter.name} was {value:f}, below the least, {parameter.minimum}")
    if parameter.maximum is not None and value > Decimal(parameter.maximum):
        raise ValueError(f"{parameter.name} was {value:f}, above the most, {parameter.maximum}")


def _check_combination(endpoint: Endpoint, names: set[str]) -> None:
    if endpoint.any_of and names.isdisjoint(endpoint.any_of):
        raise ValueError(f"{endpoint.name} needs {' or '.join(endpoint.any_of)}, and none was given")
    if endpoint.together and 0 < len(names.intersection(endpoint.together)) < len(endpoint.together):
        raise ValueError(f"{endpoint.name} takes {' and '.join(endpoint.together)} together or not at all")
    for name, others in endpoint.never_with:
        if name in names and (beside := names.intersection(others)):
            raise ValueError(f"{endpoint.name} does not take {name} beside {', '.join(sorted(beside))}")


def _check_window(endpoint: Endpoint, given: Mapping[str, object]) -> None:
    start, end = given.get("startTime"), given.get("endTime")
    if not isinstance(start, int) or not isinstance(end, int):
        return
    if end < start:
        raise ValueError(f"{endpoint.name}: endTime {end} is before startTime {start}")
    if endpoint.window_ms is not None and end - start > endpoint.window_ms:
        raise ValueError(
            f"{endpoint.name}: startTime and endTime are {end - start} ms apart, more than the venue's "
            f"{endpoint.window_ms}; ask in parts"
        )


def _wrong_type(parameter: Parameter, value: object, right: str) -> TypeError:
    why = "; a float does not hold most decimal numbers exactly" if isinstance(value, float) else ""
    return TypeError(f"{parameter.name} was a {type(value).__name__}, it must be {right}{why}")
