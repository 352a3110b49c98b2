"""A sandbox without a server, on a clock that moves only by hand."""

import asyncio
import itertools
import json
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from mjpipe.domain import TaskId
from mjpipe.sandbox import Settings, create_app

START = 1_800_000_000.0
ORIGIN = "http://sandbox.test"
Result = TypeVar("Result")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Door:
    """What a client sees of a sandbox. `finished` and `images` let all of the time pass that a task takes."""

    def __init__(
        self, runner: asyncio.Runner, client: httpx.AsyncClient, clock: Clock, transport: httpx.ASGITransport
    ) -> None:
        self._runner = runner
        self._client = client
        self.clock = clock
        self.transport = transport

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something where the sandbox lives, such as another client's work on `transport`."""
        return self._runner.run(work)

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.get(url, **more))

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.post(url, **more))

    def wait(self) -> None:
        """Let the sandbox do what it does by itself."""

        async def a_moment() -> None:
            for _ in range(50):
                await asyncio.sleep(0)

        self._runner.run(a_moment())

    def submit(self, _top: dict[str, Any] | None = None, /, **request: Any) -> httpx.Response:
        return self.post(
            "/api/v1/generateTask/midjourney",
            content=json.dumps({"input": request, **(_top or {})}),
            headers={"Content-Type": "application/json"},
        )

    def accepted(self, _top: dict[str, Any] | None = None, /, **request: Any) -> str:
        answer = self.submit(_top, **request)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["taskId"])

    def status(self, task_id: str) -> dict[str, Any]:
        answer = self.get("/api/v1/statusTask/midjourney", params={"taskId": task_id})
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def finished(self, task_id: str) -> dict[str, Any]:
        self.clock.now += 100
        return self.status(task_id)

    def made(self, **request: Any) -> str:
        """A task that is over."""
        task_id = self.accepted(**request)
        self.clock.now += 100
        return task_id

    def urls(self, task_id: str) -> list[str]:
        urls: list[str] = json.loads(self.finished(task_id)["resultJson"])["resultUrls"]
        return urls

    def images(self, task_id: str) -> list[bytes]:
        return [self.get(url).content for url in self.urls(task_id)]

    def bill(self) -> dict[str, Any]:
        bill: dict[str, Any] = self.get("/sandbox/bill").json()
        return bill


@contextmanager
def sandbox(
    state: Path,
    *,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Any = None,
    task_ids: Iterable[str] = (),
    **settings: Any,
) -> Iterator[Door]:
    """The tasks get the `task_ids`, and then ones that count from `task_1`."""
    clock = clock or Clock()
    ids = itertools.chain(task_ids, (f"task_{number}" for number in itertools.count(1)))
    waiting = {} if sleep is None else {"sleep": sleep}
    app = create_app(
        Settings(state=state, **settings),
        clock=clock,
        task_id=lambda: TaskId(next(ids)),
        transport=transport,
        **waiting,
    )
    with asyncio.Runner() as runner:
        door = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=door, base_url=ORIGIN, headers={"Authorization": "Bearer any"})
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            yield Door(runner, client, clock, door)
        finally:
            runner.run(client.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


def faults(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text, "utf-8")
    return path
