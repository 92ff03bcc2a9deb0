"""The acceptor's configuration, the engine's settings text, and who may reach the listening socket."""

import socket
from pathlib import Path

import pytest

from fixgate.fix.listen_filter import ANY_ADDRESS, FilterUnavailable, listens, restrict
from fixgate.fix.settings import AcceptorConfig, SessionConfig, settings_text

STORE = Path("/tmp/store")


def test_given_a_session_then_its_id_and_context_follow() -> None:
    session = SessionConfig(target_comp_id="OMS", default_connector="PM", default_account="main")

    assert session.session_id == "FIX.4.4:FIXGATE->OMS"
    assert (session.context.source, session.context.default_connector) == ("OMS", "PM")
    assert SessionConfig(target_comp_id="OMS", source_id="desk").context.source == "desk"
    assert not session.context.drop_copy
    assert SessionConfig(target_comp_id="DC", drop_copy=True, drop_copy_of=("OMS",)).context.drop_copy


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target_comp_id": ""}, "target CompID was ''"),
        ({"target_comp_id": "A/../B"}, "target CompID was 'A/../B'"),
        ({"target_comp_id": "A\nB"}, "use 1 to 32 letters"),
        ({"target_comp_id": "A", "sender_comp_id": "$(HOME)"}, "sender CompID was"),
        ({"target_comp_id": "A", "allowed_addresses": ()}, "has no allowed addresses"),
        ({"target_comp_id": "A", "allowed_addresses": ("10.0.0.5",)}, "without a password; set one"),
        ({"target_comp_id": "A", "allowed_addresses": ("oms.example",)}, "is not an IPv4 address"),
        ({"target_comp_id": "A", "drop_copy_of": ("B",)}, "make it a drop copy"),
        ({"target_comp_id": "A", "drop_copy": True, "cancel_on_disconnect": True}, "has no orders to cancel"),
        ({"target_comp_id": "A", "drop_copy": True, "may_cancel": ("B",)}, "which may not cancel orders"),
        ({"target_comp_id": "A", "cancel_grace_seconds": 3601}, "cancel grace was 3601 s; use 0 to 3600"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_given_a_session_that_cannot_work_then_the_error_says_what_would(
    options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError) as error:
        SessionConfig(**options)  # type: ignore[arg-type]
    assert words in str(error.value)


def test_given_sessions_whose_files_would_be_the_same_then_they_are_refused() -> None:
    sessions = (
        SessionConfig(sender_comp_id="A-B", target_comp_id="C"),
        SessionConfig(sender_comp_id="A", target_comp_id="B-C"),
    )

    with pytest.raises(ValueError, match="clash"):
        AcceptorConfig(sessions=sessions, store_path=STORE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": 70000}, "port was 70000"),
        ({"heartbeat_seconds": 0}, "heartbeat was 0 s"),
        ({"host": "::1"}, "'::1' is not an IPv4 address"),
        ({"sessions": ()}, "no FIX session is configured"),
        ({"store_path": Path("/tmp/$(X)")}, "store path"),
    ],
    ids=str,
)
def test_given_an_acceptor_that_cannot_work_then_the_error_says_why(
    options: dict[str, object], words: str
) -> None:
    defaults = {"sessions": (SessionConfig(target_comp_id="OMS"),), "store_path": STORE}

    with pytest.raises(ValueError) as error:
        AcceptorConfig(**(defaults | options))  # type: ignore[arg-type]
    assert words in str(error.value)


def test_given_a_password_then_neither_settings_nor_repr_show_it() -> None:
    session = SessionConfig(target_comp_id="OMS", password="open-sesame", allowed_addresses=("10.0.0.5",))
    config = AcceptorConfig(sessions=(session,), store_path=STORE)

    text = settings_text(config, 9876, Path("/tmp/FIXGATE44.xml"))

    assert "AllowedRemoteAddresses=10.0.0.5" in text
    assert "open-sesame" not in text + repr(config)


def listener() -> socket.socket:
    made = socket.socket()
    made.bind(("0.0.0.0", 0))
    made.listen()
    return made


def reaches(port: int, source: str, destination: str = "127.0.0.1") -> bool:
    with socket.socket() as client:
        client.settimeout(0.3)
        client.bind((source, 0))
        try:
            client.connect((destination, port))
        except TimeoutError:
            return False
        return True


def test_given_a_listening_socket_when_restricted_then_only_allowed_addresses_reach_it() -> None:
    with listener() as server:
        port = server.getsockname()[1]
        assert reaches(port, "127.0.0.2", "127.0.0.3")

        restrict(port, "127.0.0.1", ["127.0.0.1", "127.0.0.2"])

        assert reaches(port, "127.0.0.1")
        assert reaches(port, "127.0.0.2")
        assert not reaches(port, "127.0.0.4")
        assert not reaches(port, "127.0.0.1", "127.0.0.3")


def test_given_any_destination_when_restricted_then_the_source_alone_decides() -> None:
    with listener() as server:
        port = server.getsockname()[1]

        restrict(port, ANY_ADDRESS, ["127.0.0.2"])

        assert reaches(port, "127.0.0.2", "127.0.0.3")
        assert not reaches(port, "127.0.0.1")


def test_given_a_port_that_nothing_of_ours_listens_on_then_restricting_it_fails() -> None:
    with listener() as server:
        port = server.getsockname()[1]
        assert listens(port)

    assert not listens(port)
    with pytest.raises(FilterUnavailable, match=f"port {port}"):
        restrict(port, "127.0.0.1", ["127.0.0.1"])
