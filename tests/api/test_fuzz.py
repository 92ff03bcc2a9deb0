"""Schemathesis against the OpenAPI document: no 500, nothing that is not documented, nothing wrong taken."""

import json
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import settings
from schemathesis import Case, checks

from fixgate.api.openapi import document
from fixgate.model.exact_json import write
from tests.api.conftest import DeskOfTheTest
from tests.api.fake_desk import FakeDesk

CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
)
schema = schemathesis.openapi.from_dict(json.loads(write(document())))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        yield kept


@schema.parametrize()
@settings(max_examples=8, derandomize=True, deadline=None)
def test_given_any_request_then_a_documented_answer(
    case: Case, open_door: tuple[str, DeskOfTheTest], session: requests.Session
) -> None:
    open_door[1].desk = FakeDesk()
    case.call_and_validate(base_url=open_door[0], checks=CHECKS, session=session)
