"""A run that is killed while it takes over changed picks leaves a state that the next run carries on from."""

import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import JobState
from mjpipe.ledger import Records
from tests.cli.program import ROOT, Mjpipe, sandbox_of, wait_for_tasks

CUPS = """\
mjpipe: 1
campaign: cups
inputs: {cups: {matrix: {cup: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}}}
limits: {budget: 50}
outputs: {dir: out}
nodes:
  hero: {kind: generate, for_each: cups, params: {prompt: "cup {{ cup }}"}}
  last: {kind: generate, params: {prompt: a slow pot}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
KEYS = [f"hero/{cup}" for cup in range(1, 13)]
SLOW = "faults: 1\nrules: [{at: task, do: slow, factor: 40, prompt: slow}]\n"


def states(folder: Path) -> Counter[tuple[str, JobState]]:
    with closing(Records.open(folder / ".mjpipe" / "cups" / "ledger.sqlite")) as records:
        return Counter((job.node, job.state) for job in records.jobs() if job.wanted)


@pytest.mark.crash
def test_a_run_that_is_killed_between_two_parts_of_a_new_plan_plans_again_at_its_next_start(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "cups.yaml").write_text(CUPS)
    (mjpipe.folder / "slow.yaml").write_text(SLOW)
    with sandbox_of(mjpipe, "--faults", "slow.yaml") as server:
        paying = mjpipe.pointed_at(server)
        run = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.killed_replan", "run", "cups.yaml", "--yes"],
            cwd=mjpipe.folder,
            env={**paying.environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        wait_for_tasks(server, len(KEYS) + 1, run)
        while states(mjpipe.folder)["hero", JobState.DONE] < len(KEYS):
            assert run.poll() is None, "the slow task keeps it going"
            time.sleep(0.05)
        (mjpipe.folder / "picks.csv").write_text("key,decision,images\n" + "".join(f"{key},pick,2\n" for key in KEYS))
        assert run.wait() == -signal.SIGKILL
        assert 0 < states(mjpipe.folder)["final", JobState.UNPICKED] < len(KEYS), "a part of the plan was taken over"
        paying("run", "cups.yaml", "--yes")
        assert states(mjpipe.folder) == {
            ("hero", JobState.DONE): len(KEYS),
            ("last", JobState.DONE): 1,
            ("final", JobState.DONE): len(KEYS),
        }
        assert Counter(task["mode"] for task in server.tasks()) == {
            "text-to-image": len(KEYS) + 1,
            "upscale": len(KEYS),
        }
