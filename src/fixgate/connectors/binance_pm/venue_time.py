"""The venue's time, from whichever of its hosts tells it.

PAPI documents no time call. The futures host's comes first, those of the other two public hosts after it;
PAPI's own, which works and is not documented, is the last resort. Sources: GET /fapi/v1/time,
/dapi/v1/time, /api/v3/time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from fixgate.papi.answers import PapiError
from fixgate.papi.rest import PublicRest

FUTURE_TIME, DELIVERY_TIME, SPOT_TIME = "/fapi/v1/time", "/dapi/v1/time", "/api/v3/time"
PAPI_TIME = "/papi/v1/time"


class TimeSource(NamedTuple):
    """A host and its time call."""

    host: PublicRest
    path: str


class VenueTime:
    """Touched by the event loop only. `sources` in the order in which they are asked."""

    def __init__(self, sources: Sequence[TimeSource]) -> None:
        self._sources = list(sources)

    async def __call__(self) -> int:
        """Return the time in milliseconds since the epoch, for `VenueClock.sync`.

        The source that answered comes first the next time: an unreachable one would cost its timeout at
        every sample. Raises the last source's `PapiError` if none answers.
        """
        failure = PapiError("no host tells the venue's time")
        for source in list(self._sources):
            try:
                at = await source.host.server_time(source.path)
            except PapiError as error:
                failure = error
                continue
            self._sources.remove(source)
            self._sources.insert(0, source)
            return at
        raise failure
