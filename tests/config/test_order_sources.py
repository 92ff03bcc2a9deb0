"""Whose orders there are: sessions and API tokens are told apart, and settings name those that are there."""

from collections.abc import Callable

import pytest

from tests.config.conftest import Load

TOKEN = f'http.api.tokens = [ {{ name = desk, role = trader, accounts = ["*"], sha256 = "{"a" * 64}" }} ]\n'
JWT = f'http.api.jwt = {{ key = "{"k" * 32}" }}\n'


def sessions(**settings: str) -> str:
    inner = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return f"fix.sessions = [ {{}}, {{ targetCompId = RISK, {inner} }} ]\n"


TAKEN = [
    sessions(mayCancel="[OMS, api]"),
    sessions(mayCancel='["*"]'),
    TOKEN + sessions(mayCancel="[desk]"),
    TOKEN + sessions(dropCopy="true", dropCopyOf="[desk]"),
    sessions(dropCopy="true", dropCopyOf="[api, OMS]"),
    JWT + sessions(mayCancel="[somebody]"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_given_sources_that_are_there_or_may_be_then_they_can_be_named(text: str, load_text: Load) -> None:
    session = load_text(text).settings.fix.sessions[1]
    assert session.may_cancel or session.drop_copy_of


REFUSED = [
    (sessions(mayCancel="[apo]"), "did you mean 'api'?", "fix.sessions[1].mayCancel"),
    (TOKEN + sessions(mayCancel="[api]"), "there are OMS, RISK, desk, *", "fix.sessions[1].mayCancel"),
    (sessions(dropCopy="true", dropCopyOf='["*"]'), "there are OMS, api", "fix.sessions[1].dropCopyOf"),
    ("http.api.enabled = false\n" + sessions(mayCancel="[api]"), "mayCancel names 'api'", "fix.sessions[1]"),
    (sessions(dropCopy="true", mayCancel="[OMS]"), "mayCancel must be left out with dropCopy", "fix"),
    (TOKEN + sessions(sourceId="desk"), "'desk' is the sourceId of a FIX session", "http.api.tokens[0].name"),
    (sessions(sourceId="api"), "which is the API's own without tokens", "http.api"),
]


@pytest.mark.parametrize(("text", "expected", "at"), REFUSED)
def test_given_sources_that_are_not_there_or_mistakable_then_the_setting_is_named(
    text: str, expected: str, at: str, problems_of: Callable[..., list[str]]
) -> None:
    (problem,) = problems_of(text)
    assert expected in problem and f" {at}" in problem
