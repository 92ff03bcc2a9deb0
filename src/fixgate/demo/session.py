"""A small FIX 4.4 session over TCP: enough of the protocol for a customer that logs on, trades and leaves."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

SOH = b"\x01"
Report = dict[int, str]
Fields = Sequence[tuple[int, str]]

_ADMIN = frozenset("0124A5")


class SessionEnded(ConnectionError):
    """The gateway closed the session; the text says what it said last."""


class Awaited(TimeoutError):
    """Something did not come in time; the text says what was awaited."""


class Session:
    """One FIX session, opened by `open`. Messages are dicts of tag to value, first value of a repeat."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, names: tuple[str, str]):
        self._reader = reader
        self._writer = writer
        self._sender, self._target = names
        self._next = 1
        self._last_words = ""
        self.heartbeat = 30

    @classmethod
    async def open(cls, host: str, port: int, sender: str, target: str) -> "Session":
        """Connect. Raises `OSError` when nobody listens."""
        reader, writer = await asyncio.open_connection(host, port)
        return cls(reader, writer, (sender, target))

    async def log_on(self, timeout: float) -> None:
        """Log on with both sequence numbers reset to 1; wait for the Logon that answers."""
        await self.send("A", [(98, "0"), (108, str(self.heartbeat)), (141, "Y")])
        await self.wait(
            lambda message: message.get(35) == "A", "the answer to our Logon", timeout, admin=True
        )

    async def log_out(self, timeout: float) -> None:
        """Log out, wait for the Logout that answers, close."""
        await self.send("5", [])
        try:
            await self.wait(
                lambda message: message.get(35) == "5", "the answer to our Logout", timeout, admin=True
            )
        except SessionEnded:
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def send(self, msg_type: str, fields: Fields) -> None:
        """Send a message under the next sequence number."""
        number, self._next = self._next, self._next + 1
        await self._write(msg_type, number, fields)

    async def wait(
        self,
        wanted: Callable[[Report], bool],
        what: str,
        timeout: float,
        *,
        seen: Callable[[Report], None] = lambda _: None,
        admin: bool = False,
    ) -> Report:
        """Read until a message is `wanted` and return it; every application message goes to `seen`.

        Raises `Awaited`, which names `what`, after `timeout` seconds, and `SessionEnded`.
        """
        try:
            async with asyncio.timeout(timeout):
                while True:
                    message = await self._read()
                    is_admin = message.get(35, "") in _ADMIN
                    if is_admin:
                        await self._serve(message)
                    else:
                        seen(message)
                    if (admin or not is_admin) and wanted(message):
                        return message
        except TimeoutError:
            raise Awaited(f"{what} did not come within {timeout:g} seconds") from None

    async def _serve(self, message: Report) -> None:
        """Do what the session layer asks: answer tests, fill gaps, note a Logout."""
        kind = message[35]
        if kind == "1":
            await self.send("0", [(112, message.get(112, ""))])
        elif kind == "2":
            begin = int(message[7])
            now = _now()
            gap = [(43, "Y"), (122, now), (123, "Y"), (36, str(self._next))]
            await self._write("4", begin, gap)
        elif kind == "5":
            self._last_words = message.get(58, "")

    async def _read(self) -> Report:
        try:
            head = await self._reader.readuntil(b"\x019=")
            length = await self._reader.readuntil(SOH)
            rest = await self._reader.readexactly(int(length[:-1]) + 7)
        except (asyncio.IncompleteReadError, OSError):
            said = f"; it said: {self._last_words}" if self._last_words else ""
            raise SessionEnded(f"the gateway closed the connection{said}") from None
        message: Report = {}
        for item in (head + length + rest).split(SOH):
            tag, equals, value = item.partition(b"=")
            if equals:
                message.setdefault(int(tag), value.decode("ascii", "replace"))
        return message

    async def _write(self, msg_type: str, number: int, fields: Fields) -> None:
        header = [(35, msg_type), (49, self._sender), (56, self._target), (34, str(number)), (52, _now())]
        body = b"".join(f"{tag}={value}".encode() + SOH for tag, value in [*header, *fields])
        text = b"8=FIX.4.4" + SOH + f"9={len(body)}".encode() + SOH + body
        self._writer.write(text + f"10={sum(text) % 256:03d}".encode() + SOH)
        await self._writer.drain()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def transact_time() -> tuple[int, str]:
    """Return TransactTime(60) of now."""
    return 60, _now()
