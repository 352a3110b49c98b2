"""Runs that are killed between edits: with a person's word about what is in doubt, nothing is paid twice or lost."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import JobState
from mjpipe.ledger import Records
from tests.cli.in_process import sandbox
from tests.cli.program import Mjpipe, SandboxServer, holder_on_record, wait_for_tasks
from tests.cli.studio import Studio, campaigns, edited, whole_runs
from tests.cli.teapots import Teapots, asks_of, still_to_pay

SPEED_UP = 100.0
"""Tasks take a third of a second, so that many are in flight when a run is killed."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox"), speed_up=SPEED_UP) as running:
        yield running


def killed(studio: Studio, manifest: Path, tasks: int) -> None:
    """A run, killed when it has taken hold of the campaign and had so many tasks accepted."""
    process = Mjpipe(studio.folder, studio.mjpipe.environment).start("run", manifest.name, "--yes")
    ledger = studio.folder / ".mjpipe" / "teapots" / "ledger.sqlite"
    while holder_on_record(ledger) != process.pid and process.poll() is None:
        time.sleep(0.01)
    wait_for_tasks(studio.server, tasks, process)
    process.kill()
    process.communicate()


def resolve(studio: Studio, manifest: Path) -> None:
    """Says of each job in doubt what the service's own list says."""
    while True:
        with closing(Records.open(studio.folder / ".mjpipe" / "teapots" / "ledger.sqlite")) as records:
            jobs = list(records.jobs())
        known = {attempt.task for job in jobs for attempt in job.attempts}
        doubtful = next((job for job in jobs if job.state is JobState.IN_DOUBT), None)
        if doubtful is None:
            return
        assert doubtful.attempt
        asked = json.loads(doubtful.attempt.body)["input"]
        lost = [task["taskId"] for task in studio.tasks() if task["taskId"] not in known and task["request"] == asked]
        word = ("--task-id", lost[0]) if lost else ("--not-sent",)
        studio.mjpipe("resolve", manifest, doubtful.key, *word)


@pytest.mark.crash
@given(teapots=campaigns(), data=st.data())
@whole_runs(4)
def test_a_campaign_that_is_killed_and_edited_pays_for_each_ask_once(
    tmp_path_factory: pytest.TempPathFactory, server: SandboxServer, teapots: Teapots, data: st.DataObject
) -> None:
    studio = Studio(tmp_path_factory.mktemp("campaign"), server)
    history = [teapots]
    for _ in range(data.draw(st.integers(1, 3), label="edits")):
        before = [*asks_of(studio.tasks()).values()]
        to_pay = still_to_pay(teapots.jobs(), studio.tasks())
        manifest = teapots.write(studio.folder)
        killed(studio, manifest, data.draw(st.integers(0, 5), label="tasks"))
        if data.draw(st.booleans(), label="edited before it is carried on"):
            teapots = data.draw(edited(teapots, history))
            history.append(teapots)
            tasks = studio.tasks()
            paid = Counter([*asks_of(tasks).values()][len(before) :])
            to_pay |= paid + still_to_pay(teapots.jobs(), tasks)
        manifest = teapots.write(studio.folder)
        studio.mjpipe("run", manifest, "--yes", code=None)
        resolve(studio, manifest)
        studio.mjpipe("run", manifest, "--yes")
        resolve(studio, manifest)
        studio.make(teapots)
        paid = Counter([*asks_of(studio.tasks()).values()][len(before) :])
        assert paid <= to_pay
        teapots = data.draw(edited(teapots, history))
        history.append(teapots)
