"""An HTTP session that sends what is meant for a venue's hosts to one address, its host in front of the path.

`https://api.binance.com/api/v3/order` becomes `http://127.0.0.1:8084/api.binance.com/api/v3/order`. ccxt
keeps its own URLs, since it maps Binance's error codes by their prefix; what listens at the address knows by
the first part of the path which host was meant. WebSocket connections go the same way.
"""

from typing import Any

import aiohttp
from yarl import URL


class RedirectingSession(aiohttp.ClientSession):
    """Takes `base`, such as `http://127.0.0.1:8084`, besides what a session takes."""

    def __init__(self, base: str, **options: Any) -> None:
        super().__init__(**options)
        self._base = URL(base)

    async def _request(self, method: str, str_or_url: Any, **options: Any) -> aiohttp.ClientResponse:
        return await super()._request(method, self._here(str_or_url), **options)

    async def _ws_connect(self, url: Any, **options: Any) -> Any:
        return await super()._ws_connect(self._here(url), **options)

    def _here(self, address: Any) -> URL:
        url = address if isinstance(address, URL) else URL(address, encoded=True)
        if url.host == self._base.host and url.explicit_port == self._base.explicit_port:
            return url  # the WebSocket handshake of an address that was rewritten already
        host = url.host if url.explicit_port is None else f"{url.host}:{url.explicit_port}"
        return URL(f"{self._base.scheme}://{self._base.authority}/{host}{url.raw_path_qs}", encoded=True)
