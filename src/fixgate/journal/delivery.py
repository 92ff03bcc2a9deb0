"""How far each session has been told, and the reports that it still has to hear. Event loop only."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from fixgate.journal.file import JournalFile
from fixgate.journal.journal import JournalError, SessionMark
from fixgate.model.reports import Report

_CONFIRMED = "DELETE FROM reports WHERE session = ? AND seq <= ?"


class Delivery:
    """The tables `sessions` and `reports` of a journal."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._encode = msgspec.json.Encoder().encode
        self._decoder: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)

    def sessions(self) -> dict[str, SessionMark]:
        """Return every session's mark."""
        rows = self._file.read(
            "SELECT session, handed, confirmed, cancel_on_disconnect, gone_ns FROM sessions"
        )
        return {session: SessionMark(*mark) for session, *mark in rows}

    def mark(self, marks: Mapping[str, SessionMark]) -> None:
        """Keep sessions' marks."""
        self._file.write(
            f"the delivery marks of {', '.join(marks)}",
            (
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)",
                [(session, *mark) for session, mark in marks.items()],
            ),
        )

    def keep_reports(self, reports: Sequence[tuple[int, Report]]) -> None:
        """Keep reports, and let go of those that were confirmed since: what is kept does not pile up."""
        parts: Counter[tuple[str, int]] = Counter()
        rows = []
        for seq, report in reports:
            part = parts[report.session, seq]
            parts[report.session, seq] += 1
            rows.append((report.session, seq, part, self._encode(report).decode()))
        self._file.write(
            f"{len(rows)} reports that are not confirmed",
            ("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", rows),
            (_CONFIRMED, self._confirmed()),
        )

    def kept_reports(self) -> list[tuple[int, Report]]:
        """Return what is not confirmed, oldest first. Raises `JournalError` for one that cannot be read."""
        confirmed: Mapping[str, int] = dict(self._confirmed())
        rows = self._file.read("SELECT session, seq, body FROM reports ORDER BY seq, session, part")
        return [
            (seq, self._read(session, seq, body))
            for session, seq, body in rows
            if seq > confirmed.get(session, 0)
        ]

    def _confirmed(self) -> list[tuple[str, int]]:
        return [(session, mark.confirmed) for session, mark in self.sessions().items()]

    def _read(self, session: str, seq: int, body: str) -> Report:
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError as error:
            raise JournalError(
                f"journal {self._file.path}: the kept report of fact {seq} to {session} "
                f"cannot be read: {error}"
            ) from error
