"""What the gateway's traffic adds to the metrics."""

from collections.abc import Callable, Iterator, Mapping

from fixgate.connectors.connector import Connector, Probe
from fixgate.engine.turn import Outcome
from fixgate.fix.ports import DoorEvents, Logon
from fixgate.model.enums import CxlRejResponseTo, ExecType
from fixgate.model.facts import OrderReceived, OrderRefused
from fixgate.model.reports import CancelReject, ExecutionReport
from fixgate.observe.metrics import AccountReading, Metrics


class OutcomeCounter:
    """Counts orders, reports and rejects, and times the stages of the order path. Event loop only."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.handed_over: Callable[[float], None] = metrics.handoff
        self.decided: Callable[[float], None] = metrics.decide

    def alarm(self) -> None:
        """Count an alarm."""
        self._metrics.alarms.add()

    def committed(self, outcome: Outcome, journal_seconds: float, send_seconds: float) -> None:
        """Count what an outcome led to."""
        metrics = self._metrics
        metrics.journal(journal_seconds)
        metrics.send(send_seconds)
        for fact in outcome.facts:
            if isinstance(fact, OrderReceived):
                metrics.orders.add(fact.request.connector, fact.request.product_type)
        for report in outcome.reports:
            if isinstance(report, CancelReject):
                self._cancel_reject(report)
            elif isinstance(report, ExecutionReport):
                self._execution_report(report, outcome)
        for _ in outcome.alarms:
            self.alarm()

    def _execution_report(self, report: ExecutionReport, outcome: Outcome) -> None:
        metrics = self._metrics
        metrics.reports.add(report.exec_type.name.lower())
        if report.exec_type is ExecType.REJECTED and report.rej_reason is not None:
            at_the_door = any(isinstance(fact, OrderRefused) for fact in outcome.facts)
            by = "gateway" if at_the_door else "venue"
            metrics.rejects.add(by, "order", report.rej_reason.name.lower())

    def _cancel_reject(self, report: CancelReject) -> None:
        by = "venue" if report.venue_error_code else "gateway"
        request = "cancel" if report.response_to is CxlRejResponseTo.CANCEL else "replace"
        self._metrics.rejects.add(by, request, report.reason.name.lower())


def door_events(metrics: Metrics, core: DoorEvents) -> DoorEvents:
    """Return listeners that count what happens at the FIX door and pass on to the core what it needs."""

    def on_logon(session: str, logon: Logon) -> None:
        metrics.fix_sessions.labels(session).set(1)
        core.on_logon(session, logon)

    def on_logout(session: str, orderly: bool) -> None:
        metrics.fix_sessions.labels(session).set(0)
        core.on_logout(session, orderly)

    return DoorEvents(
        on_logon=on_logon,
        on_logout=on_logout,
        resetting=core.resetting,
        on_received=lambda _, kind: metrics.fix_messages.add("in", kind),
        on_sent=lambda _, kind: metrics.fix_messages.add("out", kind),
        on_problem=metrics.fix_problems.add,
    )


def probe(metrics: Metrics) -> Probe:
    """Return where connectors tell of their requests and streams."""

    def answered(connector: str, request: str, outcome: str, seconds: float) -> None:
        metrics.venue_requests.add(connector, request, outcome)
        metrics.venue_seconds.add(seconds, connector, request)

    return Probe(request_answered=answered, stream_event=metrics.stream_events.add)


def account_readings(connectors: Mapping[str, Connector]) -> Iterator[AccountReading]:
    """Yield every account as it is now."""
    for key, connector in connectors.items():
        for row in connector.health():
            yield AccountReading(
                connector=key,
                account=row.account,
                ready=row.ready,
                stream_up=row.stream_up,
                listen_key_age=row.listen_key_age,
                usage=dict(row.limits),
                remaining=dict(row.remaining),
                paused=row.paused,
                cancels_waiting=row.cancels_waiting,
            )
