"""What is known of jobs that ran before: what came of them by the ledger, what was decided by the picks file."""

from collections.abc import Collection
from dataclasses import dataclass

from mjpipe.domain import Fingerprint, JobKey, TaskId
from mjpipe.ledger import Ledger, Reader
from mjpipe.plan import Decision, Pick, Picks


@dataclass(frozen=True, slots=True)
class Known:
    """What the planner asks of jobs that it plans on; see `mjpipe.plan.Known`.

    With a `Ledger`, which a run has, lines without a task are bound to the job's present one when they are read, and
    names of nodes to those under which their jobs were first made.
    """

    ledger: Reader
    picks: Picks

    def first_name(self, node: str, was: str | None) -> str:
        first = self.ledger.first_name(was or node)
        if isinstance(self.ledger, Ledger):
            self.ledger.bind_node(node, first)
        return first

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> TaskId | None:
        return self.ledger.task_of(key, fingerprint, of)

    def came(self, task: TaskId) -> tuple[int, ...]:
        return self.ledger.came(task)

    def decided(self, key: JobKey) -> bool:
        return key in self.picks.by_key

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> tuple[int, ...] | None:
        line = self._line(key, task, consumer)
        return None if line is None else line.images

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> Pick | None:
        lines = [self._line(key, task, consumer) for consumer in consumers or ("",)]
        return next((line for line in lines if line and line.decision is Decision.REROLL), None)

    def stale(self) -> tuple[Pick, ...]:
        """Lines about tasks that are not, or not yet again, those of their jobs: they are never acted on."""
        return tuple(pick for pick in self.picks if self._is_stale(pick))

    def _is_stale(self, line: Pick) -> bool:
        task = line.task or self.ledger.pick_bound(line.key, line.node, _words(line))
        return task is not None and task != self.ledger.present_task(line.key)

    def _line(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        """The line that counts for a consumer, or for the job by itself, of those about its present task."""
        # All of them are read: one that is bound only when those before it are stale could mean another task then.
        lines = [line for line in self.picks.about(key, consumer) if self._is_about(line, task)]
        return lines[0] if lines else None

    def _is_about(self, line: Pick, task: TaskId) -> bool:
        """Whether the person saw the images of that task; a line about another one is stale."""
        if line.task is not None:
            return line.task == task
        words = _words(line)
        bound = self.ledger.pick_bound(line.key, line.node, words)
        if bound is None and isinstance(self.ledger, Ledger):
            self.ledger.bind_pick(line.key, line.node, words, task)
        return bound in (None, task)


def _words(line: Pick) -> str:
    """What a line without a task is known by once it is bound."""
    return f"{line.decision} {' '.join(map(str, line.images))}"
