"""Counters and histograms that cost next to nothing to add to.

Prometheus's own take a lock and several calls for each observation, on the order path a few dozen times
per order. These are plain numbers; they become Prometheus's metric families when it scrapes.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric


class Tally:
    """A counter with labels; one without is there from the start, at 0. Any thread."""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._counts: dict[tuple[str, ...], int] = {} if labels else {(): 0}
        self._lock = threading.Lock()

    def add(self, *labels: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[labels] = self._counts.get(labels, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Yield the counts as they are now."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        with self._lock:
            counts = dict(self._counts)
        for labels, count in counts.items():
            family.add_metric(labels, count)
        yield family


class Durations:
    """A histogram of seconds with labels. One thread adds; any may collect."""

    def __init__(self, name: str, text: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name, self._text, self._labels, self._bounds = name, text, labels, tuple(bounds)
        self._series: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}

    def timer(self, *labels: str) -> Callable[[float], None]:
        """Return what takes the seconds of one series: for callers that always use the same labels."""
        counts, total = self._series.setdefault(labels, ([0] * (len(self._bounds) + 1), [0.0]))
        bounds = self._bounds

        def observe(seconds: float) -> None:
            counts[bisect_left(bounds, seconds)] += 1
            total[0] += seconds

        return observe

    def add(self, seconds: float, *labels: str) -> None:
        """Observe one duration."""
        series = self._series.get(labels)
        if series is None:
            self.timer(*labels)(seconds)
        else:
            series[0][bisect_left(self._bounds, seconds)] += 1
            series[1][0] += seconds

    def collect(self) -> Iterator[Metric]:
        """Yield the buckets, cumulative as Prometheus wants them, as they are now."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        for labels, (counts, total) in list(self._series.items()):
            buckets, sum_so_far = [], 0
            for bound, count in zip([*map(str, self._bounds), "+Inf"], list(counts), strict=True):
                sum_so_far += count
                buckets.append((bound, sum_so_far))
            family.add_metric(labels, buckets, sum_value=total[0])
        yield family
