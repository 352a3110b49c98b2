"""Which tasks are on record, and for which jobs they were made."""

import json
import sqlite3
from collections.abc import Collection, Iterable

from mjpipe.domain import Fingerprint, JobKey, TaskId
from mjpipe.ledger.rerolls import HOLDS_RESULT, MADE

_TASK_OF = f"""
SELECT a.task FROM jobs j JOIN attempts a ON a.id = coalesce(j.reroll_of, j.attempt)
WHERE j.key = ? AND j.fingerprint = ? AND j.made_of IS (SELECT id FROM attempts WHERE task = ?) AND {HOLDS_RESULT}
ORDER BY j.wanted DESC, j.id DESC LIMIT 1
"""  # noqa: S608 - our own words


class Tasks:
    """Reads about tasks by their ids, and about the lines of the picks file that name them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of_job(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None = None) -> TaskId | None:
        """The task that holds a job's result, None while it has none. `of` is that of the source which it was made of.

        What is to be rerolled has its result still; when the reroll is under way, it has none.
        """
        row = self._connection.execute(_TASK_OF, (key, fingerprint, of)).fetchone()
        return None if row is None else TaskId(row[0])

    def has_result(self, fingerprint: Fingerprint) -> bool:
        """Whether some job with that fingerprint has a result."""
        query = f"SELECT 1 FROM jobs j WHERE fingerprint = ? AND {HOLDS_RESULT} LIMIT 1"  # noqa: S608 - our own words
        return self._connection.execute(query, (fingerprint,)).fetchone() is not None

    def key_of(self, task: TaskId) -> JobKey | None:
        """The key of the job that a task was made for, None for a task that is not on record."""
        row = self._connection.execute(
            "SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = ?", (task,)
        ).fetchone()
        return None if row is None else JobKey(row[0])

    def key_of_result(self, task: TaskId) -> JobKey | None:
        """The wanted job of which a person would decide about the images of that task now, None without any.

        What a reroll shall replace is that until the reroll has succeeded.
        """
        row = self._connection.execute(
            "SELECT j.key FROM attempts a"  # noqa: S608 - our own words
            " JOIN jobs j ON j.id = a.job AND a.id = coalesce(j.reroll_of, j.attempt)"
            f" WHERE a.task = ? AND j.wanted = 1 AND ({MADE} OR j.reroll_of IS NOT NULL)",
            (task,),
        ).fetchone()
        return None if row is None else JobKey(row[0])

    def unknown(self, tasks: Collection[TaskId]) -> frozenset[TaskId]:
        """Those of which no attempt is on record."""
        rows = self._connection.execute(
            "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE task = value)",
            (json.dumps([*tasks]),),
        )
        return frozenset(TaskId(task) for (task,) in rows)

    def fingerprints_of(self, tasks: Iterable[TaskId]) -> frozenset[Fingerprint]:
        """Those of the jobs that tasks were made for."""
        rows = self._connection.execute(
            "SELECT DISTINCT j.fingerprint FROM attempts a JOIN jobs j ON j.id = a.job"
            " WHERE a.task IN (SELECT value FROM json_each(?))",
            (json.dumps([*tasks]),),
        )
        return frozenset(Fingerprint(fingerprint) for (fingerprint,) in rows)

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        """The numbers of the images that came of a task."""
        numbers = self._connection.execute(
            "SELECT number FROM images WHERE attempt = (SELECT id FROM attempts WHERE task = ?) ORDER BY number",
            (task,),
        )
        return tuple(number for (number,) in numbers)

    def of_picks(self) -> dict[tuple[JobKey, str, str], TaskId]:
        """The tasks that lines of the picks file were bound to, as `Binder.pick` recorded them."""
        return {
            (JobKey(key), node, words): TaskId(task)
            for key, node, words, task in self._connection.execute("SELECT key, node, words, task FROM picks")
        }
