"""Two runs of one campaign, as processes: one holds its state, and the other is refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.cli.in_process import at, sandbox
from tests.cli.program import Mjpipe, SandboxServer, holder_on_record, wait_for_tasks

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}, {name: swan}], key: name}}
limits: {requests_per_second: 1000, concurrency: 2}
outputs: {dir: out}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
SLOW = {"at": "task", "do": "slow", "times": 2}


@contextmanager
def slow_sandbox(folder: Path, *, factor: int = 100_000) -> Iterator[SandboxServer]:
    """The first two tasks stay in flight."""
    (folder / "campaign.yaml").write_text(BIRDS)
    with sandbox(folder / "service", rules=[{**SLOW, "factor": factor}]) as server:
        yield server


def state(folder: Path) -> Path:
    return folder / ".mjpipe" / "birds"


def test_who_removes_the_lock_file_of_a_run_does_not_get_its_campaign(tmp_path: Path) -> None:
    with slow_sandbox(tmp_path) as server:
        mjpipe = at(server)
        first = Mjpipe(tmp_path, mjpipe.environment).start("run", "campaign.yaml", "--yes")
        try:
            wait_for_tasks(server, 2, first)
            (state(tmp_path) / "lock").unlink()
            refused = mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=7)
            assert refused.err.startswith(f"error: another run holds this campaign: process {first.pid} on ")
            assert holder_on_record(state(tmp_path) / "ledger.sqlite") == first.pid
        finally:
            first.kill()
            first.communicate()
        assert len(server.tasks()) == 2


def test_after_a_killed_run_the_next_one_holds_the_campaign_and_lets_go_of_it(tmp_path: Path) -> None:
    with slow_sandbox(tmp_path) as server:
        mjpipe = at(server)
        first = Mjpipe(tmp_path, mjpipe.environment).start("run", "campaign.yaml", "--yes")
        wait_for_tasks(server, 2, first)
        first.kill()
        # Not waited for: the process is a zombie, which holds nothing.
        path = tmp_path / "campaign.yaml"
        path.write_text(BIRDS.replace("concurrency: 2", "concurrency: 4, task_timeout: 1"))
        mjpipe("run", path, "--yes", code=None)
        first.communicate()
        assert holder_on_record(state(tmp_path) / "ledger.sqlite") is None
        assert len(server.tasks()) == 4


TAKEN_OVER = "UPDATE holder SET token = 'of another', host = 'elsewhere', pid = 7, renewed = unixepoch()"


def test_a_run_whose_campaign_was_taken_over_submits_nothing_more(tmp_path: Path) -> None:
    """As by a run on another host, which does not see the lock and saw no sign of life for a minute."""
    with slow_sandbox(tmp_path, factor=300) as server:
        mjpipe = at(server)
        first = Mjpipe(tmp_path, mjpipe.environment).start("run", "campaign.yaml", "--yes")
        wait_for_tasks(server, 2, first)
        with closing(sqlite3.connect(state(tmp_path) / "ledger.sqlite", timeout=60)) as ledger:
            ledger.execute(TAKEN_OVER)
            ledger.commit()
        said, _ = first.communicate(timeout=300)
        assert first.returncode == 7, said
        assert "error: this campaign is held by process 7 on elsewhere, since " in said
        assert len(server.tasks()) == 2
        refused = mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=7).err
        assert "another run holds this campaign: process 7 on elsewhere" in refused
        with closing(sqlite3.connect(state(tmp_path) / "ledger.sqlite")) as ledger:
            ledger.execute("UPDATE holder SET renewed = unixepoch() - 61")
            ledger.commit()
        mjpipe("run", tmp_path / "campaign.yaml", "--yes")
        assert len(server.tasks()) == 4
