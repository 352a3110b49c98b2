"""The answers of faults: wrong, late, broken off, or none at all."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mjpipe.sandbox.envelope import refusal, success
from mjpipe.sandbox.faults.fault_rules import Do, Fault

_GATEWAY_PAGE = b"""<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>mjpipe sandbox</center></body>
</html>
"""
_NOT_AN_IMAGE = b"%PDF-1.4\n% what the mjpipe sandbox sends in place of an image\n%%EOF\n"
_CHUNK = bytes(1 << 16)
_STATE = "unheard_of"
"""A task state that no page documents."""


class ConnectionControl(Protocol):
    """The server below the application, which can cut or refuse connections."""

    def cut(self, client: tuple[str, int]) -> None: ...

    def refuse(self, seconds: float) -> None: ...


class NoAnswer(Response):
    """Sends nothing until the client goes away."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        await _gone(receive)


class BrokenOff(Response):
    """Sends half of `body`, or nothing at all for None, and closes the connection."""

    def __init__(self, body: bytes | None = None, *, headers: dict[str, str], media_type: str | None = None) -> None:
        super().__init__(body or b"", headers=headers, media_type=media_type)
        self._sends_half = body is not None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if self._sends_half:
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": half, "more_body": True})
        server: ConnectionControl | None = scope.get("state", {}).get("server")
        if server is None:
            # Without a server there is no connection to cut: `httpx.ASGITransport` raises this at the client.
            raise ConnectionResetError("cut by the faults file")
        server.cut(tuple(scope["client"]))


def faulty_answer(fault: Fault, usual: Response, scope: Scope) -> Response:
    """The answer that is sent in place of the `usual` one, to a request of the API or for an image."""
    headers = {name: value for name, value in usual.headers.items() if not name.startswith("content-")}
    if fault.retry_after is not None:
        headers["Retry-After"] = f"{fault.retry_after:g}"
    body = bytes(usual.body)
    match fault.do:
        case Do.ANSWER:
            content = refusal(fault.status, message=fault.message)
            return Response(content, fault.status, headers, "application/json")
        case Do.ENVELOPE:
            content = refusal(int(fault.code or fault.status), message=fault.message)
            return Response(content, 200, headers, "application/json")
        case Do.HTML:
            return Response(_GATEWAY_PAGE, fault.status, headers, "text/html")
        case Do.BROKEN_JSON:
            return Response(body[: len(body) // 2], 200, headers, "application/json")
        case Do.UNKNOWN_STATE:
            return Response(_restated(body, str(fault.code or _STATE)), 200, headers, "application/json")
        case Do.HANG:
            return NoAnswer()
        case Do.CUT:
            return BrokenOff(headers=headers)
        case Do.TRUNCATED:
            return Response(body[: len(body) // 2], 200, headers, usual.media_type)
        case Do.WRONG_TYPE:
            return Response(_NOT_AN_IMAGE, 200, headers, "application/pdf")
        case Do.HUGE:
            return StreamingResponse(_huge(fault.bytes), 200, headers, usual.media_type)
        case Do.REFUSE:
            server: ConnectionControl | None = scope.get("state", {}).get("server")
            if server is not None:
                server.refuse(fault.seconds)
            # Otherwise the client might reuse the connection just as it is closed.
            usual.headers["Connection"] = "close"
            return usual
        case _:
            return usual


def _restated(body: bytes, state: str) -> bytes:
    """A status answer with another state, and without what belongs to the task's real one."""
    data = json.loads(body)["data"]
    return success({"taskId": data["taskId"], "state": state, "createTime": data["createTime"]})


async def _huge(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, len(_CHUNK)):
        yield _CHUNK
        await asyncio.sleep(0)


async def delay(fault: Fault, receive: Receive) -> None:
    """Wait as long as a slow answer takes, or until the client goes away: the server could not end before."""
    if fault.do is Do.SLOW:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_gone(receive), fault.seconds)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
