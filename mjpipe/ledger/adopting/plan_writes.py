"""What taking over a plan writes into the ledger, as far as it writes at all."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Protocol

from mjpipe.domain import Fingerprint, Job, JobKey, Standing, TaskId, micros
from mjpipe.ledger.adopting.matching import Found, Row, Unclaimed
from mjpipe.ledger.adopting.rerolls import apply, restore_orphans
from mjpipe.ledger.database import queries
from mjpipe.ledger.values import SENDS_URL

_SQL = queries(__file__)

INSERT, RENEW, TAKE_OVER = _SQL["insert"], _SQL["renew"], _SQL["take_over"]
LET_GO, FORGET_UNSENT = _SQL["let_go"], _SQL["forget_unsent"]

COMPLETE = _SQL["complete"]

RECOVERED = -1
"""The digest of a job that was recovered, and that no plan has had yet."""

NEVER_MADE = Row(id=-1)
"""In place of a row that was not written."""


class Writes(Protocol):
    """What is written about each row of a plan's jobs."""

    def renew(self, found: Found, job: Job, position: int) -> None:
        """The job has that row, by its key."""

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:
        """The job has no row yet. Gives the id of its new one."""

    def take_over(self, found: Found, job: Job, position: int) -> None:
        """The job gets that row, which may have had another key."""

    def let_go(self, rows: Sequence[Unclaimed]) -> None:
        """No job has these rows; followers come before their sources."""


class NoWrites:
    """For a plan that is only shown."""

    def renew(self, found: Found, job: Job, position: int) -> None:
        pass

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:  # noqa: ARG002 - nothing is written
        return NEVER_MADE.id

    def take_over(self, found: Found, job: Job, position: int) -> None:
        pass

    def let_go(self, rows: Sequence[Unclaimed]) -> None:
        pass


class TakeoversOnly(NoWrites):
    """Notes the results of the jobs that are decided about in the end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.found: dict[tuple[JobKey, Fingerprint], TaskId] = {}

    def take_over(self, found: Found, job: Job, position: int) -> None:  # noqa: ARG002 - as above
        row = self._connection.execute(_SQL["task_of_result"], (found.id,)).fetchone()
        if row is not None:
            self.found[job.key, job.fingerprint] = TaskId(row[0])


class PlanWrites:
    """Writes at once, inside the transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def renew(self, found: Found, job: Job, position: int) -> None:
        if digest(job, position) != found.digest or not found.wanted:
            self._connection.execute(RENEW, (*changeable(job, position), found.id))
        self._complete(found, job)
        self._change_reroll(found)

    def insert(self, job: Job, position: int, source: Row | None, standing: Standing) -> int:
        try:
            cursor = self._connection.execute(
                INSERT,
                inserted(job, position, None if source is None else source.id, standing),
            )
        except sqlite3.IntegrityError:  # the plan has the key twice: the planner reports it when it ends
            query = "SELECT id FROM jobs WHERE key = ? AND fingerprint = ? ORDER BY id DESC"
            return int(self._connection.execute(query, (job.key, job.fingerprint)).fetchone()[0])
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def take_over(self, found: Found, job: Job, position: int) -> None:
        if found.key == job.key:
            self.renew(found, job, position)
            return
        with suppress(sqlite3.IntegrityError):  # as in `insert`
            self._connection.execute(TAKE_OVER, (job.key, *changeable(job, position), found.id))
        self._complete(found, job)
        self._change_reroll(found)

    def _complete(self, found: Found, job: Job) -> None:
        if found.digest == RECOVERED:
            complete(self._connection, found.id, *completed(job))

    def _change_reroll(self, found: Found) -> None:
        if found.change is not None:
            apply(self._connection, found.change, found.id)

    def let_go(self, rows: Sequence[Unclaimed]) -> None:
        for row in rows:
            self._connection.execute(LET_GO, (row.id,))
        for row in rows:
            self._connection.execute(FORGET_UNSENT, (row.id,))
        restore_orphans(self._connection)


def inserted(job: Job, position: int, source: int | None, standing: Standing) -> tuple[object, ...]:
    """The values of `INSERT`."""
    return (
        job.key,
        job.fingerprint,
        job.kind,
        standing.state,
        job.depth,
        source,
        None if job.source is None else job.source.number,
        _json(job.request),
        standing.reason or "",
        *changeable(job, position),
    )


def changeable(job: Job, position: int) -> tuple[object, ...]:
    """The values of `RENEW`, but for the id, and the last ones of `TAKE_OVER` and `INSERT`."""
    return (
        job.node,
        job.take,
        1,
        position,
        None if job.price is None else micros(job.price),
        _json(job.paths),
        _json(dict(job.row)),
        _json(dict(job.labels)),
        job.lead,
        len(job.possible_jobs),
        job.from_all_images,
        digest(job, position),
    )


def completed(job: Job) -> tuple[object, ...]:
    """The values of `COMPLETE`, but for the id: what was not known of a job when it was recovered."""
    return job.kind, job.depth, _json(job.request)


def complete(connection: sqlite3.Connection, row: int, *values: object) -> None:
    """A plan says of a recovered job what was not known of it."""
    connection.execute(COMPLETE, (*values, row))
    complete_bodies(connection, row, str(values[-1]))


def complete_bodies(connection: sqlite3.Connection, row: int, request: str) -> None:
    """Recovered attempts of a job of which only a part was known sent its planned `request`."""
    connection.execute(_SQL["complete_bodies"], {"job": row, "request": request.replace(SENDS_URL, '""')})


def digest(job: Job, position: int) -> int:
    """Of what `changeable` holds, but made without its JSON: a run that has nothing to do takes it of every job."""
    price = None if job.price is None else micros(job.price)
    tables = [*job.row.items()], [*job.labels.items()]
    values = (
        job.node,
        job.take,
        position,
        price,
        job.paths,
        *tables,
        job.lead,
        len(job.possible_jobs),
        job.from_all_images,
    )
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=8).digest(), "big") >> 1


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
