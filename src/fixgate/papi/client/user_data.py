"""The listen key.

Written by `tools/papi_client.py` from `fixgate.papi.endpoints`.
"""

from fixgate.papi.client.calls import Calls
from fixgate.papi.endpoints import ENDPOINTS
from fixgate.papi.responses import CreatedListenKey, Nothing


class UserDataCalls:
    """The listen key. Each method is a call of the venue.

    They raise what `Calls.call` raises. What changes anything is never sent a second time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create_listen_key(self) -> CreatedListenKey:
        """Create the account's listen key, or extend the one it has.

        PAPI POST /papi/v1/listenKey (USER_STREAM, not signed). Weight 1.

        The key lives 60 minutes from its last creation or extension and is the same for every program on the
        account. PortfolioClient.user_data_stream does this by itself.

        If the outcome is unknown: call it again: it answers the same key.
        """
        row = ENDPOINTS["POST", "/papi/v1/listenKey"]
        return await self._calls.call(row, CreatedListenKey)

    async def extend_listen_key(self) -> Nothing:
        """Extend the account's listen key to 60 minutes from now.

        PAPI PUT /papi/v1/listenKey (USER_STREAM, not signed). Weight 1.

        Errors: -1125 INVALID_LISTEN_KEY.
        If the outcome is unknown: call it again: extending twice does no harm.
        """
        row = ENDPOINTS["PUT", "/papi/v1/listenKey"]
        return await self._calls.call(row, Nothing)

    async def close_listen_key(self) -> Nothing:
        """End the account's user data stream, for every program on the account.

        PAPI DELETE /papi/v1/listenKey (USER_STREAM, not signed). Weight 1.

        Other programs and the venue's own pages fall silent too, sockets open; nothing here needs it.

        If the outcome is unknown: call extend_listen_key: -1125 says that the key is gone.
        """
        row = ENDPOINTS["DELETE", "/papi/v1/listenKey"]
        return await self._calls.call(row, Nothing)
