"""Taking over a plan: afterwards the ledger's jobs are those that the manifest asks for, and the orphans."""

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Protocol, TypeAlias

from mjpipe.domain import Fingerprint, Job, JobKey, JobState, OrphanTotals, Standing, TaskId, from_micros, micros
from mjpipe.ledger.database import savepoint, transaction
from mjpipe.ledger.matching import Found, Matching, Pair, Row
from mjpipe.ledger.rerolls import HOLDS_RESULT, restore_orphans, take

_CHANGEABLE = "node, take, wanted, position, price, paths, row, labels, possible, from_all_images, digest"
"""What a plan may change about a job that keeps its fingerprint."""

_INSERT = f"""
INSERT INTO jobs (key, fingerprint, kind, state, depth, source, source_number, request, why, {_CHANGEABLE})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608 - our own names

_RENEW = f"UPDATE jobs SET ({_CHANGEABLE}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?"  # noqa: S608 - our own names

_RESULT = f"""
SELECT a.task FROM jobs j JOIN attempts a ON a.id = coalesce(j.reroll_of, j.attempt) WHERE j.id = ? AND {HOLDS_RESULT}
"""  # noqa: S608 - our own words

_TAKE_OVER = f"UPDATE jobs SET (key, source, {_CHANGEABLE}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?"  # noqa: S608 - our own names


Takeovers: TypeAlias = Mapping[tuple[JobKey, Fingerprint], TaskId]
"""The tasks that hold the results of planned jobs whose keys have none, because they had other keys before."""


class Walk:
    """Planned jobs with their standings, to be iterated once; after the last, what the plan has `orphaned` is known."""

    orphaned = OrphanTotals()

    def __init__(self, steps: "_Steps") -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[Pair]:
        self.orphaned = yield from self._steps


_Steps: TypeAlias = Generator[Pair, None, OrphanTotals]


def adopt(connection: sqlite3.Connection, jobs: Iterable[Job]) -> Walk:
    """Makes the planned jobs the wanted ones, and gives each with its standing.

    All of it is one transaction, which ends with the iteration; what `jobs` raises undoes it. Rows that were made and
    are no longer asked for stay, as orphans; rows that were never sent go. Jobs that may take over a result from
    another key come last, when all other claims are known.
    """

    def steps() -> _Steps:
        # The savepoint is for a run that takes over new picks: when the plan has a mistake, it goes on as before.
        with transaction(connection), savepoint(connection):
            return (yield from _walk(connection, jobs, _Book(connection)))

    return Walk(steps())


def standings(connection: sqlite3.Connection, jobs: Iterable[Job]) -> Walk:
    """The same as `adopt`, writing nothing."""

    def steps() -> _Steps:
        return (yield from _walk(connection, jobs, _NoBook()))

    return Walk(steps())


def takeovers(connection: sqlite3.Connection, plan: Callable[[Takeovers], Iterable[Job]]) -> Takeovers:
    """The results that planned jobs would take over from other keys; `plan` gives the jobs from what is known of these.

    What a job takes over brings its followers into the plan, which may take over results themselves: so it is planned
    until nothing comes to it. That ends: who claims what among jobs of one depth hangs on the depths before alone.
    """
    found: Takeovers = {}
    while (more := _taken_over(connection, plan(found))) != found:
        found = more
    return found


def _taken_over(connection: sqlite3.Connection, jobs: Iterable[Job]) -> Takeovers:
    book = _Noting(connection)
    deque(_walk(connection, jobs, book), maxlen=0)
    return book.found


def _walk(connection: sqlite3.Connection, jobs: Iterable[Job], book: "_Keeping") -> _Steps:
    matching = Matching(connection)
    deferred: list[_Claim] = []
    root_row = _RootRow()
    for position, job in enumerate(jobs):
        claim = root_row.claim(job, position)
        if claim.hangs_on_source:
            deferred.append(claim)
        elif (found := matching.exact(job, claim.source_row, claim.before)) is not None:
            book.renew(found, job, position)
            yield claim.decided(found, found.standing)
        elif matching.may_take_over(job):
            deferred.append(claim)
        else:
            yield _inserted(claim, matching, book)
    deferred.sort(key=lambda claim: claim.job.depth)
    for _, of_one_depth in groupby(deferred, key=lambda claim: claim.job.depth):
        yield from _settle(list(of_one_depth), matching, book)
    unseen = matching.unseen()
    book.let_go(unseen)
    return _orphaned(connection, unseen)


def _orphaned(connection: sqlite3.Connection, rows: list[int]) -> OrphanTotals:
    if not rows:
        return OrphanTotals()
    jobs, paid, unpriced = connection.execute(
        "SELECT count(DISTINCT job), coalesce(sum(price), 0), count(DISTINCT job) FILTER (WHERE price IS NULL)"
        " FROM attempts WHERE job IN (SELECT value FROM json_each(?)) AND money IN ('spent', 'reserved')",
        (json.dumps(rows),),
    ).fetchone()
    return OrphanTotals(jobs=jobs, paid=from_micros(paid), unpriced=unpriced)


def _settle(claims: list["_Claim"], matching: Matching, book: "_Keeping") -> Iterator[tuple[Job, Standing]]:
    """Decides about deferred jobs of one depth; their sources are decided about."""
    found = [matching.exact(claim.job, claim.source_row, claim.before) for claim in claims]
    for claim, exact in zip(claims, found, strict=True):
        row = exact or matching.take_over(claim.job, claim.source_row, claim.before)
        if row is not None:
            book.take_over(row, claim.job, claim.position, claim.source_row)
            yield claim.decided(row, row.standing)
        else:
            yield _inserted(claim, matching, book)


def _inserted(claim: "_Claim", matching: Matching, book: "_Keeping") -> tuple[Job, Standing]:
    standing = _unmade(claim.job, matching.why(claim.job), claim.before)
    # On record it waits until a run decides, which says why it cannot be made.
    row = Row(id=book.insert(claim.job, claim.position, claim.source_row, standing))
    return claim.decided(row, matching.judged(claim.job, claim.source_row, standing))


NEVER_MADE = Row(id=-1)
"""In place of a row that was not written."""


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
    def before(self) -> Pair | None:
        """The source, and where it stands; None while that is not decided, and for a job without one."""
        return None if self.source is None else self.source.decision

    @property
    def hangs_on_source(self) -> bool:
        return self.source is not None and self.source.decision is None

    def decided(self, row: Row, standing: Standing) -> Pair:
        self.row = row
        self.decision = self.job, standing
        return self.decision


class _RootRow:
    """The jobs of one root row, to find sources among them: those come before what follows from them."""

    def __init__(self) -> None:
        self._claims: dict[tuple[JobKey, Fingerprint], _Claim] = {}

    def claim(self, job: Job, position: int) -> _Claim:
        if job.depth == 0:
            self._claims.clear()
        source = None if job.source is None else self._claims[job.source.key, job.source.fingerprint]
        claim = self._claims[job.key, job.fingerprint] = _Claim(job=job, position=position, source=source)
        return claim


def _unmade(job: Job, why: str, before: Pair | None) -> Standing:
    if job.possible_jobs:
        return Standing(state=JobState.UNPICKED, waits_for=before)
    return Standing(state=JobState.WAITING if job.source else JobState.READY, reason=why, waits_for=before)


class _Keeping(Protocol):
    def renew(self, found: Found, job: Job, position: int) -> None: ...
    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int: ...
    def take_over(self, found: Found, job: Job, position: int, source: Row | None) -> None: ...
    def let_go(self, rows: list[int]) -> None: ...


class _NoBook:
    def renew(self, found: Found, job: Job, position: int) -> None:
        pass

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:  # noqa: ARG002 - nothing is written
        return NEVER_MADE.id

    def take_over(self, found: Found, job: Job, position: int, source: Row | None) -> None:
        pass

    def let_go(self, rows: list[int]) -> None:
        pass


class _Noting(_NoBook):
    """Notes the results of the jobs that are decided about in the end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.found: dict[tuple[JobKey, Fingerprint], TaskId] = {}

    def take_over(self, found: Found, job: Job, position: int, source: Row | None) -> None:  # noqa: ARG002 - as above
        row = self._connection.execute(_RESULT, (found.id,)).fetchone()
        if row is not None:
            self.found[job.key, job.fingerprint] = TaskId(row[0])


