"""Finding the row of the ledger for each planned job."""

import json
import sqlite3
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mjpipe.domain import Job, JobKey, JobState, Standing, from_micros, has_result
from mjpipe.ledger.adopting.rerolls import ASKED, RerollChange, reroll_change
from mjpipe.ledger.database import queries
from mjpipe.ledger.offers import REROLL, FollowUp, Result, result_of

_SQL = queries(__file__)

_BY_NAME, _BY_ID = (_SQL[name].format(found=_SQL["found"]) for name in ("by_name", "by_id"))


Pair: TypeAlias = tuple[Job, Standing]

Lineage: TypeAlias = tuple[tuple[int, int], ...]
"""Ids and revisions of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the ledger. `result` is the attempt that holds its result by the present plan, None while none does.
    `made` is the attempt that jobs may have been made of: its result, or a task that is in flight as far as is known.
    Of that one there are such jobs when it was recovered, and what said how it ended was lost.

    `lineage` are the rows that its place in the plan depends on, with the revisions that were read: itself, unless it
    is new, its source, and so on.
    """

    id: int
    result: int | None = None
    made: int | None = None
    lineage: Lineage = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Row):
    """A job that is on record, and where it stands by the present plan; `change` is how that differs from the record.

    `unsent` says that nothing was sent for it yet, `rerolls` is the attempt whose reroll is asked for and was not sent.
    """

    key: JobKey
    digest: int
    wanted: bool
    change: RerollChange | None
    standing: Standing
    unsent: bool
    rerolls: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """A row that no planned job has, as it was read. One that was not `wanted` before is an orphan with a reroll that
    nobody asks for any more and that has failed since.
    """

    id: int
    revision: int
    wanted: bool
    sources: Lineage = ()


_WAITING = frozenset({JobState.WAITING, JobState.UNPICKED})

_DECIDED_BY_SOURCE = frozenset({JobState.READY, JobState.FAILED, JobState.SKIPPED})
"""Where a job may stand that was decided about when its source had succeeded, and never sent."""


