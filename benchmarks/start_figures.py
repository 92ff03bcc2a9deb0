"""What a start of the gateway costs, as `benchmarks.startup` measures it."""

import json
from dataclasses import asdict, dataclass


@dataclass
class Start:
    """What a start with `finished` and `open` orders and `facts` after the floor costs.

    Times are in milliseconds, `order_of_us` (finding a finished order's number by an id of it) and `order_us`
    (reading its snapshot) are medians in microseconds. `file_mb`, and `memory_mb` by which the process grew,
    are in millions of bytes.
    """

    finished: int
    open: int
    facts: int
    written_ms: float = 0.0
    file_mb: float = 0.0
    open_ms: float = 0.0
    """Opening the file."""
    restore_ms: float = 0.0
    """Rebuilding the engine's state: the journal's part below, and the engine's."""
    memory_mb: float = 0.0
    orders_ms: float = 0.0
    facts_ms: float = 0.0
    order_of_us: float = 0.0
    order_us: float = 0.0
    forget_ms: float = 0.0
    """Forgetting about 500 rows."""

    def print(self) -> None:
        """Hand the figures to the parent process: one JSON line on stdout."""
        print(json.dumps(asdict(self)), flush=True)

    @classmethod
    def parse(cls, line: str) -> "Start":
        """Read what `print` wrote."""
        return cls(**json.loads(line))

    @property
    def total_ms(self) -> float:
        """From the closed file to an engine that knows every open order."""
        return self.open_ms + self.restore_ms
