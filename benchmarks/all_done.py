"""A campaign of which everything is done, made without a service: what a run costs that has nothing to do.

    python -m benchmarks.all_done [--items 20000]

Each item is five jobs: four images, and the upscale of each.
"""

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.engine import adopt, write_campaign
from benchmarks.measure import Used, used_by
from benchmarks.service import SIDE, noise
from mjpipe.apixo import submission_body
from mjpipe.domain import EXTENSION, JobState, TaskId
from mjpipe.ledger import InFlight, Ledger, Stored, Verdict

BASE_URL = "http://127.0.0.1:9"
"""Nobody is asked, and nobody answers there."""

LINKS = 30_000
"""File systems bound how many names a file may have."""

READY = Verdict(state=JobState.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Wall seconds of the commands, the best of some tries each; `writing` is a run that also writes its tables, `show`
    shows the last job.
    """

    jobs: int
    plan: float
    run: float
    writing: float
    show: float


class Outputs:
    """Images that all are one picture, under many names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._picture = noise(SIDE)
        self._sha256 = hashlib.sha256(self._picture).hexdigest()
        self._made = 0

    def place(self, number: int, path: str) -> Stored:
        target = self._folder / path
        if self._made % LINKS == 0:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._picture)
            self._linked = target
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(self._linked)
        self._made += 1
        return Stored(number=number, path=path, sha256=self._sha256, size=len(self._picture))


def carry_out_at_once(ledger: Ledger, outputs: Path) -> int:
    """All that is ready, and what follows from it, is done; gives how many jobs that are."""
    images = Outputs(outputs)
    jobs = 0
    ledger.connection.execute("BEGIN")
    while True:
        batch = ledger.submissions.intend(
            limit=5000, budget=None, cap=None, now=1.0, elapsed=0.0, body=lambda job: submission_body(dict(job.request))
        )
        if not batch.intents:
            break
        for intent in batch.intents:
            task_id = TaskId(f"task_{intent.attempt}")
            task = ledger.submissions.record_task(
                intent, task_id, host=urlsplit(BASE_URL).netloc, speed_up=1.0, now=2.0
            )
            assert task is not None
            _succeed(ledger, task, images)
        jobs += len(batch.intents)
    ledger.connection.execute("COMMIT")
    return jobs


def _succeed(ledger: Ledger, task: InFlight, images: Outputs) -> None:
    count = 1 if task.request["mode"] == "upscale" else 4
    urls = [f"{BASE_URL}/{task.task}/{number}.png" for number in range(count)]
    ledger.results.record_success(task, urls=urls, actions=None, created=None, completed=None, now=3.0)
    paths = ledger.images.to_fetch_of(task.attempt).paths
    stored = [images.place(number, path.replace(EXTENSION, "png")) for number, path in enumerate(paths)]
    # Now is no earlier than the files: they are as they came.
    ledger.files.record_fetched(task.job, task.attempt, stored, time.time())
    for follower in ledger.follow_ups.waiting_for(task.job):
        ledger.follow_ups.release(follower.job, READY)


@contextmanager
def all_done(items: int) -> Iterator[tuple[Path, int]]:
    """The manifest of such a campaign, and how many jobs it has."""
    with tempfile.TemporaryDirectory(prefix="mjpipe-") as name:
        folder = Path(name)
        manifest = write_campaign(folder, items=items, together=8, interval=3.0, images="all")
        with closing(Ledger.open(folder / ".mjpipe" / manifest.campaign / "ledger.sqlite")) as ledger:
            ledger.bind.manifest(manifest.path.name)
            adopt(ledger, manifest)
            jobs = carry_out_at_once(ledger, manifest.outputs.dir)
        yield manifest.path, jobs


def measure(items: int, tries: int) -> Times:
    with all_done(items) as (manifest, jobs):
        plans, runs, writing, shows = [], [], [], []
        for _ in range(tries):
            for assets in (manifest.parent / "out").glob("*/assets.jsonl"):
                assets.unlink()
            writing.append(_used("run", str(manifest), "--yes").wall)
            plans.append(_used("plan", str(manifest)).wall)
            runs.append(_used("run", str(manifest), "--yes").wall)
            shows.append(_used("show", str(manifest), f"final/{items - 1}/3").wall)
        return Times(jobs=jobs, plan=min(plans), run=min(runs), writing=min(writing), show=min(shows))


def _used(*arguments: str) -> Used:
    """By one command that has nothing to do, and says so with its exit code."""
    return used_by([sys.executable, "-m", "mjpipe", *arguments], APIXO_BASE_URL=BASE_URL, APIXO_API_KEY="benchmark")


def tell_cpu(items: int, rounds: int) -> None:
    """The CPU of a run beside that of its plan; the two take turns, and the median of the rounds counts."""
    with all_done(items) as (manifest, jobs):
        commands = {"run": ("run", str(manifest), "--yes"), "plan": ("plan", str(manifest))}
        for arguments in commands.values():
            _used(*arguments)  # writes bytecode, tables, and fills the caches of the disk
        seen: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, arguments in commands.items():
                seen[name].append(_used(*arguments).cpu)
    run, plan = (statistics.median(seen[name]) for name in commands)
    print(f"no-op run of {jobs:,} done jobs beside its plan: {run / plan:.2f} times ({run:.2f} s, {plan:.2f} s of CPU)")


def tell(items: int, tries: int) -> None:
    times = measure(items, tries)
    print(f"{times.jobs} jobs, all of them done:")
    print(f"  mjpipe plan {times.plan:7.2f} s")
    print(f"  mjpipe run  {times.run:7.2f} s   {times.run / times.plan:.2f} times the plan")
    print(f"  mjpipe show {times.show:7.2f} s   {times.show / times.plan:.2f} times the plan")
    print(f"  the same    {times.writing:7.2f} s   {times.writing / times.plan:.2f} times, with its tables to write")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all_done", description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--tries", type=int, default=2)
    options = parser.parse_args()
    tell(options.items, options.tries)


if __name__ == "__main__":
    main()
