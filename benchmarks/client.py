"""What a task costs the client: CPU and pace beside bare aiohttp and bare httpx, on the same work and server.

    python -m benchmarks.client [--tasks 500] [--rounds 3]

A task is a submission, one poll and four downloads of 20 KB written to disk; 50 tasks are under way at once. Server
and clients are processes of their own; the clients take turns, and the median of the rounds counts. What the disk
takes is the same for all and makes them look alike: with TMPDIR on a file system in memory, the clients themselves are
compared.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import httpx

from mjpipe.apixo import submission_body
from mjpipe.apixo.http import Client, ImageHosts

TOGETHER = 50
IMAGES = 4
PICTURE = bytes(20 * 1024)
WARM_UP = 50
KEY = "benchmark"
INPUT = {"mode": "text-to-image", "prompt": "a teapot on black marble", "speed": "fast", "version": "7"}
BODY = submission_body(INPUT)

Work = Callable[[Path], Awaitable[None]]


class Server(asyncio.Protocol):
    """Answers each request with the least possible work, and keeps the connection unless asked to close it."""

    def __init__(self, url: str) -> None:
        urls = [f"{url}/image/{number}.png" for number in range(IMAGES)]
        task = {"taskId": "task_1", "state": "success", "resultJson": json.dumps({"resultUrls": urls})}
        self._submitted = answer(json.dumps({"code": 200, "message": "success", "data": {"taskId": "task_1"}}).encode())
        self._status = answer(json.dumps({"code": 200, "message": "success", "data": task}).encode())
        self._picture = answer(PICTURE)
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._transport.write(self._answer(head))
            if b"connection: close" in head.lower():
                self._transport.close()

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST"):
            return self._submitted
        return self._picture if head.startswith(b"GET /image/") else self._status


def answer(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content


async def serve() -> None:
    """Prints its URL, then serves until killed."""
    loop = asyncio.get_running_loop()
    url: str
    server = await loop.create_server(lambda: Server(url), "127.0.0.1", 0, backlog=1000)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(url, flush=True)
    await server.serve_forever()


async def with_mjpipe(url: str, measure: Callable[[Work], Awaitable[None]]) -> None:
    async with Client(base_url=url, api_key=KEY) as client, ImageHosts() as images:

        async def fetch(address: str, path: Path) -> None:
            fetched = await images.fetch(address, to=path)
            if fetched.content is not None:  # what is small is handed over, and the others write it, too
                path.write_bytes(fetched.content)

        async def work(folder: Path) -> None:
            accepted = await client.submit(BODY)
            status = await client.status(accepted.task_id)
            urls = enumerate(status.image_urls or ())
            await asyncio.gather(*(fetch(address, folder / f"{number}.part") for number, address in urls))

        await measure(work)


async def with_aiohttp(url: str, measure: Callable[[Work], Awaitable[None]]) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def fetch(address: str, path: Path) -> None:
            async with session.get(address) as response:
                path.write_bytes(await response.read())

        async def work(folder: Path) -> None:
            async with session.post(f"{url}/generateTask/midjourney", data=BODY, headers=headers) as response:
                task = json.loads(await response.read())["data"]["taskId"]
            async with session.get(f"{url}/statusTask/midjourney?taskId={task}", headers=headers) as response:
                status = json.loads(await response.read())["data"]
            urls = enumerate(json.loads(status["resultJson"])["resultUrls"])
            await asyncio.gather(*(fetch(address, folder / f"{number}.part") for number, address in urls))

        await measure(work)


async def with_httpx(url: str, measure: Callable[[Work], Awaitable[None]]) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits) as client:

        async def fetch(address: str, path: Path) -> None:
            path.write_bytes((await client.get(address)).content)

        async def work(folder: Path) -> None:
            response = await client.post(f"{url}/generateTask/midjourney", content=BODY, headers=headers)
            task = response.json()["data"]["taskId"]
            response = await client.get(f"{url}/statusTask/midjourney?taskId={task}", headers=headers)
            urls = enumerate(json.loads(response.json()["data"]["resultJson"])["resultUrls"])
            await asyncio.gather(*(fetch(address, folder / f"{number}.part") for number, address in urls))

        await measure(work)


CLIENTS = {"aiohttp": with_aiohttp, "mjpipe": with_mjpipe, "httpx": with_httpx}


async def run(name: str, url: str, tasks: int) -> None:
    """Prints CPU and wall seconds of `tasks` tasks in this process, after some to warm up."""

    async def measure(work: Work) -> None:
        await together(work, WARM_UP)
        wall, cpu = time.perf_counter(), time.process_time()
        await together(work, tasks)
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))

    await CLIENTS[name](url, measure)


async def together(work: Work, tasks: int) -> None:
    free = asyncio.Semaphore(TOGETHER)
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, str(number)) for number in range(tasks)]

        async def one(place: Path) -> None:
            async with free:
                place.mkdir()
                await work(place)

        await asyncio.gather(*(one(place) for place in places))


def compare(tasks: int, rounds: int) -> None:
    me = [sys.executable, "-m", "benchmarks.client"]
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
    server = subprocess.Popen([*me, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        for _ in range(rounds):
            for name, results in seen.items():
                command = [*me, "--client", name, "--url", url, "--tasks", str(tasks)]
                results.append(
                    json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
                )
    finally:
        server.kill()
        server.communicate()

    cpu = {name: statistics.median(result["cpu"] for result in results) / tasks for name, results in seen.items()}
    wall = {name: statistics.median(result["wall"] for result in results) for name, results in seen.items()}
    print(f"{'':10}{'CPU a task':>12}{'of aiohttp':>12}{'requests/s':>12}{'of aiohttp':>12}")
    for name in CLIENTS:
        pace = tasks * (2 + IMAGES) / wall[name]
        print(
            f"{name:10}{cpu[name] * 1000:>9.2f} ms{cpu[name] / cpu['aiohttp']:>11.2f}x"
            f"{pace:>12.0f}{wall['aiohttp'] / wall[name]:>11.2f}x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client", description=__doc__)
    parser.add_argument("--tasks", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
    elif options.client:
        asyncio.run(run(options.client, options.url, options.tasks))
    else:
        compare(options.tasks, options.rounds)


if __name__ == "__main__":
    main()
