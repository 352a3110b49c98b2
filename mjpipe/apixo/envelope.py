"""The shape around every answer of the service: `{code, message, data}`."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

MARK = "\ufffd"
"""Replaces half a character: JSON can write one (`"\\ud83d"`), but no file, URL or ledger can hold it."""

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`data` is JSON as it came, its fractions exact (Decimal)."""

    code: int
    message: str
    data: Any

    @property
    def fields(self) -> dict[str, Any]:
        """`data` when it is an object, else nothing."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def reason(self) -> str:
        """The most specific text: `data.error` (API notes, response-format), else `message`."""
        return self._error or self.message

    @property
    def sentences(self) -> tuple[str, str]:
        """All texts that may give a reason."""
        return self.message, self._error

    @property
    def _error(self) -> str:
        error = self.fields.get("error")
        return error if isinstance(error, str) else ""


def read_envelope(content: bytes) -> Envelope | None:
    """The envelope, None when the content is something else, such as a gateway's page.

    It needs a code, and a message or data beside it: a bare `{"code": 502}` may be any gateway's.
    """
    answer = read_json(content)
    if not isinstance(answer, dict):
        return None
    code, message = answer.get("code"), answer.get("message")
    if type(code) is not int or not (isinstance(message, str) or "data" in answer):
        return None
    return Envelope(code=code, message=message if isinstance(message, str) else "", data=answer.get("data"))


def read_json(content: bytes | str) -> Any:
    """The JSON as a value, None when it is not JSON. Half a character becomes a MARK."""
    try:
        text = content if isinstance(content, str) else content.decode()
        document = _DECODER.decode(text)
        return _marked(document) if _ESCAPED_HALF.search(text) else document
    except (ValueError, RecursionError):
        return None


def _marked(value: Any) -> Any:
    match value:
        case str():
            return _HALF.sub(MARK, value)
        case list():
            return [_marked(item) for item in value]
        case dict():
            return {_marked(name): _marked(item) for name, item in value.items()}
    return value


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_not_json)
