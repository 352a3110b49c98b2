"""Where the service is, and the key that opens it."""

import ipaddress
import re

from mjpipe.contract import DEFAULT_BASE_URL
from mjpipe.domain import UsageFault, one_line

_PATH = "/api/v1"
"""Added to an address without a path, as the service's own tools do (API notes, the service's MCP server)."""

_LAST_PORT = 65535

_PLAIN = re.compile(
    r"(https://([a-z][a-z0-9]{0,30}(-[a-z0-9]{1,30})?\.)+[a-z]{2,62}|http://(localhost|127\.0\.0\.1):(?!80(?!\d))[1-9]\d{0,3})"
    rf"(?P<path>{_PATH})?",
    re.ASCII,
)
"""Addresses that are as `checked_base_url` returns them, but for the path."""


def checked_base_url(text: str) -> str:
    """The base URL without a slash at its end, and with the documented path when it has none.

    Raises UsageFault unless it is https, or http on loopback: over anything else others could read the key. Also for a
    host or port that no connection can be made to.
    """
    if plain := _PLAIN.fullmatch(text):
        return text if plain["path"] else f"{text}{_PATH}"
    import httpx  # noqa: PLC0415 - slow to import, and few addresses need a parser

    if "@" in text:  # checked first: an address with a password must not be shown, whatever else is wrong
        raise UsageFault("the base URL holds a user name or password", help="put only the key, in APIXO_API_KEY")
    try:
        url = httpx.URL(text)
        host = url.host  # decodes it, which can fail, too
    except (httpx.InvalidURL, ValueError) as error:
        raise _unusable(text, str(error).lower()) from None
    if "\\" in text:
        raise _unusable(text, "it has a backslash; write `/`")
    if url.query or url.fragment:
        raise _unusable(text, "it has a query or a fragment")
    if not host:
        raise _unusable(text, "it names no host")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(host)):
        raise _unusable(text, "only https is safe for the key (http on loopback)")
    if not _is_name(url.raw_host.decode()):
        raise _unusable(text, f"`{one_line(host)}` is not a host name")
    if url.port is not None and not is_port(url.port):
        raise _unusable(text, f"{url.port} is not a port: ports go from 1 to {_LAST_PORT}")
    address = str(url).rstrip("/")
    return address if url.path.strip("/") else f"{address}{_PATH}"


def is_port(number: int) -> bool:
    """Whether a connection can be made to it."""
    return 1 <= number <= _LAST_PORT


def _is_name(host: str) -> bool:
    """Whether a resolver takes it: no part is empty or longer than 63 characters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _unusable(text: str, reason: str) -> UsageFault:
    shown = one_line(text.partition("?")[0].partition("#")[0])
    return UsageFault(
        f"the base URL `{shown}` cannot be used: {reason}",
        help=f"set APIXO_BASE_URL={DEFAULT_BASE_URL}, or leave it out",
    )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ApiKey:
    """The API key. Only the one header that needs it shows it.

    Raises UsageFault, without showing the key, when no header could carry it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            wrong = "holds white space or characters that no header can carry" if text else "is empty"
            raise UsageFault(f"the API key {wrong}", help="export APIXO_API_KEY=your-key")
        self._text = text

    def __repr__(self) -> str:
        return "ApiKey(...)"

    @property
    def header(self) -> str:
        return f"Bearer {self._text}"

    def hidden_in(self, text: str) -> str:
        """`text` without the key: an answer may quote what was sent."""
        return text.replace(self._text, "[key]")
