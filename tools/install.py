"""Build .venv from requirements-dev.lock and install the project in it, editable.

A stamp keyed by what the environment is built from makes the next call instant; it is written last,
so an interrupted set-up continues on the next call. Called by tools/setup, which finds the Python.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from progress import Progress

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements-dev.lock"
INPUTS = (LOCK, "pyproject.toml", "tools/install.py")
DEBIAN = "On Debian or Ubuntu: apt-get install python3-venv python3-dev g++ make"
PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--progress-bar=off")


class SetupError(Exception):
    """Set-up cannot go on. The text says what to do about it."""


def main() -> int:
    """Bring `.venv` up to date; return the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    environment = ROOT / ".venv"
    stamp = environment / "setup.stamp"
    key = fingerprint(ROOT)
    try:
        if is_stamped(stamp, key):
            return 0
        with only_one(environment):
            if is_stamped(stamp, key):
                return 0
            stamp.unlink(missing_ok=True)
            build(environment)
            stamp.write_text(key, encoding="ascii")
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up: interrupted; the next call starts over with what is already there", file=sys.stderr)
        return 130
    print("set-up: done")
    return 0


def is_stamped(stamp: Path, key: str) -> bool:
    """True when a set-up from the same inputs has run to its end."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == key


def fingerprint(root: Path) -> str:
    """Return a digest of all that an environment is built from: the inputs, their place, this Python."""
    digest = hashlib.sha256(f"{root} {sys.version}".encode())
    for name in INPUTS:
        digest.update(hashlib.sha256((root / name).read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def only_one(environment: Path) -> Iterator[None]:
    """Hold the lock of `environment`, so that two `make` calls at once do not build it twice."""
    environment.mkdir(exist_ok=True)
    with (environment / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"set-up: another set-up is at work in {environment}; waiting for it to end", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(environment: Path) -> None:
    """Create the environment and install the lock, QuickFIX last, then the project itself.

    Raises `SetupError` when the machine lacks something or when a step fails.
    """
    clear_foreign(environment)
    check_machine(environment)
    packages, quickfix = split_lock((ROOT / LOCK).read_text(encoding="utf-8"))
    (environment / "packages.txt").write_text(packages, encoding="utf-8")
    (environment / "quickfix.txt").write_text(quickfix, encoding="utf-8")
    log = environment / "setup.log"
    log.write_text("", encoding="utf-8")
    print(f"set-up: building {environment} from {LOCK}; log: {log}")
    print("set-up: QuickFIX is compiled from source the first time, which takes 5 to 10 minutes", flush=True)
    progress = Progress(log)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", *PIP_OPTIONS]
    hashed = [*pip, "--require-hashes", "-r"]
    steps = [
        ("Python environment", [sys.executable, "-m", "venv", str(environment)]),
        (f"{packages.count('==')} packages", [*hashed, str(environment / "packages.txt")]),
        ("QuickFIX", [*hashed, str(environment / "quickfix.txt"), "--no-deps"]),
        ("fixgate", [*pip, "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]),
    ]
    for number, (title, command) in enumerate(steps, start=1):
        failure = progress.step(f"[{number}/{len(steps)}] {title}", command)
        if failure is not None:
            raise SetupError(f"step {number}, {title}, failed. It ended with:\n\n{failure}\n\nlog: {log}")


def clear_foreign(environment: Path) -> None:
    """Empty an environment that another Python made: pip would mix the two."""
    configuration = environment / "pyvenv.cfg"
    version = f"version = {platform.python_version()}"
    if configuration.is_file() and version in configuration.read_text(encoding="utf-8").splitlines():
        return
    for entry in environment.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif not entry.name.startswith("setup."):
            entry.unlink()


def check_machine(environment: Path) -> None:
    """Refuse now what would fail in minutes; raise `SetupError` naming the packages to install."""
    missing = []
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        missing.append("Python's venv module (package python3-venv)")
    if not any(environment.glob("lib/python*/site-packages/quickfix-*.dist-info")):
        if not (Path(sysconfig.get_paths()["include"]) / "Python.h").is_file():
            missing.append("Python's C headers (package python3-dev)")
        compiler = (os.environ.get("CXX") or "g++").split()[0]
        if shutil.which(compiler) is None and shutil.which("c++") is None:
            missing.append(f"C++ compiler {compiler} (package g++)")
    if missing:
        raise SetupError("this machine has no " + ", no ".join(missing) + f"\n{DEBIAN}")


def split_lock(text: str) -> tuple[str, str]:
    """Return the lock's entries as two requirement files: everything but quickfix, and quickfix alone.

    Apart, so that the long compile has a progress line of its own and nothing is repeated after it.
    """
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    quickfix = [entry for entry in entries if entry.startswith("quickfix==")]
    if len(quickfix) != 1:
        raise SetupError(f"{LOCK} pins quickfix {len(quickfix)} times instead of once; run `make lock`")
    return "".join(entry for entry in entries if entry not in quickfix), quickfix[0]


if __name__ == "__main__":
    sys.exit(main())
