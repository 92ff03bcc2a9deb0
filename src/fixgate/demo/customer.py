"""The customer of `fixgate demo`: trades each product type once, shows every report, checks what it saw."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal

from rich.console import Console
from rich.markup import escape

from fixgate.demo.display import row, show
from fixgate.demo.session import Awaited, Report, Session, SessionEnded, transact_time

TIMEOUT = 15.0
_FINAL = frozenset({"2", "4", "8", "C"})


@dataclass(frozen=True)
class Product:
    """What is traded: `quantity` is in base asset, on DELIVERY in contracts."""

    name: str
    symbol: str
    security_type: str
    quantity: str
    tick: Decimal
    replaceable: bool = True

    @property
    def is_future(self) -> bool:
        """True where a position, not an asset, is traded."""
        return self.security_type == "FUT"


PRODUCTS = (
    Product("SPOT", "BTCUSDT", "FXSPOT", "0.01", Decimal("0.01"), replaceable=False),
    Product("FUTURE", "BTCUSDT", "FUT", "0.010", Decimal("0.10")),
    Product("DELIVERY", "BTCUSD_PERP", "FUT", "2", Decimal("0.10")),
)


class Unexpected(Exception):
    """A report said something else than it should have; the text says what."""


async def run_demo(host: str, port: int, sender: str, target: str, console: Console) -> int:
    """Trade on SPOT, FUTURE and DELIVERY; return 0 if all went as expected, 1 if not, 2 if no one listens."""
    try:
        session = await Session.open(host, port, sender, target)
    except OSError as error:
        console.print(f"[red]No gateway answers on {host}:{port}[/] ({escape(str(error))}).")
        console.print("Start one in another terminal with [bold]make run[/] and try again.")
        return 2
    try:
        await session.log_on(TIMEOUT)
        console.print(f"Logged on to {target} at {host}:{port} as {sender}.")
        results = [await _Customer(session, console, product).trade() for product in PRODUCTS]
        await session.log_out(TIMEOUT)
    except (Awaited, SessionEnded) as error:
        console.print(f"[red]The demo stopped:[/] {escape(str(error))}.")
        return 1
    finally:
        session.close()
    _summary(console, results)
    return 0 if all(result.ok for result in results) else 1


@dataclass
class Result:
    """How one product went."""

    product: Product
    fills: int = 0
    problem: str = ""

    @property
    def ok(self) -> bool:
        """True when the product filled and nothing unexpected happened."""
        return self.fills > 0 and not self.problem


def _summary(console: Console, results: list[Result]) -> None:
    console.rule("[bold]Summary")
    for result in results:
        mark = "[green]ok[/]" if result.ok else "[red]failed[/]"
        tail = f": {escape(result.problem)}" if result.problem else ""
        console.print(
            f"{mark}  {result.product.name:<8} {result.product.symbol:<11} {result.fills} fills{tail}"
        )
    console.print("Logged out.")


class _Customer:
    """Trades one product, step by step."""

    def __init__(self, session: Session, console: Console, product: Product) -> None:
        self._session = session
        self._console = console
        self._product = product
        self._result = Result(product)
        self._rows: list[list[str]] = []
        stamp = datetime.now(UTC).strftime("%H%M%S")
        self._ids = (f"{product.name[0]}{stamp}-{number}" for number in itertools.count(1))

    async def trade(self) -> Result:
        """Go through every step; what goes wrong ends the product, not the demo."""
        product = self._product
        self._console.rule(f"[bold]{product.name}[/] {product.symbol}")
        try:
            price = await self._market_buy()
            resting = await self._rest("A limit order, 3% below the market, rests", self._away(price, "0.97"))
            resting = await self._replace(resting, self._away(price, "0.96"))
            await self._cancel("Cancel it", resting)
            post_only = await self._rest(
                "A post-only order rests", self._away(price, "0.97"), extra=[(18, "6")]
            )
            await self._cancel("Cancel that one as well", post_only)
            await self._bad_tick(self._away(price, "0.97") + product.tick / 3)
            await self._sell_back()
        except Unexpected as error:
            self._flush()
            self._result.problem = str(error)
            self._console.print(f"[red]{escape(str(error))}[/]")
        return self._result

    async def _market_buy(self) -> Decimal:
        self._heading(f"Market order: buy {self._product.quantity}")
        report = await self._order("1", order_type="1")
        return Decimal(report[6])

    async def _sell_back(self) -> None:
        self._heading(f"Market order: sell {self._product.quantity} again")
        extra = [(6201, "true")] if self._product.is_future else []
        await self._order("2", order_type="1", extra=extra)

    async def _order(self, side: str, order_type: str, extra: list[tuple[int, str]] | None = None) -> Report:
        """Send a market order and see it filled."""
        cl_ord_id = next(self._ids)
        await self._send_order(cl_ord_id, side, order_type, extra=extra)
        report = await self._until(
            lambda each: each.get(39) in _FINAL, cl_ord_id, "the fill of our market order"
        )
        if not Decimal(report.get(14, "0")):
            raise Unexpected(
                f"the market order {cl_ord_id} was not filled: {report.get(58, 'no reason given')}"
            )
        return report

    async def _rest(self, heading: str, price: Decimal, extra: list[tuple[int, str]] | None = None) -> str:
        """Send a limit order and see it accepted; return its ClOrdID."""
        self._heading(heading)
        cl_ord_id = next(self._ids)
        await self._send_order(cl_ord_id, "1", "2", price=price, extra=extra)
        report = await self._until(
            lambda each: each.get(150) in {"0", "8"} or each.get(39) in _FINAL,
            cl_ord_id,
            "the acceptance of our limit order",
        )
        if report.get(150) != "0":
            raise Unexpected(
                f"the limit order {cl_ord_id} does not rest: {report.get(58, 'no reason given')}"
            )
        return cl_ord_id

    async def _replace(self, resting: str, price: Decimal) -> str:
        """Replace the resting order's price, or on SPOT see the refusal; return the ClOrdID that rests."""
        product = self._product
        self._heading(
            f"Replace it: new price {price}"
            if product.replaceable
            else "Replace it: spot orders cannot be replaced, and the refusal says so"
        )
        cl_ord_id = next(self._ids)
        fields = [(41, resting), (11, cl_ord_id), *self._terms("1"), (40, "2"), (44, f"{price:f}"), (59, "1")]
        await self._session.send("G", fields)
        report = await self._until(
            lambda each: each.get(150) == "5" or each.get(35) in {"9", "j"},
            cl_ord_id,
            "the answer to our replace",
        )
        replaced = report.get(35) == "8"
        if replaced is not product.replaceable:
            raise Unexpected(f"the replace {cl_ord_id} went wrong: {report.get(58, 'it was done')}")
        return cl_ord_id if replaced else resting

    async def _cancel(self, heading: str, resting: str) -> None:
        self._heading(heading)
        cl_ord_id = next(self._ids)
        await self._session.send("F", [(41, resting), (11, cl_ord_id), *self._terms("1")])
        report = await self._until(
            lambda each: each.get(150) == "4" or each.get(35) in {"9", "j"},
            cl_ord_id,
            "our cancel",
            also=resting,
        )
        if report.get(150) != "4":
            raise Unexpected(f"the cancel {cl_ord_id} was refused: {report.get(58, 'no reason given')}")

    async def _bad_tick(self, price: Decimal) -> None:
        off_tick = price.quantize(self._product.tick / 100, ROUND_FLOOR)
        self._heading(f"An order the venue cannot take: {off_tick} is not a multiple of {self._product.tick}")
        cl_ord_id = next(self._ids)
        await self._send_order(cl_ord_id, "1", "2", price=off_tick)
        report = await self._until(
            lambda each: each.get(150) in {"0", "8"}, cl_ord_id, "the rejection of our order"
        )
        if report.get(150) != "8":
            raise Unexpected(f"the order {cl_ord_id} off the tick was accepted")

    async def _send_order(
        self,
        cl_ord_id: str,
        side: str,
        order_type: str,
        *,
        price: Decimal | None = None,
        extra: list[tuple[int, str]] | None = None,
    ) -> None:
        fields = [(11, cl_ord_id), *self._terms(side), (167, self._product.security_type), (40, order_type)]
        if price is not None:
            fields += [(44, f"{price:f}"), (59, "1")]
        await self._session.send("D", [*fields, *(extra or [])])

    def _terms(self, side: str) -> list[tuple[int, str]]:
        return [(55, self._product.symbol), (54, side), (38, self._product.quantity), transact_time()]

    async def _until(
        self, wanted: Callable[[Report], bool], cl_ord_id: str, what: str, also: str = ""
    ) -> Report:
        """Collect reports until one about `cl_ord_id` is wanted or a message is refused; show all."""
        names = {cl_ord_id, also} - {""}

        def about_us(report: Report) -> bool:
            if report.get(35) in {"3", "j"}:
                return True
            return report.get(11) in names and wanted(report)

        try:
            report = await self._session.wait(about_us, f"{what} {cl_ord_id}", TIMEOUT, seen=self._note)
        finally:
            self._flush()
        if report.get(35) == "3":
            raise Unexpected(f"the gateway rejected a message: {report.get(58, '')}")
        return report

    def _note(self, report: Report) -> None:
        if report.get(150) == "F":
            self._result.fills += 1
        self._rows.append(
            [escape(cell) if index != 4 else cell for index, cell in enumerate(self._row(report))]
        )

    def _row(self, report: Report) -> list[str]:
        return row(report, self._product.name)

    def _flush(self) -> None:
        if self._rows:
            show(self._console, self._rows)
            self._rows = []

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold cyan]{escape(text)}[/]")

    def _away(self, price: Decimal, factor: str) -> Decimal:
        """Return a multiple of the tick at `factor` of the price."""
        tick = self._product.tick
        return (price * Decimal(factor) / tick).to_integral_value(ROUND_FLOOR) * tick
