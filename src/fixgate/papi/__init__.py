"""Binance Portfolio Margin's own language, usable without the gateway.

`PortfolioClient` is the whole of it: every call as a typed method, and the events of the account. Below it
are its parts: signing, REST, the user data stream and what its errors mean. Nothing here knows an order
model: names and values are the venue's. Everything runs on one asyncio event loop.

    async with PortfolioClient(api_key, api_secret) as client:
        print(await client.account.get_account_info())

The parts, as the gateway uses them:

    clock = VenueClock(lambda: time.time_ns() / 1e6)
    futures = PublicRest("https://fapi.binance.com")
    rest = PortfolioRest("https://papi.binance.com", api_key, signer_for(api_secret), clock, recv_window=5000)
    await clock.sync(futures.server_time)
    account = json.loads(await rest.signed("GET", ACCOUNT))

    stream = UserStream(rest, "wss://fstream.binance.com/pm", on_event=print, on_state=print)
    await stream.start()

    def on_done(answer: Answer) -> None:
        failure = failure_of(answer, Leg.UM)
        if failure is None:
            print("accepted", answer.body)
        elif failure.outcome is Outcome.UNKNOWN:
            print("may have been executed: query it", failure.message)
        else:
            print("was not executed", failure.code, failure.message)

    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    rest.send_signed("POST", LEGS[Leg.UM].order, order, on_done, timeout=5.0)
    stream.order_sent()
"""

from fixgate.papi.answers import Answer, NotAnswered, PapiError, Response, SendFailure
from fixgate.papi.client import (
    AccessRefused,
    ClockRefused,
    EventStream,
    NoClearAnswer,
    NotExecuted,
    NotPortfolioMargin,
    OutcomeUnknown,
    PortfolioClient,
    Rejected,
    Throttled,
)
from fixgate.papi.clock import VenueClock
from fixgate.papi.error_codes import ERROR_CODES, ErrorCode, Outcome, error_code
from fixgate.papi.errors import Failure, VenueError, classify, failure_of
from fixgate.papi.legs import ACCOUNT, BALANCE, LEGS, Leg, LegPaths
from fixgate.papi.listen_key import ListenKey
from fixgate.papi.query import encode_query, signed_query
from fixgate.papi.responses.reading import UnreadableAnswer
from fixgate.papi.rest import PortfolioRest, PublicRest
from fixgate.papi.signing import Signer, signer_for
from fixgate.papi.stream_frames import Event
from fixgate.papi.transport import HttpTransport, header_block
from fixgate.papi.user_stream import StreamCounts, UserStream

__all__ = [
    "ACCOUNT",
    "BALANCE",
    "ERROR_CODES",
    "LEGS",
    "AccessRefused",
    "Answer",
    "ClockRefused",
    "ErrorCode",
    "Event",
    "EventStream",
    "Failure",
    "HttpTransport",
    "Leg",
    "LegPaths",
    "ListenKey",
    "NoClearAnswer",
    "NotAnswered",
    "NotExecuted",
    "NotPortfolioMargin",
    "Outcome",
    "OutcomeUnknown",
    "PapiError",
    "PortfolioClient",
    "PortfolioRest",
    "PublicRest",
    "Rejected",
    "Response",
    "SendFailure",
    "Signer",
    "StreamCounts",
    "Throttled",
    "UnreadableAnswer",
    "UserStream",
    "VenueClock",
    "VenueError",
    "classify",
    "encode_query",
    "error_code",
    "failure_of",
    "header_block",
    "signed_query",
    "signer_for",
]
