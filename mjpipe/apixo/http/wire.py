"""httpx's door onto aiohttp's connections.

httpx's own connection pool spends several times more CPU on a request (`python -m benchmarks.client`). What the client
needs of httpx is its seam, the transport, which tests fill with something else. The published bridge between the two
would not do: it calls an answer that was lost a timeout of the connection, which is the difference between paying once
and paying twice.
"""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
import httpx
from yarl import URL

from mjpipe.apixo.environment import environment_proxy, trusted_authorities
from mjpipe.domain import UsageFault

CONNECTED = "connected"
"""In the extensions of a request, where the transport says whether there was a connection to send it on, False or True:
before that, nothing of it can have left, whatever broke. Other transports than ours do not say.
"""


def transport_error(error: Exception, *, connected: bool) -> httpx.TransportError:
    """The error as httpx names it. There are two kinds, because one question decides: had a connection come about?"""
    kind = httpx.ReadError if connected else httpx.ConnectError
    return kind(_reason(error) or type(error).__name__)


def _reason(error: Exception) -> str:
    """What aiohttp itself says of a connection that did not come about shows the address of an object of Python's."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"cannot connect to {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.strerror or error.os_error}"
    return str(error)


class Wire(httpx.AsyncBaseTransport):
    """A transport with as many connections as there are requests under way; the caller bounds those.

    With `fresh`, each request has a connection of its own: a kept one may have been closed by the other side just
    now, and then nobody could say whether the request was still read. Sends a POST once, whatever happens (aiohttp
    repeats only idempotent methods). Follows no redirect, keeps no cookie, reads no netrc; goes through the proxy
    that the environment names, but never to loopback. Says in the request's extensions whether it was CONNECTED.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        request.extensions[CONNECTED] = False
        try:
            answer = await self._open_session().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=await request.aread() or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    connect=timeout.get("connect"),
                    sock_read=timeout.get("read"),
                ),
                ssl=trusted_authorities() if request.url.scheme == "https" else True,
                proxy=self._proxy(request.url),
                trace_request_ctx=request.extensions,
            )
        except (aiohttp.ClientError, OSError, UsageFault) as error:  # UsageFault: a proxy for a host named since
            failure = transport_error(error, connected=request.extensions[CONNECTED])
        else:
            return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))
        # Out here it has no context: aiohttp's error holds the headers of the request, and with them the key.
        raise failure

    def _open_session(self) -> aiohttp.ClientSession:
        # Not in __init__: a session belongs to a running loop.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=self._fresh),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trace_configs=[_watching_connections()],
            )
        return self._session

    def _proxy(self, url: httpx.URL) -> str | None:
        origin = (url.scheme, url.host)
        if origin not in self._proxies:
            self._proxies[origin] = environment_proxy(url.scheme, url.host)
        return self._proxies[origin]

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _watching_connections() -> aiohttp.TraceConfig:
    """Notes in the extensions of a request that it has a connection: after TLS and a proxy's CONNECT, before its first
    byte.
    """

    async def connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx[CONNECTED] = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    return trace


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while piece := await self._answer.content.readany():
                yield piece
        except (aiohttp.ClientError, OSError) as error:
            failure = transport_error(error, connected=True)
        else:
            return
        raise failure  # without its context, as above

    async def aclose(self) -> None:
        # A body that was read to its end has given its connection back already.
        self._answer.close()
