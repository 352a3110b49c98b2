"""What a new plan changes about the ledger, as values: found beside the writer, and applied to rows that are still as
they were read.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mjpipe.domain import IN_FLIGHT, Job, JobKey, JobState, Standing
from mjpipe.ledger.adopting.matching import Found, Lineage, Row, Unclaimed
from mjpipe.ledger.adopting.plan_writes import (
    FORGET_UNSENT,
    INSERT,
    LET_GO,
    RECOVERED,
    RENEW,
    TAKE_OVER,
    changeable,
    complete,
    completed,
    digest,
    inserted,
)
from mjpipe.ledger.adopting.rerolls import RerollChange, apply, restore_orphan


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """The row of a job that goes on being planned, or is again. `values` are the new ones of what a plan may change,
    None to leave them; `key` is its new one, None to leave it; `completed` is what was not known of a recovered
    one; `reroll` changes where it stands. `sources` are the rows
    that this was decided by.
    """

    id: int
    revision: int
    values: tuple[object, ...] | None = None
    key: JobKey | None = None
    completed: tuple[object, ...] | None = None
    reroll: RerollChange | None = None
    sources: Lineage = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """The row of a new job. Its `id` is below 0, and so is `source` when that is new as well."""

    id: int
    source: int | None
    job: Job
    position: int
    standing: Standing
    sources: Lineage


Change: TypeAlias = Unclaimed | RowChange | Insertion
Piece: TypeAlias = Sequence[Change]


class PlanChanges:
    """Notes what a plan would write; see `plan_writes.Writes`."""

    def __init__(self) -> None:
        self._let_go: list[Unclaimed] = []
        self._waiting: list[RowChange] = []
        self._changed: list[RowChange] = []
        self._insertions: list[Insertion] = []

    def renew(self, found: Found, job: Job, position: int) -> None:
        renamed = found.key != job.key
        differs = renamed or not found.wanted or digest(job, position) != found.digest
        if not differs and found.change is None:
            return
        (_, revision), *sources = found.lineage
        change = RowChange(
            id=found.id,
            revision=revision,
            values=changeable(job, position) if differs else None,
            key=job.key if renamed else None,
            completed=completed(job) if found.digest == RECOVERED else None,
            reroll=found.change,
            sources=tuple(sources),
        )
        (self._waiting if found.change is RerollChange.WAIT else self._changed).append(change)

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:
        identifier = -2 - len(self._insertions)
        self._insertions.append(
            Insertion(
                id=identifier,
                source=None if source is None else source.id,
                job=job,
                position=position,
                standing=standing,
                sources=source.lineage if source else (),
            )
        )
        return identifier

    def take_over(self, found: Found, job: Job, position: int) -> None:
        self.renew(found, job, position)

    def let_go(self, rows: Sequence[Unclaimed]) -> None:
        self._let_go += rows

    def stages(self, *, size: int) -> Iterator[Iterator[Piece]]:
        """The changes in the order in which they are safe, each stage in pieces of a `size`; a stage may begin when all
        of the one before was applied.

        What nobody asks for any more is let go before another row asks for the same. What is to wait for its source
        waits before that is to be made again.
        """
        stages: tuple[Piece, ...] = (self._let_go, self._waiting, self._changed, self._insertions)
        return (_pieces(stage, size) for stage in stages)


def _pieces(changes: Piece, size: int) -> Iterator[Piece]:
    return (changes[start : start + size] for start in range(0, len(changes), size))


@dataclass(slots=True)
class Applied:
    """What the pieces of one plan have done so far: the ids of the rows for those that were new, and the revisions of
    rows as they have left them.
    """

    ids: dict[int, int] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWritten:
    """What came of writing a part of a plan. `conflicts` are changes whose rows are not as they were read; `counts`
    says how many jobs more, or fewer, each node has in each state, orphans in flight among them.
    """

    conflicts: Piece = ()
    counts: Mapping[tuple[str, JobState], int] = field(default_factory=dict)


def apply_piece(connection: sqlite3.Connection, piece: Piece, applied: Applied) -> PlanWritten:
    """Applies each change whose rows are still as they were read, inside the transaction of the caller."""
    application = _Application(connection, applied)
    conflicts = tuple(change for change in piece if not application.applies(change))
    return PlanWritten(conflicts=conflicts, counts=application.counts)


class _Application:
    def __init__(self, connection: sqlite3.Connection, applied: Applied) -> None:
        self._connection = connection
        self._applied = applied
        self.counts: Counter[tuple[str, JobState]] = Counter()

    def applies(self, change: Change) -> bool:
        """Whether the change was applied."""
        if isinstance(change, Insertion):
            depends_on = change.sources
        else:
            depends_on = ((change.id, change.revision), *change.sources)
        revisions = self._applied.revisions
        if any(self._revision(row) != revisions.get(row, revision) for row, revision in depends_on):
            return False
        self._count(change.id, -1)
        try:
            match change:
                case Unclaimed():
                    self._let_go(change)
                case RowChange():
                    self._change(change)
                case Insertion():
                    return self._insert(change)
        except sqlite3.IntegrityError:  # another row has the name by now
            self._count(change.id, 1)
            return False
        self._count(change.id, 1)
        return True

    def _revision(self, row: int) -> int | None:
        found = self._connection.execute("SELECT revision FROM jobs WHERE id = ?", (row,)).fetchone()
        return None if found is None else int(found[0])

    def _count(self, row: int, by: int) -> None:
        found = self._connection.execute("SELECT node, state, wanted FROM jobs WHERE id = ?", (row,)).fetchone()
        if found is not None:
            node, state, wanted = str(found[0]), JobState(found[1]), bool(found[2])
            if wanted or state in IN_FLIGHT:
                self.counts[node, state] += by

    def _let_go(self, row: Unclaimed) -> None:
        self._connection.execute(LET_GO, (row.id,))
        self._connection.execute(FORGET_UNSENT, (row.id,))
        restore_orphan(self._connection, row.id)

    def _change(self, change: RowChange) -> None:
        if change.key is not None and change.values is not None:
            self._connection.execute(TAKE_OVER, (change.key, *change.values, change.id))
        elif change.values is not None:
            self._connection.execute(RENEW, (*change.values, change.id))
        if change.completed is not None:
            complete(self._connection, change.id, *change.completed)
        if change.reroll is not None:
            apply(self._connection, change.reroll, change.id)
        revision = self._revision(change.id)
        assert revision is not None
        self._applied.revisions[change.id] = revision

    def _insert(self, change: Insertion) -> bool:
        source = change.source
        if source is not None and source < 0:
            source = self._applied.ids.get(source)
            if source is None:  # it could not be inserted
                return False
        row = self._connection.execute(INSERT, inserted(change.job, change.position, source, change.standing)).lastrowid
        assert row is not None
        self._applied.ids[change.id] = row
        self._count(row, 1)
        return True
