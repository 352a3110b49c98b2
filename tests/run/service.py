"""A scripted service and image host: functions that answer what a test wants."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
from PIL import Image

ORIGIN = "https://api.test"
KEY = "sk-secret-of-the-test"
IMAGES_OF = {"upscale": 1, "enhance": 1}

Answer: TypeAlias = httpx.Response | Awaitable[httpx.Response]


def enveloped(
    code: int, data: Any = None, *, status: int | None = None, message: str = "as the test has it", **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps({"code": code, "message": message, "data": data})  # ASCII, as many servers write it
    return httpx.Response(status or code, content=content, headers={"Content-Type": "application/json", **named})


def accepted(task: str) -> httpx.Response:
    return enveloped(200, {"taskId": task})


def processing(task: str) -> httpx.Response:
    return enveloped(200, {"taskId": task, "state": "processing"})


def failed(task: str, code: str, message: str = "as the test has it") -> httpx.Response:
    return enveloped(200, {"taskId": task, "state": "failed", "failCode": code, "failMsg": message})


def succeeded(task: str, urls: Sequence[str], **more: Any) -> httpx.Response:
    result = json.dumps({"resultUrls": list(urls)})
    return enveloped(200, {"taskId": task, "state": "success", "resultJson": result, **more})


def urls(task: str, count: int = 4) -> list[str]:
    return [f"https://images.test/{task}/{number}.png?signature={task}" for number in range(count)]


def png(url: str) -> bytes:
    """A picture of its own for each URL; the query is not part of that."""
    colour = hashlib.sha256(url.partition("?")[0].encode()).digest()[:3]
    file = io.BytesIO()
    Image.new("RGB", (8, 8), tuple(colour)).save(file, "PNG")
    return file.getvalue()


def picture(url: str) -> httpx.Response:
    return httpx.Response(200, content=png(url), headers={"Content-Type": "image/png"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it came: `kind` is submit, status or image; `at` seconds since the epoch."""

    kind: str
    at: float
    request: httpx.Request


@dataclass(slots=True)
class Service:
    """By default it accepts everything, and every task has succeeded when it is first asked for.

    `on_submit` is given the `input` and the number of the submission from 1, `on_status` the taskId and how often it
    was asked for, this time included, `on_image` the URL and the same.
    """

    clock: Callable[[], float]
    on_submit: Callable[[dict[str, Any], int], Answer] | None = None
    on_status: Callable[[str, int], Answer] | None = None
    on_image: Callable[[str, int], Answer] | None = None
    inputs: list[dict[str, Any]] = field(default_factory=list)
    """The `input` of each submission that came."""
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The `input` of each task that was accepted in the usual way."""
    calls: list[Call] = field(default_factory=list)
    _asked: Counter[str] = field(default_factory=Counter)

    @property
    def prompts(self) -> list[str]:
        """What was submitted, in order."""
        return [request.get("prompt", request["mode"]) for request in self.inputs]

    def times(self, kind: str) -> list[float]:
        return [call.at for call in self.calls if call.kind == kind]

    def count(self, kind: str) -> int:
        return len(self.times(kind))

    async def api(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return await self._settled(self._submit(request))
        return await self._settled(self._status(request))

    async def images(self, request: httpx.Request) -> httpx.Response:
        self._note("image", request)
        url = str(request.url)
        self._asked[url] += 1
        return await self._settled(self.on_image(url, self._asked[url]) if self.on_image else picture(url))

    def accept(self, request: dict[str, Any]) -> httpx.Response:
        """The usual acceptance."""
        task = f"task_{len(self.tasks) + 1}"
        self.tasks[task] = request
        return accepted(task)

    def succeed(self, task: str, **more: Any) -> httpx.Response:
        """The usual success."""
        return succeeded(task, urls(task, IMAGES_OF.get(self.tasks[task]["mode"], 4)), **more)

    def _submit(self, request: httpx.Request) -> Answer:
        self._note("submit", request)
        submitted = json.loads(request.content)["input"]
        self.inputs.append(submitted)
        return self.on_submit(submitted, len(self.inputs)) if self.on_submit else self.accept(submitted)

    def _status(self, request: httpx.Request) -> Answer:
        self._note("status", request)
        task = request.url.params["taskId"]
        self._asked[task] += 1
        return self.on_status(task, self._asked[task]) if self.on_status else self.succeed(task)

    def _note(self, kind: str, request: httpx.Request) -> None:
        self.calls.append(Call(kind=kind, at=self.clock(), request=request))

    @staticmethod
    async def _settled(answer: Answer) -> httpx.Response:
        return answer if isinstance(answer, httpx.Response) else await answer


def first_then_well(service: Service, *answers: Callable[[], Answer]) -> None:
    """The first submissions are answered so, all others are accepted."""

    def answer(request: dict[str, Any], number: int) -> Answer:
        return answers[number - 1]() if number <= len(answers) else service.accept(request)

    service.on_submit = answer


def always(service: Service, answer: Callable[[], Answer]) -> None:
    service.on_submit = lambda _request, _number: answer()
