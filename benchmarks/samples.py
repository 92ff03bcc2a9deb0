"""One measurement: latency percentiles of sequential orders, and a rate with many in flight."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

WARM_UP = 200
SEQUENTIAL = 2000
CONCURRENT = 5000
IN_FLIGHT = 100


@dataclass(frozen=True)
class Sample:
    """Latencies in microseconds, rate in orders per second."""

    p50: float
    p99: float
    per_second: float

    def print(self) -> None:
        """Hand the sample to the parent process: one JSON line on stdout."""
        print(json.dumps(asdict(self)), flush=True)

    @classmethod
    def parse(cls, line: str) -> "Sample":
        """Read what `print` wrote."""
        return cls(**json.loads(line))


def sample(latencies_ns: Sequence[int], concurrent: int, elapsed_ns: int) -> Sample:
    """Return the sample of sequential `latencies_ns` and of `concurrent` orders done in `elapsed_ns`."""
    ordered = sorted(latencies_ns)
    return Sample(
        p50=percentile(ordered, 50) / 1e3,
        p99=percentile(ordered, 99) / 1e3,
        per_second=concurrent / (elapsed_ns / 1e9),
    )


def percentile(ordered: Sequence[int], percent: int) -> int:
    """Return the nearest-rank percentile of a non-empty sequence in rising order."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def median(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure over several rounds: a noisy round must not decide."""
    return Sample(
        p50=statistics.median(s.p50 for s in samples),
        p99=statistics.median(s.p99 for s in samples),
        per_second=statistics.median(s.per_second for s in samples),
    )


def floor_of(fix: Sample, http: Sample) -> Sample:
    """Return what no gateway made of these two parts can beat.

    Its times are the sums of theirs; its rate is that of the slower part.
    """
    return Sample(
        p50=fix.p50 + http.p50,
        p99=fix.p99 + http.p99,
        per_second=min(fix.per_second, http.per_second),
    )
