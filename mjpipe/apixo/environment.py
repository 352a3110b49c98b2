"""What the environment says about the way to the service: which proxy, and which certificates to trust."""

import os
import ssl
from functools import cache
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpx

from mjpipe.apixo.access import is_loopback, is_port
from mjpipe.domain import UsageFault, reason_of


def check_environment(base_url: str) -> None:
    """Raises UsageFault when the proxy or the certificates that the environment names cannot be used on the way to
    `base_url`: known before a run, no request has to fail of it.
    """
    url = httpx.URL(base_url)
    environment_proxy(url)
    if url.scheme == "https":
        trusted_authorities()


def environment_proxy(url: httpx.URL) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY give for `url`, None for a direct connection.

    Raises UsageFault for what is no address of a proxy, and for a kind that is not spoken here, such as socks.
    """
    if is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if (wrong := _wrong_with_proxy(proxy)) is not None:
        # Without the address: a proxy's name and password stand in it.
        raise UsageFault(
            f"the proxy that the environment names for `{url.host}` cannot be used: {wrong}",
            help=f"export {url.scheme.upper()}_PROXY=http://HOST:PORT, or NO_PROXY={url.host} to go without",
        )
    return proxy


def _wrong_with_proxy(proxy: str) -> str | None:
    try:
        address = httpx.URL(proxy)
        host, port = address.host, address.port
    except (httpx.InvalidURL, ValueError):
        return "its address cannot be read"
    if address.scheme not in ("http", "https"):
        return f"a {address.scheme} proxy is not supported"
    if not host:
        return "its address names no host"
    return None if port is None or is_port(port) else f"{port} is not a port"


def trusted_authorities() -> ssl.SSLContext:
    """What httpx trusts: SSL_CERT_FILE or SSL_CERT_DIR where one is set, else certifi.

    Raises UsageFault when that cannot be read.
    """
    return _authorities(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache  # reading them takes a while
def _authorities(file: str | None, folder: str | None) -> ssl.SSLContext:
    variable, path = ("SSL_CERT_FILE", file) if file else ("SSL_CERT_DIR", folder)
    if not file and folder and not Path(folder).is_dir():
        raise _unreadable(variable, folder, "it is not a folder")  # OpenSSL would trust nobody, and not say why
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise _unreadable(variable, path, _reason(error)) from error


def _reason(error: OSError) -> str:
    return "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else reason_of(error)


def _unreadable(variable: str, path: str | None, reason: str) -> UsageFault:
    if not path:
        return UsageFault(f"the certificates that come with certifi cannot be read: {reason}")
    return UsageFault(
        f"the certificates in `{path}` ({variable}) cannot be read: {reason}",
        help=f"unset {variable}, or name a readable file or folder",
    )
