"""Moving a job from state to state, guarded by the state that the caller thinks it is in."""

import sqlite3

from mjpipe.domain import JobState, StateFault
from mjpipe.ledger.values import Verdict

_ENDED = "the program ended before the answer to this submission came"


def move(connection: sqlite3.Connection, job: int, state: JobState, verdict: Verdict) -> None:
    """Moves a job out of `state`. Raises StateFault when it is in another."""
    guarded(
        connection,
        "UPDATE jobs SET state = ?, reason = ?, code = ?, failures = failures + ?, not_before = ?, held_since = ?"
        " WHERE id = ? AND state = ?",
        (
            verdict.state,
            verdict.reason,
            verdict.code,
            verdict.counts_as_failure,
            verdict.not_before,
            verdict.held_since,
            job,
            state,
        ),
    )


def doubt_interrupted(connection: sqlite3.Connection, now: float) -> int:
    """Puts in doubt what is being submitted, by a run that is gone; gives how many jobs that are."""
    verdict = Verdict(state=JobState.IN_DOUBT, reason=_ENDED, code="no_answer")
    jobs = connection.execute("SELECT id, attempt FROM jobs WHERE state = 'submitting'").fetchall()
    for job, attempt in jobs:
        connection.execute(
            "UPDATE attempts SET outcome = 'unknown', money = 'at_risk', evidence = ?, answered = ? WHERE id = ?",
            (_ENDED, now, attempt),
        )
        move(connection, job, JobState.SUBMITTING, verdict)
    return len(jobs)


def distrust_sources(connection: sqlite3.Connection, sources: str, values: tuple[object, ...]) -> None:
    """The images of these jobs, which a query names, are looked at before their URLs are sent again."""
    connection.execute(
        f"UPDATE attempts SET urls_at = 0 WHERE id IN (SELECT attempt FROM jobs WHERE id IN ({sources}))",  # noqa: S608 - our own words
        values,
    )


def guarded(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    """Changes one row, or raises StateFault when its condition does not hold."""
    if connection.execute(statement, values).rowcount != 1:
        raise unexpected()


def unexpected() -> StateFault:
    return StateFault(
        "a job is not in the state that this run left it in",
        help="is another program writing to the state folder? Stop it and run again; nothing is sent twice",
    )
