"""Which tasks are on record, and for which jobs they were made."""

import json
from collections.abc import Collection, Iterable, Sequence

from mjpipe.domain import Fingerprint, JobKey, Money, TaskId
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.receipts import RecordedAttempt

_SQL = queries(__file__)


class Tasks:
    """Finds tasks and their jobs, also by the lines of the picks file."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def of_job(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None = None) -> TaskId | None:
        """The task that holds a job's result, None while it has none. `of` is the task of the source that it was made
        of.

        A job that is to be rerolled still has its result; while the reroll is under way, it has none.
        """
        task = self._connection.value(_SQL["of_job"], (key, fingerprint, of))
        return None if task is None else TaskId(task)

    def has_result(self, fingerprint: Fingerprint) -> bool:
        """Whether some job with that fingerprint has a result."""
        query = "SELECT 1 FROM jobs_with_result WHERE fingerprint = ? LIMIT 1"
        return self._connection.value(query, (fingerprint,)) is not None

    def has_recovered(self) -> bool:
        """Whether something is on record that was adopted from elsewhere."""
        return self._connection.value("SELECT 1 FROM attempts WHERE recovered IS NOT NULL LIMIT 1") is not None

    def is_made(self, fingerprint: Fingerprint, key: JobKey | None) -> bool:
        """Whether an image of some job with that fingerprint has come or may come; of any key for None."""
        return self._connection.value(_SQL["is_made"], (fingerprint, key, key)) is not None

    def has_made(self) -> bool:
        """Whether that is so of any job."""
        return self._connection.value(_SQL["has_made"]) is not None

    def key_of(self, task: TaskId) -> JobKey | None:
        """The key of the job that a task was made for, None for a task that is not on record."""
        key = self._connection.value(
            "SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = ?", (task,)
        )
        return None if key is None else JobKey(key)

    def key_of_result(self, task: TaskId) -> JobKey | None:
        """The key of the wanted job that has that task as its present result, None without one: a person who picks now
        sees its images. A result that a reroll is to replace stays the result until the reroll has succeeded.
        """
        key = self._connection.value(_SQL["key_of_result"], (task,))
        return None if key is None else JobKey(key)

    def unknown(self, tasks: Collection[TaskId]) -> frozenset[TaskId]:
        """The tasks that are not on record."""
        rows = self._connection.execute(_SQL["unknown"], (json.dumps([*tasks]),))
        return frozenset(TaskId(task) for (task,) in rows)

    def rerolled(self, tasks: Collection[TaskId]) -> frozenset[TaskId]:
        """Those of the tasks of which a reroll was accepted."""
        rows = self._connection.execute(_SQL["rerolled"], (json.dumps([*tasks]),))
        return frozenset(TaskId(task) for (task,) in rows)

    def settled(self) -> frozenset[str]:
        """The uids of the attempts about which receipts can say nothing more that matters, but for `set_aside`."""
        return frozenset(uid for (uid,) in self._connection.execute(_SQL["settled"]))

    def unknown_attempts(self, attempts: Sequence[RecordedAttempt]) -> list[RecordedAttempt]:
        """Those that `recover` would change something about: attempts that are not on record, neither by their uid nor
        by their task; those on record without a task that have one; those that were set aside and on record are not.
        Not those that never became tasks, and were not billed.
        """
        some = [attempt for attempt in attempts if attempt.task is not None or attempt.money is not Money.FREE]
        asked = json.dumps([[attempt.uid, attempt.task, attempt.set_aside] for attempt in some])
        return [some[index] for (index,) in self._connection.execute(_SQL["unknown_attempts"], (asked,))]

    def fingerprints_of(self, tasks: Iterable[TaskId]) -> frozenset[Fingerprint]:
        """The fingerprints of the jobs that tasks were made for."""
        rows = self._connection.execute(_SQL["fingerprints_of"], (json.dumps([*tasks]),))
        return frozenset(Fingerprint(fingerprint) for (fingerprint,) in rows)

    def other_keys(self, fingerprints: Iterable[Fingerprint], keys: Iterable[JobKey], most: int) -> list[JobKey]:
        """The keys of wanted jobs that have one of the fingerprints and none of the `keys`, `most` of them."""
        asked = (json.dumps([*fingerprints]), json.dumps([*keys]), most)
        return [JobKey(key) for (key,) in self._connection.execute(_SQL["other_keys"], asked)]

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        """The numbers of the images that came of a task."""
        return tuple(number for (number,) in self._connection.execute(_SQL["image_numbers"], (task,)))

    def of_picks(self) -> dict[tuple[JobKey, str, str], TaskId]:
        """The tasks that lines of the picks file are about, as `Binder.pick` recorded them."""
        return {
            (JobKey(key), node, words): TaskId(task)
            for key, node, words, task in self._connection.execute("SELECT key, node, words, task FROM picks")
        }
