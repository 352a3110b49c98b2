"""`mjpipe sandbox` as a process, and each command of its document."""

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mjpipe.sandbox.faults import At, Do
from tests.cli.program import ROOT, Mjpipe

DOCUMENT = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
BLOCK = re.compile(r"^```(shell|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "127.0.0.1:8800"
BODY = json.dumps({"request_type": "async", "input": {"mode": "text-to-image", "prompt": "a teapot"}})


class Terminals:
    """One terminal for mjpipe and one for the sandbox; starting another sandbox ends the one before."""

    def __init__(self, mjpipe: Mjpipe) -> None:
        self.mjpipe = mjpipe
        self.server: subprocess.Popen[str] | None = None
        self.reported: dict[str, str] = {}
        self.said = ""

    @property
    def address(self) -> str:
        return self.reported["APIXO_BASE_URL"].removeprefix("http://").removesuffix("/api/v1")

    def serve(self, *argv: str) -> list[str]:
        """Starts a sandbox on a free port; the two lines that it prints."""
        self.end()
        self.server = self.mjpipe.start("sandbox", "--port", "0", *argv)
        assert self.server.stdout is not None
        lines = [self.server.stdout.readline() for _ in range(3)]
        assert lines[2] == "sandbox is up; Ctrl-C ends it\n", lines
        self.reported = dict(line.removeprefix("export ").rstrip("\n").split("=", 1) for line in lines[:2])
        return [line.rstrip("\n") for line in lines[:2]]

    def end(self) -> int | None:
        if self.server is None:
            return None
        self.server.send_signal(signal.SIGINT)
        self.server.communicate(timeout=120)
        code = self.server.returncode
        self.server = None
        return code

    def bill(self) -> dict[str, Any]:
        bill: dict[str, Any] = httpx.get(f"http://{self.address}/sandbox/bill").json()
        return bill

    def submit(self, **headers: str) -> httpx.Response:
        headers = {"Authorization": "Bearer sandbox", "Content-Type": "application/json", **headers}
        return httpx.post(f"{self.reported['APIXO_BASE_URL']}/generateTask/midjourney", content=BODY, headers=headers)

    def typed(self, line: str) -> str:
        """What a command of the document prints. KEY and ID stand for what the commands before it have reported."""
        words = shlex.split(line, comments=True)
        if "KEY" in words:
            (lost,) = [task["taskId"] for task in self.bill()["tasks"] if task.get("unanswered")]
            reported = {"KEY": self.said.splitlines()[0], "ID": lost}
            words = [reported.get(word, word) for word in words]
        said = re.search(r"# exits with (\d+)", line)
        match words:
            case ["mjpipe", "sandbox", *argv]:
                return "\n".join(self.serve(*argv))
            case ["mjpipe", *argv]:
                done = replace(self.mjpipe, environment={**self.mjpipe.environment, **self.reported})(
                    *argv, code=int(said[1]) if said else 0
                )
                hurry(self.mjpipe.folder)
                return f"{done.stdout}\n{done.stderr}"
            case ["export", setting]:
                assert setting.replace(ADDRESS, self.address) in [
                    f"{name}={text}" for name, text in self.reported.items()
                ]
                return ""
            case ["curl", "-s", url]:
                return httpx.get(url.replace(ADDRESS, self.address)).text
        raise AssertionError(line)


def hurry(folder: Path) -> None:
    """Lets the campaigns send as many requests a second as a test has patience for."""
    for manifest in folder.glob("*/campaign.yaml"):
        text = manifest.read_text("utf-8")
        if "requests_per_second" not in text:
            manifest.write_text(text.replace("\nlimits:\n", "\nlimits:\n  requests_per_second: 500\n"), "utf-8")


@pytest.fixture
def terminals(mjpipe: Mjpipe) -> Iterator[Terminals]:
    opened = Terminals(mjpipe)
    try:
        yield opened
    finally:
        opened.end()


def test_each_command_of_the_document_does_what_it_shows(terminals: Terminals) -> None:
    bills = []
    for language, block in BLOCK.findall(DOCUMENT):
        if language == "yaml":
            (terminals.mjpipe.folder / "storm.yaml").write_text(block, "utf-8")
            continue
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = part.splitlines()
            terminals.said = terminals.typed(line)
            printed = iter(terminals.said.splitlines())
            address = terminals.address if terminals.reported else ADDRESS
            missing = [text for text in shown if text and text.replace(ADDRESS, address) not in printed]
            assert not missing, (line, terminals.said)
            if line.startswith("curl"):
                bills.append(json.loads(terminals.said))
    assert [(len(bill["tasks"]), bill["total_usd"]) for bill in bills] == [(30, "8.00"), (32, "8.60")]


def test_the_document_has_every_word_of_a_faults_file() -> None:
    table = DOCUMENT.partition("### Rules")[2]
    assert {str(word) for word in (*At, *Do)} - {"nothing"} <= set(re.findall(r"`(\w+)`", table))


def test_the_help_has_every_option_of_the_document(mjpipe: Mjpipe) -> None:
    known = set(re.findall(r"--[a-z-]+", mjpipe("sandbox", "--help").stdout))
    assert {"--faults", "--balance", "--concurrency", "--fetch-images", "--speed-up", "--key", "--host"} <= known
    others = {"--sandbox", "--yes", "--task-id"}
    assert set(re.findall(r"(?<![-|])--[a-z][a-z-]+", DOCUMENT)) - others <= known


def test_a_balance_runs_out_and_a_restart_does_not_fill_it_up(terminals: Terminals) -> None:
    terminals.serve("--state", "state", "--balance", "$0.40")
    assert [terminals.submit().status_code for _ in range(3)] == [200, 200, 402]
    assert terminals.end() == 0
    terminals.serve("--state", "state", "--balance", "0.50")
    assert terminals.submit().status_code == 402
    assert (terminals.bill()["total_usd"], terminals.bill()["balance_usd"]) == ("0.40", "0.10")


def test_more_tasks_than_the_concurrency_are_turned_away(terminals: Terminals) -> None:
    terminals.serve("--concurrency", "2")
    assert [terminals.submit().status_code for _ in range(3)] == [200, 200, 429]


def test_the_key_is_printed_as_a_shell_reads_it(terminals: Terminals) -> None:
    lines = terminals.serve("--key", "it's $HOME")
    shell = subprocess.run(
        ["sh", "-c", f'{lines[1]}; printf %s "$APIXO_API_KEY"'],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == "it's $HOME"
    assert terminals.submit(Authorization="Bearer it's $HOME").status_code == 200
    assert terminals.submit().status_code == 401


@pytest.mark.parametrize(
    ("argv", "reported"),
    [
        (["--balance", "-1"], "`-1` is below zero"),
        (["--balance", "much"], "`much` is not an amount in dollars"),
        (["--concurrency", "0"], "0 is not in the range x>=1"),
        (["--speed-up", "0"], "`0.0` cannot speed up the sandbox"),
        (["--faults", "none.yaml"], "the faults file `none.yaml` cannot be read"),
        (["--faults", "wrong.yaml"], "rules[0].do: 'explode' is not one of"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_listens(argv: list[str], reported: str, mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "wrong.yaml").write_text("faults: 1\nrules: [{at: task, do: explode}]\n")
    assert reported in mjpipe("sandbox", "--port", "0", *argv, code=2).stderr
