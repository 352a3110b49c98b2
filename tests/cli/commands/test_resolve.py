"""What a person says of jobs in doubt, at the command line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mjpipe.cli.commands.resolve import ASK
from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: teal}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
LOST = [{"at": "submit", "do": "cut", "prompt": name, "times": 1, "accepted": True} for name in ("heron", "duck")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", rules=LOST) as running:
        yield running


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(BIRDS)
    return path


@pytest.fixture
def doubtful(server: SandboxServer, manifest: Path) -> InProcess:
    """A run in which the answers about the heron and the duck were lost."""
    mjpipe = at(server)
    mjpipe("run", manifest, "--yes", code=6)
    return mjpipe


def keys(listed: str) -> list[str]:
    return [line for line in listed.splitlines() if not line.startswith(" ")]


def test_the_jobs_that_are_named_are_listed(doubtful: InProcess, manifest: Path) -> None:
    assert keys(doubtful("resolve", manifest).out) == ["hero/heron", "hero/duck"]
    said = doubtful("resolve", manifest, "hero/duck")
    shown = (
        f"1 job in doubt: {ASK}\n"
        "settle each with `resolve` and its key: --task-id ID, or --not-sent when there is no task\n"
        f"next: see all that is known of the first\nmjpipe show {manifest} hero/duck\n"
    )
    assert (keys(said.out), said.err) == (["hero/duck"], shown)


def test_a_job_that_is_not_in_doubt_is_not_listed(doubtful: InProcess, manifest: Path) -> None:
    said = doubtful("resolve", manifest, "hero/duck", "hero/teal", "hero/none", code=2)
    assert said.out == ""
    assert said.err.splitlines() == [
        "error: not in doubt and not at risk, or not a job: `hero/teal`, `hero/none`",
        f"help: `mjpipe resolve {manifest}` lists the jobs that are",
    ]


@pytest.mark.parametrize("task", ["", " \t", "task\x1b[2J"])
def test_what_is_no_task_id_is_not_adopted(doubtful: InProcess, manifest: Path, task: str) -> None:
    said = doubtful("resolve", manifest, "hero/duck", "--task-id", task, code=2)
    assert said.err.splitlines()[0] == "error: the task id is empty or not printable"
    assert keys(doubtful("resolve", manifest).out) == ["hero/heron", "hero/duck"]


def test_a_wrong_id_is_corrected(doubtful: InProcess, server: SandboxServer, manifest: Path) -> None:
    (lost,) = [str(task["taskId"]) for task in server.tasks() if "heron" in str(task["request"])]
    doubtful("resolve", manifest, "hero/heron", "--task-id", "task_of_somebody")
    doubtful("resolve", manifest, "hero/duck", "--task-id", "task_of_nobody")
    doubtful("resolve", manifest, "hero/heron", "--task-id", f" {lost} ")
    doubtful("resolve", manifest, "hero/duck", "--not-sent")
    doubtful("run", manifest, "--yes")
    assert len(server.tasks()) == 4  # the duck was sent, and is paid twice, by the person's word


def test_what_was_sent_again_after_a_gateway_timeout_and_what_failed_is_listed_with_the_jobs_in_doubt(
    tmp_path: Path, manifest: Path
) -> None:
    """Each may have been billed: the sum of what is listed is what is at risk."""
    rules: list[dict[str, object]] = [
        {"at": "submit", "do": "answer", "status": 504, "prompt": "heron", "times": 1, "accepted": True},
        {"at": "task", "do": "fail", "code": "PromptInvalid", "prompt": "duck"},
        {"at": "submit", "do": "cut", "prompt": "teal"},
    ]
    with sandbox(tmp_path / "service", rules=rules) as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--budget", "5", code=6)
        said, status = mjpipe("resolve", manifest), json.loads(mjpipe("status", manifest, "--json").out)
        text, failed = mjpipe("status", manifest).out, mjpipe("resolve", manifest, "hero/duck")
    at_risk = {attempt["key"]: attempt for attempt in status["at_risk"]}
    assert {key: (risk["risk"], risk["usd"], risk["attempt"]) for key, risk in at_risk.items()} == {
        "hero/heron": ("no_answer", "0.20", 1),
        "hero/duck": ("failed", "0.20", 1),
        "hero/teal": ("in_doubt", "0.20", 1),
    }
    assert status["money"]["at_risk"] == "0.60"
    assert keys(said.out) == ["hero/teal", "hero/heron", "hero/duck"]
    assert said.err.splitlines()[-3:] == [
        f"2 other attempts at risk, 1 without an answer: {ASK}",
        "next: see all that is known of the first",
        f"mjpipe show {manifest} hero/teal",
    ]
    assert failed.err == "no job is in doubt\n1 other attempt at risk\n"  # there is nothing to look for
    assert "PromptInvalid" in said.out
    assert "a gateway answered instead: --task-id ID takes the task" in said.out
    assert [
        line.split()[0] for line in re.findall(r"^  hero/.*$", text[text.index("at risk, by attempt") :], re.MULTILINE)
    ] == [
        "hero/heron",
        "hero/duck",
        "hero/teal",
    ]
