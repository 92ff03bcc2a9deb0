"""The HTTP half of the floor: bare keep-alive POSTs of an order, as a blocking socket sends them.

Run as `python -m benchmarks.http_orders PORT`; prints one sample.
"""

import argparse
import selectors
import socket
import sys
import time

from benchmarks.processes import BenchmarkError
from benchmarks.samples import CONCURRENT, SEQUENTIAL, WARM_UP, Sample, sample

CONNECTIONS = 32
"""An HTTP/1.1 connection carries one order at a time; this is as many as the gateway's client opens."""

TIMEOUT_SECONDS = 10.0
_REQUEST = (
    b"POST /papi/v1/um/order?symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.010&price=65000.10&timeInForce=GTC"
    b"&newClientOrderId=%016d&timestamp=1795000000000&recvWindow=5000&signature=%064d HTTP/1.1\r\n"
    b"Host: 127.0.0.1\r\nX-MBX-APIKEY: BENCH\r\nContent-Length: 0\r\n\r\n"
)


class HttpConnection:
    """One keep-alive connection that carries one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def receive(self) -> bool:
        """Read once; True when the answer is whole. Raise `BenchmarkError` for anything but 200."""
        data = self.socket.recv(65536)
        if not data:
            raise BenchmarkError("the canned venue closed the connection")
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return False
        length = int(self._buffer[:head].partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        if len(self._buffer) < head + 4 + length:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 200 "):
            raise BenchmarkError(f"the canned venue answered {self._buffer[:80]!r}")
        self._buffer = b""
        return True


def sequential(connection: HttpConnection, requests: list[bytes]) -> list[int]:
    """Send one request at a time; return the nanoseconds that each took."""
    latencies = []
    for request in requests:
        started = time.perf_counter_ns()
        connection.socket.sendall(request)
        while not connection.receive():
            pass
        latencies.append(time.perf_counter_ns() - started)
    return latencies


def concurrent(port: int, requests: list[bytes]) -> int:
    """Keep `CONNECTIONS` connections busy until all requests are answered; return nanoseconds for all."""
    with selectors.DefaultSelector() as selector:
        connections = [HttpConnection(port) for _ in range(CONNECTIONS)]
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        started = time.perf_counter_ns()
        for connection, request in zip(connections, requests, strict=False):
            connection.socket.sendall(request)
        sent, done = min(CONNECTIONS, len(requests)), 0
        while done < len(requests):
            for key, _ in selector.select(TIMEOUT_SECONDS):
                if key.data.receive():
                    done += 1
                    if sent < len(requests):
                        key.data.socket.sendall(requests[sent])
                        sent += 1
        elapsed = time.perf_counter_ns() - started
        for connection in connections:
            connection.socket.close()
    return elapsed


def measure(port: int, scale: int = 1) -> Sample:
    """Measure the canned venue itself. `scale` divides the number of orders, for a quick look."""
    connection = HttpConnection(port)
    counts = (WARM_UP // scale, SEQUENTIAL // scale, CONCURRENT // scale)
    warm_up, one_by_one, together = ([_REQUEST % (number, number) for number in range(n)] for n in counts)
    sequential(connection, warm_up)
    latencies = sequential(connection, one_by_one)
    connection.socket.close()
    return sample(latencies, len(together), concurrent(port, together))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--scale", type=int, default=1)
    given = parser.parse_args()
    try:
        measure(given.port, given.scale).print()
    except (BenchmarkError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
