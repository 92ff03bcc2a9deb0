"""docs/execution-api.md names everything that there is."""

from pathlib import Path

from fixgate.api.answers import DoorCode
from fixgate.api.order_checks import TAKES
from fixgate.api.routes import PREFIX, ROUTES
from fixgate.model.execution import ErrorCode

PAGE = (Path(__file__).resolve().parents[2] / "docs/execution-api.md").read_text("utf-8")


def test_given_the_page_then_it_has_every_route() -> None:
    for route in ROUTES:
        assert f"`{route.method} {route.path.removeprefix(PREFIX)}`" in PAGE, route


def test_given_the_page_then_it_has_every_code_with_its_status() -> None:
    for code in (*ErrorCode, *DoorCode):
        assert f"| `{code}` | {code.status} |" in PAGE, code


def test_given_the_page_then_every_order_type_stands_with_what_it_takes() -> None:
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    for order_type, takes in TAKES.items():
        needs = next(row[2] for row in rows if f"`{order_type}`" in row[1] and len(row) == 5)
        assert [name for name in ("price", "stop_price", "trailing_delta") if f"`{name}`" in needs] == list(
            takes
        ), order_type
