"""Which of a job's attempts counts, and where the job stands by it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mjpipe.contract import Mode, fail_code
from mjpipe.domain import Answered, JobState, Money, TaskId, has_result
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)

NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class _Try:
    """An attempt. `rerolls` is the task that it rerolls, of this job or of another; `complete` says that all its images
    are on disk.
    """

    id: int
    task: TaskId | None
    money: Money
    outcome: Answered
    evidence: str | None
    fail_code: str | None
    intended: float
    rerolls: TaskId | None
    complete: int

    @property
    def counts(self) -> bool:
        """Whether it has, or may still bring, a result."""
        return self.money is Money.SPENT or (self.money is Money.RESERVED and self.task is not None)

    @property
    def is_in_doubt(self) -> bool:
        return self.task is None and self.money in (Money.AT_RISK, Money.RESERVED)

    @property
    def has_failed(self) -> bool:
        return self.fail_code is not None

    @property
    def age(self) -> tuple[float, int]:
        return self.intended, self.id


@dataclass(frozen=True, slots=True)
class _Row:
    state: JobState
    code: str | None
    attempt: int | None
    reroll_of: int | None

    @property
    def holder(self) -> int | None:
        """What holds its result, or will; None without one."""
        if self.reroll_of is not None:
            return self.reroll_of
        return self.attempt if has_result(self.state, self.code) or self.state is JobState.SUBMITTED else None


def settle(connection: LedgerConnection, job: int, picked: Collection[TaskId]) -> None:
    """Decides again about a job that has got attempts.

    What holds its result keeps it. Else that of the `picked` tasks counts, or the earliest. Of its rerolls the latest
    counts, as far as it has succeeded or may.
    """
    state, code, attempt, reroll_of = connection.execute(_SQL["row"], (job,)).fetchone()
    row = _Row(JobState(state), code, attempt, reroll_of)
    tries = [_try(*values) for values in connection.execute(_SQL["attempts"], (job,))]
    holder = _holder(tries, row.holder, picked)
    if holder is None:
        _settle_without(connection, job, row, tries)
        return
    later = [one for one in tries if one.rerolls is not None and one.rerolls == holder.task and not one.counts]
    undecided = max((one for one in later if one.has_failed or one.is_in_doubt), key=lambda one: one.age, default=None)
    if undecided is not None:
        if undecided.id != row.attempt:
            _write(connection, job, undecided, reroll_of=holder.id)
    elif holder.id != row.reroll_of and (holder.id != row.attempt or row.holder is None):
        rerolled = next((one.id for one in tries if one.task is not None and one.task == holder.rerolls), None)
        _write(connection, job, holder, reroll_of=None if holder.money is Money.SPENT else rerolled)


def _holder(tries: list[_Try], present: int | None, picked: Collection[TaskId]) -> _Try | None:
    candidates = [one for one in tries if one.counts]
    tasks = {one.task for one in candidates if one.task is not None}
    roots = [one for one in candidates if one.id == present]
    roots = roots or [one for one in candidates if one.rerolls not in tasks] or candidates
    if not roots:
        return None
    best = _picked(roots, picked) or min(roots, key=lambda one: one.age)
    seen = {best.id}
    while rerolls := [one for one in candidates if one.rerolls == best.task is not None and one.id not in seen]:
        best = _picked(rerolls, picked) or max(rerolls, key=lambda one: one.age)
        seen.add(best.id)
    return best


def _picked(tries: Iterable[_Try], picked: Collection[TaskId]) -> _Try | None:
    return next((one for one in tries if one.task in picked), None)


def _settle_without(connection: LedgerConnection, job: int, row: _Row, tries: list[_Try]) -> None:
    """No task of it is known that counts: an open question comes before a failure."""
    open_questions = [one for one in tries if one.is_in_doubt]
    if row.state is JobState.IN_DOUBT and any(one.id == row.attempt for one in open_questions):
        return
    ended = [one for one in tries if one.is_in_doubt or one.has_failed]
    if not ended:
        return
    latest = max(ended, key=lambda one: one.age)
    # After an answer of a gateway the service's page advises to send again: what came of that counts.
    unknown = [one for one in open_questions if one.outcome is not Answered.GATEWAY_FAULT or one is latest]
    _write(connection, job, max(unknown, key=lambda one: one.age) if unknown else latest, reroll_of=row.reroll_of)


def _write(connection: LedgerConnection, job: int, one: _Try, *, reroll_of: int | None) -> None:
    state, reason, code = _standing(one)
    connection.execute(_SQL["settled"], (state, reason, code, one.id, reroll_of, job))


def _standing(one: _Try) -> tuple[JobState, str | None, str | None]:
    if one.money is Money.SPENT:
        return (JobState.DONE if one.complete else JobState.SUCCEEDED), None, None
    if one.counts:
        return JobState.SUBMITTED, None, None
    if one.is_in_doubt:
        return JobState.IN_DOUBT, one.evidence or "its answer was lost", NO_ANSWER
    return JobState.FAILED, fail_code(one.fail_code or "").meaning, one.fail_code


def _try(
    identifier: int,
    task: str | None,
    money: str,
    outcome: str | None,
    evidence: str | None,
    failed: str | None,
    intended: float,
    mode: str,
    of: str | None,
    complete: int,
) -> _Try:
    return _Try(
        id=identifier,
        task=None if task is None else TaskId(task),
        money=Money(money),
        outcome=Answered.UNKNOWN if outcome is None else Answered(outcome),
        evidence=evidence,
        fail_code=failed,
        intended=intended,
        rerolls=TaskId(of) if of is not None and mode == Mode.REROLL else None,
        complete=complete,
    )
