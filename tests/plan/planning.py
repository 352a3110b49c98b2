"""Manifests and their rows, small enough to stand in a test."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Protocol

from mjpipe.domain import Diagnostic, Fingerprint, Job, JobKey, JobState, Place, Standing, TaskId
from mjpipe.manifest import Manifest, manifest_from
from mjpipe.plan import NO_HISTORY, Decided, Decision, History, Part, Pick, PlanCount, PlanSummary, expand
from mjpipe.plan.outcome.blockers import WHOLE
from mjpipe.pricing import load_prices

HEAD = "mjpipe: 1\ncampaign: test\n"


@dataclass(frozen=True)
class Planned:
    manifest: Manifest
    jobs: list[Job]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def keys(self) -> list[str]:
        return [job.key for job in self.jobs]

    def job(self, key: str) -> Job:
        return next(job for job in self.jobs if job.key == key)

    def said(self) -> list[str]:
        """Each diagnostic in one line: place without the folder, code, message."""
        return [
            f"{Path(d.place.file).name}:{d.place.line}:{d.place.column} {d.code} {d.message}" for d in self.diagnostics
        ]

    def standings(self) -> Iterator[tuple[Job, Standing]]:
        """As of a campaign that has not run."""
        for job in self.jobs:
            if job.possible_jobs:
                yield job, Standing(state=JobState.UNPICKED)
            else:
                yield job, Standing(state=JobState.WAITING if job.source else JobState.READY, reason="new")


def plan_in(folder: Path, text: str, history: History = NO_HISTORY, **files: str | bytes) -> Planned:
    """Plans a manifest, given without its first two lines; files are named by keywords, `products_csv` for
    `products.csv`.
    """
    for name, content in files.items():
        stem, _, ending = name.rpartition("_")
        data = dedent(content).encode() if isinstance(content, str) else content
        (folder / f"{stem}.{ending}").write_bytes(data)
    loaded = manifest_from(HEAD + dedent(text), folder / "campaign.yaml")
    assert loaded.manifest is not None
    assert loaded.diagnostics == ()
    return planned(loaded.manifest, history)


def planned(manifest: Manifest, history: History = NO_HISTORY) -> Planned:
    jobs: list[Job] = []
    diagnostics = expand(manifest, load_prices(), jobs.extend, history=history)
    return Planned(manifest, jobs, diagnostics)


def summarise(
    manifest: Manifest, pairs: Iterable[tuple[Job, Standing]], *, part: Part = WHOLE, by: str | None = None
) -> PlanSummary:
    count = PlanCount(manifest, part=part, by=by)
    count.add(pairs)
    return count.finish()


class Plan(Protocol):
    """`plan_in` a folder of the test's own."""

    def __call__(self, text: str, history: History = NO_HISTORY, **files: str | bytes) -> Planned: ...


@dataclass(frozen=True)
class Remembered:
    """What is known, by key alone; picks by key and consumer. `made` are fingerprints of jobs."""

    images: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    picks: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    rerolls: Mapping[str, Pick] = field(default_factory=dict)
    made: Collection[str] = ()

    def first_name(self, node: str, was: tuple[str, ...] | None) -> str:
        return was[0] if was else node

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> TaskId | None:
        """A task is named after its job; a job without images has one all the same when there are picks of it."""
        assert len(fingerprint) == 64
        made = {*self.images, *(source for source, _ in self.picks), *self.rerolls}
        return TaskId(f"{key} of {of}" if of else key) if key in made else None

    @property
    def looks_back(self) -> bool:
        return bool(self.made)

    @property
    def is_of_older_release(self) -> bool:
        return False

    def is_made(self, fingerprint: Fingerprint, key: JobKey | None) -> bool:  # noqa: ARG002 - by fingerprint alone
        return fingerprint in self.made

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        return self.images.get(_key(task), (0, 1, 2, 3))

    def decided(self) -> Decided:
        return Decided(keys={JobKey(key) for key in self.rerolls})

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        assert _key(task) == key
        images = self.picks.get((key, consumer))
        if images is None:
            return None
        return Pick(
            key=key,
            node=consumer,
            decision=Decision.PICK if images else Decision.REJECT,
            images=images,
            place=Place(file="picks.csv", line=2),
        )

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> Pick | None:
        assert _key(task) == key
        assert key not in consumers
        return self.rerolls.get(key)


def _key(task: TaskId) -> str:
    return task.partition(" of ")[0]
