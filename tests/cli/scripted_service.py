"""The service over real HTTP, as a test scripts it: a task ends when the test says so."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

THREE_BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}], key: name}}
limits: {requests_per_second: 1000, concurrency: 2}
polling: {first_after: 0.01, interval: 0.01}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
"""A campaign of three pictures, two at once, that asks often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


PNG = _png()


@dataclass(slots=True)
class ScriptedService:
    """`on_submit` is given the `input` and the number of the submission from 1; None accepts. `gone` are the paths of
    images that answer 404, by the end of the path.
    """

    base_url: str = ""
    on_submit: Callable[[dict[str, Any], int], Answer | None] = lambda _input, _number: None
    on_status: Callable[[str], Answer | None] = lambda _task: None
    ended: threading.Event = field(default_factory=threading.Event)
    """Set once tasks shall be done: not before that, if a test clears it."""
    submitted: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    gone: tuple[str, ...] = ()
    images_asked: list[str] = field(default_factory=list)

    def submit(self, body: bytes) -> Answer:
        asked = json.loads(body)["input"]
        self.submitted.append(asked)
        answer = self.on_submit(asked, len(self.submitted))
        if answer is None:
            self.tasks.append(f"task_{len(self.tasks) + 1}")
            answer = Answer(data={"taskId": self.tasks[-1]})
        return answer

    def status(self, task: str) -> Answer:
        answer = self.on_status(task)
        if answer is not None:
            return answer
        if not self.ended.is_set():
            return Answer(data={"taskId": task, "state": "processing"})
        origin = self.base_url.removesuffix("/api/v1")
        result = json.dumps({"resultUrls": [f"{origin}/images/{task}/{number}.png" for number in range(4)]})
        return Answer(data={"taskId": task, "state": "success", "resultJson": result})

    def environment(self) -> dict[str, str]:
        return {"APIXO_BASE_URL": self.base_url, "APIXO_API_KEY": "a-key"}


def failed(task: str, code: str) -> Answer:
    return Answer(data={"taskId": task, "state": "failed", "failCode": code, "failMsg": "as the test has it"})


@contextmanager
def scripted_service() -> Iterator[ScriptedService]:
    """On a free port, until the end of the block. Tasks are done as soon as they are asked for."""
    service = ScriptedService()
    service.ended.set()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                answer = service.submit(body)
            self._say(answer)

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path.startswith("/images/"):
                with lock:
                    service.images_asked.append(address.path)
                self._send(404 if address.path.endswith(service.gone or ("?",)) else 200, PNG, {})
            else:
                self._say(service.status(parse_qs(address.query)["taskId"][0]))

        def _say(self, answer: Answer) -> None:
            content = json.dumps({"code": answer.status, "message": "as the test has it", "data": answer.data})
            self._send(answer.status, content.encode(), answer.headers)

        def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that has gone is none of ours."""

    with Server(("127.0.0.1", 0), Handler) as server:
        service.base_url = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
