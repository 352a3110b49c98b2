"""What a person decides: picks, retries, doubts resolved, orphans pruned."""

import json
from collections.abc import Iterable

from mjpipe.domain import Job, JobKey, JobState, TaskId, UsageFault
from mjpipe.ledger.database import transaction
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.transitions import guarded, move
from mjpipe.ledger.values import ImageOnDisk, Verdict

_WITHOUT_TASK = """
SELECT a.id FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.key = ? AND a.money = 'at_risk' AND a.task IS NULL
ORDER BY j.state = 'in_doubt' AND a.id = j.attempt DESC, j.wanted DESC,
         j.state IN ('ready', 'failed') AND a.id > coalesce(j.reroll_of, 0) DESC, a.id
LIMIT 1
"""
"""What a job in doubt waits for comes first, then what a job would otherwise be sent again for."""

_ADOPT_AS_OWN = """
UPDATE jobs SET state = 'submitted', attempt = ?1, reason = NULL, code = NULL, not_before = 0, held_since = NULL
WHERE id = (SELECT job FROM attempts WHERE id = ?1)
  AND (state = 'in_doubt' AND attempt = ?1 OR state IN ('ready', 'failed') AND ?1 > coalesce(reroll_of, 0))
"""
"""What was sent before a result that is to be rerolled is no reroll of it."""


class Decisions(Reader):
    """The part of the ledger that takes a person's word."""

    def bind_pick(self, key: JobKey, node: str, words: str, task: TaskId) -> None:
        """Binds a line of the picks file that names no task to the one whose images are there."""
        with transaction(self._connection):
            self._connection.execute("INSERT INTO picks VALUES (?, ?, ?, ?)", (key, node, words, task))

    def retry_failed(self, jobs: Iterable[Job] | None = None) -> int:
        """Gives failed jobs one more allowance of attempts, these or all; says how many.

        Those that never left are decided about anew.
        """
        only = None if jobs is None else json.dumps([f"{job.key} {job.fingerprint}" for job in jobs])
        with transaction(self._connection):
            return self._connection.execute(
                "UPDATE jobs SET"
                " state = CASE WHEN attempt IS NULL AND source IS NOT NULL THEN 'waiting' ELSE 'ready' END,"
                " failures = 0, why = 'retry asked', reason = NULL, code = NULL"
                " WHERE state = 'failed' AND wanted = 1"
                " AND (?1 IS NULL OR key || ' ' || fingerprint IN (SELECT value FROM json_each(?1)))",
                (only,),
            ).rowcount

    def resolve_as_task(self, key: JobKey, task: TaskId, now: float) -> bool:
        """A person knows a task that a job became and whose id never came: see `adopt_task`.

        It is that of the job in doubt; of a job that is not, that of its oldest attempt at risk without a task. Raises
        UsageFault when there is none, or when another attempt has the task.
        """
        with transaction(self._connection):
            found = self._connection.execute(_WITHOUT_TASK, (key,)).fetchone()
            if found is None:
                raise UsageFault(
                    f"`{key}` is not in doubt, and no attempt of it is at risk without a task",
                    help="`mjpipe resolve M` lists the jobs in doubt, `mjpipe show M KEY` the attempts of one",
                )
            return self.adopt_task(found[0], task, now)

    def adopt_task(self, attempt: int, task: TaskId, now: float) -> bool:
        """An attempt that may have been taken is known to be `task`: it is asked for from now on.

        Gives whether the job's result will be that of the task: it is when the job is in doubt about it, or was given
        up or is to be sent again, because no task of it is known. Else it is an extra, and the job stays as it is.
        Raises UsageFault when another attempt has the task.
        """
        with transaction(self._connection):
            if self._connection.execute("SELECT 1 FROM attempts WHERE task = ?", (task,)).fetchone():
                raise UsageFault(f"task `{task}` is that of another attempt", help="check the id; nothing was changed")
            guarded(
                self._connection,
                "UPDATE attempts SET outcome = 'accepted', money = 'reserved', task = ?, answered = ?"
                " WHERE id = ? AND money = 'at_risk' AND task IS NULL",
                (task, now, attempt),
            )
            return bool(self._connection.execute(_ADOPT_AS_OWN, (attempt,)).rowcount)

    def resolve_as_not_sent(self, *keys: JobKey) -> None:
        """A person knows that jobs in doubt never became tasks: they are free to be submitted.

        Raises UsageFault when one of them is not in doubt; then nothing is changed.
        """
        with transaction(self._connection):
            for key in keys:
                job, attempt = self._in_doubt(key)
                self._connection.execute(
                    "UPDATE attempts SET outcome = 'not_sent', money = 'free' WHERE id = ?", (attempt,)
                )
                move(self._connection, job, JobState.IN_DOUBT, Verdict(state=JobState.READY))

    def _in_doubt(self, key: JobKey) -> tuple[int, int]:
        row = self._connection.execute(
            "SELECT id, attempt FROM jobs WHERE key = ? AND state = 'in_doubt' ORDER BY wanted DESC, id DESC", (key,)
        ).fetchone()
        if row is None:
            raise UsageFault(f"`{key}` is not in doubt", help="`mjpipe resolve M` lists the jobs that are")
        return row[0], row[1]

    def pruned(self, images: Iterable[ImageOnDisk]) -> None:
        """The files of images that are left over have been removed; what they cost stays on record."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET path = NULL, sha256 = NULL, size = NULL WHERE attempt = ? AND number = ?",
                [(image.attempt, image.number) for image in images],
            )
