"""The envelope of every answer (seed page, Response format; API notes)."""

import json
from http import HTTPStatus
from typing import Final

from mjpipe.contract import ACCEPTED, HTTP_MEANINGS
from mjpipe.domain import Json, JsonObject

_MESSAGES: Final = {400: "Invalid request", 402: "Insufficient balance"}
"""Where the service's words differ from those of HTTP."""

_UNAUTHORISED: Final = 401


class Refusal(Exception):
    """A request is declined with an HTTP status and an error; None stands for the documented meaning of the status."""

    def __init__(self, status: int, error: str | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def compact(document: Json) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def success(data: Json) -> bytes:
    return compact({"code": ACCEPTED, "message": "success", "data": data})


def refusal(code: int, error: str | None = None, message: str | None = None) -> bytes:
    """The envelope of a request that was declined, or that the service could not carry out.

    With a `message` of its own `data` is null. A 401 has no `data` (API notes,
    authentication).
    """
    envelope: JsonObject = {"code": code, "message": message or _MESSAGES.get(code) or _phrase(code)}
    if code == _UNAUTHORISED:
        return compact(envelope)
    reason = error or (None if message else HTTP_MEANINGS.get(code) or _phrase(code))
    return compact({**envelope, "data": reason and {"error": reason}})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
