"""A FIX 4.4 client on a raw socket, without any FIX library: what a customer's OMS would put on the wire.

`FixClient` keeps its own session (sequence numbers, heartbeats, gap fills) and every message it received.
A message is a dict of tag (int) to value (str); of a tag that repeats, the first value.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

SOH = "\x01"
Message = dict[int, str]
Field = tuple[int, object]
_APPLICATION_TYPES = frozenset("DFGH89j")
_numbers = itertools.count(1)


def utc_now() -> str:
    """Return the time as a FIX UTCTimestamp with milliseconds."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def next_cl_ord_id(prefix: str = "C") -> str:
    """Return a ClOrdID that no other call in this process returns."""
    return f"{prefix}{next(_numbers)}"


def frame(fields: Sequence[tuple[int, object]]) -> bytes:
    """Return a whole message: BeginString, BodyLength and CheckSum put around `fields`, 35 first."""
    body = "".join(f"{tag}={value}{SOH}" for tag, value in fields).encode()
    head = f"8=FIX.4.4{SOH}9={len(body)}{SOH}".encode() + body
    return head + f"10={sum(head) % 256:03d}{SOH}".encode()


def parse(raw: bytes) -> Message:
    """Return the fields of a message; of a tag that repeats, the first value."""
    message: Message = {}
    for item in raw.decode("ascii", "replace").split(SOH):
        tag, equals, value = item.partition("=")
        if equals:
            message.setdefault(int(tag), value)
    return message


class FixClient:
    """One FIX session from the client's side.

    `received` holds every message that came in, in order, and `texts` the same as they came; `receive` looks
    for the next one that was not handed out yet. `next_out` and `next_in` are the sequence numbers to
    send and to expect; hand them to a new client to go on with the session after a lost connection.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str = "OMS",
        target: str = "FIXGATE",
        *,
        heartbeat: int = 30,
        next_out: int = 1,
        next_in: int = 1,
    ) -> None:
        self.host, self.port, self.sender, self.target = host, port, sender, target
        self.heartbeat = heartbeat
        self.next_out, self.next_in = next_out, next_in
        self.received: list[Message] = []
        self.texts: list[str] = []
        self.resend_requests: list[Message] = []
        self.closed = asyncio.Event()
        self.silent = False
        self._pending: list[Message] = []
        self._news = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> FixClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()

    async def connect(self) -> None:
        """Open the connection and begin to read."""
        reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._tasks = [asyncio.create_task(self._read(reader)), asyncio.create_task(self._beat())]

    async def logon(
        self,
        reset: bool = True,
        password: str | None = None,
        *,
        timeout: float = 10,
        extra: Sequence[Field] = (),
    ) -> Message:
        """Connect if need be, log on, return the Logon that answers. `reset` starts both sides at 1."""
        if self._writer is None:
            await self.connect()
        fields: list[Field] = [(98, 0), (108, self.heartbeat)]
        if reset:
            self.next_out = self.next_in = 1
            fields.append((141, "Y"))
        if password is not None:
            fields.append((554, password))
        await self.send("A", [*fields, *extra])
        return await self.receive("A", timeout=timeout)

    async def send(
        self,
        msg_type: str,
        fields: Sequence[Field] = (),
        *,
        number: int | None = None,
        poss_dup: bool = False,
    ) -> int:
        """Send a message and return its MsgSeqNum; `number` sends another one than is due."""
        seq = self.next_out if number is None else number
        if number is None:
            self.next_out += 1
        now = utc_now()
        header: list[Field] = [(35, msg_type), (49, self.sender), (56, self.target), (34, seq), (52, now)]
        if poss_dup:
            header += [(43, "Y"), (122, now)]
        await self.send_raw(frame([*header, *fields]))
        return seq

    async def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self._writer is not None, "not connected"
        self._writer.write(data)
        await self._writer.drain()

    async def receive(
        self,
        msg_type: str | None = None,
        timeout: float = 10,
        where: Callable[[Message], bool] | None = None,
    ) -> Message:
        """Return the first message not handed out yet that fits; messages passed over stay available.

        Without `msg_type` heartbeats are passed over. Raises `TimeoutError` that lists what came instead.
        """

        def fits(message: Message) -> bool:
            right_type = message.get(35) == msg_type if msg_type else message.get(35) not in {"0", "1"}
            return right_type and (where is None or where(message))

        def take() -> Message | None:
            for index, message in enumerate(self._pending):
                if fits(message):
                    return self._pending.pop(index)
            return None

        found: Message | None = None
        try:
            async with asyncio.timeout(timeout), self._news:
                while (found := take()) is None:
                    if self.closed.is_set():
                        raise ConnectionError(f"closed while waiting for {msg_type}: {self._pending}")
                    await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"no {msg_type or 'message'} in {timeout} s; had {self._pending}") from None
        assert found is not None
        return found

    async def report(self, cl_ord_id: str, exec_type: str | None = None, timeout: float = 10) -> Message:
        """Return the next ExecutionReport of a ClOrdID, of one ExecType if given."""
        return await self.receive(
            "8",
            timeout,
            lambda message: message.get(11) == cl_ord_id and exec_type in {None, message.get(150)},
        )

    async def wait_closed(self, timeout: float = 10) -> None:
        """Wait until the other side has closed the connection."""
        async with asyncio.timeout(timeout):
            await self.closed.wait()

    async def logout(self, timeout: float = 10) -> Message:
        """Log out, return the Logout that answers, close."""
        await self.send("5")
        answer = await self.receive("5", timeout=timeout)
        await self.drop()
        return answer

    async def drop(self) -> None:
        """Close the connection abruptly, without a Logout."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._writer is not None:
            self._writer.transport.abort()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None
        self.closed.set()

    def fall_silent(self) -> None:
        """Say nothing any more, not even heartbeats, with the connection open."""
        self.silent = True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat)
            if not self.silent:
                await self.send("0")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\x019=")
                length = await reader.readuntil(b"\x01")
                rest = await reader.readexactly(int(length[:-1]) + 7)
                raw = head + length + rest
                self.texts.append(raw.decode("ascii", "replace"))
                await self._take(parse(raw))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.closed.set()
            async with self._news:
                self._news.notify_all()

    async def _take(self, message: Message) -> None:
        msg_type, seq = message[35], int(message[34])
        if msg_type == "A" and message.get(141) == "Y":
            self.next_in = seq
        duplicate = seq < self.next_in and message.get(43) == "Y"
        if msg_type == "4":
            self.next_in = int(message[36])
        elif seq == self.next_in:
            self.next_in += 1
        if msg_type == "1" and not self.silent:
            await self.send("0", [(112, message.get(112, ""))])
        elif msg_type == "2":
            self.resend_requests.append(message)
            await self._fill_gap(int(message[7]))
        self.received.append(message)
        if not duplicate or msg_type in _APPLICATION_TYPES:
            async with self._news:
                self._pending.append(message)
                self._news.notify_all()

    async def _fill_gap(self, begin: int) -> None:
        await self.send("4", [(123, "Y"), (36, self.next_out)], number=begin, poss_dup=True)


