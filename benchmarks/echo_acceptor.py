"""The FIX half of the floor: a bare QuickFIX acceptor that answers each order with an execution report.

Run as `python -m benchmarks.echo_acceptor STORE_DIRECTORY PORT`; prints `dictionary` or `no dictionary`
when it listens. It validates by the gateway's own dictionary and keeps its messages in files, as the gateway
does.
"""

import itertools
import signal
import sys
from pathlib import Path

import quickfix as fix

from benchmarks.processes import ROOT

DICTIONARY = ROOT / "fix_spec" / "FIXGATE44.xml"
_SETTINGS = """\
[DEFAULT]
ConnectionType=acceptor
SocketAcceptPort={port}
SocketReuseAddress=Y
SocketNodelay=Y
FileStorePath={store}
StartTime=00:00:00
EndTime=00:00:00
{dictionary}
[SESSION]
BeginString=FIX.4.4
SenderCompID=FIXGATE
TargetCompID=OMS
"""


class Echo(fix.Application):  # type: ignore[misc]
    """Answers on QuickFIX's thread, within the callback, by the string API."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)

    def onCreate(self, session: fix.SessionID) -> None: ...

    def onLogon(self, session: fix.SessionID) -> None: ...

    def onLogout(self, session: fix.SessionID) -> None: ...

    def toAdmin(self, message: fix.Message, session: fix.SessionID) -> None: ...

    def fromAdmin(self, message: fix.Message, session: fix.SessionID) -> None: ...

    def toApp(self, message: fix.Message, session: fix.SessionID) -> None: ...

    def fromApp(self, message: fix.Message, session: fix.SessionID) -> None:
        """Answer a NewOrderSingle with ExecType New."""
        fields = dict(pair.split("=", 1) for pair in message.toString().split("\x01") if pair)
        number = next(self._ids)
        report = (
            f"35=8\x0137={number}\x0117=E{number}\x0111={fields['11']}\x01150=0\x0139=0\x0155={fields['55']}\x01"
            f"54={fields['54']}\x0138={fields['38']}\x0140={fields['40']}\x0144={fields['44']}\x0159={fields['59']}\x01"
            f"151={fields['38']}\x0114=0\x016=0\x0160={fields['60']}\x01100={fields['100']}\x01167={fields['167']}\x01"
        )
        answer = fix.Message(f"8=FIX.4.4\x019={len(report)}\x01{report}10=000\x01", False)
        fix.Session.sendToTarget(answer, session)


def main(store: Path, port: int) -> None:
    """Serve until SIGTERM."""
    found = DICTIONARY.is_file()
    dictionary = f"UseDataDictionary=Y\nDataDictionary={DICTIONARY}" if found else "UseDataDictionary=N"
    store.mkdir(parents=True, exist_ok=True)
    text = store / "acceptor.cfg"
    text.write_text(_SETTINGS.format(port=port, store=store, dictionary=dictionary), encoding="utf-8")
    settings = fix.SessionSettings(str(text))
    application, factory = Echo(), fix.FileStoreFactory(settings)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    acceptor = fix.SocketAcceptor(application, factory, settings)
    acceptor.start()
    print("dictionary" if found else "no dictionary", flush=True)
    signal.sigwait([signal.SIGTERM])
    acceptor.stop(True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
