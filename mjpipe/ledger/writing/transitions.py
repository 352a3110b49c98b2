"""Moving a job from state to state, guarded by the state that the caller thinks it is in."""

from collections.abc import Iterable, Mapping

from mjpipe.domain import JobState, StateFault
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.values import Verdict

_SQL = queries(__file__)

_ENDED = "the program ended before the answer to this submission came"


def move(connection: LedgerConnection, job: int, state: JobState, verdict: Verdict) -> None:
    """Moves a job out of `state`. Raises StateFault when it is in another."""
    decided = (verdict.state, verdict.reason, verdict.code)
    times = (verdict.not_before, verdict.held_since)
    change_one(connection, _SQL["move"], (*decided, verdict.counts_as_failure, *times, job, state))


def doubt_interrupted(connection: LedgerConnection, now: float) -> int:
    """Puts in doubt what is being submitted, by a run that is gone. Returns how many jobs that are."""
    verdict = Verdict(state=JobState.IN_DOUBT, reason=_ENDED, code="no_answer")
    jobs = connection.execute("SELECT id, attempt FROM jobs WHERE state = 'submitting'").fetchall()
    for job, attempt in jobs:
        connection.execute(_SQL["in_doubt"], (_ENDED, now, attempt))
        move(connection, job, JobState.SUBMITTING, verdict)
    return len(jobs)


def expire_source_urls(connection: LedgerConnection, sources: Iterable[int]) -> None:
    """The images of these jobs are checked before their URLs are sent again."""
    connection.executemany(_SQL["expire_source_urls"], ((source,) for source in sources))


def link_recovered(connection: LedgerConnection) -> None:
    """Recovered jobs get their sources, as far as the tasks that they were started from are known by now."""
    connection.execute(_SQL["link_recovered"])


def change_one(connection: LedgerConnection, statement: str, values: tuple[object, ...] | Mapping[str, object]) -> None:
    """Changes one row, or raises StateFault when its condition does not hold."""
    if connection.execute(statement, values).rowcount != 1:
        raise wrong_state()


def wrong_state() -> StateFault:
    return StateFault(
        "a job is not in the state that this run left it in",
        help="is another program writing to the state folder? Stop it and run again; nothing is sent twice",
    )
