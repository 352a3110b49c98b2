import json
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from mjpipe.domain import UsageFault
from mjpipe.sandbox import RunningSandbox, Settings, start_sandbox
from mjpipe.sandbox.server import _listening
from tests.sandbox.door import faults

DRAWN = {"mode": "text-to-image", "prompt": "a teapot"}


@contextmanager
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Authorization": "Bearer any"}, timeout=5) as opened:
        yield opened


def submit(http: httpx.Client, base_url: str, **request: Any) -> httpx.Response:
    return http.post(f"{base_url}/generateTask/midjourney", json={"input": request or DRAWN})


def test_a_sandbox_serves_on_loopback_until_its_block_ends(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with client() as http:
        with start_sandbox(Settings(state=tmp_path, speed_up=1000)) as running:
            assert running.base_url == f"{running.origin}/api/v1"
            assert running.origin.startswith("http://127.0.0.1:")
            task_id = submit(http, running.base_url).json()["data"]["taskId"]
            time.sleep(0.06)
            answer = http.get(f"{running.base_url}/statusTask/midjourney", params={"taskId": task_id})
            (url, *_) = json.loads(answer.json()["data"]["resultJson"])["resultUrls"]
            assert url.startswith(running.origin)
            assert http.get(url).content.startswith(b"\x89PNG")
            assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
        with pytest.raises(httpx.ConnectError):
            submit(http, running.base_url)
    assert "sandbox" not in [thread.name for thread in threading.enumerate()]


def test_an_answer_does_not_wait_for_the_network() -> None:
    """asyncio turns Nagle's algorithm off for sockets that name their protocol; with it each answer takes 40 ms."""
    with _listening("127.0.0.1", 0) as server:
        assert server.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_a_usage_fault(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with (
            pytest.raises(UsageFault, match=f"cannot listen on `127.0.0.1:{port}`"),
            start_sandbox(Settings(state=tmp_path), port=port),
        ):
            pass


@contextmanager
def at_fault(folder: Path, rule: str) -> Iterator[RunningSandbox]:
    path = faults(folder, f"faults: 1\nrules:\n  - {{{rule}}}\n")
    with start_sandbox(Settings(state=folder, speed_up=1000, faults=path)) as running:
        yield running


def unanswered(http: httpx.Client, running: RunningSandbox) -> list[bool]:
    bill = http.get(f"{running.origin}/sandbox/bill").json()
    return [line.get("unanswered", False) for line in bill["tasks"]]


def test_a_submission_can_be_accepted_and_cut_off(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: submit, do: cut, nth: 1") as running:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            submit(http, running.base_url)
        assert submit(http, running.base_url).status_code == 200
        assert unanswered(http, running) == [True, False]


def test_a_submission_can_be_accepted_and_never_answered(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: submit, do: hang, nth: 1") as running:
        with pytest.raises(httpx.ReadTimeout):
            http.post(f"{running.base_url}/generateTask/midjourney", json={"input": DRAWN}, timeout=0.1)
        assert unanswered(http, running) == [True]


def test_what_hangs_or_is_slow_does_not_hold_up_the_end(tmp_path: Path) -> None:
    rules = "faults: 1\nrules: [{at: submit, do: hang, nth: 1}, {at: submit, do: slow, seconds: 60}]\n"
    settings = Settings(state=tmp_path, faults=faults(tmp_path, rules))
    ended: list[str] = []

    def lose(base_url: str) -> None:
        try:
            with client() as http:
                submit(http, base_url)
        except httpx.HTTPError as error:
            ended.append(type(error).__name__)

    with client() as http, start_sandbox(settings) as running:
        threads = [threading.Thread(target=lose, args=(running.base_url,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: len(unanswered(http, running)) == 2)
        started = time.perf_counter()
    assert time.perf_counter() - started < 60  # what hangs would have held it up for ever
    for thread in threads:
        thread.join()
    assert len(ended) == 2


def test_a_slow_answer_comes_late(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: submit, do: slow, seconds: 0.3, nth: 1") as running:
        started = time.perf_counter()
        assert submit(http, running.base_url).status_code == 200
        assert time.perf_counter() - started >= 0.3


def knock(http: httpx.Client, running: RunningSandbox) -> type[httpx.TransportError] | None:
    """How a connection ends that asks for the bill; None when it is answered."""
    try:
        http.get(f"{running.origin}/sandbox/bill")
    except httpx.TransportError as fault:  # a connection that waits while the listener goes is reset, not refused
        return type(fault)
    return None


def until(happened: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_connections_can_be_refused_for_a_while(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: submit, do: refuse, seconds: 0.5, nth: 2") as running:
        assert [submit(http, running.base_url).status_code for _ in range(2)] == [200, 200]
        until(lambda: knock(http, running) is httpx.ConnectError)
        until(lambda: knock(http, running) is None)
        assert len(http.get(f"{running.origin}/sandbox/bill").json()["tasks"]) == 2
        assert submit(http, running.base_url).status_code == 200


def test_a_sandbox_can_end_while_it_refuses_connections(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: submit, do: refuse, seconds: 60") as running:
        assert submit(http, running.base_url).status_code == 200


def test_a_huge_image_can_be_left_half_read(tmp_path: Path) -> None:
    with client() as http, at_fault(tmp_path, "at: image, do: huge") as running:
        task_id = submit(http, running.base_url).json()["data"]["taskId"]
        time.sleep(0.06)
        with http.stream("GET", f"{running.origin}/sandbox/images/{task_id}/0.png") as answer:
            assert len(next(answer.iter_bytes(100_000))) == 100_000
        assert unanswered(http, running) == [False]


SERVE = """
from pathlib import Path
from mjpipe.sandbox import Settings, serve_sandbox
serve_sandbox(
    Settings(state=Path({state!r}), key="secret"), port={port}, ready=lambda base_url: print(base_url, flush=True)
)
print("closed")
"""


@contextmanager
def served(state: Path, port: int = 0) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    code = textwrap.dedent(SERVE.format(state=str(state), port=port))
    with subprocess.Popen([sys.executable, "-W", "error", "-c", code], stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_accepted_tasks_and_charges_survive_a_kill(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer secret"}
    with served(tmp_path) as (process, base_url), httpx.Client(headers=headers) as http:
        ids = [submit(http, base_url).json()["data"]["taskId"] for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with served(tmp_path) as (_, base_url), httpx.Client(headers=headers) as http:
        bill = http.get(base_url.replace("/api/v1", "/sandbox/bill")).json()
        assert ([line["taskId"] for line in bill["tasks"]], bill["total_usd"]) == (ids, "1.00")
    assert not any(b"secret" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_served_sandbox_ends_quietly_on_ctrl_c(tmp_path: Path) -> None:
    with served(tmp_path) as (process, base_url):
        httpx.get(base_url.replace("/api/v1", "/sandbox/bill"))
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120) == ("closed\n", "")
        assert process.returncode == 0


class Hook(BaseHTTPRequestHandler):
    received: list[Any]

    def do_POST(self) -> None:
        self.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_webhook_reaches_a_receiver_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy of the environment is not for loopback.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    Hook.received = []
    with (
        HTTPServer(("127.0.0.1", 0), Hook) as receiver,
        start_sandbox(Settings(state=tmp_path, speed_up=1000)) as running,
        httpx.Client(trust_env=False, headers={"Authorization": "Bearer any"}) as http,
    ):
        url = f"http://127.0.0.1:{receiver.server_port}/hook"
        body = {"request_type": "callback", "callback_url": url, "input": DRAWN}
        task_id = http.post(f"{running.base_url}/generateTask/midjourney", json=body).json()["data"]["taskId"]
        receiver.timeout = 5
        receiver.handle_request()
        assert [payload["data"]["taskId"] for payload in Hook.received] == [task_id]
        assert running.origin in Hook.received[0]["data"]["resultJson"]
