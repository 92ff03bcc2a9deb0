"""The benchmark's FIX client: one blocking socket, prepared messages, no FIX engine.

Run as `python -m benchmarks.fix_orders PORT RUN`: logs on with ResetSeqNumFlag=Y, sends orders and prints one
sample. Latency is from the order's bytes handed to the socket to ExecType New read off it. RUN makes ClOrdIDs
unique.
"""

import argparse
import socket
import sys
import time
from datetime import UTC, datetime

from benchmarks.processes import BenchmarkError
from benchmarks.samples import CONCURRENT, IN_FLIGHT, SEQUENTIAL, WARM_UP, Sample, sample

TIMEOUT_SECONDS = 10.0
_TRAILER = b"\x0110="
_TRAILER_LENGTH = len(b"\x0110=000\x01")


class FixSession:
    """A FIX 4.4 session of OMS with FIXGATE, just able enough to send orders and count reports."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sequence = 0
        self._buffer = b""
        self.send(self.message("A", "98=0\x01108=60\x01141=Y"))
        first = self.messages()[0]
        if b"\x0135=A\x01" not in first:
            raise BenchmarkError(f"Logon was answered with {readable(first)}")

    def message(self, kind: str, body: str) -> bytes:
        """Return the next message of the session, framed; messages must be sent in this order."""
        self._sequence += 1
        now = f"{datetime.now(UTC):%Y%m%d-%H:%M:%S}.000"
        text = f"35={kind}\x0134={self._sequence}\x0149=OMS\x0152={now}\x0156=FIXGATE\x01{body}\x01".encode()
        framed = b"8=FIX.4.4\x019=%d\x01%b" % (len(text), text)
        return b"%b10=%03d\x01" % (framed, sum(framed) % 256)

    def send(self, data: bytes) -> None:
        """Write whole messages."""
        self._socket.sendall(data)

    def messages(self) -> list[bytes]:
        """Return the messages that came, at least one; raise `BenchmarkError` when the session ends."""
        while True:
            found, start = [], 0
            while (end := self._buffer.find(_TRAILER, start)) >= 0:
                end += _TRAILER_LENGTH
                if end > len(self._buffer):
                    break
                found.append(self._buffer[start:end])
                start = end
            self._buffer = self._buffer[start:]
            if found:
                return found
            data = self._socket.recv(65536)
            if not data:
                raise BenchmarkError("the FIX session was closed by the other side")
            self._buffer += data

    def acknowledgements(self) -> int:
        """Return how many orders were just acknowledged; anything else but a heartbeat is an error.

        Reports of an earlier session that its reset brings again (PossResend) acknowledge nothing.
        """
        count = 0
        for message in self.messages():
            if b"\x0197=Y\x01" in message:
                continue
            if b"\x0135=8\x01" in message and b"\x01150=0\x01" in message:
                count += 1
            elif b"\x0135=0\x01" not in message:
                raise BenchmarkError(f"an order was answered with {readable(message)}")
        return count

    def logout(self) -> None:
        """End the session; wait for the other side's Logout."""
        self.send(self.message("5", "58=end of benchmark"))
        while not any(b"\x0135=5\x01" in message for message in self.messages()):
            pass
        self._socket.close()


def readable(message: bytes) -> str:
    """Return a message with its delimiters made visible."""
    return message.replace(b"\x01", b"|").decode("utf-8", "replace")


def orders(session: FixSession, prefix: str, count: int) -> list[bytes]:
    """Return `count` prepared limit orders for BTCUSDT futures, each with a ClOrdID of its own."""
    now = f"{datetime.now(UTC):%Y%m%d-%H:%M:%S}.000"
    return [
        session.message(
            "D",
            f"11={prefix}-{number}\x0155=BTCUSDT\x01167=FUT\x0154=1\x0138=0.010\x0140=2\x0144=65000.10\x0159=1\x01"
            f"60={now}\x01100=BINANCEPM",
        )
        for number in range(count)
    ]


def sequential(session: FixSession, prepared: list[bytes]) -> list[int]:
    """Send one order at a time; return nanoseconds from each order to its acknowledgement."""
    latencies = []
    for order in prepared:
        started = time.perf_counter_ns()
        session.send(order)
        while not session.acknowledgements():
            pass
        latencies.append(time.perf_counter_ns() - started)
    return latencies


def concurrent(session: FixSession, prepared: list[bytes], in_flight: int) -> int:
    """Keep `in_flight` orders on their way until all are acknowledged; return nanoseconds for all."""
    started = time.perf_counter_ns()
    session.send(b"".join(prepared[:in_flight]))
    sent, done = min(in_flight, len(prepared)), 0
    while done < len(prepared):
        count = session.acknowledgements()
        done += count
        if sent < len(prepared):
            session.send(b"".join(prepared[sent : sent + count]))
            sent += count
    return time.perf_counter_ns() - started


def measure(port: int, run: str, scale: int = 1) -> Sample:
    """Measure one session. `scale` divides the number of orders, for a quick look."""
    session = FixSession(port)
    sequential(session, orders(session, f"{run}W", WARM_UP // scale))
    latencies = sequential(session, orders(session, f"{run}S", SEQUENTIAL // scale))
    prepared = orders(session, f"{run}C", CONCURRENT // scale)
    elapsed = concurrent(session, prepared, IN_FLIGHT)
    session.logout()
    return sample(latencies, len(prepared), elapsed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("run")
    parser.add_argument("--scale", type=int, default=1)
    given = parser.parse_args()
    try:
        measure(given.port, given.run, given.scale).print()
    except (BenchmarkError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
