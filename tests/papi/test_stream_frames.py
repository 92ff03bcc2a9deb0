"""Two sockets with the same events are one stream."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.papi.stream_frames import Overlap

PAYLOADS = st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=12)


@given(PAYLOADS, st.data())
def test_two_sockets_with_the_same_events_give_each_of_them_once_in_order(
    payloads: list[bytes], data: st.DataObject
) -> None:
    """Also where the venue sends the same payload twice."""
    overlap, places, delivered = Overlap(), [0, 0], []
    while min(places) < len(payloads):
        socket = data.draw(st.sampled_from([n for n in (0, 1) if places[n] < len(payloads)]))
        raw = payloads[places[socket]]
        places[socket] += 1
        if not overlap.is_duplicate(socket, raw):
            delivered.append(raw)
    assert delivered == payloads


@given(PAYLOADS, st.integers(0, 12), st.integers(0, 12))
def test_a_socket_that_stops_early_and_one_that_starts_late_lose_nothing_between_them(
    payloads: list[bytes], stop: int, start: int
) -> None:
    overlap = Overlap()
    distinct = [b"%d%b" % (place, raw) for place, raw in enumerate(payloads)]
    first = [raw for raw in distinct[: max(stop, start)] if not overlap.is_duplicate(1, raw)]
    second = [raw for raw in distinct[min(stop, start) :] if not overlap.is_duplicate(2, raw)]
    assert first + second == distinct


def test_equal_payloads_on_one_socket_both_count() -> None:
    overlap = Overlap()
    assert [overlap.is_duplicate(socket, b"x") for socket in (1, 1, 2, 2, 2)] == [
        False,
        False,
        True,
        True,
        False,
    ]
