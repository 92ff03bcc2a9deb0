"""Every setting's bounds: the value, and what the error says would be right."""

from collections.abc import Callable

import pytest

from fixgate.connectors.binance_pm.settings import BinancePmSettings
from fixgate.model.setting_types import Settings
from tests.config.conftest import Load

Problems = Callable[..., list[str]]
CONNECTOR_SETTINGS = "connectors.BINANCEPM.settings"
LIMITS = f"{CONNECTOR_SETTINGS}.binancePmSyncSettings"

REFUSED = [
    ("fix.acceptor.port = 65536", "must be at most 65535"),
    ("fix.acceptor.port = -1", "must be at least 0"),
    ("fix.acceptor.port = 98.5", "must be a whole number"),
    ("fix.acceptor.port = 1e3", "must be a whole number"),
    ("fix.acceptor.port = [1]", "must be a whole number"),
    ('fix.acceptor.host = ""', "must not be empty"),
    ("fix.acceptor.storePath = [x]", "must be the path of a file or a folder"),
    ("fix.acceptor.heartbeatInterval = 0 s", "must be at least 1 second"),
    ("fix.acceptor.heartbeatInterval = 1500 ms", "must be a whole number of seconds"),
    ("fix.acceptor.heartbeatInterval = 1 h", "must be shorter than 1 hour"),
    ("fix.acceptor.heartbeatInterval = -30 s", "must be a number and a unit"),
    ("fix.acceptor.heartbeatInterval = 30 fortnights", "must be a number and a unit"),
    ("fix.acceptor = 1", "must be a block of settings"),
    ("fix.sessions = []", "must have at least 1 element"),
    ("fix.sessions = x", "must be a list"),
    ('fix.sessions = [ { senderCompId = "" } ]', "must be printable ASCII"),
    ('fix.sessions = [ { senderCompId = "A\\u0001B" } ]', "must be printable ASCII"),
    ("fix.sessions = [ { targetCompId = A/B } ]", "must be printable ASCII without /"),
    ("fix.sessions = [ { targetCompId = A }, { targetCompId = A } ]", "sessions must differ: FIXGATE -> A"),
    ('fix.sessions = [ { sourceId = "a:b" } ]', "must not be empty or hold ':'"),
    ('fix.sessions = [ { sourceId = "" } ]', "must not be empty or hold ':'"),
    ('fix.sessions = [ { targetCompId = "a:b" } ]', "sourceId must be set"),
    ("fix.sessions = [ { allowedAddresses = [localhost] } ]", "must be an IP address"),
    ("fix.sessions = [ { allowedAddresses = [] } ]", "must have at least 1 element"),
    ('fix.sessions = [ { allowedAddresses = "127.0.0.1" } ]', "must be a list"),
    ('fix.sessions = [ { password = "" } ]', "must not be empty"),
    ("fix.sessions = [ { resetOnLogon = yes } ]", "must be true or false"),
    ("fix.sessions = [ { pendingReports = 1 } ]", "must be true or false"),
    ('fix.sessions = [ { defaultConnector = "" } ]', "is not a connector"),
    ("fix.sessions = [ { dropCopy = yes } ]", "must be true or false"),
    ('fix.sessions = [ { dropCopy = true, dropCopyOf = "OMS" } ]', "must be a list"),
    ("fix.sessions = [ { dropCopyOf = [OMS] } ]", "dropCopyOf needs dropCopy = true"),
    (
        "fix.sessions = [ {}, { targetCompId = DC, dropCopy = true, dropCopyOf = [OMSS] } ]",
        "did you mean 'OMS'?",
    ),
    (
        "fix.sessions = [ {}, { targetCompId = DC, dropCopy = true, dropCopyOf = [DC] } ]",
        "dropCopyOf names 'DC', neither a trading session's sourceId nor an API token; there are OMS",
    ),
    ("fix.sessions = [ { dropCopy = true, cancelOnDisconnect = true } ]", "it has no orders of its own"),
    ("fix.sessions = [ { cancelOnDisconnect = 1 } ]", "must be true or false"),
    ("fix.sessions = [ { cancelOnDisconnectGrace = 61 minutes } ]", "must be at most 1 hour"),
    ("fix.sessions = [ { cancelOnDisconnectGrace = -1 s } ]", "must be a number and a unit"),
    ("http.port = http", "must be a whole number"),
    ("journal.durability = DISK", "must be one of process, disk"),
    ("journal.path = {}", "must be the path of a file or a folder"),
    ("simulator.market.interval = 0 ms", "must be longer than 0"),
    ("simulator.seed = x", "must be a whole number"),
    ("simulator.accounts = [ { apiKey = a } ]", "apiSecret: is missing"),
    ("simulator.accounts = [ { apiKey = a, apiSecret = s }, { apiKey = a, apiSecret = s } ]", "of its own"),
    ("simulator.accounts = [ { apiKey = a, apiSecret = s, balances { USDT = 1e5 } } ]", "plain notation"),
    ("simulator.accounts = [ { apiKey = a, apiSecret = s, balances { USDT = -1 } } ]", "must be at least 0"),
    ("simulator.accounts = [ { apiKey = a, apiSecret = s, balances { usdt = 1 } } ]", "upper-case asset"),
    ("simulator.accounts = [ { apiKey = a, apiSecret = s, balances = 5 } ]", "must be a block of settings"),
    (f"{CONNECTOR_SETTINGS}.restUrl = papi.binance.com", "must be https://host or http://host:port/path"),
    (f'{CONNECTOR_SETTINGS}.restUrl = "https://x/?a=b"', "without a query or a fragment"),
    (f'{CONNECTOR_SETTINGS}.restUrl = "https://u:p@x"', "without a user name or a password"),
    (f'{CONNECTOR_SETTINGS}.restUrl = "https://x:99999"', "must be https://host"),
    (f'{CONNECTOR_SETTINGS}.spotUrl = "https://a b"', "must be https://host"),
    (f'{CONNECTOR_SETTINGS}.futureUrl = "ws://x"', "must be https://host"),
    (f'{CONNECTOR_SETTINGS}.deliveryUrl = "https://"', "must be https://host"),
    (f'{CONNECTOR_SETTINGS}.websocketUrl = "https://x"', "must be wss://host or ws://host:port/path"),
    (f"{CONNECTOR_SETTINGS}.apiKeys = []", "must have at least 1 element"),
    (f"{CONNECTOR_SETTINGS}.apiKeys = null", "apiKeys: is missing"),
    (f'{CONNECTOR_SETTINGS}.apiKeys = [ {{ apiKey = "", apiSecret = s }} ]', "must not be empty"),
    (f'{CONNECTOR_SETTINGS}.apiKeys = [ {{ apiKey = a, apiSecret = "" }} ]', "must not be empty"),
    (
        f"{CONNECTOR_SETTINGS}.apiKeys = [{{apiKey = a, apiSecret = s}}, {{apiKey = a, apiSecret = t}}]",
        "each of apiKeys must have an apiKey of its own",
    ),
    (
        f"{CONNECTOR_SETTINGS}.apiKeys = [ {{ apiKey = a, apiSecret = s, account = m }}, "
        "{ apiKey = b, apiSecret = s, account = m } ]",
        "each account of apiKeys must be a name of its own",
    ),
    (f'{CONNECTOR_SETTINGS}.attributeKey = "A-B"', "must be a letter followed by"),
    (f"{CONNECTOR_SETTINGS}.recvWindow = 60001", "must be at most 60000"),
    (f"{CONNECTOR_SETTINGS}.recvWindow = -1", "must be at least 0"),
    (f"{CONNECTOR_SETTINGS}.recvWindow = 5 s", "must be a whole number"),
    (f"{CONNECTOR_SETTINGS}.websocketHeartbeatInterval = 60 minutes", "must be shorter than 60 minutes"),
    (f"{CONNECTOR_SETTINGS}.websocketHeartbeatInterval = 0", "must be longer than 0"),
    (f"{CONNECTOR_SETTINGS}.staleWebsocketTimeout = 0 s", "must be longer than 0"),
    (f"{CONNECTOR_SETTINGS}.websocketRotateInterval = 24 h", "must be shorter than 24 hours"),
    (f"{CONNECTOR_SETTINGS}.websocketRotateInterval = 59 s", "must be at least 1 minute"),
    (f"{CONNECTOR_SETTINGS}.requestTimeout = 0 s", "must be longer than 0"),
    (f"{CONNECTOR_SETTINGS}.selfMatchPreventionInstruction = EXPIRE_MAKER", "must be one of CANCEL_RESTING"),
    (f"{CONNECTOR_SETTINGS}.sideEffectType = NONE", "must be one of NO_SIDE_EFFECT"),
    (f"{CONNECTOR_SETTINGS}.autoRepayAtCancel = on", "must be true or false"),
    (f'{CONNECTOR_SETTINGS}.clientOrderIdPrefix = "a b"', "must hold only the characters"),
    (f'{CONNECTOR_SETTINGS}.clientOrderIdPrefix = "12345678901234567"', "must have at most 16 characters"),
    (f"{CONNECTOR_SETTINGS}.orderMapperType = RANDOM", "must be one of SEQUENCE, COMPOSITE"),
    (f"{CONNECTOR_SETTINGS}.futureInstrumentCurrencies = USDT", "must be a list"),
    (f"{CONNECTOR_SETTINGS}.futureInstrumentCurrencies = [usdt]", "must be an upper-case currency code"),
    (f"{CONNECTOR_SETTINGS}.futureInstrumentCurrencies = [USD]", "USD must stand in only one of"),
    (
        f"{CONNECTOR_SETTINGS} {{ futureInstrumentCurrencies = [], deliveryInstrumentCurrencies = null }}",
        "must name at least one currency",
    ),
    (f"{LIMITS}.spotOrdersRequestSizeLimit = 501", "must be at most 500"),
    (f"{LIMITS}.spotTradesRequestSizeLimit = 1001", "must be at most 1000"),
    (f"{LIMITS}.futureOrdersRequestSizeLimit = 1001", "must be at most 1000"),
    (f"{LIMITS}.futureTradesRequestSizeLimit = 1001", "must be at most 1000"),
    (f"{LIMITS}.deliveryOrdersRequestSizeLimit = 101", "must be at most 100"),
    (f"{LIMITS}.deliveryTradesRequestSizeLimit = 1001", "must be at most 1000"),
    (f"{LIMITS}.deliveryTradesRequestSizeLimit = 0", "must be at least 1"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[text[:60] for text, _ in REFUSED])
def test_given_a_bad_value_when_loaded_then_the_one_problem_names_place_and_remedy(
    text: str, expected: str, problems_of: Problems
) -> None:
    (problem,) = problems_of(text)
    section = text.partition(".")[0]
    assert problem.startswith((f"x.conf:8: {section}.", f"x.conf:8: {section}: "))
    assert expected in problem


ACCEPTED = [
    (f"{CONNECTOR_SETTINGS}.recvWindow = 0", "recv_window", 0),
    (f"{CONNECTOR_SETTINGS}.recvWindow = 60000", "recv_window", 60000),
    (f'{CONNECTOR_SETTINGS}.restUrl = "https://x.test/"', "rest_url", "https://x.test"),
    (f'{CONNECTOR_SETTINGS}.websocketUrl = "ws://127.0.0.1:1/pm/"', "websocket_url", "ws://127.0.0.1:1/pm"),
    (f"{CONNECTOR_SETTINGS}.clientOrderIdPrefix = 007", "client_order_id_prefix", "007"),
    (f"{CONNECTOR_SETTINGS}.clientOrderIdPrefix = 10d", "client_order_id_prefix", "10d"),
    (f'{CONNECTOR_SETTINGS}.clientOrderIdPrefix = ".:/_-aZ9"', "client_order_id_prefix", ".:/_-aZ9"),
    (f'{CONNECTOR_SETTINGS}.autoRepayAtCancel = "true"', "auto_repay_at_cancel", True),
    (f"{CONNECTOR_SETTINGS}.deliveryInstrumentCurrencies = []", "delivery_instrument_currencies", ()),
    (
        f"{CONNECTOR_SETTINGS}.futureInstrumentCurrencies += BNB",
        "future_instrument_currencies",
        ("USDT", "USDC", "BTC", "BNB"),
    ),
]


@pytest.mark.parametrize(("text", "name", "value"), ACCEPTED, ids=[text[:60] for text, _, _ in ACCEPTED])
def test_given_a_value_at_the_edge_when_loaded_then_it_is_taken_exactly(
    text: str, name: str, value: object, load_text: Load
) -> None:
    assert getattr(load_text(text).connectors["BINANCEPM"].settings, name) == value


def test_given_settings_when_changed_then_that_is_refused(load_text: Load) -> None:
    settings = load_text("").connectors["BINANCEPM"].settings
    with pytest.raises(ValueError, match="frozen"):
        settings.recv_window = 1  # type: ignore[attr-defined]


def test_given_the_connectors_settings_then_every_one_is_described() -> None:
    def described(model: type[Settings]) -> None:
        for name, info in model.model_fields.items():
            assert info.description, name

    described(BinancePmSettings)


def test_given_two_sessions_of_one_source_when_loaded_then_they_are_refused(problems_of: Problems) -> None:
    (problem,) = problems_of(
        'fix.sessions = [ { targetCompId = "A" }, { targetCompId = "B", sourceId = "A" } ]'
    )
    assert "must have a sourceId each, 'A' is there twice" in problem
