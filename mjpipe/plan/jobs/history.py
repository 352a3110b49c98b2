"""The part of a campaign's history that decides which jobs follow."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from typing import Protocol

from mjpipe.domain import Fingerprint, JobKey, TaskId
from mjpipe.plan.inputs.picks import Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Jobs by key, and by fingerprint because their keys may have changed."""

    keys: Container[JobKey] = ()
    fingerprints: Container[Fingerprint] = ()


class History(Protocol):
    def first_name(self, node: str, was: tuple[str, ...] | None) -> str:
        """The name under which the jobs of a node were first made. Their fingerprints keep it.

        `was` are names that the node had, the latest first; empty for a node that is said to be new, None when nothing
        is said.
        """

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> TaskId | None:
        """The task with a job's result, None without one. The job may take it over from another key when this plan is
        adopted. `of` is the task with its source's result, None without a source: a job made from another task is
        another job.
        """

    @property
    def looks_back(self) -> bool:
        """Whether something on record may have been sent in a form that only older releases sent."""

    @property
    def is_of_older_release(self) -> bool:
        """Whether something was sent by a release that found no text equal to a number."""

    def is_made(self, fingerprint: Fingerprint, key: JobKey | None) -> bool:
        """Whether something was sent for a job with that fingerprint, and has come or may come; of any key for None."""

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        """The numbers of the images that came of a task."""

    def decided(self) -> Decided:
        """The jobs about which a person may have decided something; only these have more to ask about."""

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        """The line that picks images of a job's task for the node `consumer`. It has no images if all were rejected; it
        is None if nobody has decided yet.
        """

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> Pick | None:
        """The line that asks for other images than those of a job's task, None if there is none.

        `consumers` are the nodes that start from the job's images; a line may be for one of them only.
        """


class _NoHistory:
    def first_name(self, node: str, was: tuple[str, ...] | None) -> str:
        return was[0] if was else node

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> None:
        """Nothing was made yet."""

    @property
    def looks_back(self) -> bool:
        return False

    @property
    def is_of_older_release(self) -> bool:
        return False

    def is_made(self, fingerprint: Fingerprint, key: JobKey | None) -> bool:  # noqa: ARG002 - nothing was sent yet
        return False

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:  # noqa: ARG002 - there are no tasks
        return ()

    def decided(self) -> Decided:
        return Decided()

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> None:
        """Nobody looked yet."""

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> None:
        """Nobody asked for other images."""


NO_HISTORY: History = _NoHistory()
