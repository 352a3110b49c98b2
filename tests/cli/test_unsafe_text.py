"""What others write, in a cell, in an answer of the service, steers no terminal, breaks no table and is not lost."""

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.in_process import InProcess
from tests.cli.test_confirmation_at_a_terminal import at_a_terminal
from tests.run.service import png

UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
HOSTILE = "cup\u202egnp.exe\x1b]0;owned\x07\x9b2J\u2028\u2066|</td><b>`x`\u200f\nsecond\tline"
MANIFEST = """
mjpipe: 1
campaign: signs
inputs: {signs: {jsonl: signs.jsonl, key: sku}}
nodes:
  hero: {kind: generate, for_each: [signs], labels: {who: "{{ name }}"}, params: {prompt: "a sign"}}
"""


@pytest.fixture
def inside() -> InProcess:
    return InProcess({**os.environ, "NO_COLOR": "1"})


@pytest.fixture
def signs(tmp_path: Path) -> Path:
    (tmp_path / "signs.jsonl").write_text(json.dumps({"sku": "T-01", "name": HOSTILE}))
    (tmp_path / "m.yaml").write_text(MANIFEST)
    return tmp_path / "m.yaml"


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "--by", "name"),
        ("plan", "--by", "who", "--markdown"),
        ("plan", "--by", "name", "--json"),
        ("expand",),
        ("expand", "--rows"),
        ("show", "hero/T-01"),
        ("show", "hero/T-01", "--json"),
        ("validate",),
        ("graph",),
    ],
    ids=" ".join,
)
def test_no_command_prints_what_could_steer_a_terminal(
    inside: InProcess, signs: Path, command: tuple[str, ...]
) -> None:
    said = inside(command[0], signs, *command[1:])
    assert UNFIT.findall(said.out + said.err) == []
    assert "cup" in said.out or command in (("validate",), ("graph",))


def test_a_cell_stays_within_its_line_of_a_table(inside: InProcess, signs: Path) -> None:
    lines = inside("plan", signs, "--by", "name").out.splitlines()
    first = lines.index("by name:") + 1
    assert lines[first].startswith("cup gnp.exe ]0;owned 2J |</td><b>`x` second    1 to submit")
    assert lines[first + 1] == "line"
    rows = [row for row in inside("plan", signs, "--by", "name", "--markdown").out.splitlines() if "cup" in row]
    assert [row.partition(" | ")[0] for row in rows] == [r"| `cup gnp.exe ]0;owned 2J \|</td><b>x second line`"]


def test_json_says_exactly_what_the_cell_holds(inside: InProcess, signs: Path) -> None:
    assert json.loads(inside("expand", signs).out)["row"]["name"] == HOSTILE
    assert json.loads(inside("plan", signs, "--by", "name", "--json").out)["by"]["groups"][0]["value"] == HOSTILE


def test_a_table_is_exact_in_a_pipe_and_harmless_on_a_terminal(inside: InProcess, signs: Path) -> None:
    exact = inside("expand", signs, "--rows", "--format", "csv").out
    assert [*csv.DictReader(io.StringIO(exact, newline=""))] == [{"sku": "T-01", "name": HOSTILE}]
    code, shown = at_a_terminal(signs.parent, os.environ, "", "expand", "m.yaml", "--rows", "--format", "csv")
    assert (code, UNFIT.findall(shown.replace("\r\n", "\n"))) == (0, [])
    assert shown.splitlines()[0] == "sku,name"
    assert "cup�gnp.exe�]0;owned�" in shown


class _Answers(BaseHTTPRequestHandler):
    """A service whose taskIds are what no service should say."""

    server: HTTPServer
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say({"taskId": HOSTILE})

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.endswith(".png"):
            self._answer(png(self.path), "image/png")
            return
        (task,) = parse_qs(address.query)["taskId"]
        self.asked.append(task)
        here = f"http://127.0.0.1:{self.server.server_port}"
        urls = json.dumps({"resultUrls": [f"{here}/{number}.png" for number in range(4)]})
        self._say({"taskId": task, "state": "success", "resultJson": urls})

    def _say(self, data: dict[str, Any]) -> None:
        self._answer(json.dumps({"code": 200, "message": "success", "data": data}).encode(), "application/json")

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Sandbox-Speed-Up", "5000")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """Says nothing."""


@contextmanager
def saying_hostile_ids() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Answers", (_Answers,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/v1", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_task_id_that_could_steer_a_terminal_is_kept_exactly_asked_for_and_shown_without_harm(tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text(
        "mjpipe: 1\ncampaign: one\nnodes:\n  hero: {kind: generate, params: {prompt: a cup}}\n"
        "  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}\n"
    )
    with saying_hostile_ids() as (url, asked):
        mjpipe = InProcess({**os.environ, "APIXO_BASE_URL": url, "APIXO_API_KEY": "a-key", "NO_COLOR": "1"})
        said = [mjpipe("run", manifest, "--yes", code=5), mjpipe("pick", manifest, "hero", "2")]
    said += [mjpipe(name, manifest, *more) for name, more in (("show", ["hero"]), ("status", []), ("plan", []))]
    assert set(asked) == {HOSTILE}
    assert UNFIT.findall("".join(one.out + one.err for one in said)) == []
    assert "task cup gnp.exe" in said[2].out
    assert mjpipe.plan(manifest)["jobs"]["to_submit"] == 1, "the pick is about this task"
    picks = (tmp_path / "picks.csv").read_text()
    assert (UNFIT.findall(picks), picks.count("\n")) == ([], 2)
    (line,) = csv.DictReader(io.StringIO(picks))
    assert json.loads(line["task"]) == HOSTILE
