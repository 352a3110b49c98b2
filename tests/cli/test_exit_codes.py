"""Of several exit codes that apply, the first in the documented order."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import at, sandbox
from tests.cli.program import Mjpipe, take_until

ROWS = ", ".join(f"{{name: {name}}}" for name in ("heron", "duck", "crane", "swan"))
BIRDS = f"""
mjpipe: 1
campaign: birds
inputs: {{birds: {{rows: [{ROWS}], key: name}}}}
limits: {{requests_per_second: 1000, concurrency: 1, task_timeout: 1}}
nodes:
  hero: {{kind: generate, for_each: [birds], params: {{prompt: "a {{{{ name }}}}"}}}}
  final: {{kind: upscale, from: hero, images: pick, where: "name == 'swan'", params: {{type: 0}}}}
"""
REFUSED = {"at": "submit", "do": "answer", "status": 400, "prompt": "heron"}
LOST = {"at": "submit", "do": "cut", "prompt": "duck"}
SLOW = {"at": "task", "do": "slow", "factor": 100_000, "prompt": "crane"}
NO_CREDIT = {"at": "submit", "do": "answer", "status": 402, "prompt": "crane"}
NO_KEY = {"at": "submit", "do": "answer", "status": 401, "prompt": "crane"}

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what the sandbox cut


@pytest.mark.parametrize(
    ("faults", "argv", "code"),
    [
        ([], ("--yes",), 5),
        ([REFUSED], ("--yes",), 1),
        ([SLOW], ("--yes",), 1),
        ([REFUSED, LOST], ("--yes",), 6),
        ([REFUSED, LOST, SLOW], ("--yes",), 6),
        ([REFUSED, LOST], ("--budget", "0.45"), 4),
        ([REFUSED, LOST, NO_CREDIT], ("--yes",), 4),
        ([REFUSED, LOST, NO_KEY], ("--yes",), 8),
    ],
)
def test_the_first_that_applies(tmp_path: Path, faults: list[dict[str, Any]], argv: tuple[str, ...], code: int) -> None:
    with served(tmp_path, faults) as server:
        said = at(server)("run", campaign(tmp_path), *argv, code=code)
    assert said.out.splitlines()[-2].startswith("next: "), said.out


def test_a_refused_key_counts_more_than_a_budget_that_was_met_before(tmp_path: Path) -> None:
    """The key is refused to the polls of what was in flight when the budget was met."""
    rules = [{"at": "status", "do": "answer", "status": 401}]
    with served(tmp_path, rules) as server:
        at(server)("run", campaign(tmp_path, concurrency=4), "--budget", "0.40", code=8)


def test_ctrl_c_counts_more_than_a_budget_that_was_met_before(tmp_path: Path) -> None:
    with served(tmp_path, [SLOW]) as server:
        run = Mjpipe(tmp_path, at(server).environment).start(
            "run", campaign(tmp_path, concurrency=4, task_timeout=600).name, "--budget", "0.60"
        )
        take_until(run, "the budget leaves no room")
        run.send_signal(signal.SIGINT)
        take_until(run, "stopping:")
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=120)
    assert run.returncode == 130


def test_what_a_run_holds_can_be_read_and_not_changed(tmp_path: Path) -> None:
    with served(tmp_path, [SLOW]) as server:
        mjpipe = at(server)
        path = campaign(tmp_path, concurrency=4, task_timeout=600)
        first = Mjpipe(tmp_path, mjpipe.environment).start("run", path.name, "--yes")
        try:
            until(lambda: len(server.tasks()) == 4)
            held = f"error: another run holds this campaign: process {first.pid}"
            for command in (("run", path), ("run", path, "--yes"), ("resolve", path, "hero/heron", "--not-sent")):
                assert mjpipe(*command, code=7).err.startswith(held)
            assert json.loads(mjpipe("status", path, "--json").out)["jobs"]["total"] == 5
            assert mjpipe.plan(path)["jobs"]["to_submit"] == 0
        finally:
            first.kill()
            first.communicate()
        mjpipe("resolve", path, "hero/heron", "--not-sent", code=2)  # the lock died with its holder


def campaign(folder: Path, *, concurrency: int = 1, task_timeout: int = 1) -> Path:
    path = folder / "campaign.yaml"
    text = BIRDS.replace("concurrency: 1", f"concurrency: {concurrency}")
    path.write_text(text.replace("task_timeout: 1", f"task_timeout: {task_timeout}"))
    return path


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def served(folder: Path, rules: list[dict[str, Any]]) -> Any:
    faults = folder / "faults.yaml"
    faults.write_text(json.dumps({"faults": 1, "rules": rules}))
    return sandbox(folder / "service", faults=faults)


def test_of_many_runs_at_once_one_runs(tmp_path: Path) -> None:
    with served(tmp_path, []) as server:
        path = campaign(tmp_path, concurrency=4)
        runs = [Mjpipe(tmp_path, at(server).environment).start("run", path.name, "--yes") for _ in range(4)]
        for run in runs:
            run.communicate(timeout=60)
        codes = sorted(run.returncode for run in runs)
        assert codes[0] == 5
        assert {*codes[1:]} <= {5, 7}  # whoever came after the first had ended found all done
        assert len(server.tasks()) == 4


def test_a_plan_with_work_to_do_says_so_when_asked_to(tmp_path: Path) -> None:
    with served(tmp_path, []) as server:
        mjpipe, path = at(server), campaign(tmp_path)
        mjpipe("plan", path)
        mjpipe("plan", path, "--detailed-exitcode", code=3)
        mjpipe("run", path, "--yes", code=5)
        mjpipe("plan", path, "--detailed-exitcode")
        path.write_text("mjpipe: 2\n")
        mjpipe("plan", path, "--detailed-exitcode", code=2)
