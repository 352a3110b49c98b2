"""A state that is moved, removed or replaced while its run goes on: nothing more is sent, and nothing is lost."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}, {name: swan}], key: name}}
limits: {requests_per_second: 1000, concurrency: 2}
outputs: {dir: out}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
SLOW = {"at": "task", "do": "slow", "factor": 300, "times": 2}
"""A few seconds: long enough to be in flight when something happens to the state."""

Happening = Callable[[Path], object]


def moved(state: Path) -> None:
    state.rename(state.with_name("elsewhere"))


def replaced(state: Path) -> None:
    copy = state.with_name("copy")
    shutil.copytree(state, copy)
    moved(state)
    copy.rename(state)


@contextmanager
def a_run(folder: Path) -> Iterator[tuple[SandboxServer, InProcess, Callable[[Happening], str]]]:
    """A run with two tasks in flight and two jobs to submit. What is handed back lets something happen to the folder of
    its state, and returns what the run says until it ends with 9.
    """
    (folder / "campaign.yaml").write_text(BIRDS)
    with sandbox(folder / "service", rules=[SLOW]) as server:
        mjpipe = at(server)
        run = Mjpipe(folder, mjpipe.environment).start("run", "campaign.yaml", "--yes")

        def ended_by(happening: Happening) -> str:
            happening(folder / ".mjpipe" / "birds")
            said, _ = run.communicate(timeout=300)
            assert run.returncode == 9, said
            return said

        try:
            while submitted(mjpipe, folder) != 2:
                assert run.poll() is None, run.communicate()
                time.sleep(0.02)
            yield server, mjpipe, ended_by
        finally:
            run.kill()
            run.communicate()


def submitted(mjpipe: InProcess, folder: Path) -> int:
    said = mjpipe("status", folder / "campaign.yaml", "--json", code=None)
    return int(json.loads(said.out)["jobs"]["submitted"]) if said.code == 0 else 0


def events(folder: Path) -> Counter[str]:
    """Of the receipts."""
    lines = [line for file in folder.glob("campaign.receipts/*.jsonl") for line in file.read_text().splitlines()]
    return Counter(json.loads(line)["event"] for line in lines)


def images(folder: Path) -> int:
    return len([*(folder / "out").rglob("*.png")])


@pytest.mark.parametrize(
    ("happening", "says"),
    [
        (moved, "is gone: the state of this run was moved or removed while it went on"),
        (shutil.rmtree, "is gone: the state of this run was moved or removed while it went on"),
        (replaced, "is another file now: the state of this run was replaced while it went on"),
    ],
)
def test_nothing_more_is_sent_and_what_is_in_flight_is_fetched(tmp_path: Path, happening: Happening, says: str) -> None:
    ledger = tmp_path / ".mjpipe" / "birds" / "ledger.sqlite"
    with a_run(tmp_path) as (server, _, ended_by):
        said = ended_by(happening).splitlines()
        assert len(server.tasks()) == 2
    assert images(tmp_path) == 8
    assert events(tmp_path) == {"intent": 2, "answered": 2, "ended": 2, "placed": 2}
    assert f"`{ledger}` {says}: nothing more is submitted" in said
    assert f"error: `{ledger}` {says}" in said
    assert said[-1].startswith("help: put the folder back to `")
    assert said[-1].endswith("`mjpipe adopt campaign.yaml`")


@pytest.mark.parametrize("happening", [moved, replaced])
def test_a_state_that_is_put_back_carries_on_and_nothing_is_paid_again(tmp_path: Path, happening: Happening) -> None:
    state = tmp_path / ".mjpipe" / "birds"
    with a_run(tmp_path) as (server, mjpipe, ended_by):
        ended_by(happening)
        shutil.rmtree(state, ignore_errors=True)
        state.with_name("elsewhere").rename(state)
        mjpipe("run", tmp_path / "campaign.yaml", "--yes")
        assert [*requests(server).values()] == [1, 1, 1, 1]
    assert images(tmp_path) == 16


def test_a_run_goes_on_holding_the_state_that_was_moved(tmp_path: Path) -> None:
    elsewhere = tmp_path / ".mjpipe" / "elsewhere"
    with a_run(tmp_path) as (server, mjpipe, ended_by):

        def used_elsewhere(state: Path) -> None:
            moved(state)
            mjpipe("run", tmp_path / "campaign.yaml", "--yes", "--state", elsewhere, code=7)

        ended_by(used_elsewhere)
        mjpipe("run", tmp_path / "campaign.yaml", "--yes", "--state", elsewhere)
        assert [*requests(server).values()] == [1, 1, 1, 1]


@pytest.mark.parametrize("happening", [moved, shutil.rmtree])
def test_a_second_run_where_the_state_was_buys_nothing_again(tmp_path: Path, happening: Happening) -> None:
    path = tmp_path / "campaign.yaml"
    with a_run(tmp_path) as (server, mjpipe, ended_by):

        def run_again(state: Path) -> None:
            happening(state)
            assert "`mjpipe adopt " in mjpipe("run", path, "--yes", code=2).err

        ended_by(run_again)
        mjpipe("run", path, "--yes", code=2)
        assert [*requests(server).values()] == [1, 1]


def requests(server: SandboxServer) -> Counter[str]:
    """How often each request was billed."""
    return Counter(json.dumps(task["request"], sort_keys=True) for task in server.tasks())
