"""Prometheus metrics. One instance per process; its registry is what `/metrics` prints.

On the order path a metric is one append to a list: `fold`, called many times a second and at each scrape,
carries the lists into Prometheus's own counters and histograms, which cost several times more. Figures
that can be read off the parts (stream state, listen key age, venue weight) are read at the scrape.
"""

from collections import Counter as TallyCounter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

_STAGES = (0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1.0)
_ROUND_TRIPS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class AccountReading(NamedTuple):
    """One account as it is when Prometheus scrapes."""

    connector: str
    account: str
    ready: bool
    stream_up: bool
    listen_key_age: float | None
    usage: dict[str, int]


class Metrics:
    """All of the gateway's own metrics. Safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.orders = Counter(
            "fixgate_orders",
            "Orders taken, by product type",
            ["connector", "product_type"],
            registry=self.registry,
        )
        self.reports = Counter(
            "fixgate_reports", "Execution reports delivered", ["exec_type"], registry=self.registry
        )
        self.rejects = Counter(
            "fixgate_rejects",
            "Rejected orders, cancels and replaces: who said no, to what, and why",
            ["by", "request", "reason"],
            registry=self.registry,
        )
        self.stage = Histogram(
            "fixgate_order_stage_seconds",
            "Order path by stage: handoff (FIX thread to engine), decide (engine), journal, send "
            "(request written, reports delivered)",
            ["stage"],
            buckets=_STAGES,
            registry=self.registry,
        )
        self._seconds: dict[tuple[Histogram, tuple[str, ...]], list[float]] = {}
        self._counts: list[tuple[Counter, tuple[str, ...]]] = []
        self.handoff = self._timer(self.stage, "handoff")
        self.decide = self._timer(self.stage, "decide")
        self.journal = self._timer(self.stage, "journal")
        self.send = self._timer(self.stage, "send")
        self.venue_requests = Counter(
            "fixgate_venue_requests",
            "Requests to venues, by what their answer meant",
            ["connector", "request", "outcome"],
            registry=self.registry,
        )
        self.venue_seconds = Histogram(
            "fixgate_venue_request_seconds",
            "Time from request to answer",
            ["connector", "request"],
            buckets=_ROUND_TRIPS,
            registry=self.registry,
        )
        self.stream_events = Counter(
            "fixgate_stream_events", "User data stream events", ["connector", "event"], registry=self.registry
        )
        self.fix_messages = Counter(
            "fixgate_fix_messages",
            "FIX application messages",
            ["direction", "msg_type"],
            registry=self.registry,
        )
        self.fix_problems = Counter(
            "fixgate_fix_problems",
            "FIX messages that could not be taken",
            ["kind"],
            registry=self.registry,
        )
        self.alarms = Counter(
            "fixgate_alarms", "What should not happen; each is in the log", registry=self.registry
        )
        self.fix_sessions = Gauge(
            "fixgate_fix_session_up", "1 while the session is logged on", ["session"], registry=self.registry
        )

    def counted(self, counter: Counter, *labels: str) -> None:
        """Count one, at the next fold. Any thread."""
        self._counts.append((counter, labels))

    def timed(self, histogram: Histogram, seconds: float, *labels: str) -> None:
        """Observe a duration, at the next fold."""
        samples = self._seconds.get((histogram, labels))
        (samples.append if samples is not None else self._timer(histogram, *labels))(seconds)

    def _timer(self, histogram: Histogram, *labels: str) -> Callable[[float], None]:
        return self._seconds.setdefault((histogram, labels), []).append

    def fold(self) -> None:
        """Carry what was noted since the last fold into the metrics. One thread at a time."""
        counts, self._counts = self._counts, []
        for (counter, labels), number in TallyCounter(counts).items():
            counter.labels(*labels).inc(number)
        for (histogram, labels), samples in list(self._seconds.items()):
            child = histogram.labels(*labels)
            for seconds in samples[: (taken := len(samples))]:
                child.observe(seconds)
            del samples[:taken]

    def read_accounts(self, read: Callable[[], Iterable[AccountReading]]) -> None:
        """Have `read` called at each scrape."""
        self.registry.register(_AccountCollector(read))

    def text(self) -> bytes:
        """Return everything in Prometheus text format."""
        self.fold()
        return generate_latest(self.registry)


class _AccountCollector:
    def __init__(self, read: Callable[[], Iterable[AccountReading]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Yield the accounts' gauges as they are now."""
        labels = ["connector", "account"]
        ready = GaugeMetricFamily("fixgate_account_ready", "1 while orders can be sent", labels=labels)
        stream = GaugeMetricFamily(
            "fixgate_stream_up", "1 while the user data stream is connected", labels=labels
        )
        age = GaugeMetricFamily(
            "fixgate_listen_key_age_seconds", "Time since the listen key was extended", labels=labels
        )
        usage = GaugeMetricFamily(
            "fixgate_venue_usage", "Rate limit usage that the venue last told", labels=[*labels, "limit"]
        )
        for reading in self._read():
            names = [reading.connector, reading.account]
            ready.add_metric(names, float(reading.ready))
            stream.add_metric(names, float(reading.stream_up))
            if reading.listen_key_age is not None:
                age.add_metric(names, reading.listen_key_age)
            for limit, used in reading.usage.items():
                usage.add_metric([*names, limit], used)
        yield from (ready, stream, age, usage)
