"""What a person decides: retries, and what became of jobs in doubt."""

import json
import sqlite3
from collections.abc import Iterable

from mjpipe.contract import IMAGE_NOT_READ
from mjpipe.domain import IMAGES_GONE, Job, JobKey, TaskId, UsageFault
from mjpipe.ledger.database import transaction
from mjpipe.ledger.transitions import distrust_sources, guarded
from mjpipe.ledger.values import SOURCE_GONE, SOURCE_UNREACHABLE

_BY_WORD = "a.outcome = 'adopted' AND a.money <> 'spent'"
"""Of an attempt: a person has named its task, and the task has not succeeded. They may have been mistaken."""

_MAY_BE_TASK = f"""
SELECT a.id FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.key = ? AND (a.money = 'at_risk' AND a.task IS NULL OR {_BY_WORD})
ORDER BY j.state = 'in_doubt' AND a.id = j.attempt DESC, j.wanted DESC, a.task IS NULL DESC,
         j.state IN ('ready', 'failed') AND a.id > coalesce(j.reroll_of, 0) DESC, a.id
LIMIT 1
"""  # noqa: S608 - our own words
"""What a job in doubt waits for comes first, then what a job would otherwise be sent again for."""

_MAY_BE_UNSENT = f"""
SELECT a.id FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.key = ? AND (j.state = 'in_doubt' AND a.id = j.attempt OR {_BY_WORD})
ORDER BY j.state = 'in_doubt' AND a.id = j.attempt DESC, j.wanted DESC, j.id DESC, a.id
LIMIT 1
"""  # noqa: S608 - our own words

_ADOPT = f"""
UPDATE attempts AS a SET outcome = 'adopted', money = 'reserved', task = ?, answered = ?,
                         finished = NULL, fail_code = NULL, fail_message = NULL
WHERE id = ? AND (money = 'at_risk' AND task IS NULL OR {_BY_WORD})
"""  # noqa: S608 - our own words

_ADOPT_AS_OWN = """
UPDATE jobs SET state = 'submitted', attempt = ?1, reason = NULL, code = NULL, not_before = 0, held_since = NULL
WHERE id = (SELECT job FROM attempts WHERE id = ?1)
  AND (state IN ('in_doubt', 'submitted') AND attempt = ?1
       OR state IN ('ready', 'failed') AND ?1 > coalesce(reroll_of, 0))
"""
"""What was sent before a result that is to be rerolled is no reroll of it."""

_NEVER_SENT = """
UPDATE attempts SET outcome = 'not_sent', money = 'free', task = NULL,
                    finished = NULL, fail_code = NULL, fail_message = NULL
WHERE id = ?
"""

_FREE = """
UPDATE jobs SET state = 'ready', reason = NULL, code = NULL, not_before = 0, held_since = NULL
WHERE attempt = ? AND state IN ('in_doubt', 'submitted', 'failed')
"""


class Decisions:
    """Takes a person's word."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def retry_failed(self, jobs: Iterable[Job] | None = None) -> int:
        """Gives failed jobs one more allowance of attempts, these or all; says how many.

        Those that never left are decided about again. Those whose images are gone are asked for these once more, and
        are never submitted.
        """
        only = None if jobs is None else json.dumps([f"{job.key} {job.fingerprint}" for job in jobs])
        with transaction(self._connection):
            distrust_sources(
                self._connection,
                "SELECT source FROM jobs WHERE state = 'failed' AND wanted = 1"
                " AND code IN (SELECT value FROM json_each(?))",
                (json.dumps([*IMAGE_NOT_READ, SOURCE_GONE, SOURCE_UNREACHABLE]),),
            )
            return self._connection.execute(
                "UPDATE jobs SET"  # noqa: S608 - our own words
                f" state = CASE WHEN code = '{IMAGES_GONE}' THEN 'succeeded'"
                " WHEN attempt IS NULL AND source IS NOT NULL THEN 'waiting' ELSE 'ready' END,"
                " failures = 0, why = 'retry requested', reason = NULL, code = NULL"
                " WHERE state = 'failed' AND wanted = 1"
                " AND (?1 IS NULL OR key || ' ' || fingerprint IN (SELECT value FROM json_each(?1)))",
                (only,),
            ).rowcount

    def resolve_as_task(self, key: JobKey, task: TaskId, now: float) -> bool:
        """A person knows a task that a job became and whose id never came: see `adopt_task`.

        It is that of the job in doubt; of a job that is not, that of its oldest attempt at risk without a task, or else
        of one whose task a person has named before and which has not succeeded. Raises UsageFault when there is none,
        or when another attempt has the task.
        """
        with transaction(self._connection):
            found = self._connection.execute(_MAY_BE_TASK, (key,)).fetchone()
            if found is None:
                raise UsageFault(
                    f"`{key}` is not in doubt, and no attempt of it is at risk without a task",
                    help="`mjpipe resolve M` lists the jobs in doubt, `mjpipe show M KEY` the attempts of one",
                )
            return self.adopt_task(found[0], task, now)

    def adopt_task(self, attempt: int, task: TaskId, now: float) -> bool:
        """An attempt that may have been taken is known to be `task`: it is asked for from now on, in place of what was
        said of it before.

        Gives whether the job's result will be that of the task: it is when the job is in doubt about it, or was given
        up or is to be sent again, because no task of it is known. Else it is an extra, and the job stays as it is.
        Raises UsageFault when another attempt has the task.
        """
        with transaction(self._connection):
            others = "SELECT 1 FROM attempts WHERE task = ? AND id <> ?"
            if self._connection.execute(others, (task, attempt)).fetchone():
                raise UsageFault(f"task `{task}` belongs to another attempt", help="check the id; nothing was changed")
            guarded(self._connection, _ADOPT, (task, now, attempt))
            return bool(self._connection.execute(_ADOPT_AS_OWN, (attempt,)).rowcount)

    def resolve_as_not_sent(self, *keys: JobKey) -> None:
        """A person knows that jobs in doubt never became tasks: they are free to be submitted.

        Also in place of a task that a person has named and that has not succeeded. Raises UsageFault when one of them
        is neither; then nothing is changed.
        """
        with transaction(self._connection):
            for key in keys:
                found = self._connection.execute(_MAY_BE_UNSENT, (key,)).fetchone()
                if found is None:
                    raise UsageFault(f"`{key}` is not in doubt", help="`mjpipe resolve M` lists the jobs that are")
                guarded(self._connection, _NEVER_SENT, found)
                self._connection.execute(_FREE, found)
