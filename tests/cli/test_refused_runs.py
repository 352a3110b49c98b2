"""A run that was refused has changed nothing: the state is that of the manifest that first sends something."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer
from tests.cli.test_confirmation_at_a_terminal import at_a_terminal

BIRDS = """
mjpipe: 1
campaign: birds
limits: {requests_per_second: 1000}
nodes:
  lead: {was: hero, kind: generate, params: {prompt: "a heron"}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    (tmp_path / "birds.yaml").write_text(BIRDS)
    return tmp_path / "birds.yaml"


def copied(birds: Path) -> Path:
    copy = birds.with_name("copy.yaml")
    copy.write_text(birds.read_text())
    return copy


def recorded(manifest: Path) -> dict[str, Any]:
    """What the campaign's state holds beside its own name: its bindings, and its jobs by key, with their states."""
    with closing(sqlite3.connect(manifest.parent / ".mjpipe" / "birds" / "ledger.sqlite")) as ledger:
        return {
            "bindings": dict(ledger.execute("SELECT name, value FROM bindings WHERE name <> 'name'")),
            "jobs": dict(ledger.execute("SELECT key, state FROM jobs")),
        }


NOTHING: dict[str, Any] = {"bindings": {}, "jobs": {}}


def test_what_was_refused_for_want_of_a_cap_is_no_owner(birds: Path, mjpipe: InProcess) -> None:
    copy = copied(birds)
    mjpipe("run", copy, code=2)
    assert recorded(birds) == NOTHING
    mjpipe("run", birds, "--yes")
    assert recorded(birds)["bindings"]["manifest"] == "../../birds.yaml"
    refused = mjpipe("run", copy, "--yes", code=2)
    assert "belongs to the manifest" in refused.err


def test_a_no_and_a_silence_at_the_question_change_nothing(birds: Path, mjpipe: InProcess) -> None:
    for answer in ("n\n", "\x04"):  # the second is the end of what a person types
        assert at_a_terminal(birds.parent, mjpipe.environment, answer, "run", "birds.yaml")[0] == 130
        assert recorded(birds) == NOTHING


def test_a_budget_that_no_job_fits_leaves_the_state_to_another(birds: Path, mjpipe: InProcess) -> None:
    copy = copied(birds)
    mjpipe("run", copy, "--budget", "0.05", code=4)
    assert {"manifest", "outputs", "host", "node lead"}.isdisjoint(recorded(birds)["bindings"])
    mjpipe("run", birds, "--budget", "0.20")
    bound = recorded(birds)["bindings"]
    assert (bound["manifest"], bound["node lead"], bound["outputs"]) == ("../../birds.yaml", "hero", "out/birds")


def test_a_refusal_leaves_a_campaign_that_was_made_as_it_was(birds: Path, mjpipe: InProcess) -> None:
    mjpipe("run", birds, "--yes")
    made = recorded(birds)
    birds.write_text(BIRDS.replace("a heron", "a duck"))
    mjpipe("run", birds, code=2)
    assert recorded(birds) == made
    birds.write_text(BIRDS)
    assert json.loads(mjpipe("status", birds, "--json").out)["jobs"]["done"] == 1
