"""How a reroll that a person asks for, or takes back, changes the row of its job."""

import sqlite3
from enum import StrEnum

from mjpipe.domain import JobState
from mjpipe.ledger.database import queries

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


_SQL = queries(__file__)

_STATEMENTS = {
    RerollChange.REROLL: _SQL["reroll"],
    RerollChange.RESTORE: _SQL["restore"].format(which="id = :job"),
    RerollChange.WAIT: _SQL["wait"],
}

_RESTORE_ORPHANS = _SQL["restore"].format(which=_SQL["orphans"])
_RESTORE_ORPHAN = _SQL["restore"].format(which=f"id = ? AND {_SQL['orphans']}")


def apply(connection: sqlite3.Connection, change: RerollChange, job: int) -> None:
    connection.execute(_STATEMENTS[change], {"job": job, "asked": ASKED})


def restore_orphans(connection: sqlite3.Connection) -> None:
    """Takes back the rerolls of all jobs that no plan asks for any more."""
    connection.execute(_RESTORE_ORPHANS)


def restore_orphan(connection: sqlite3.Connection, job: int) -> None:
    """The same for one job, which may be no orphan."""
    connection.execute(_RESTORE_ORPHAN, (job,))
