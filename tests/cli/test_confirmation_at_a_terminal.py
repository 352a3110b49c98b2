"""A person at a terminal is shown the plan and asked; a yes goes as far as what was shown."""

import json
import os
import pty
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import rmtree
from subprocess import Popen
from typing import Any

import pytest

from tests.cli.in_process import at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
FAILS_ONCE = {"at": "task", "do": "fail", "code": "Task TimeOut", "prompt": "duck", "times": 1}


def at_a_terminal(
    folder: Path,
    environment: Mapping[str, str],
    answer: str,
    *argv: str,
    meanwhile: Callable[[int], None] = lambda _: None,
) -> tuple[int, str]:
    """Runs `mjpipe` on a terminal and types a line of `answer` each time that it asks. Gives its exit code and all that
    was shown. `meanwhile` is called with its pid while it waits for the first answer.
    """
    mine, its = pty.openpty()
    process = Popen(
        [sys.executable, "-m", "mjpipe", *argv],
        cwd=folder,
        env={**environment, "TERM": "dumb", "COLUMNS": "100"},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    shown, answered, answers = "", 0, answer.splitlines(keepends=True)
    try:
        while True:
            try:
                more = os.read(mine, 4096)
            except OSError:  # how a terminal says that the program has gone
                break
            if not more:
                break
            shown += more.decode(errors="replace")
            if answers and shown.count("[y/N]") + shown.count("[Y/n]") > answered:
                if not answered:
                    meanwhile(process.pid)
                os.write(mine, answers.pop(0).encode())
                answered += 1
    finally:
        os.close(mine)
        process.wait(timeout=60)
    assert "\x1b" not in shown  # a dumb terminal would show it
    return process.returncode, shown


def served(folder: Path, *rules: dict[str, Any]) -> Any:
    (folder / "campaign.yaml").write_text(BIRDS)
    (folder / "faults.yaml").write_text(json.dumps({"faults": 1, "rules": rules}))
    return sandbox(folder / "service", faults=folder / "faults.yaml")


def billed(server: SandboxServer) -> tuple[int, str]:
    return len(server.tasks()), server.total_usd()


def test_a_no_sends_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        code, shown = at_a_terminal(tmp_path, at(server).environment, "n\n", "run", "campaign.yaml")
        assert (code, billed(server)) == (130, (0, "0.00"))
        assert shown.splitlines()[-1] == "declined: nothing was submitted"
    assert shown.index("Plan: 3 to submit") < shown.index("Spend $0.60 now?")


def test_a_yes_is_asked_for_once(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        environment = at(server).environment
        code, shown = at_a_terminal(tmp_path, environment, "y\n", "run", "campaign.yaml")
        assert (code, billed(server)) == (0, (3, "0.60"))
        assert "hero " in shown
        assert shown.splitlines()[-1] == "all done"
        code, shown = at_a_terminal(tmp_path, environment, "", "run", "campaign.yaml")
        assert (code, "Spend" in shown, billed(server)) == (0, False, (3, "0.60"))


def test_a_yes_does_not_reach_beyond_what_was_shown(tmp_path: Path) -> None:
    """A task that failed may have been billed: doing it again would be more than was agreed to."""
    with served(tmp_path, FAILS_ONCE) as server:
        code, _ = at_a_terminal(tmp_path, at(server).environment, "y\n", "run", "campaign.yaml")
        assert code == 4
        assert len(server.tasks()) == 3


@pytest.mark.parametrize("argv", [("--yes",), ("--sandbox",), ("--dry-run",)])
def test_nobody_is_asked_without_need(tmp_path: Path, argv: tuple[str, ...]) -> None:
    with served(tmp_path) as server:
        code, shown = at_a_terminal(tmp_path, at(server).environment, "", "run", "campaign.yaml", *argv)
    assert (code, "[y/N]" in shown) == (0, False)


def test_the_question_names_what_the_budget_leaves(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        code, shown = at_a_terminal(tmp_path, at(server).environment, "y\n", "run", "campaign.yaml", "--budget", "0.50")
        assert (code, billed(server)) == (4, (2, "0.40"))
    assert "\nbudget: $0.50 left, enough for 2 of 3 jobs ($0.40); 1 waits\r\nPlan: 3 to submit" in shown
    assert "Spend $0.40 now? [y/N]" in shown
    assert shown.splitlines()[-2:] == [
        "next: raise the budget: $0.40 is used, and 1 more job costs $0.20",
        "mjpipe run campaign.yaml --budget 0.60",
    ]


def test_nobody_is_asked_about_a_budget_that_holds_no_job(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        code, shown = at_a_terminal(tmp_path, at(server).environment, "", "run", "campaign.yaml", "--budget", "0.10")
        assert (code, billed(server)) == (4, (0, "0.00"))
    assert "Spend" not in shown
    assert "next: raise the budget" in shown


PICKED = BIRDS + "  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}\n"


@pytest.mark.parametrize(
    ("options", "question"),
    [
        ((), "Spend $0.60 now? (Later picks: up to $3.60 more.) [y/N]: "),
        (
            ("--budget", "2.00"),
            "Spend $0.60 now? (Later picks: up to the $1.40 left in the budget.) [y/N]: ",
        ),
        (("--budget", "9.00"), "Spend $0.60 now? (Later picks: up to $3.60 more.) [y/N]: "),
    ],
)
def test_the_question_names_what_later_picks_could_add(tmp_path: Path, options: tuple[str, ...], question: str) -> None:
    with served(tmp_path) as server:
        (tmp_path / "campaign.yaml").write_text(PICKED)
        code, shown = at_a_terminal(tmp_path, at(server).environment, "n\n", "run", "campaign.yaml", *options)
        assert (code, billed(server)) == (130, (0, "0.00"))
    assert question in shown


def test_who_waits_for_a_campaign_is_told_that_another_run_waits_for_its_yes(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        mjpipe = at(server)
        refused: list[str] = []

        def meanwhile(pid: int) -> None:
            refused.append(mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=7).err.replace(str(pid), "PID"))

        at_a_terminal(tmp_path, mjpipe.environment, "n\n", "run", "campaign.yaml", meanwhile=meanwhile)
        assert re.sub(r"on \S+, since [-0-9: ]+", "on HOST, since WHEN", refused[0]) == (
            "error: another run waits for a yes at its terminal: process PID on HOST, since WHEN\n"
            "help: answer it there, or stop it with Ctrl-C\n"
        )
        mjpipe("run", tmp_path / "campaign.yaml", "--yes")
        assert not (tmp_path / ".mjpipe" / "birds" / "question").exists()


def test_a_run_that_only_needs_an_adoption_offers_it(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        environment = at(server).environment
        at(server)("run", tmp_path / "campaign.yaml", "--yes", "--select", "hero/duck")
        rmtree(tmp_path / ".mjpipe")
        code, shown = at_a_terminal(tmp_path, environment, "n\n", "run", "campaign.yaml")
        assert (code, billed(server)) == (130, (1, "0.20"))
        *_, asked, declined = shown.splitlines()
        help_ = "help: `mjpipe adopt campaign.yaml` takes it over, and nothing is paid again; "
        assert help_ in " ".join(shown.split())  # it is wrapped
        assert asked.startswith("Adopt 1 result ($0.20 paid)? [Y/n]")
        assert declined == "declined: nothing was submitted"
        code, shown = at_a_terminal(tmp_path, environment, "y\nn\n", "run", "campaign.yaml")
        assert (code, shown.splitlines()[-1]) == (130, "declined: nothing was submitted")
        assert at(server)("adopt", tmp_path / "campaign.yaml").out == "nothing to adopt\n"
        rmtree(tmp_path / ".mjpipe")
        code, shown = at_a_terminal(tmp_path, environment, "\ny\n", "run", "campaign.yaml")
        assert (code, billed(server)) == (0, (3, "0.60"))
        assert "adopted 1 attempt ($0.20): 1 done" in shown
        assert "Spend $0.40 now? [y/N]" in shown
    assert shown.splitlines()[-1] == "all done"
