"""Where the service is, and the key that opens it."""

import ipaddress
import re

import httpx

from mjpipe.domain import UsageFault, one_line

DEFAULT_BASE_URL = "https://api.apixo.ai/api/v1"
"""Seed page, Endpoint and authentication."""


def checked_base_url(text: str) -> str:
    """The base URL without a slash at its end.

    Raises UsageFault for what is not https, or http on loopback: over anything else the key could be read on the way.
    """
    if "@" in text:  # also where it cannot be parsed: then neither it nor what is wrong with it can be told
        raise UsageFault("the base URL holds a user name or password", help="the key alone belongs in APIXO_API_KEY")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise _unusable(text, str(error).lower()) from None
    if url.query or url.fragment:
        raise _unusable(text, "it has a query or a fragment")
    if not url.host:
        raise _unusable(text, "it names no host")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
        raise _unusable(text, "only https is safe for the key (http on loopback)")
    return str(url).rstrip("/")


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


class Key:
    """The API key, which shows itself in the one header that needs it and nowhere else.

    Raises UsageFault, without telling the key, when no header could carry it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not re.fullmatch(r"[\x21-\x7e]+", text):
            wrong = "holds white space or characters that no header can carry" if text else "is empty"
            raise UsageFault(f"the API key {wrong}", help="export APIXO_API_KEY=your-key")
        self._text = text

    def __repr__(self) -> str:
        return "Key(...)"

    @property
    def header(self) -> str:
        return f"Bearer {self._text}"

    def hidden_in(self, text: str) -> str:
        """`text` with the key blotted out: an answer may quote what was sent."""
        return text.replace(self._text, "[key]")
