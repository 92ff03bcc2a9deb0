"""The FIX engine's callbacks.

Thread contract: `fromApp`, `fromAdmin`, `onLogon` and `onLogout` run on the engine's own thread;
`toApp` and `toAdmin` run on whichever thread sends, with the session's mutex held, so they take no
lock. An exception that leaves a callback ends the process, and a message kept after one crashes it:
every callback is guarded and works on a copy of the text. What is sent and a Logon that resets its session
are kept apart by a lock of the session's, which is taken before the session's mutex, never while it is held.
"""

import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping

import quickfix

from fixgate.fix.decode import SERVED, decode
from fixgate.fix.encode import WITH_GROUPS
from fixgate.fix.logon_check import LogonCheck
from fixgate.fix.masking import mask
from fixgate.fix.ports import DoorEvents, Inbox, Logon
from fixgate.fix.presence import Presence
from fixgate.fix.problem import BusinessRejectReason, Problem, ProblemKind
from fixgate.fix.replies import answers, not_available
from fixgate.fix.resend_guard import ResendGuard
from fixgate.fix.settings import AcceptorConfig
from fixgate.fix.store_watch import StoreWatch
from fixgate.fix.wire import FIX44_MSG_TYPES, split
from fixgate.model.commands import Command

log = logging.getLogger("fixgate.fix")

Deliver = Callable[[int, int, Command], None]
"""Takes a command: its inbox sequence number, when it came in (ns since the epoch), and itself."""

_TOLD = {"2": logging.WARNING, "3": logging.WARNING, "5": logging.INFO}
"""Session messages that are logged: resend requests, rejects, logouts."""

_INVALID_MSG_TYPE = "11"


