"""What is known of jobs that ran before, as far as it decides which jobs follow."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from typing import Protocol

from mjpipe.domain import Fingerprint, JobKey, TaskId
from mjpipe.plan.inputs.picks import Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Jobs by their keys, and by their fingerprints, as they may have had other keys."""

    keys: Container[JobKey] = ()
    fingerprints: Container[Fingerprint] = ()


class History(Protocol):
    def first_name(self, node: str, was: str | None) -> str:
        """The name under which the jobs of a node were first made, and with which their fingerprints go on: that which
        is known for the node `was`, or else for this one; that name itself when nothing is known.
        """

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> TaskId | None:
        """The task that holds a job's result, None while it has none: also one that the job takes over from another key
        when this plan is adopted. `of` is the task that holds its source's: a
        job that was made of another is not this one. It is None for a job without a source.
        """

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        """The numbers of the images that came of a task."""

    def decided(self) -> Decided:
        """The jobs about which a person may have decided something: there is more to ask about these only."""

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        """The line by which a person chose among the images of a job's task for the node `consumer`: it names none when
        all were rejected; None when nobody has decided yet.
        """

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> Pick | None:
        """The line by which a person asks for other images than those of a job's task, None when nobody does.

        `consumers` are the nodes that start from the job's images: a line for one of them is for that one alone.
        """


class _NoHistory:
    def first_name(self, node: str, was: str | None) -> str:
        return was or node

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> None:
        """Nothing was made yet."""

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:  # noqa: ARG002 - there are no tasks
        return ()

    def decided(self) -> Decided:
        return Decided()

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> None:
        """Nobody looked yet."""

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> None:
        """Nobody minds."""


NO_HISTORY: History = _NoHistory()
