"""A server on loopback with scripted answers, or none."""

import asyncio
import contextlib
import gzip
import itertools
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

CUT = b"cut"
"""The connection is closed without an answer."""
RESET = b"reset"
"""The connection is broken off (RST) without an answer."""
SILENCE = b"silence"
"""No answer comes, and the connection stays open."""
TRICKLE = b"trickle"
"""An answer begins, and its headers never end."""


def http(status: int, content: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} ?", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def enveloped(data: Any, *, code: int = 200, message: str = "success") -> bytes:
    return json.dumps({"code": code, "message": message, "data": data}).encode()


ACCEPTED = http(200, enveloped({"taskId": "task_1"}))

ZEROS = 64 * 1024 * 1024
COMPRESSED_ZEROS = gzip.compress(bytes(ZEROS))
"""64 MiB, compressed to less than 64 KiB."""


@dataclass
class Loopback:
    port: int
    requests: list[bytes] = field(default_factory=list)
    """Each request as it came, in order."""
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        """The request lines."""
        return [request.split(b"\r\n", 1)[0].decode() for request in self.requests]


@contextlib.asynccontextmanager
async def answering(*answers: bytes, then_close: bool = False, then_cut: bool = False) -> AsyncIterator[Loopback]:
    """Gives the answers in turn, the last of them again and again.

    With `then_close` a connection is closed after its first answer, with `then_cut` only when the next request has
    come: the other side takes it for good until then.
    """
    talks: set[asyncio.Task[Any]] = set()
    loopback = Loopback(port=0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        talks.add(talk)
        talk.add_done_callback(talks.discard)
        loopback.connections += 1
        try:
            for turn in itertools.count():
                request = await _request(reader)
                if not request:
                    break
                loopback.requests.append(request)
                loopback.asked.set()
                answer = answers[min(len(loopback.requests), len(answers)) - 1]
                if (then_cut and turn) or not await _answer(writer, answer) or then_close:
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return head + await reader.readexactly(int(length.partition(b":")[2]))


async def _answer(writer: asyncio.StreamWriter, answer: bytes) -> bool:
    """Whether the connection goes on."""
    if answer == SILENCE:
        await asyncio.sleep(3600)
    if answer == TRICKLE:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Header: ")
        while True:
            await asyncio.sleep(0.01)
            writer.write(b"x")
    if answer == RESET:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    if answer in (CUT, RESET):
        return False
    writer.write(answer)
    await writer.drain()
    return True


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
