"""An httpx transport over aiohttp's connections.

httpx's own connection pool takes several times more CPU for a request (`python -m benchmarks.client`). The client uses
httpx for its seam, the transport, which tests replace. The published bridge between the two would not do: it reports a
lost answer as a timeout of the connection, and that is the difference between paying once and paying twice.
"""

from collections.abc import AsyncIterator, MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import httpx
from yarl import URL

from mjpipe.apixo.environment import environment_proxy, trusted_authorities
from mjpipe.domain import UsageFault

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECTED = "connected"
"""The extension of a request in which the transport says whether there was a connection to send it on. While it is
False, nothing of the request can have left, whatever broke. Other transports leave it out.
"""


def transport_error(error: Exception, *, connected: bool) -> httpx.TransportError:
    """The error as httpx names it. There are two kinds, because one question decides: had a connection come about?"""
    kind = httpx.ReadError if connected else httpx.ConnectError
    return kind(_reason(error) or type(error).__name__)


def _reason(error: Exception) -> str:
    """The text of a failed connection; aiohttp's own shows the address of a Python object."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"cannot connect to {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.strerror or error.os_error}"
    return str(error)


class Wire(httpx.AsyncBaseTransport):
    """A transport with as many connections as there are requests at a time; the caller bounds those.

    With `fresh`, each request has a connection of its own: the other side may just have closed a kept one, and then
    nobody could say whether the request was still read. A POST is sent once, whatever happens (aiohttp repeats only
    idempotent methods). No redirect is followed, no cookie kept, no netrc read. The proxy that the environment names
    is used, but not for loopback. The request's extension CONNECTED says whether there was a connection.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        request.extensions[CONNECTED] = False
        _extensions.set(request.extensions)
        try:
            body = await request.aread() or None
            authorities = trusted_authorities() if request.url.scheme == "https" else True
            proxy = self._proxy(request.url)
            address = URL(str(request.url), encoded=True)
            # From here on the connector alone says False: without its word, something may have been sent.
            request.extensions[CONNECTED] = True
            answer = await self._open_session().request(
                request.method,
                address,
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    connect=timeout.get("connect"),
                    sock_read=timeout.get("read"),
                ),
                ssl=authorities,
                proxy=proxy,
            )
        except (aiohttp.ClientError, OSError, UsageFault) as error:  # UsageFault: a proxy for a host named since
            failure = transport_error(error, connected=request.extensions[CONNECTED])
        else:
            return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))
        # Raised here, without a context: aiohttp's error holds the headers of the request, and with them the key.
        raise failure

    def _open_session(self) -> aiohttp.ClientSession:
        # Not in __init__: a session belongs to a running loop.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_Connector(limit=0, force_close=self._fresh),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
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


_extensions: ContextVar[MutableMapping[str, Any]] = ContextVar("extensions")
"""Those of the request that the present task sends."""


class _Connector(aiohttp.TCPConnector):
    """Sets CONNECTED to False while a request waits for its connection, and to True once it has it: after TLS and a
    proxy's CONNECT, before its first byte.

    aiohttp's tracing could do it, too, for a twentieth more CPU of a whole run.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list["Trace"],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's name
    ) -> "Connection":
        extensions = _extensions.get()
        extensions[CONNECTED] = False
        connection = await super().connect(req, traces, timeout)
        extensions[CONNECTED] = True
        return connection


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
        # A body that was read to its end has returned its connection already.
        self._answer.close()