def new_order(
    symbol: str = "BTCUSDT",
    side: str = "1",
    quantity: str | Decimal = "0.010",
    price: str | Decimal | None = "50000.00",
    *,
    security_type: str = "FXSPOT",
    cl_ord_id: str | None = None,
    time_in_force: str | None = "1",
    connector: str | None = None,
    extra: Sequence[Field] = (),
) -> list[Field]:
    """Return the fields of a NewOrderSingle(D): a limit order, a market order without `price`."""
    fields: list[Field] = [
        (11, cl_ord_id or next_cl_ord_id()),
        (55, symbol),
        (167, security_type),
        (54, side),
        (38, quantity),
        (40, "1" if price is None else "2"),
        (60, utc_now()),
    ]
    if price is not None:
        fields.append((44, price))
    if time_in_force is not None:
        fields.append((59, time_in_force))
    if connector is not None:
        fields.append((100, connector))
    return [*fields, *extra]


def cancel(
    orig_cl_ord_id: str,
    symbol: str = "BTCUSDT",
    side: str = "1",
    *,
    cl_ord_id: str | None = None,
    extra: Sequence[Field] = (),
) -> list[Field]:
    """Return the fields of an OrderCancelRequest(F)."""
    return [
        (41, orig_cl_ord_id),
        (11, cl_ord_id or next_cl_ord_id("X")),
        (55, symbol),
        (54, side),
        (60, utc_now()),
        *extra,
    ]


def replace(
    orig_cl_ord_id: str,
    symbol: str = "BTCUSDT",
    side: str = "1",
    quantity: str | Decimal | None = None,
    price: str | Decimal | None = None,
    *,
    cl_ord_id: str | None = None,
    order_type: str = "2",
    extra: Sequence[Field] = (),
) -> list[Field]:
    """Return the fields of an OrderCancelReplaceRequest(G)."""
    fields: list[Field] = [
        (41, orig_cl_ord_id),
        (11, cl_ord_id or next_cl_ord_id("R")),
        (55, symbol),
        (54, side),
        (40, order_type),
        (60, utc_now()),
    ]
    if quantity is not None:
        fields.append((38, quantity))
    if price is not None:
        fields.append((44, price))
    return [*fields, *extra]


def status(
    cl_ord_id: str, symbol: str = "BTCUSDT", side: str = "1", *, extra: Sequence[Field] = ()
) -> list[Field]:
    """Return the fields of an OrderStatusRequest(H)."""
    return [(11, cl_ord_id), (55, symbol), (54, side), *extra]


def value_of(fields: Sequence[Field], tag: int) -> str:
    """Return a field of a message that was built above, such as its ClOrdID: `value_of(order, 11)`."""
    return next(str(value) for number, value in fields if number == tag)
