"""Which made job is which planned job."""

import json
import sqlite3
from dataclasses import dataclass

from mjpipe.domain import Job, JobState, Standing, from_micros

_FIND = """
SELECT j.id, j.state, j.digest, j.wanted, j.why, a.price
FROM jobs j LEFT JOIN attempts a ON a.id = j.attempt AND a.money = 'spent'
"""

_LEFT_OVER = """
SELECT id FROM jobs
WHERE fingerprint = ? AND id <= ? AND source IS ? AND state NOT IN ('waiting', 'ready', 'unpicked')
ORDER BY CASE state WHEN 'done' THEN 0 WHEN 'succeeded' THEN 1 WHEN 'submitted' THEN 2 WHEN 'submitting' THEN 3
                    WHEN 'in_doubt' THEN 4 ELSE 5 END, wanted DESC, id
"""
"""The best that a job may take over: what is paid before what may be, that before what failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The row of a job that is on record, and where it stands."""

    id: int
    digest: int
    wanted: bool
    standing: Standing


class Matching:
    """Holds planned jobs, one after another, against the rows of the ledger.

    A result belongs to the job of the same key and fingerprint first; what is then left over, to a job of the same
    fingerprint whose own key has nothing.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._last = int(connection.execute("SELECT coalesce(max(id), 0) FROM jobs").fetchone()[0])
        self._seen = bytearray(self._last + 1)

    def exact(self, job: Job, source: int | None) -> Found | None:
        """The row with the job's key and fingerprint, made of the row `source` (None for a job without a source)."""
        if self._last == 0:
            return None
        row = self._connection.execute(
            f"{_FIND} WHERE j.key = ? AND j.fingerprint = ? AND coalesce(j.source, 0) = ?",
            (job.key, job.fingerprint, source or 0),
        ).fetchone()
        if row is None or row[0] > self._last:  # a key that the plan has twice is the planner's to report
            return None
        self._seen[row[0]] = 1
        return _found(row)

    def may_take_over(self, job: Job) -> bool:
        """Whether another key has a row with the fingerprint, which `take_over` may give to the job in the end."""
        if self._last == 0 or job.possible:
            return False
        query = "SELECT 1 FROM jobs WHERE fingerprint = ? AND id <= ? LIMIT 1"
        return self._connection.execute(query, (job.fingerprint, self._last)).fetchone() is not None

    def take_over(self, job: Job, source: int | None) -> Found | None:
        """A row of the job's fingerprint that no planned job has claimed, right only after the last `exact`.

        `source` is the row that the job's source has now. Identical sources make different pictures, so what was made
        of one is never taken for what was made of the other.
        """
        rows = self._connection.execute(_LEFT_OVER, (job.fingerprint, self._last, source)).fetchall()
        free = next((row for (row,) in rows if not self._seen[row]), None)
        if free is None:
            return None
        self._seen[free] = 1
        row = self._connection.execute(f"{_FIND} WHERE j.id = ?", (free,)).fetchone()
        return _found(row)

    def unseen(self) -> list[int]:
        """Rows that were wanted before and that no planned job has claimed; right only in the end."""
        rows = self._connection.execute("SELECT id FROM jobs WHERE wanted AND id <= ?", (self._last,))
        return [row for (row,) in rows if not self._seen[row]]

    def why(self, job: Job) -> str:
        """Why a job without a row is to be made, by what its key stood for before."""
        if self._last == 0:
            return "new"
        row = self._connection.execute(
            "SELECT request FROM jobs WHERE key = ? AND id <= ? ORDER BY wanted DESC, id DESC LIMIT 1",
            (job.key, self._last),
        ).fetchone()
        if row is None:
            return "new"
        before, after = json.loads(row[0]), json.loads(json.dumps(job.request))
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        return f"its {' and '.join(changed)} changed" if changed else "its source changed"


def _found(row: tuple[int, str, int, int, str, int | None]) -> Found:
    identifier, state, digest, wanted, why, price = row
    to_make = state in (JobState.READY, JobState.WAITING)
    standing = Standing(
        state=JobState(state),
        reason=why if to_make else None,
        paid=None if price is None else from_micros(price),
    )
    return Found(id=identifier, digest=digest, wanted=bool(wanted), standing=standing)
