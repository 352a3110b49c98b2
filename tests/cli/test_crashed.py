"""After a run that was killed, before the next one: every command says what that one will find."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import JobState
from mjpipe.ledger import Records
from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  large: {kind: upscale, from: hero, images: [0]}
"""
NEVER_ANSWERED = {"at": "submit", "do": "hang", "prompt": "heron", "times": 1, "accepted": True}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", rules=[NEVER_ANSWERED]) as running:
        yield running


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(BIRDS)
    return path


def done(manifest: Path) -> int:
    with closing(Records.open(manifest.parent / ".mjpipe" / "birds" / "ledger.sqlite")) as records:
        return len(list(records.jobs(JobState.DONE)))


def jobs_of(mjpipe: InProcess, manifest: Path) -> dict[str, int]:
    jobs: dict[str, int] = json.loads(mjpipe("status", manifest, "--json").out)["jobs"]
    return {state: count for state, count in jobs.items() if count}


@pytest.fixture
def crashed(server: SandboxServer, manifest: Path) -> InProcess:
    """A run that was killed while it waited for an answer, with all else done."""
    mjpipe = at(server)
    run = Mjpipe(manifest.parent, mjpipe.environment).start("run", manifest.name, "--yes")
    try:
        deadline = time.monotonic() + 300
        while len(server.tasks()) < 3 or done(manifest) < 2:
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)
        assert jobs_of(mjpipe, manifest)["submitting"] == 1  # a run that goes on doubts nothing
    finally:
        run.kill()
        run.communicate()
    return mjpipe


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections that were left
def test_what_was_being_submitted_is_in_doubt_to_every_command(
    crashed: InProcess, server: SandboxServer, manifest: Path
) -> None:
    assert jobs_of(crashed, manifest) == {"total": 4, "done": 2, "in_doubt": 1, "waiting": 1}
    plan = crashed.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["in_doubt"]) == (0, 1)
    assert plan["cost"]["high_usd"] == "0.00"
    assert "the program ended before the answer to this submission came" in crashed("show", manifest, "hero/heron").out
    listed = crashed("resolve", manifest)
    assert listed.out.splitlines()[0] == "hero/heron"
    crashed("report", manifest)
    costs = json.loads((manifest.parent / "out" / "birds" / "report" / "costs.json").read_text())
    assert (costs["totals"]["at_risk"], costs["totals"]["reserved"]) == ("0.20", "0.00")

    (lost,) = [task["taskId"] for task in server.tasks() if "heron" in str(task["request"])]
    crashed("resolve", manifest, "hero/heron", "--task-id", lost)
    crashed("run", manifest, "--yes")
    assert jobs_of(crashed, manifest) == {"total": 4, "done": 4}
    assert len(server.tasks()) == 4
