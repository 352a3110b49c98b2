"""httpx's door onto aiohttp's connections.

httpx's own connection pool spends several times more CPU on a request (`python -m benchmarks.client`). What the client
needs of httpx is its seam, the transport, which tests fill with something else. The published bridge between the two
would not do: it calls an answer that was lost a timeout of the connection, which is the difference between paying once
and paying twice.
"""

import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from yarl import URL

from mjpipe.apixo.access import is_loopback

HTTPX_NAMES: dict[type[Exception], type[httpx.TransportError]] = {
    # No connection came about, so nothing was sent.
    aiohttp.ClientConnectorError: httpx.ConnectError,
    aiohttp.ClientConnectorDNSError: httpx.ConnectError,
    aiohttp.ClientSSLError: httpx.ConnectError,
    aiohttp.ClientConnectorSSLError: httpx.ConnectError,
    aiohttp.ClientConnectorCertificateError: httpx.ConnectError,
    aiohttp.ServerFingerprintMismatch: httpx.ConnectError,
    aiohttp.ConnectionTimeoutError: httpx.ConnectTimeout,
    aiohttp.ClientProxyConnectionError: httpx.ProxyError,
    aiohttp.ClientHttpProxyError: httpx.ProxyError,
    aiohttp.InvalidURL: httpx.UnsupportedProtocol,
    aiohttp.InvalidUrlClientError: httpx.UnsupportedProtocol,
    aiohttp.NonHttpUrlClientError: httpx.UnsupportedProtocol,
    # There was a connection. aiohttp does not say how far the request got.
    aiohttp.ClientError: httpx.TransportError,
    aiohttp.ClientConnectionError: httpx.ReadError,
    aiohttp.ClientConnectionResetError: httpx.ReadError,
    aiohttp.ClientOSError: httpx.ReadError,
    aiohttp.ServerConnectionError: httpx.ReadError,
    aiohttp.ServerDisconnectedError: httpx.RemoteProtocolError,
    aiohttp.ServerTimeoutError: httpx.ReadTimeout,
    aiohttp.SocketTimeoutError: httpx.ReadTimeout,
    aiohttp.UploadAbortedError: httpx.WriteError,
    aiohttp.ClientPayloadError: httpx.RemoteProtocolError,
    aiohttp.ClientResponseError: httpx.RemoteProtocolError,
    aiohttp.ContentTypeError: httpx.RemoteProtocolError,
    aiohttp.WSServerHandshakeError: httpx.RemoteProtocolError,
    aiohttp.TooManyRedirects: httpx.RemoteProtocolError,
    aiohttp.RedirectClientError: httpx.RemoteProtocolError,
    aiohttp.InvalidUrlRedirectClientError: httpx.RemoteProtocolError,
    aiohttp.NonHttpUrlRedirectClientError: httpx.RemoteProtocolError,
    TimeoutError: httpx.ReadTimeout,
    OSError: httpx.ReadError,
}
"""What each of aiohttp's errors is called at httpx's door."""


def httpx_error(error: Exception) -> httpx.TransportError:
    """The error as httpx would have raised it, by the nearest named class."""
    name = next((HTTPX_NAMES[kind] for kind in type(error).__mro__ if kind in HTTPX_NAMES), httpx.TransportError)
    return name(str(error) or type(error).__name__)


class Wire(httpx.AsyncBaseTransport):
    """A transport with as many connections as there are requests under way; the caller bounds those.

    With `fresh`, each request has a connection of its own: a kept one may have been closed by the other side just
    now, and then nobody could say whether the request was still read. Sends a POST once, whatever happens (aiohttp
    repeats only idempotent methods). Follows no redirect, keeps no cookie, reads no netrc; goes through the proxy
    that the environment names, but never to loopback.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], str | None] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
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
            )
        except (aiohttp.ClientError, OSError) as error:
            failure = httpx_error(error)
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
            )
        return self._session

    def _proxy(self, url: httpx.URL) -> str | None:
        origin = (url.scheme, url.host)
        if origin not in self._proxies:
            self._proxies[origin] = environment_proxy(url)
        return self._proxies[origin]

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@cache
def trusted_authorities() -> ssl.SSLContext:
    """What httpx trusts: SSL_CERT_FILE and SSL_CERT_DIR where they are set, else certifi. Reading it takes a while."""
    return httpx.create_ssl_context()


def environment_proxy(url: httpx.URL) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY give for `url`, None for a direct connection.

    Raises httpx.ProxyError for a kind of proxy that is not spoken here, such as socks.
    """
    if is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None:
        return None
    scheme, separator, _ = proxy.partition("://")
    if not separator:
        return f"http://{proxy}"
    if scheme not in ("http", "https"):
        raise httpx.ProxyError(f"a {scheme} proxy is not supported")
    return proxy


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while piece := await self._answer.content.readany():
                yield piece
        except (aiohttp.ClientError, OSError) as error:
            failure = httpx_error(error)
        else:
            return
        raise failure  # without its context, as above

    async def aclose(self) -> None:
        # A body that was read to its end has given its connection back already.
        self._answer.close()