class DoorApplication(quickfix.Application):  # type: ignore[misc]  # SWIG classes are untyped
    """Turns the engine's callbacks into inbox rows, commands and replies."""

    def __init__(self, config: AcceptorConfig, inbox: Inbox, deliver: Deliver, events: DoorEvents) -> None:
        super().__init__()
        self._inbox = inbox
        self._deliver = deliver
        self._events = events
        self._check = LogonCheck(config)
        self._contexts = {each.session_id: each.context for each in config.sessions}
        self._ids: Mapping[str, quickfix.SessionID] = {
            each.session_id: quickfix.SessionID("FIX.4.4", each.sender_comp_id, each.target_comp_id)
            for each in config.sessions
        }
        self.presence = Presence(self._ids, config.heartbeat_seconds)
        self.store_watch = StoreWatch(self._ids, config.store_path)
        self._resends = ResendGuard()
        self._cut_off: dict[str, str] = {}
        self._sending = {session: threading.Lock() for session in self._ids}
        self._resetting: set[str] = set()
        self._stop_secret = b""
        self._stop: Callable[[], None] | None = None
        self._dictionary: quickfix.DataDictionary | None = None

    def know(self, dictionary: quickfix.DataDictionary) -> None:
        """Take the dictionary that tells repeating groups from fields. Before anything is sent."""
        self._dictionary = dictionary

    def arm_stop(self, secret: str, stop: Callable[[], None]) -> None:
        """Call `stop` on the engine's thread when a Logon brings `secret` as its password."""
        self._stop_secret, self._stop = secret.encode(), stop

    def disarm_stop(self) -> None:
        """Forget what `arm_stop` was given: it holds the engine, which must be free to die."""
        self._stop = None

    def send(self, session: str, text: str) -> bool:
        """Hand FIX text to the engine to number, store and send. Any thread; never raises.

        Returns False, and logs, when the session is unknown or the engine did not take it. Between a reset
        and its `on_logon` nothing is handed over and the result is True: it is lost as everything stored
        before the reset is, and `on_logon` says so.
        """
        try:
            session_id = self._ids.get(session)
            if session_id is None:
                log.error("nothing sent: session %s is not configured", session)
                return False
            with self._sending[session]:
                if session in self._resetting:
                    return True
                taken = quickfix.Session.sendToTarget(self._message(text), session_id)
            if not taken:
                log.error("the FIX engine did not take a message for %s: %s", session, mask(text))
                return False
        except Exception:  # the caller is the order path: it is told by the result
            log.exception("sending on %s failed: %s", session, mask(text))
            self._tell(self._events.on_problem, "send_failed")
            return False
        self._tell(self._events.on_sent, session, text[3 : text.find("\x01")])
        return True

    def _message(self, text: str) -> quickfix.Message:
        """Return text as the engine's message. The engine puts fields in the order of their tags, unless its
        dictionary says that they stand in a group; reading with one costs time, so only such messages are.
        It drops the last entry of a group that the text ends with: hence a trailer, made anew on sending."""
        if text[3 : text.find("\x01")] in WITH_GROUPS:
            return quickfix.Message(f"{text}10=000\x01", self._dictionary, False)
        return quickfix.Message(text, False)

    def onCreate(self, session_id: quickfix.SessionID) -> None:
        """Nothing to do: sessions are known from the configuration."""

    def onLogon(self, session_id: quickfix.SessionID) -> None:
        """Note that a session is on. Called a second time when the client resets while it is on."""
        try:
            session = session_id.toString()
            logon = self.presence.came(session)
            self.store_watch.told(session)
            self._resetting.discard(session)
            log.info("%s logged on", session)
            self._tell(self._events.on_logon, session, logon)
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("onLogon failed")

    def onLogout(self, session_id: quickfix.SessionID) -> None:
        """Note that a session is off. Comes without an `onLogon` when an accepted Logon fails after all."""
        try:
            session = session_id.toString()
            orderly = self.presence.went(session)
            self._resetting.discard(session)
            log.info("%s logged out" if orderly else "%s lost its connection", session)
            self._tell(self._events.on_logout, session, orderly)
            # Not sooner: should the process die while it tells again what was lost, the next one does.
            self.store_watch.keep(session)
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("onLogout failed")

    def toApp(self, message: quickfix.Message, session_id: quickfix.SessionID) -> None:
        """Let it go, new or resent (PossDupFlag=Y): a client that missed a report needs it still."""

    def toAdmin(self, message: quickfix.Message, session_id: quickfix.SessionID) -> None:
        """Watch the engine's own messages; turn its refusal of a message type that FIX knows into a j."""
        try:
            msg_type = message.getHeader().getField(35)
            if msg_type == "3":
                _as_business_reject(message)
            if msg_type == "5" and (reason := self._cut_off.pop(session_id.toString(), "")):
                message.setField(58, reason)
            if msg_type in _TOLD:
                log.log(_TOLD[msg_type], "to %s: %s", session_id.toString(), mask(message.toString()))
            if msg_type == "3":
                self._tell(self._events.on_problem, "session_reject")
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("toAdmin failed")

    def fromAdmin(self, message: quickfix.Message, session_id: quickfix.SessionID) -> None:
        """Check Logons and ResendRequests; note what a client's engine complains of and that it lives."""
        refusal = ""
        stopping = False
        try:
            raw = message.toString()
            fields = split(raw)
            session = session_id.toString()
            msg_type = fields.get("35", "")
            if msg_type == "A" and self._is_knock(fields):
                stopping = True
            elif msg_type == "A":
                refusal = self._admit(session, fields)
            else:
                refusal = self._hear(session, raw, fields)
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("fromAdmin failed")
            refusal = "the gateway could not check the message"
        if stopping:
            # Before a Logon is accepted the engine drops this refusal: nothing is sent, nothing counted.
            raise quickfix.IncorrectTagValue(554)
        if refusal:
            # To the engine this means: send a Logout, then disconnect, whatever the message was.
            raise quickfix.RejectLogon(refusal)

    def _admit(self, session: str, fields: Mapping[str, str]) -> str:
        """Return why a Logon is refused; empty, with the session made ready for it, if it is not."""
        refusal = self._check.refusal(session, fields)
        if refusal:
            log.warning("logon refused: %s", refusal)
            self._tell(self._events.on_problem, "logon_refused")
            return refusal
        reset = self._check.resets(session, fields)
        if reset:
            # From here on nothing may take number 1 but the Logon that answers.
            with self._sending[session]:
                self._resetting.add(session)
                self.store_watch.begin_at_1(session)
        tells_again = reset or self.store_watch.is_lost(session)
        self.presence.admit(
            session,
            Logon(
                reset=tells_again,
                cancel_on_disconnect=self._check.cancel_on_disconnect(fields),
                heartbeat_seconds=int(fields["108"]),
            ),
        )
        self.presence.heard(session)
        if tells_again:
            self._tell(self._events.resetting, session)
        return ""

    def _hear(self, session: str, raw: str, fields: Mapping[str, str]) -> str:
        """Note one session message of a client that is on; return why the client must go, if it must."""
        self.presence.heard(session)
        msg_type = fields.get("35", "")
        if msg_type in _TOLD:
            log.log(_TOLD[msg_type], "from %s: %s", session, mask(raw))
        if msg_type == "5":
            self.presence.heard_logout(session)
        elif msg_type == "2" and (excess := self._resends.excess(session, fields, time.monotonic())):
            log.warning("%s is cut off: %s", session, excess)
            self._cut_off[session] = excess
            self._tell(self._events.on_problem, "resend_storm")
            return excess
        return ""

    def fromApp(self, message: quickfix.Message, session_id: quickfix.SessionID) -> None:
        """Take one application message: into the inbox first, then on as a command or back as a reply."""
        received_ns = time.time_ns()
        try:
            raw = message.toString()
            session = session_id.toString()
            self.presence.heard(session)
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("an application message could not be read")
            return
        try:
            self._take(raw, session, received_ns)
        except Exception:  # an exception that leaves a callback ends the process
            log.exception("an application message on %s failed: %s", session, mask(raw))
            self._tell(self._events.on_problem, "internal_error")
            self.send(session, not_available(split(raw), "the message could not be processed"))

    def _take(self, raw: str, session: str, received_ns: int) -> None:
        if not raw.isascii():
            # The engine hands over foreign bytes as lone surrogates, which no store can encode.
            raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        fields_type = raw[raw.find("\x0135=") + 4 :].partition("\x01")[0]
        self._tell(self._events.on_received, session, fields_type)
        try:
            sequence = self._inbox.put(session, raw, received_ns)
        except Exception:  # whatever it was, nothing was taken, and the client must hear it
            log.exception("the inbox cannot be written; a message on %s is refused", session)
            self._tell(self._events.on_problem, "inbox_unavailable")
            self.send(session, not_available(split(raw), "the gateway cannot take messages now; try again"))
            return
        outcome = decode(raw, self._contexts[session])
        if isinstance(outcome, Problem):
            self._answer(outcome, session, sequence, received_ns)
            return
        try:
            self._deliver(sequence, received_ns, outcome)
        except Exception:  # it is in the inbox: the next start takes it, so no reject may be sent
            log.critical("message %d is in the inbox but was not handed over", sequence, exc_info=True)
            self._tell(self._events.on_problem, "not_delivered")

    def _answer(self, problem: Problem, session: str, sequence: int, at_ns: int) -> None:
        """Reply to what is not a command; the ExecID is a function of the inbox sequence number."""
        log.info("%s: message %d refused: %s", session, sequence, problem.text)
        self._tell(self._events.on_problem, problem.kind.name.lower())
        for text in answers(problem, exec_id=f"door-{sequence}", at_ns=at_ns):
            self.send(session, text)
        self._inbox.answered(sequence)

    def _is_knock(self, fields: Mapping[str, str]) -> bool:
        """Stop the engine, on its own thread, if the gateway itself asks for it."""
        given = fields.get("554", "").encode("utf-8", "surrogateescape")
        if self._stop is None or not hmac.compare_digest(given, self._stop_secret):
            return False
        self._stop()
        return True

    def _tell(self, listener: Callable[..., None], *what: object) -> None:
        try:
            listener(*what)
        except Exception:  # a metric may fail, an order may not fail with it
            log.exception("a listener of door events failed")


def _as_business_reject(message: quickfix.Message) -> None:
    """Turn the engine's Reject of a MsgType that FIX 4.4 defines into a BusinessMessageReject, as FIX says.

    The engine calls every type that its dictionary lacks invalid; FIX 4.4 Vol. 2 keeps that word for
    types that no one defines, and answers the others with BusinessRejectReason 3.
    """
    if not (message.isSetField(373) and message.getField(373) == _INVALID_MSG_TYPE):
        return
    refused = message.getField(372) if message.isSetField(372) else ""
    if refused not in FIX44_MSG_TYPES:
        return
    message.getHeader().setField(35, ProblemKind.BUSINESS_REJECT.value)
    message.removeField(373)
    message.removeField(371)
    message.setField(380, BusinessRejectReason.UNSUPPORTED_MESSAGE_TYPE.value)
    message.setField(58, f"message type {refused} is not served; send {SERVED}")
