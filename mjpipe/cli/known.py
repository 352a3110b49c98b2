"""What is known of jobs that ran before: what came of them by the ledger, what was picked by the picks file."""

from dataclasses import dataclass

from mjpipe.domain import Fingerprint, JobKey, TaskId
from mjpipe.ledger import Ledger, Reader
from mjpipe.plan import Pick, Picks


@dataclass(frozen=True, slots=True)
class Known:
    """What the planner asks of jobs that it plans on; see `mjpipe.plan.Known`.

    With a `Ledger`, which a run has, lines without a task are bound to the job's present one when they are read.
    """

    ledger: Reader
    picks: Picks

    def came(self, key: JobKey, fingerprint: Fingerprint) -> tuple[int, ...] | None:
        return self.ledger.came(key, fingerprint)

    def picked(self, key: JobKey, fingerprint: Fingerprint, consumer: str) -> tuple[int, ...] | None:
        lines = self.picks.about(key, consumer)
        task = self.ledger.task_of(key, fingerprint) if lines else None
        if task is None:
            return None
        return next((line.images for line in lines if self._is_about(line, task)), None)

    def _is_about(self, line: Pick, task: TaskId) -> bool:
        """Whether the person saw the images of that task; a line about another one is stale."""
        if line.task is not None:
            return line.task == task
        words = f"{line.decision} {' '.join(map(str, line.images))}"
        bound = self.ledger.pick_bound(line.key, line.node, words)
        if bound is None and isinstance(self.ledger, Ledger):
            self.ledger.bind_pick(line.key, line.node, words, task)
        return bound in (None, task)
