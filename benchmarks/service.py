"""A service that does the least possible work: its answers cost next to nothing, so the client is what is measured.

    python -m benchmarks.service

It prints its URL and serves until killed. Each key has tasks and counts of its own, and says itself, in its name, how
long its tasks take, how many images they bring, and whether their times are told: `median,sigma,images,timed` (see
`Pace`).
"""

import asyncio
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from urllib.request import Request, urlopen

from PIL import Image

SIDE = 82
"""Noise of so many pixels a side makes a PNG of 20 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Lognormal latencies, `median` in seconds (0: no latency); `images` are those of a task that is no upscale. Where
    times are not told, nothing can be learned from them.
    """

    median: float
    sigma: float
    images: int
    timed: bool = True

    @classmethod
    def of_key(cls, key: str) -> "Pace":
        median, sigma, images, timed = key.split(",")[:4]
        return cls(median=float(median), sigma=float(sigma), images=int(images), timed=timed == "timed")

    def key(self, name: str) -> str:
        return f"{self.median},{self.sigma},{self.images},{'timed' if self.timed else 'untimed'},{name}"

    def latency(self, item: int, step: int) -> float:
        """Of that step of that item; the same whoever asks, and in which order."""
        return self.median * Random(f"{item} {step}").lognormvariate(0.0, self.sigma)


@dataclass(slots=True)
class Task:
    item: int
    step: int
    created: float
    latency: float
    images: int


class Account:
    """What one key has made and asked."""

    def __init__(self, key: str) -> None:
        self._pace = Pace.of_key(key)
        self._tasks: list[Task] = []
        self._polls = 0
        self._last_end = 0.0

    def submit(self, body: bytes) -> bytes:
        request = json.loads(body)["input"]
        if request["mode"] == "upscale":
            source = self._tasks[int(request["taskId"])]
            item, step, images = source.item, source.step + 1, 1
        else:
            item, step, images = int(request["prompt"].rpartition(" ")[2]), 0, self._pace.images
        latency = self._pace.latency(item, step)
        self._tasks.append(Task(item, step, time.time(), latency, images))
        return enveloped({"taskId": str(len(self._tasks) - 1)})

    def status(self, number: str, url: str) -> bytes:
        self._polls += 1
        task = self._tasks[int(number)]
        now, end = time.time(), task.created + task.latency
        if now < end:
            return enveloped({"taskId": number, "state": "processing"})
        times = {"createTime": int(task.created * 1000), "completeTime": int(end * 1000)} if self._pace.timed else {}
        result = json.dumps({"resultUrls": [f"{url}/image/{number}-{image}.png" for image in range(task.images)]})
        self._last_end = now
        return enveloped({"taskId": number, "state": "success", "resultJson": result, **times})

    def counts(self) -> bytes:
        makespan = self._last_end - self._tasks[0].created
        return answer(json.dumps({"tasks": len(self._tasks), "polls": self._polls, "makespan": makespan}).encode())


class Connection(asyncio.Protocol):
    def __init__(self, url: str, picture: bytes, accounts: dict[str, Account]) -> None:
        self._url = url
        self._picture = answer(picture)
        self._accounts = accounts
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            length = int(field(head, b"content-length") or 0)
            if len(rest) < length:
                return
            body, self._buffer = rest[:length], rest[length:]
            self._transport.write(self._answer(head, body))
            if field(head, b"connection").lower() == b"close":
                self._transport.close()

    def _answer(self, head: bytes, body: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/image/"):
            return self._picture
        key = field(head, b"authorization").removeprefix(b"Bearer ").decode()
        account = self._accounts.get(key) or self._accounts.setdefault(key, Account(key))
        if head.startswith(b"POST"):
            return account.submit(body)
        if path == b"/counts":
            return account.counts()
        return account.status(path.rpartition(b"=")[2].decode(), self._url)


def field(head: bytes, name: bytes) -> bytes:
    """A header's value, empty when it is not there."""
    _, found, rest = head.lower().partition(b"\r\n" + name + b":")
    at = len(head) - len(rest)
    return head[at:].partition(b"\r\n")[0].strip() if found else b""


def enveloped(data: dict[str, object]) -> bytes:
    return answer(json.dumps({"code": 200, "message": "success", "data": data}).encode())


def answer(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content


def noise(side: int) -> bytes:
    """A PNG that decodes and does not pack."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), Random(side).randbytes(3 * side * side)).save(file, "PNG")
    return file.getvalue()


async def serve() -> None:
    """Prints its URL, then serves until killed."""
    accounts: dict[str, Account] = {}
    picture = noise(SIDE)
    loop = asyncio.get_running_loop()
    url: str
    server = await loop.create_server(lambda: Connection(url, picture, accounts), "127.0.0.1", 0, backlog=1000)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(url, flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """The service in a process of its own; gives its URL."""
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.service"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """`makespan` is in seconds, from the first submission until the last task is known to have ended."""

    tasks: int
    polls: int
    makespan: float


def counts(url: str, key: str) -> Counts:
    """What the key has made and asked."""
    request = Request(f"{url}/counts", headers={"Authorization": f"Bearer {key}", "Connection": "close"})
    with urlopen(request) as response:
        return Counts(**json.loads(response.read()))


if __name__ == "__main__":
    asyncio.run(serve())
