"""kill -9 at random moments: everything that a write returned for is there, and nothing is there by half."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fixgate.journal.journal import Floor
from fixgate.journal.sqlite import SqliteJournal

ROOT = Path(__file__).resolve().parents[2]

_WRITER = """
import pathlib, sys, threading
from fixgate.journal.journal import Floor
from fixgate.journal.sqlite import SqliteJournal
from tests.journal.samples import acknowledged, snapshot

journal = SqliteJournal(pathlib.Path(sys.argv[1]), sys.argv[2])
seq = max([journal.floor().seq, *(fact.seq for fact in journal.facts())])
put = []

def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\\n")
    sys.stdout.flush()

def door():
    while True:
        number = journal.put("S", "raw", 1)
        say("put", number)
        put.append(number)

threading.Thread(target=door, daemon=True).start()
while True:
    if not put:
        continue
    number = put.pop(0)
    if seq % 3:
        journal.append([acknowledged(seq + 1, number), acknowledged(seq + 2, number)], number)
        say("facts", seq + 2)
    else:
        with journal.group():
            journal.append([acknowledged(seq + 1, number)], number)
            journal.append([acknowledged(seq + 2, number)])
        say("facts", seq + 2)
    say("decided", number)
    seq += 2
    if seq % 10 == 0:
        journal.keep([snapshot(number, f"a{number}", f"b{number}", as_of=seq)])
        say("kept", number)
        journal.raise_floor(Floor(seq, number))
        say("floor", seq, number)
    if seq % 50 == 0:
        journal.forget(10**18, 20)
"""


def kill_somewhere(path, durability, delay):
    """Let a writer work for `delay` lines of its output, kill it, and return all that it said."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), durability],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(delay)]
    os.kill(writer.pid, signal.SIGKILL)
    said += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    return [line.split() for line in said if line.endswith("\n")]


@pytest.mark.parametrize(("durability", "seed"), [("process", 1), ("process", 2), ("disk", 3)])
def test_what_was_promised_is_there_after_each_of_several_kills(path, durability, seed):
    moments = random.Random(seed)
    put, decided, kept, last, floor = [], set(), set(), 0, Floor()
    for _ in range(4):
        for what, *numbers in kill_somewhere(path, durability, moments.randrange(1, 400)):
            values = [int(number) for number in numbers]
            if what == "put":
                put += values
            elif what == "facts":
                assert values[0] > last
                last = values[0]
            elif what == "floor":
                floor = Floor(*values)
            else:
                (decided if what == "decided" else kept).update(values)
        journal = SqliteJournal(path, durability)
        facts = [fact.seq for fact in journal.facts()]
        start = journal.floor()
        assert start.seq >= floor.seq and start.inbox >= floor.inbox
        assert facts == list(range(start.seq + 1, start.seq + 1 + len(facts)))
        assert start.seq + len(facts) >= last and len(facts) % 2 == 0
        unhandled = {row.sequence for row in journal.unhandled()}
        assert not unhandled & decided
        # The last message may have been decided on without the writer's getting to say so.
        assert len(set(put) - decided - unhandled) <= 1
        for number in kept:
            assert journal.order(number) is not None and journal.order_of(f"b{number}") == number
        assert journal.number() > max(put, default=0)
        decided |= set(put) - unhandled
        last = start.seq + len(facts)
        journal.close()
    assert len(put) > 50 and len(set(put)) == len(put)


def test_a_thread_that_puts_while_another_appends_loses_nothing(path):
    journal = SqliteJournal(path, "disk")
    numbers: list[int] = []
    door = threading.Thread(target=lambda: numbers.extend(journal.put("S", "raw", 1) for _ in range(200)))
    door.start()
    seq = 0
    while door.is_alive() or len(numbers) > seq:
        if len(numbers) > seq:
            journal.append([], handled=numbers[seq])
            seq += 1
    door.join()
    assert seq == 200 and journal.unhandled() == []
