"""Full disks and damaged files: the error says which file and why, and nothing half-written is ever read."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
from tests.journal.samples import acknowledged, snapshot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place):
    with (place / "ballast").open("wb", buffering=0) as ballast:
        while True:
            try:
                ballast.write(b"x" * 4096)
            except OSError:
                return


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_full_disk_is_said_and_writing_goes_on_when_there_is_space_again(small_disk, durability):
    path = small_disk / "journal.db"
    journal = SqliteJournal(path, durability)
    put = [journal.put("S", "before", 1)]
    journal.append([acknowledged(1)], handled=put[0])
    fill(small_disk)
    full = rf"journal {path}: .*could not be journaled: SQLITE_FULL.* full; free space"
    with pytest.raises(JournalError, match=full):
        while True:
            put.append(journal.put("S", "while it filled up", 1))
    with pytest.raises(JournalError, match=full):
        journal.append([acknowledged(2), acknowledged(3)])
    with pytest.raises(JournalError, match=full), journal.group():
        journal.append([acknowledged(2)])
    with pytest.raises(JournalError, match=full):
        journal.keep([snapshot(7, "a")])
    numbers = [journal.number(), journal.number()]
    assert put[-1] < numbers[0] < numbers[1] and len(list(journal.facts())) == 1
    (small_disk / "ballast").unlink()
    put.append(journal.put("S", "after", 1))
    assert put[-1] > numbers[1]
    journal.append([acknowledged(2), acknowledged(3)])
    journal.close()
    journal = SqliteJournal(path, durability)
    assert [row.sequence for row in journal.unhandled()] == put[1:]
    assert [fact.seq for fact in journal.facts()] == [1, 2, 3]


_AT_ITS_LIMIT = """
import pathlib, resource, sys
from fixgate.journal.journal import JournalError
from fixgate.journal.sqlite import SqliteJournal
journal = SqliteJournal(pathlib.Path(sys.argv[1]), sys.argv[2])
put = [journal.put("S", "before", 1)]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    while True:
        put.append(journal.put("S", "x" * 100, 1))
except JournalError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
put.append(journal.put("S", "after", 1))
print(*put)
"""


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_write_that_the_system_refuses_is_said_with_its_reason_and_the_next_one_works(path, durability):
    done = subprocess.run(
        [sys.executable, "-c", _AT_ITS_LIMIT, str(path), durability],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said, numbers = done.stdout.splitlines()
    assert f"journal {path}: a message could not be journaled: SQLITE_IOERR_WRITE" in said
    assert "the system says: File too large" in said
    assert [row.sequence for row in SqliteJournal(path).unhandled()] == [int(n) for n in numbers.split()]


def test_a_file_that_is_no_database_is_refused_by_name(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    with pytest.raises(JournalError, match=rf"journal {path} cannot be opened: SQLITE_NOTADB"):
        SqliteJournal(path)


def written(path):
    """Write a journal of some 200 pages and close it."""
    journal = SqliteJournal(path)
    for number in range(1000):
        journal.put("S", "x" * 300, 1)
        journal.append([acknowledged(number + 1)])
    journal.close()
    return path


def test_a_file_that_was_cut_short_is_refused(path):
    os.truncate(written(path), path.stat().st_size // 2)
    with pytest.raises(JournalError, match=rf"journal {path} cannot be opened: SQLITE_CORRUPT"):
        SqliteJournal(path)


def test_a_damaged_page_is_said_by_whoever_reads_it(path):
    data = bytearray(written(path).read_bytes())
    data[8192:-8192] = os.urandom(len(data) - 16384)
    path.write_bytes(data)
    with pytest.raises(JournalError, match=rf"{path}.*SQLITE_CORRUPT.*malformed"):
        list(SqliteJournal(path).facts())


def test_a_directory_in_the_way_is_said(path):
    path.mkdir(parents=True)
    with pytest.raises(JournalError, match=rf"journal {path} cannot be opened"):
        SqliteJournal(path)


def test_a_file_that_may_not_be_written_is_said(path):
    SqliteJournal(path).close()
    journal = SqliteJournal(path)
    journal._db.execute("PRAGMA query_only = 1")
    with pytest.raises(JournalError, match=rf"journal {path}: a message .*SQLITE_READONLY.*must be writable"):
        journal.put("S", "raw", 1)


_KILLED = """
import os, pathlib, signal, sys
from fixgate.journal.sqlite import SqliteJournal
from tests.journal.samples import acknowledged
journal = SqliteJournal(pathlib.Path(sys.argv[1]))
for seq in range(1, 21, 2):
    journal.append([acknowledged(seq), acknowledged(seq + 1)])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left_behind(path):
    """The file and the write-ahead log of a process that was killed after 10 commits of 2 facts each."""
    subprocess.run([sys.executable, "-c", _KILLED, str(path)], cwd=ROOT, check=False, timeout=60)
    return path, path.with_name("journal.db-wal")


@pytest.mark.parametrize("cut", [1, 24, 100, 4096, 4119])
def test_a_commit_that_was_cut_short_is_not_there_and_all_before_it_are(left_behind, cut):
    path, wal = left_behind
    os.truncate(wal, wal.stat().st_size - cut)
    journal = SqliteJournal(path)
    assert [fact.seq for fact in journal.facts()] == list(range(1, 19))
    journal.append([acknowledged(19)])
    journal.close()
    assert len(list(SqliteJournal(path).facts())) == 19


def test_wherever_the_log_is_cut_whole_commits_are_read(left_behind, tmp_path):
    path, wal = left_behind
    log, counts = wal.read_bytes(), []
    for n, size in enumerate(range(len(log), 0, -1777)):
        copy = tmp_path / f"copy{n}" / "journal.db"
        copy.parent.mkdir()
        shutil.copy(path, copy)
        copy.with_name("journal.db-wal").write_bytes(log[:size])
        journal = SqliteJournal(copy)
        facts = [fact.seq for fact in journal.facts()]
        assert facts == list(range(1, len(facts) + 1)) and len(facts) % 2 == 0
        counts.append(len(facts))
        journal.close()
    assert counts == sorted(counts, reverse=True) and counts[0] == 20 and counts[-1] == 0


def test_a_commit_with_a_wrong_byte_is_not_there_nor_is_anything_after_it(left_behind):
    path, wal = left_behind
    log = bytearray(wal.read_bytes())
    log[-2000] ^= 0xFF
    wal.write_bytes(log)
    assert len(list(SqliteJournal(path).facts())) == 18


def test_a_damaged_file_is_left_as_it_is(path):
    os.truncate(written(path), path.stat().st_size // 2)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(JournalError, match="SQLITE_CORRUPT"):
            SqliteJournal(path)
    assert path.read_bytes() == before


def test_a_database_that_is_read_by_somebody_else_can_still_be_written(path, journal):
    journal.append([acknowledged(1)])
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = reader.execute("SELECT seq FROM facts")
    assert next(rows) == (1,)
    journal.append([acknowledged(2)])
    assert len(list(journal.facts())) == 2
    reader.close()
