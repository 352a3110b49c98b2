"""Taking over a plan: afterwards the ledger's jobs are those that the manifest asks for, and the orphans."""

import json
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TypeAlias

from mjpipe.domain import Fingerprint, Job, JobKey, JobState, OrphanTotals, Standing, TaskId, from_micros
from mjpipe.ledger.adopting.matching import Matching, Pair, Row
from mjpipe.ledger.adopting.plan_changes import PlanChanges
from mjpipe.ledger.adopting.plan_writes import NEVER_MADE, NoWrites, PlanWrites, TakeoversOnly, Writes
from mjpipe.ledger.database import queries, transaction

_SQL = queries(__file__)

ROOT_ROW = 1 << 24
"""Positions from one root row to the next: when a row gets more followers, the jobs of the rows after it stay there."""

Takeovers: TypeAlias = Mapping[tuple[JobKey, Fingerprint], TaskId]
"""The tasks that hold the results of planned jobs whose keys have none, because they had other keys before."""

Take: TypeAlias = Callable[[Sequence[Job]], object]
"""Is handed the next jobs of a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What is known when all jobs of a plan are: `late` are those that were decided last, because they might have taken
    over a result from another key; `orphaned` is what the plan stops asking for, and `unclaimed` the rows that no
    planned job has, also those that were never made.
    """

    late: Sequence[Pair]
    orphaned: OrphanTotals
    unclaimed: Sequence[int] = ()


class Adoption:
    """Finds the planned jobs among the ledger's rows, and where each of them stands.

    `take` is given the jobs in the order of the plan, in batches of any size: the source of a job is the latest job
    whose depth is one less. Then `finish` decides about those that `take` could not.
    """

    def __init__(self, connection: sqlite3.Connection, writes: Writes, to_adopt: Container[int] = ()) -> None:
        self._connection = connection
        self._matching = Matching(connection, to_adopt)
        self._writes = writes
        self._claims = _Claims()
        self._deferred: list[_Claim] = []
        self.finished = False

    def take(self, jobs: Iterable[Job]) -> list[Pair]:
        """Those of the jobs that are decided about at once."""
        pairs: list[Pair] = []
        for job in jobs:
            claim = self._claims.claim(job)
            pair = None if claim.depends_on_undecided else self._decide(claim)
            if pair is None:
                self._deferred.append(claim)
            else:
                pairs.append(pair)
        return pairs

    def finish(self) -> Adopted:
        """All jobs were given. Rows that were made and that no job has claimed stay, as orphans; what was never sent
        goes.
        """
        self._deferred.sort(key=lambda claim: claim.job.depth)
        late: list[Pair] = []
        for _, of_one_depth in groupby(self._deferred, key=lambda claim: claim.job.depth):
            late += self._settle(list(of_one_depth))
        unclaimed = self._matching.unclaimed()
        self._writes.let_go(unclaimed)
        self.finished = True
        rows = [row.id for row in unclaimed if row.wanted]
        return Adopted(late=late, orphaned=_orphaned(self._connection, rows), unclaimed=rows)

    def _decide(self, claim: "_Claim") -> Pair | None:
        """None for a job that may take over a result from another key, when it is known which results are claimed."""
        job = claim.job
        found = self._matching.exact(job, claim.source_row, claim.source_standing)
        if found is not None:
            self._writes.renew(found, job, claim.position)
            return claim.decided(found, found.standing)
        return None if self._matching.may_take_over(job) else self._insert(claim)

    def _settle(self, claims: "list[_Claim]") -> Iterator[Pair]:
        """Decides about deferred jobs of one depth; their sources are decided about."""
        found = [self._matching.exact(claim.job, claim.source_row, claim.source_standing) for claim in claims]
        for claim, exact in zip(claims, found, strict=True):
            row = exact or self._matching.take_over(claim.job, claim.source_row, claim.source_standing)
            if row is not None:
                self._writes.take_over(row, claim.job, claim.position)
                yield claim.decided(row, row.standing)
            else:
                yield self._insert(claim)

    def _insert(self, claim: "_Claim") -> Pair:
        standing = _unmade(claim.job, self._matching.why(claim.job), claim.source_standing)
        # On record it waits until a run decides, which says why it cannot be made.
        source = claim.source_row
        identifier = self._writes.insert(claim.job, claim.position, source, standing)
        lineage = source.lineage if source else ()
        row = NEVER_MADE if identifier == NEVER_MADE.id and not lineage else Row(id=identifier, lineage=lineage)
        return claim.decided(row, standing if source is None else self._matching.judged(claim.job, source, standing))


