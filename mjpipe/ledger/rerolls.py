"""What becomes of a job's row when a person asks for a reroll of its result, or no longer does."""

import sqlite3
from enum import StrEnum

from mjpipe.domain import JobState

ASKED = "reroll requested"
"""Why such a job is submitted."""

_REVOCABLE = frozenset({JobState.READY, JobState.FAILED})
"""Where a reroll can be taken back: elsewhere its attempt is under way, or nobody knows whether it is."""


class RerollChange(StrEnum):
    """What taking over a plan changes about where a job stands."""

    REROLL = "reroll"
    """its result is to be made again"""
    RESTORE = "restore"
    """what was to be made again is its result once more"""
    WAIT = "wait"
    """it was never sent, and its source is to be made again"""


def reroll_change(state: JobState, *, made: bool, rerolled: bool, asked: bool) -> tuple[RerollChange | None, bool]:
    """What changes, and whether the plan leaves the job a result.

    `made` says that its own task has succeeded, `rerolled` that a reroll is on record that has not succeeded, `asked`
    that a person asks for one now.
    """
    if asked:
        return (RerollChange.REROLL if made else None), False
    if rerolled and state in _REVOCABLE:
        return RerollChange.RESTORE, True
    return None, made


_CLEARED = "reason = NULL, code = NULL, failures = 0, not_before = 0, held_since = NULL"

_REROLL = f"UPDATE jobs SET state = 'ready', reroll_of = attempt, why = '{ASKED}', {_CLEARED} WHERE id = ?"  # noqa: S608 - our own names

_RESTORE = f"""
UPDATE jobs SET attempt = reroll_of, reroll_of = NULL, {_CLEARED},
                state = CASE WHEN EXISTS (SELECT 1 FROM images
                                          WHERE attempt = reroll_of AND path IS NULL AND fetched IS NULL)
                             THEN 'succeeded' ELSE 'done' END
"""  # noqa: S608 - our own names

_WAIT = "UPDATE jobs SET state = 'waiting', reason = NULL, code = NULL WHERE id = ?"

_STATEMENTS = {RerollChange.REROLL: _REROLL, RerollChange.RESTORE: f"{_RESTORE} WHERE id = ?", RerollChange.WAIT: _WAIT}


def apply(connection: sqlite3.Connection, change: RerollChange, job: int) -> None:
    connection.execute(_STATEMENTS[change], (job,))


_OF_ORPHANS = "reroll_of IS NOT NULL AND wanted = 0 AND state IN ('ready', 'failed')"


def restore_orphans(connection: sqlite3.Connection) -> None:
    """Nobody can ask for rerolls of jobs that nobody asks for."""
    connection.execute(f"{_RESTORE} WHERE {_OF_ORPHANS}")


def restore_orphan(connection: sqlite3.Connection, job: int) -> None:
    """The same for one job, which may be no orphan."""
    connection.execute(f"{_RESTORE} WHERE id = ? AND {_OF_ORPHANS}", (job,))