class Matching:
    """Holds planned jobs, one after another, against the rows of the ledger.

    A result belongs to the job of the same key and fingerprint first; what is then left over, to a job of the same
    fingerprint whose own key has nothing.

    Attempts `to_adopt` are in the ledger for the sake of a plan alone; the standings say so.
    """

    def __init__(self, connection: sqlite3.Connection, to_adopt: Container[int] = ()) -> None:
        self._connection = connection
        self._to_adopt = to_adopt
        self._last = int(connection.execute("SELECT coalesce(max(id), 0) FROM jobs").fetchone()[0])
        self._seen = bytearray(self._last + 1)
        self._result: tuple[int, Result] | None = None

    def exact(self, job: Job, source: Row | None, source_standing: Pair | None) -> Found | None:
        """The job by its key and fingerprint, made of `source` (None for a job without one), which stands where
        `source_standing` says.

        What was made of a result that `source` no longer has is another job: other pictures.
        """
        if self._last == 0:
            return None
        row = self._connection.execute(
            _BY_NAME,
            (job.key, job.fingerprint, *((source.id, source.made) if source else (0, None))),
        ).fetchone()
        if row is None or row[0] > self._last:  # a key that the plan has twice is the planner's to report
            return None
        self._seen[row[0]] = 1
        return self._judged(_found(row, job, source, source_standing, self._to_adopt), job, source)

    def may_take_over(self, job: Job) -> bool:
        """Whether another key has a row with the fingerprint, which `take_over` may give to the job in the end."""
        if self._last == 0 or job.possible_jobs:
            return False
        query = "SELECT 1 FROM jobs WHERE fingerprint = ? AND id <= ? AND NOT set_aside LIMIT 1"
        return self._connection.execute(query, (job.fingerprint, self._last)).fetchone() is not None

    def take_over(self, job: Job, source: Row | None, source_standing: Pair | None) -> Found | None:
        """A job of that fingerprint that no planned job has claimed, right only after the last `exact`.

        `source` is the row that the job's source has now. Identical sources make different pictures, and so does one
        that is made again: what was made of one is never taken for what was made of the other.
        """
        of = (source.id, source.made) if source else (None, None)
        rows = self._connection.execute(_SQL["left_over"], (job.fingerprint, self._last, *of)).fetchall()
        free = next((row for (row,) in rows if not self._seen[row]), None)
        if free is None:
            return None
        self._seen[free] = 1
        row = self._connection.execute(_BY_ID, (free,)).fetchone()
        return self._judged(_found(row, job, source, source_standing, self._to_adopt), job, source)

    def judged(self, job: Job, source: Row | None, standing: Standing) -> Standing:
        """Where a job stands for which nothing was sent: what `source` brought may show already what a run will say."""
        if source is None or source.result is None or standing.state not in (JobState.WAITING, JobState.FAILED):
            return standing
        assert job.source is not None
        return self._by_result(standing, source.result, FollowUp.of(job.request, job.source.number))

    def _judged(self, found: Found, job: Job, source: Row | None) -> Found:
        if found.rerolls is not None:
            standing = self._by_result(found.standing, found.rerolls, REROLL)
        elif found.unsent:
            standing = self.judged(job, source, found.standing)
        else:
            return found
        return found if standing is found.standing else replace(found, standing=standing)

    def _by_result(self, standing: Standing, attempt: int, asked: FollowUp) -> Standing:
        # Jobs that follow from one come one after another.
        if self._result is None or self._result[0] != attempt:
            self._result = attempt, result_of(self._connection, attempt)
        state = self._result[1].verdict_on(asked).state
        if state is JobState.READY:
            return standing
        return Standing(state=state, paid=standing.paid, offered=state is not JobState.FAILED)

    def unclaimed(self) -> list[Unclaimed]:
        """Rows that no planned job has claimed and that are to be let go, deepest first; right only in the end."""
        rows = self._connection.execute(_SQL["to_let_go"], (self._last,))
        return [
            Unclaimed(id=row, revision=revision, wanted=bool(wanted))
            for row, revision, wanted in rows
            if not self._seen[row]
        ]

    def why(self, job: Job) -> str:
        """Why a job without a row is to be made, given what its key stood for before."""
        if self._last == 0:
            return "new"
        row = self._connection.execute(_SQL["request_of_key"], (job.key, self._last)).fetchone()
        if row is None:
            return "new"
        before, after = json.loads(row[0]), json.loads(json.dumps(job.request))
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        return f"changed {' and '.join(changed)}" if changed else "changed source"


def _found(
    row: tuple[Any, ...], job: Job, source: Row | None, source_standing: Pair | None, to_adopt: Container[int]
) -> Found:
    identifier, was, digest, wanted, why, attempt, reroll_of, holding, task, price, incomplete, code, revision, key = (
        row
    )
    state, change = JobState(was), None
    made = holds = has_result(state, code)
    if job.reroll_of is not None or reroll_of is not None:
        change, holds = reroll_change(state, made=made, rerolled=reroll_of is not None, asked=job.reroll_of == task)
    if change is RerollChange.REROLL:
        state, why = JobState.READY, ASKED
    elif change is RerollChange.RESTORE:
        state = JobState.SUCCEEDED if incomplete else JobState.DONE
    elif source and source.result is None and attempt is None and state in _DECIDED_BY_SOURCE:
        change, state = RerollChange.WAIT, JobState.WAITING
    to_make = state in (JobState.READY, JobState.WAITING)
    asked = change is RerollChange.REROLL or (change is None and reroll_of is not None and reroll_of == attempt)
    return Found(
        id=identifier,
        result=holding if holds else None,
        made=holding if holds else attempt if state is JobState.SUBMITTED else None,
        lineage=((identifier, revision), *(source.lineage if source else ())),
        key=JobKey(key),
        digest=digest,
        wanted=bool(wanted),
        change=change,
        standing=Standing(
            state=state,
            reason=why if to_make else None,
            paid=from_micros(price) if has_result(state, code) and price is not None else None,
            waits_for=source_standing if state in _WAITING else None,
            images_gone=made and state is JobState.FAILED,
            to_adopt=attempt in to_adopt,
        ),
        unsent=attempt is None,
        rerolls=holding if asked and state in (JobState.READY, JobState.FAILED) else None,
    )
