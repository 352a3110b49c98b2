"""The proxy and the trusted certificates that the environment names."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mjpipe.apixo.access import is_loopback, is_port
from mjpipe.domain import UsageFault, reason_of

if TYPE_CHECKING:
    import ssl


def check_environment(base_url: str) -> None:
    """Raises UsageFault when the environment names a proxy for `base_url`, or certificates, that cannot be used. Known
    before a run, no request fails because of it.
    """
    url = urlsplit(base_url)
    environment_proxy(url.scheme, url.hostname or "")
    if url.scheme == "https" and _named_certificates() is not None:
        trusted_authorities()


def environment_proxy(scheme: str, host: str) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY give for a host, None for a direct connection.

    Raises UsageFault for what is not the address of a proxy, and for an unsupported kind such as socks.
    """
    if is_loopback(host) or not _can_name_a_proxy():
        return None
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow to import, and few have a proxy

    if proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if proxy is None:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if (wrong := _wrong_with_proxy(proxy)) is not None:
        # The address is not shown: it may hold the proxy's user name and password.
        raise UsageFault(
            f"the proxy that the environment names for `{host}` cannot be used: {wrong}",
            help=f"export {scheme.upper()}_PROXY=http://HOST:PORT, or NO_PROXY={host} to go without",
        )
    return proxy


def _can_name_a_proxy() -> bool:
    """Only macOS and Windows have settings for it; elsewhere it is a variable."""
    return sys.platform in ("darwin", "win32") or any(name.lower().endswith("_proxy") for name in os.environ)


def _wrong_with_proxy(proxy: str) -> str | None:
    import httpx  # noqa: PLC0415 - slow to import, and few have a proxy

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


def trusted_authorities() -> "ssl.SSLContext":
    """What httpx trusts: SSL_CERT_FILE or SSL_CERT_DIR where one is set, else certifi.

    Raises UsageFault when it cannot be read.
    """
    return _authorities(_named_certificates())


def _named_certificates() -> tuple[str, str] | None:
    """The variable that names certificates, and its value."""
    return next(((name, os.environ[name]) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)


@cache  # reading them takes a while
def _authorities(named: tuple[str, str] | None) -> "ssl.SSLContext":
    import httpx  # noqa: PLC0415 - as above

    variable, path = named or ("", "")
    if variable == "SSL_CERT_DIR" and not Path(path).is_dir():
        raise _unreadable(variable, path, "it is not a folder")  # OpenSSL would trust nobody, and not say why
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise _unreadable(variable, path, _reason(error)) from error


def _reason(error: OSError) -> str:
    import ssl  # noqa: PLC0415 - as above

    return "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else reason_of(error)


def _unreadable(variable: str, path: str, reason: str) -> UsageFault:
    if not path:
        return UsageFault(f"the certificates that come with certifi cannot be read: {reason}")
    return UsageFault(
        f"the certificates in `{path}` ({variable}) cannot be read: {reason}",
        help=f"unset {variable}, or name a readable file or folder",
    )
