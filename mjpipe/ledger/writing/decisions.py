"""What a person decides: retries, and what happened to jobs in doubt."""

import json
from collections.abc import Iterable

from mjpipe.contract import IMAGE_NOT_READ
from mjpipe.domain import Job, JobKey, TaskId, UsageFault
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.values import SOURCE_GONE, SOURCE_UNREACHABLE
from mjpipe.ledger.writing.transitions import change_one, expire_source_urls, link_recovered

_SQL = queries(__file__)

_CODES_OF_SOURCES = json.dumps([*IMAGE_NOT_READ, SOURCE_GONE, SOURCE_UNREACHABLE])
"""Codes of failed jobs with a source image that has to be checked before it is sent again."""


class Decisions:
    """Records what a person says."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def retry_failed(self, jobs: Iterable[Job] | None = None) -> int:
        """Gives failed jobs, these or all, as many attempts again as a new one has. Returns how many jobs.

        Jobs that were never sent are decided about again. Jobs that failed because their images are gone fetch them
        again, or ask for their task again, and are never submitted.
        """
        only = None if jobs is None else json.dumps([f"{job.key} {job.fingerprint}" for job in jobs])
        with transaction(self._connection):
            rows = self._connection.execute(_SQL["sources_of_failed"], (_CODES_OF_SOURCES,)).fetchall()
            expire_source_urls(self._connection, (source for (source,) in rows))
            count = self._connection.execute(_SQL["retry_failed"], (only,)).rowcount
            self._connection.execute(_SQL["ask_again"])
            return count

    def resolve_as_task(self, key: JobKey, task: TaskId, now: float) -> bool:
        """A person knows the task of a job, and its id never came: see `adopt_task`.

        It is the task of the attempt in doubt. For a job that is not in doubt, it is that of its oldest attempt at risk
        without a task, or else of an attempt whose task a person has named before and that has not succeeded. Raises
        UsageFault when there is no such attempt, or when another one has the task.
        """
        with transaction(self._connection):
            attempt = self._connection.value(_SQL["attempt_of_task"], (key,))
            if attempt is None:
                raise UsageFault(
                    f"`{key}` is not in doubt, and no attempt of it is at risk without a task",
                    help="`mjpipe resolve M` lists the jobs in doubt, `mjpipe show M KEY` the attempts of one",
                )
            return self.adopt_task(attempt, task, now)

    def adopt_task(self, attempt: int, task: TaskId, now: float) -> bool:
        """An attempt that may have been taken is known to be `task`: it is polled from now on, in place of what was
        said of it before.

        Returns whether the job's result will be that of the task: it is when the job is in doubt about it, or was given
        up or is to be sent again, because no task of it is known. Else it is an extra, and the job stays as it is.
        Raises UsageFault when another attempt has the task.
        """
        with transaction(self._connection):
            others = "SELECT 1 FROM attempts WHERE task = ? AND id <> ?"
            if self._connection.value(others, (task, attempt)):
                raise UsageFault(f"task `{task}` belongs to another attempt", help="check the id; nothing was changed")
            change_one(self._connection, _SQL["adopt"], (task, now, attempt))
            link_recovered(self._connection)
            return bool(self._connection.execute(_SQL["adopt_as_own"], (attempt,)).rowcount)

    def resolve_as_not_sent(self, *keys: JobKey) -> None:
        """A person knows that jobs in doubt never became tasks: they are free to be submitted.

        Also in place of a task that a person has named and that has not succeeded. Raises UsageFault when one of them
        is neither; then nothing is changed.
        """
        with transaction(self._connection):
            for key in keys:
                attempt = self._connection.value(_SQL["attempt_not_sent"], (key,))
                if attempt is None:
                    raise UsageFault(f"`{key}` is not in doubt", help="`mjpipe resolve M` lists the jobs that are")
                change_one(self._connection, _SQL["not_sent"], (attempt,))
                self._connection.execute(_SQL["free"], (attempt,))
