"""What a person decides: picks, retries, doubts resolved, orphans pruned."""

import json
from collections.abc import Iterable

from mjpipe.domain import Job, JobKey, JobState, TaskId, UsageFault
from mjpipe.ledger.database import transaction
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.transitions import move
from mjpipe.ledger.values import ImageOnDisk, Verdict


class Decisions(Reader):
    """The part of the ledger that takes a person's word."""

    def bind_pick(self, key: JobKey, node: str, words: str, task: TaskId) -> None:
        """Binds a line of the picks file that names no task to the one whose images are there."""
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

    def resolve_as_task(self, key: JobKey, task: TaskId, now: float) -> None:
        """A person knows the task of a job in doubt: it is asked for from now on.

        Raises UsageFault when the job is not in doubt, or when another attempt has the task.
        """
        with transaction(self._connection):
            job, attempt = self._in_doubt(key)
            if self._connection.execute("SELECT 1 FROM attempts WHERE task = ?", (task,)).fetchone():
                raise UsageFault(f"task `{task}` is that of another attempt", help="check the id; nothing was changed")
            self._connection.execute(
                "UPDATE attempts SET outcome = 'accepted', money = 'reserved', task = ?, answered = ? WHERE id = ?",
                (task, now, attempt),
            )
            move(self._connection, job, JobState.IN_DOUBT, Verdict(state=JobState.SUBMITTED))

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
        """The files of orphans' images have been removed; what they cost stays on record."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET path = NULL, sha256 = NULL, size = NULL, fetched = NULL"
                " WHERE attempt = ? AND number = ?",
                [(image.attempt, image.number) for image in images],
            )