class _Book:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def renew(self, found: Found, job: Job, position: int) -> None:
        if _digest(job, position) != found.digest or not found.wanted:
            self._connection.execute(_RENEW, (*_changeable(job, position), found.id))
        self._turn(found)

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:
        try:
            cursor = self._connection.execute(
                _INSERT,
                (
                    job.key,
                    job.fingerprint,
                    job.kind,
                    standing.state,
                    job.depth,
                    None if source is None else source.id,
                    None if job.source is None else job.source.number,
                    _json(job.request),
                    standing.reason or "",
                    *_changeable(job, position),
                ),
            )
        except sqlite3.IntegrityError:  # the plan has the key twice: the planner reports it when it ends
            query = "SELECT id FROM jobs WHERE key = ? AND fingerprint = ? ORDER BY id DESC"
            return int(self._connection.execute(query, (job.key, job.fingerprint)).fetchone()[0])
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def take_over(self, found: Found, job: Job, position: int, source: Row | None) -> None:
        """Gives a made row the job's name and place in the plan."""
        of = None if source is None else source.id
        with suppress(sqlite3.IntegrityError):  # as in `insert`
            self._connection.execute(_TAKE_OVER, (job.key, of, *_changeable(job, position), found.id))
        self._turn(found)

    def _turn(self, found: Found) -> None:
        if found.turn is not None:
            take(self._connection, found.turn, found.id)

    def let_go(self, rows: list[int]) -> None:
        self._connection.executemany("UPDATE jobs SET wanted = 0 WHERE id = ?", ((row,) for row in rows))
        # What was never sent is no loss. Followers come after their sources, so they go first.
        self._connection.executemany(
            "DELETE FROM jobs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id)"
            " AND NOT EXISTS (SELECT 1 FROM jobs f WHERE f.source = jobs.id)",
            ((row,) for row in self._deepest_first(rows)),
        )
        restore_orphans(self._connection)

    def _deepest_first(self, rows: list[int]) -> list[int]:
        depth = self._connection.execute
        return sorted(rows, key=lambda row: -depth("SELECT depth FROM jobs WHERE id = ?", (row,)).fetchone()[0])


def _changeable(job: Job, position: int) -> tuple[object, ...]:
    return (
        job.node,
        job.take,
        1,
        position,
        None if job.price is None else micros(job.price),
        _json(job.paths),
        _json(dict(job.row)),
        _json(dict(job.labels)),
        len(job.possible_jobs),
        job.from_all_images,
        _digest(job, position),
    )


def _digest(job: Job, position: int) -> int:
    """Of what `_changeable` holds, but made without its JSON: a run that has nothing to do takes it of every job."""
    price = None if job.price is None else micros(job.price)
    tables = [*job.row.items()], [*job.labels.items()]
    values = (job.node, job.take, position, price, job.paths, *tables, len(job.possible_jobs), job.from_all_images)
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=8).digest(), "big") >> 1


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
