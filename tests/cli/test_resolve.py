"""What a person says of jobs in doubt, at the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.inside import Inside, at, sandbox
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
def doubtful(server: SandboxServer, manifest: Path) -> Inside:
    """A run in which the answers about the heron and the duck were lost."""
    mjpipe = at(server)
    mjpipe("run", manifest, "--yes", code=6)
    return mjpipe


def keys(listed: str) -> list[str]:
    return [line for line in listed.splitlines() if not line.startswith(" ")]


def test_the_jobs_that_are_named_are_listed(doubtful: Inside, manifest: Path) -> None:
    assert keys(doubtful("resolve", manifest).out) == ["hero/heron", "hero/duck"]
    said = doubtful("resolve", manifest, "hero/duck")
    named = f"mjpipe resolve {manifest}"
    told = f"1 in doubt; next: {named} KEY --task-id ID, or {named} KEY ... --not-sent\n"
    assert (keys(said.out), said.err) == (["hero/duck"], told)


def test_a_job_that_is_not_in_doubt_is_not_listed(doubtful: Inside, manifest: Path) -> None:
    said = doubtful("resolve", manifest, "hero/duck", "hero/teal", "hero/none", code=2)
    assert said.out == ""
    assert said.err.splitlines() == [
        "error: not in doubt, or not a job at all: `hero/teal`, `hero/none`",
        "help: `mjpipe resolve M` lists the jobs in doubt",
    ]


@pytest.mark.parametrize("task", ["", " \t", "task\x1b[2J"])
def test_what_is_no_task_id_is_not_adopted(doubtful: Inside, manifest: Path, task: str) -> None:
    said = doubtful("resolve", manifest, "hero/duck", "--task-id", task, code=2)
    assert said.err.splitlines()[0] == "error: the task id is empty, or is none"
    assert keys(doubtful("resolve", manifest).out) == ["hero/heron", "hero/duck"]


def test_a_wrong_id_is_put_right(doubtful: Inside, server: SandboxServer, manifest: Path) -> None:
    (lost,) = [str(task["taskId"]) for task in server.tasks() if "heron" in str(task["request"])]
    doubtful("resolve", manifest, "hero/heron", "--task-id", "task_of_somebody")
    doubtful("resolve", manifest, "hero/duck", "--task-id", "task_of_nobody")
    doubtful("resolve", manifest, "hero/heron", "--task-id", f" {lost} ")
    doubtful("resolve", manifest, "hero/duck", "--not-sent")
    doubtful("run", manifest, "--yes")
    assert len(server.tasks()) == 4  # the duck was sent, and is paid twice, by the person's word
