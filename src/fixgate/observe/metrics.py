"""Prometheus metrics. One instance per process; its registry is what `/metrics` prints.

What the order path adds to are plain numbers (`tallies`); figures that can be read off the parts
(stream state, listen key age, venue weight) are read when Prometheus scrapes.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from fixgate.observe.tallies import Durations, Tally

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
    remaining: dict[str, int]
    paused: float
    cancels_waiting: int


class Metrics:
    """All of the gateway's own metrics. Counters take any thread; durations are the event loop's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.orders = self._tally(
            "fixgate_orders", "Orders taken, by product type", "connector", "product_type"
        )
        self.reports = self._tally("fixgate_reports", "Execution reports delivered", "exec_type")
        self.rejects = self._tally(
            "fixgate_rejects",
            "Rejected orders, cancels and replaces: who said no, to what, and why",
            *("by", "request", "reason"),
        )
        stages = self._durations(
            "fixgate_order_stage_seconds",
            "Order path by stage: handoff (FIX thread to engine), decide (engine), journal, send "
            "(request written, reports delivered)",
            ["stage"],
            _STAGES,
        )
        self.handoff = stages.timer("handoff")
        self.decide = stages.timer("decide")
        self.journal = stages.timer("journal")
        self.send = stages.timer("send")
        self.venue_requests = self._tally(
            "fixgate_venue_requests",
            "Requests to venues, by what their answer meant",
            *("connector", "request", "outcome"),
        )
        self.venue_seconds = self._durations(
            "fixgate_venue_request_seconds",
            "Time from request to answer",
            ["connector", "request"],
            _ROUND_TRIPS,
        )
        self.stream_events = self._tally(
            "fixgate_stream_events", "User data stream events", "connector", "event"
        )
        self.fix_messages = self._tally(
            "fixgate_fix_messages", "FIX application messages", "direction", "msg_type"
        )
        self.fix_problems = self._tally(
            "fixgate_fix_problems", "FIX messages that could not be taken", "kind"
        )
        self.alarms = self._tally("fixgate_alarms", "What should not happen; each is in the log")
        self.fix_sessions = Gauge(
            "fixgate_fix_session_up", "1 while the session is logged on", ["session"], registry=self.registry
        )

    def read_accounts(self, read: Callable[[], Iterable[AccountReading]]) -> None:
        """Have `read` called at each scrape."""
        self.registry.register(_AccountCollector(read))

    def text(self) -> bytes:
        """Return everything in Prometheus text format."""
        return generate_latest(self.registry)

    def _tally(self, name: str, text: str, *labels: str) -> Tally:
        tally = Tally(name, text, labels)
        self.registry.register(tally)
        return tally

    def _durations(self, name: str, text: str, labels: list[str], bounds: tuple[float, ...]) -> Durations:
        durations = Durations(name, text, labels, bounds)
        self.registry.register(durations)
        return durations


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
        remaining = GaugeMetricFamily(
            "fixgate_venue_remaining",
            "What is left of the venue's limits in this minute, requests under way counted as used",
            labels=[*labels, "limit"],
        )
        paused = GaugeMetricFamily(
            "fixgate_venue_pause_seconds",
            "How much longer the venue takes no requests (429, 418); 0 while it does",
            labels=labels,
        )
        waiting = GaugeMetricFamily(
            "fixgate_cancels_waiting", "Cancels that wait until the venue takes requests again", labels=labels
        )
        for reading in self._read():
            names = [reading.connector, reading.account]
            ready.add_metric(names, float(reading.ready))
            stream.add_metric(names, float(reading.stream_up))
            if reading.listen_key_age is not None:
                age.add_metric(names, reading.listen_key_age)
            for limit, used in reading.usage.items():
                usage.add_metric([*names, limit], used)
            for limit, left in reading.remaining.items():
                remaining.add_metric([*names, limit], left)
            paused.add_metric(names, reading.paused)
            waiting.add_metric(names, reading.cancels_waiting)
        yield from (ready, stream, age, usage, remaining, paused, waiting)
