"""What status, show and the reports say: jobs, attempts and sums on record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from mjpipe.domain import Amount, JobState, StateFault
from mjpipe.ledger.database import LedgerConnection, in_a_copy, open_read_only, open_to_report, transaction
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.receipts import RecoveredFrom
from mjpipe.ledger.records.job_records import JobRecord, job_records
from mjpipe.ledger.records.recovered import recovered_amounts, set_aside_amount
from mjpipe.ledger.records.risks import AttemptAtRisk, attempts_at_risk
from mjpipe.ledger.records.sums import AttemptSum, JobSum, attempt_sums, columns_tried, job_sums
from mjpipe.ledger.writing import doubt_interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedByHand:
    """How many images on disk somebody has changed, and the paths of the first."""

    count: int = 0
    paths: Sequence[str] = ()


class Records:
    """What reports ask of a ledger, also of one that a run is writing. `ledger` answers what a plan asks.

    It has a connection of its own, which only reads, but for `remember_reported`.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self.ledger = Reader(connection)

    @classmethod
    def open(cls, path: Path) -> "Records":
        """Raises StateFault when the file cannot be read."""
        return cls(open_read_only(path))

    @classmethod
    def open_to_report(cls, path: Path) -> "Records":
        """As `open`, and where the file can be written `remember_reported` has an effect."""
        return cls(open_to_report(path))

    def is_submitting(self) -> bool:
        """Whether a job is on record as being submitted: by the run that goes on, or by one that was killed."""
        return self._connection.value("SELECT 1 FROM jobs WHERE state = 'submitting' LIMIT 1") is not None

    def interrupted(self, now: float) -> "Records":
        """A copy, in place of these, in which what was being submitted is in doubt, as it is to the next run."""
        copy = in_a_copy(self._connection)
        with transaction(copy):
            doubt_interrupted(copy, now)
        return Records(copy)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is as it was at the first reading, also while a run goes on."""
        with transaction(self._connection, writes=False):
            yield

    def jobs(self, *states: JobState) -> Iterator[JobRecord]:
        """The wanted jobs in the order of the plan, then the orphans; one after another, not all in memory.

        All of them are as they were when the first was read, also while a run goes on. With `states`, only the jobs
        in one of them.
        """
        which = "WHERE j.state IN (SELECT value FROM json_each(?))", json.dumps(states)
        with self.snapshot():
            yield from job_records(self._connection, *(which if states else ()))

    def at_risk(self) -> Iterator[AttemptAtRisk]:
        """The attempts that are possibly billed, in the order of the plan, those of orphans last."""
        return attempts_at_risk(self._connection)

    def job_sums(self, by: Sequence[str]) -> list[JobSum]:
        """Of all jobs, by group; `by` names columns of labels, or else of rows, whose values divide them too.

        In the order in which the plan first comes to each group; orphans come last.
        """
        return list(job_sums(self._connection, by))

    def attempt_sums(self, by: Sequence[str], since: float | None) -> list[AttemptSum]:
        """Of all attempts, by the group of their jobs, in no order; without `since` none of them is recent."""
        return list(attempt_sums(self._connection, by, inf if since is None else since))

    def recovered(self) -> Mapping[RecoveredFrom, Amount]:
        """What was adopted after its state was lost, by the record that named it."""
        return recovered_amounts(self._connection)

    def set_aside(self) -> Amount:
        """What a person has said to pay for again: no job gets these results."""
        return set_aside_amount(self._connection)

    def columns_tried(self, table: Literal["row", "labels"]) -> list[str]:
        """The columns of the rows, or of the labels, of all jobs that were ever tried.

        In the order in which the plan, and then the orphans, come to them.
        """
        return columns_tried(self._connection, table)

    def changed_by_hand(self, most: int) -> ChangedByHand:
        """With the first `most` paths."""
        found = "FROM images WHERE hand_sha256 IS NOT NULL"
        count = self._connection.value(f"SELECT count(*) {found}")
        paths = self._connection.execute(f"SELECT path {found} ORDER BY path LIMIT ?", (most,))
        return ChangedByHand(count=count, paths=[path for (path,) in paths])

    def run_began(self) -> float | None:
        """When the last run began, seconds since the epoch; None before the first."""
        began = self.ledger.bindings.get("run_began")
        return None if began is None else float(began)

    def reported(self) -> str | None:
        """What was given to `remember_reported`, None when a job, an attempt or an image has changed since."""
        return self.ledger.bindings.get("reported")

    def remember_reported(self, words: str) -> None:
        """Inside of `snapshot`: keeps `words` until something changes that is reported, and as `last_reported`.

        Nothing is kept when something has changed since the first reading, because the reports do not have it: SQLite
        refuses to write in a transaction that has read an older state. The same holds while a run writes, and where the
        file cannot be written. The cost of that is small: the next report writes its files again.
        """
        with suppress(StateFault):
            self._connection.execute("PRAGMA busy_timeout=100")  # a run may be asking a person, who takes their time
            self._connection.execute(
                "INSERT OR REPLACE INTO bindings VALUES ('reported', ?1), ('last_reported', ?1)", (words,)
            )

    def keys(self) -> Iterator[str]:
        """Of the wanted jobs, in the order of the plan."""
        for (key,) in self._connection.execute("SELECT key FROM jobs WHERE wanted = 1 ORDER BY position"):
            yield key

    def job(self, key: str) -> JobRecord | None:
        """The job of that key, the wanted one first."""
        which = "WHERE j.id = (SELECT id FROM jobs WHERE key = ? ORDER BY wanted DESC, id DESC LIMIT 1)"
        with self.snapshot():
            return next(job_records(self._connection, which, key), None)