@contextmanager
def adopting(connection: sqlite3.Connection) -> Iterator[Adoption]:
    """Makes the planned jobs the wanted ones: all of it is one transaction, which ends with the block.

    What is raised inside undoes it; so does a block that ends before `Adoption.finish`.
    """
    with transaction(connection):
        adoption = Adoption(connection, PlanWrites(connection))
        yield adoption
        assert adoption.finished, "the plan was not adopted to its end"


def standings(connection: sqlite3.Connection, to_adopt: Container[int] = ()) -> Adoption:
    """The same as `adopting`, writing nothing. `to_adopt` are attempts that are on record for the sake of a plan."""
    return Adoption(connection, NoWrites(), to_adopt)


def comparison(connection: sqlite3.Connection) -> tuple[Adoption, PlanChanges]:
    """The same as `standings`; when it has finished, the changes are what `adopting` would have written."""
    changes = PlanChanges()
    return Adoption(connection, changes), changes


def takeovers(connection: sqlite3.Connection, expand: Callable[[Takeovers, Take], object]) -> Takeovers:
    """The results that planned jobs would take over from other keys; `expand` plans from what is known of these, and
    hands on the jobs.

    What a job takes over brings its followers into the plan, which may take over results themselves: so it is planned
    until nothing comes to it. That ends: who claims what among jobs of one depth depends on the depths before alone.
    """
    found: Takeovers = {}
    while (more := _taken_over(connection, found, expand)) != found:
        found = more
    return found


def _taken_over(
    connection: sqlite3.Connection, found: Takeovers, expand: Callable[[Takeovers, Take], object]
) -> Takeovers:
    writes = TakeoversOnly(connection)
    adoption = Adoption(connection, writes)
    expand(found, adoption.take)
    adoption.finish()
    return writes.found


def _orphaned(connection: sqlite3.Connection, rows: list[int]) -> OrphanTotals:
    if not rows:
        return OrphanTotals()
    jobs, paid, unpriced = connection.execute(_SQL["orphan_totals"], (json.dumps(rows),)).fetchone()
    return OrphanTotals(jobs=jobs, paid=from_micros(paid), unpriced=unpriced)


@dataclass(slots=True, kw_only=True)
class _Claim:
    """A planned job, which has no standing until it is decided about. One that may take over a result from another
    key, or that follows from such a job, is decided about in the end, when it is known which results are claimed.
    """

    job: Job
    position: int
    source: "_Claim | None"
    row: Row = NEVER_MADE
    decision: Pair | None = None

    @property
    def source_row(self) -> Row | None:
        return None if self.source is None else self.source.row

    @property
    def source_standing(self) -> Pair | None:
        """The source, and where it stands; None while that is not decided, and for a job without one."""
        return None if self.source is None else self.source.decision

    @property
    def depends_on_undecided(self) -> bool:
        return self.source is not None and self.source.decision is None

    def decided(self, row: Row, standing: Standing) -> Pair:
        self.row = row
        self.decision = self.job, standing
        return self.decision


class _Claims:
    """Gives each job its place in the plan and its source; of the jobs before it, it keeps those that it comes from."""

    def __init__(self) -> None:
        self._chain: list[_Claim] = []
        self._root_rows = 0
        self._in_row = 0

    def claim(self, job: Job) -> _Claim:
        if job.depth == 0:
            self._root_rows += 1
            self._in_row = 0
        position = self._root_rows * ROOT_ROW + self._in_row
        self._in_row += 1
        source = self._chain[job.depth - 1] if job.depth else None
        if source is not None:
            assert job.source is not None
            assert source.job.key == job.source.key, "a job follows its source before the next job of that depth comes"
        claim = _Claim(job=job, position=position, source=source)
        self._chain[job.depth :] = [claim]
        return claim


def _unmade(job: Job, why: str, source_standing: Pair | None) -> Standing:
    if job.possible_jobs:
        return Standing(state=JobState.UNPICKED, waits_for=source_standing)
    if job.source is None:
        return _ready(why)
    return Standing(state=JobState.WAITING, reason=why, waits_for=source_standing)


@cache
def _ready(why: str) -> Standing:
    """One for all: of a first plan of a large campaign most jobs stand so."""
    return Standing(state=JobState.READY, reason=why)
