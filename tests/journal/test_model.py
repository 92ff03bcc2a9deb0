"""The port against a model of it in dicts: any sequence of calls and restarts gives the same answers."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fixgate.journal.journal import Floor, SessionMark
from fixgate.journal.sqlite import SqliteJournal
from fixgate.model.snapshot import SpentId
from tests.journal.samples import acknowledged, report, snapshot

IDS = [f"id{n}" for n in range(6)]
SESSIONS = ["S", "T"]
ORDERS = st.integers(1, 5)


class JournalModel(RuleBasedStateMachine):
    """Facts are numbered 1, 2, 3...; the clock ticks with every rule that keeps something."""

    @initialize()
    def open(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "journal.db"
        self.journal = SqliteJournal(self.path)
        self.clock = 1
        self.seq = 0
        self.numbers = []
        self.inbox, self.decided = {}, set()
        self.facts, self.orders, self.owned, self.spent = {}, {}, {}, {}
        self.floor = Floor()
        self.marks, self.reports = {}, {}

    def teardown(self):
        if hasattr(self, "journal"):
            self.journal.close()
            self.directory.cleanup()

    def tick(self):
        self.clock += 1
        return self.clock

    @rule()
    def put(self):
        at = self.tick()
        number = self.journal.put("S", f"raw {at}", at)
        self.inbox[number] = at
        self.numbers.append(number)

    @rule()
    def number(self):
        self.numbers.append(self.journal.number())

    @rule(data=st.data(), orders=st.lists(ORDERS, max_size=3), grouped=st.booleans())
    def append(self, data, orders, grouped):
        handled = data.draw(st.sampled_from([0, *self.numbers[-3:]]))
        facts = [acknowledged(self.seq + n, order, self.tick()) for n, order in enumerate(orders, 1)]
        self.seq += len(facts)
        if grouped:
            with self.journal.group():
                for fact in facts:
                    self.journal.append([fact], handled)
                self.journal.append([], handled)
        else:
            self.journal.append(facts, handled)
        self.facts |= {fact.seq: fact for fact in facts}
        self.decided.add(handled)

    @rule(order=ORDERS, ids=st.sets(st.sampled_from(IDS)), finished=st.booleans(), ahead=st.booleans())
    def keep(self, order, ids, finished, ahead):
        before = self.orders[order].ids if order in self.orders else ()
        as_of = self.seq + ahead
        ended = self.tick() if finished else 0
        kept = snapshot(order, *sorted({*before, *ids}), as_of=as_of, ended_ns=ended)
        self.journal.keep([kept])
        self.orders[order] = kept
        for id in kept.ids:
            if self.owned.get(id, 0) <= order:
                self.owned[id] = order
                self.spent.pop(id, None)

    @rule(id=st.sampled_from(IDS), order=st.integers(0, 5))
    def spend(self, id, order):
        one = SpentId(id=id, order_id=order, at_ns=self.tick())
        self.journal.keep([], [one])
        if id not in self.owned:
            self.spent[id] = one

    @rule(data=st.data())
    def raise_floor(self, data):
        to = Floor(data.draw(st.integers(0, self.seq)), data.draw(st.sampled_from([0, *self.numbers[-4:]])))
        self.journal.raise_floor(to)
        self.floor = Floor(max(to.seq, self.floor.seq), max(to.inbox, self.floor.inbox))

    @rule(age=st.integers(0, 8), at_most=st.integers(1, 9))
    def forget(self, age, at_most):
        before = self.clock - age
        while deleted := self.journal.forget(before, at_most):
            assert deleted <= at_most + len(IDS)
        self.facts = {s: f for s, f in self.facts.items() if s > self.floor.seq or f.at_ns >= before}
        needed = {fact.order_id for fact in self.facts.values() if fact.seq > self.floor.seq}
        for order, kept in list(self.orders.items()):
            old = not kept.open and kept.ended_ns < before and kept.as_of <= self.floor.seq
            if old and order not in needed:
                del self.orders[order]
                self.owned = {id: owner for id, owner in self.owned.items() if owner != order}
        self.spent = {id: one for id, one in self.spent.items() if one.at_ns >= before}

    @rule(session=st.sampled_from(SESSIONS), handed=st.integers(0, 20), confirmed=st.integers(0, 20))
    def mark(self, session, handed, confirmed):
        confirmed = max(confirmed, self.marks.get(session, SessionMark()).confirmed)
        self.marks[session] = SessionMark(handed, confirmed, gone_ns=self.clock)
        self.journal.mark({session: self.marks[session]})
        self.reports = {
            key: one for key, one in self.reports.items() if key[1] != session or key[0] > confirmed
        }

    @rule(seq=st.integers(1, 20), session=st.sampled_from(SESSIONS))
    def keep_report(self, seq, session):
        self.journal.kept_reports()
        self.journal.keep_reports([(seq, report(seq, session))])
        if seq > self.marks.get(session, SessionMark()).confirmed:
            self.reports[seq, session] = report(seq, session)

    @rule()
    def restart(self):
        self.journal.close()
        self.journal = SqliteJournal(self.path)

    @invariant()
    def the_same_answers(self):
        journal = self.journal
        assert journal.floor().seq == self.floor.seq and journal.floor().inbox >= self.floor.inbox
        assert list(journal.facts()) == [f for s, f in sorted(self.facts.items()) if s > self.floor.seq]
        assert [row.sequence for row in journal.unhandled()] == sorted(set(self.inbox) - self.decided)
        assert self.numbers == sorted(set(self.numbers))
        assert list(journal.open_orders()) == [one for _, one in sorted(self.orders.items()) if one.open]
        for order in range(1, 6):
            assert journal.order(order) == self.orders.get(order)
        for id in IDS:
            spent = self.spent.get(id)
            assert journal.order_of(id) == self.owned.get(id, spent.order_id if spent else None)
        assert journal.sessions() == self.marks
        assert journal.kept_reports() == [(key[0], one) for key, one in sorted(self.reports.items())]


TestJournalModel = JournalModel.TestCase
TestJournalModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
