"""Ctrl-C, once, twice and thrice, to a real process."""

import json
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, take_until

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}], key: name}}
limits: {requests_per_second: 1000, concurrency: 2}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
NEVER_ANSWERED = {"at": "submit", "do": "hang", "prompt": "heron", "times": 1}
SLOW = {"at": "task", "do": "slow", "factor": 100_000, "times": 2}

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections that were left


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def answered(folder: Path) -> int:
    """How many tasks the running campaign has on record."""
    (path,) = (folder / ".mjpipe").glob("*/ledger.sqlite")
    with closing(sqlite3.connect(path)) as ledger:
        return int(ledger.execute("SELECT count(task) FROM attempts").fetchone()[0])


@pytest.mark.parametrize("times", [2, 3])
def test_a_submission_on_the_wire_is_waited_for_or_not_and_is_in_doubt_after_both(tmp_path: Path, times: int) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    faults = tmp_path / "faults.yaml"
    faults.write_text(json.dumps({"faults": 1, "rules": [NEVER_ANSWERED]}))
    with sandbox(tmp_path / "service", faults=faults) as server:
        run = Mjpipe(tmp_path, at(server).environment).start("run", "campaign.yaml", "--yes")
        until(lambda: len(server.tasks()) == 3)
        until(lambda: answered(tmp_path) == 2)  # an answer that is still on its way would be in doubt, too
        for words in ("stopping:", "leaving:"):
            run.send_signal(signal.SIGINT)
            take_until(run, words)
        left = time.monotonic()
        if times > 2:
            run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=300)
        assert run.returncode == 130, output
        if times > 2:
            assert output == ""  # no time for reports
        else:
            assert time.monotonic() - left > 4.5
            assert "next: continue\nmjpipe run" in output
        mjpipe = at(server)
        mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=6)
        status = json.loads(mjpipe("status", tmp_path / "campaign.yaml", "--json").out)
        assert (status["jobs"]["in_doubt"], status["jobs"]["done"], len(server.tasks())) == (1, 2, 3)
        (doubtful,) = [task for task in server.tasks() if "heron" in str(task["request"])]
        mjpipe("resolve", tmp_path / "campaign.yaml", "hero/heron", "--task-id", doubtful["taskId"])
        mjpipe("run", tmp_path / "campaign.yaml")
        assert len(server.tasks()) == 3
        assert len([*(tmp_path / "out" / "birds").rglob("*.png")]) == 12


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_leaving_tasks_in_flight_loses_none_of_them(tmp_path: Path, first: signal.Signals) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    faults = tmp_path / "faults.yaml"
    faults.write_text(json.dumps({"faults": 1, "rules": [SLOW]}))
    with sandbox(tmp_path / "service", faults=faults) as server:
        run = Mjpipe(tmp_path, at(server).environment).start("run", "campaign.yaml", "--yes")
        until(lambda: states(tmp_path).get("submitted") == 2)
        run.send_signal(first)
        take_until(run, "stopping:" if first is signal.SIGINT else "SIGTERM:")
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=120)
        assert run.returncode == 130, output
        assert output.splitlines()[-2:] == ["next: continue", "mjpipe run campaign.yaml"]
        assert (states(tmp_path)["submitted"], states(tmp_path)["ready"], len(server.tasks())) == (2, 1, 2)


def states(folder: Path) -> dict[str, Any]:
    if not (folder / ".mjpipe" / "birds" / "ledger.sqlite").exists():
        return {}
    said = InProcess({})("status", folder / "campaign.yaml", "--json", code=None)
    jobs: dict[str, Any] = json.loads(said.out)["jobs"] if said.code == 0 else {}
    return jobs
