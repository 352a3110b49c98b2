"""Reading the ledger: what status, show and the reports say."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any, Literal

from mjpipe.domain import (
    Answered,
    Fingerprint,
    JobKey,
    JobState,
    JsonObject,
    Kind,
    Money,
    StateFault,
    TaskId,
    Usd,
    from_micros,
    has_result,
)
from mjpipe.ledger.database import LedgerConnection, in_a_copy, open_read_only, open_to_report, transaction
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.sums import AttemptSum, JobSum, attempt_sums, columns_tried, job_sums
from mjpipe.ledger.transitions import doubt_interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """An image that came. `path` (relative to `outputs.dir`), `sha256` and `size` are None until it is on disk.

    `hand_sha256` and `hand_size` are those of its file since somebody has changed it, None when nobody has.
    """

    number: int
    url: str
    path: str | None
    sha256: str | None
    size: int | None
    fetched: float | None
    hand_sha256: str | None = None
    hand_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One try at submitting. Times are seconds since the epoch. `outcome` is None while no answer is known.

    `request` is the `input` object of the `body` that was sent. What stands beside it there is left out: a callback URL
    bears the token by which its attempt is known. `images` are those of its task, in the order of their numbers.
    """

    number: int
    body: bytes
    request: JsonObject
    price: Usd | None
    money: Money
    outcome: Answered | None
    evidence: str | None
    intended: float
    answered: float | None
    task: TaskId | None
    finished: float | None
    fail_code: str | None
    fail_message: str | None
    created: float | None
    completed: float | None
    images: tuple[ImageRecord, ...]


class Risk(StrEnum):
    """Why an attempt is possibly billed."""

    IN_DOUBT = "in_doubt"
    """its answer was lost, and its job waits for a person"""
    NO_ANSWER = "no_answer"
    """a gateway answered in the service's place; its job was sent again, or given up"""
    FAILED = "failed"
    """its task failed, and no page says whether that is billed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptAtRisk:
    """An attempt that is possibly billed, in the words of `AttemptRecord`; `number` counts those of its job."""

    key: JobKey
    wanted: bool
    risk: Risk
    number: int
    intended: float
    price: Usd | None
    task: TaskId | None
    evidence: str | None
    """what was seen of it, its task's failure too"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedByHand:
    """How many images on disk somebody has changed, and the paths of the first."""

    count: int = 0
    paths: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job on record, with all its attempts, the first one first. `wanted` is False for an orphan.

    `attempt` is the one that holds, or will hold, its result; `reroll_of` is the one that holds it until a reroll that
    a person asked for has succeeded, None without one.

    `source` is the key of the job whose image it starts from, `source_number` that image.
    """

    key: JobKey
    fingerprint: Fingerprint
    node: str
    kind: Kind
    state: JobState
    wanted: bool
    source: JobKey | None
    source_number: int | None
    take: int | None
    request: JsonObject
    price: Usd | None
    paths: tuple[str, ...]
    row: Mapping[str, str]
    labels: Mapping[str, str]
    why: str
    reason: str | None
    code: str | None
    attempts: tuple[AttemptRecord, ...]
    attempt: AttemptRecord | None
    reroll_of: AttemptRecord | None

    @property
    def result(self) -> AttemptRecord | None:
        """The attempt whose images are the job's, None while it has none."""
        return self.attempt if has_result(self.state, self.code) else self.reroll_of

    @property
    def images(self) -> tuple[ImageRecord, ...]:
        """The images of its result, none while it has no result."""
        return self.result.images if self.result else ()


_JOBS = """
SELECT j.id, j.key, j.fingerprint, j.node, j.kind, j.state, j.wanted, s.key, j.source_number, j.take, j.request,
       j.price, j.paths, j.row, j.labels, j.why, j.reason, j.code, j.attempt, j.reroll_of
FROM jobs j LEFT JOIN jobs s ON s.id = j.source
"""

_ORDER = "ORDER BY j.wanted DESC, j.position, j.id"

_ATTEMPTS = """
SELECT a.job, a.id, a.number, a.body, a.price, a.money, a.outcome, a.evidence, a.intended, a.answered, a.task,
       a.finished, a.fail_code, a.fail_message, a.created, a.completed
FROM jobs j JOIN attempts a ON a.job = j.id
"""

_AT_RISK = """
SELECT j.key, j.wanted, a.number, a.intended, a.price, a.task, a.evidence, a.fail_code, a.fail_message, j.reason,
       j.state = 'in_doubt' AND a.id = j.attempt
FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.money <> 'spent' AND a.money = 'at_risk'  -- the first term is what the index holds
ORDER BY j.wanted DESC, j.position, j.id, a.number
"""

_IMAGES = """
SELECT i.attempt, i.number, i.url, i.path, i.sha256, i.size, i.fetched, i.hand_sha256, i.hand_size
FROM jobs j JOIN attempts a ON a.job = j.id JOIN images i ON i.attempt = a.id
"""


class _Parts:
    """Rows that belong to others, in the order of these, named by their first column."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, owner: int) -> Iterator[tuple[Any, ...]]:
        """The rows of the next owner that has any, without its number; nothing when that is another one."""
        while self._next is not None and self._next[0] == owner:
            row, self._next = self._next, next(self._rows, None)
            yield row[1:]


class Records:
    """A reader of a ledger, also of one that a run is writing."""

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
        return self._connection.execute("SELECT 1 FROM jobs WHERE state = 'submitting' LIMIT 1").fetchone() is not None

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
        which = f"WHERE j.state IN ({', '.join('?' * len(states))}) {_ORDER}" if states else _ORDER
        with self.snapshot():
            yield from self._joined(which, states)

    def at_risk(self) -> Iterator[AttemptAtRisk]:
        """The attempts whose prices are at risk, in the order of the plan, those of orphans last."""
        for row in self._connection.execute(_AT_RISK):
            key, wanted, number, intended, price, task, evidence, code, message, reason, in_doubt = row
            failure = ": ".join(filter(None, (code, message)))
            yield AttemptAtRisk(
                key=JobKey(key),
                wanted=bool(wanted),
                risk=Risk.IN_DOUBT if in_doubt else Risk.NO_ANSWER if task is None else Risk.FAILED,
                number=number,
                intended=intended,
                price=_price(price),
                task=None if task is None else TaskId(task),
                evidence=failure or evidence or (reason if in_doubt else None),
            )

    def job_sums(self, by: Sequence[str]) -> list[JobSum]:
        """Of all jobs, by traits; `by` names columns of labels, or else of rows, whose values divide them too.

        In the order in which the plan first comes to each of the traits; orphans come last.
        """
        return list(job_sums(self._connection, by))

    def attempt_sums(self, by: Sequence[str], since: float | None) -> list[AttemptSum]:
        """Of all attempts, by the traits of their jobs, in no order; without `since` none of them is recent."""
        return list(attempt_sums(self._connection, by, inf if since is None else since))

    def columns_tried(self, table: Literal["row", "labels"]) -> list[str]:
        """The columns of the rows, or of the labels, of all jobs that were ever tried.

        In the order in which the plan, and then the orphans, come to them.
        """
        return columns_tried(self._connection, table)

    def changed_by_hand(self, most: int) -> ChangedByHand:
        """With the first `most` paths."""
        found = "FROM images WHERE hand_sha256 IS NOT NULL"
        (count,) = self._connection.execute(f"SELECT count(*) {found}").fetchone()
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

        Nothing is kept when something has changed since the first reading, which the reports then do not have: SQLite
        lets no transaction write that has read what is no longer so. Nor is it while a run writes, or where the file
        cannot be written; whoever finds nothing only writes reports again that would have done.
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
        query = "SELECT id FROM jobs WHERE key = ? ORDER BY wanted DESC, id DESC LIMIT 1"
        with transaction(self._connection, writes=False):
            found = self._connection.execute(query, (key,)).fetchone()
            return None if found is None else next(self._joined("WHERE j.id = ?", found))

    def _joined(self, which: str, values: Sequence[int | str]) -> Iterator[JobRecord]:
        """Jobs, their attempts and their images, each read once and in the same order, put together as they come."""
        comma = "," if which.endswith(_ORDER) else "ORDER BY"
        execute = self._connection.execute
        attempts = _Parts(execute(f"{_ATTEMPTS} {which} {comma} a.number", values))
        images = _Parts(execute(f"{_IMAGES} {which} {comma} a.number, i.number", values))
        for row in execute(f"{_JOBS} {which}", values):
            yield _job(row, {attempt[0]: _attempt(attempt, images) for attempt in attempts.of(row[0])})


_DECODE = json.JSONDecoder().decode
"""As `json.loads`, which first asks what it was given."""


@lru_cache(maxsize=16)
def _cells(text: str) -> Mapping[str, str]:
    """A row or its labels; jobs that follow from one another have the same, so the last ones are kept."""
    cells: dict[str, str] = _DECODE(text)
    return cells


def _job(row: tuple[Any, ...], attempts: Mapping[int, AttemptRecord]) -> JobRecord:
    return JobRecord(
        key=JobKey(row[1]),
        fingerprint=Fingerprint(row[2]),
        node=row[3],
        kind=Kind(row[4]),
        state=JobState(row[5]),
        wanted=bool(row[6]),
        source=None if row[7] is None else JobKey(row[7]),
        source_number=row[8],
        take=row[9],
        request=_DECODE(row[10]),
        price=_price(row[11]),
        paths=tuple(_DECODE(row[12])),
        row=_cells(row[13]),
        labels=_cells(row[14]),
        why=row[15],
        reason=row[16],
        code=row[17],
        attempts=tuple(attempts.values()),
        attempt=attempts.get(row[18]),
        reroll_of=attempts.get(row[19]),
    )


def _attempt(row: tuple[Any, ...], images: _Parts) -> AttemptRecord:
    return AttemptRecord(
        number=row[1],
        body=row[2],
        request=_DECODE(row[2].decode())["input"],
        price=_price(row[3]),
        money=Money(row[4]),
        outcome=None if row[5] is None else Answered(row[5]),
        evidence=row[6],
        intended=row[7],
        answered=row[8],
        task=None if row[9] is None else TaskId(row[9]),
        finished=row[10],
        fail_code=row[11],
        fail_message=row[12],
        created=row[13],
        completed=row[14],
        images=tuple(
            ImageRecord(
                number=n,
                url=url,
                path=path,
                sha256=sha256,
                size=size,
                fetched=fetched,
                hand_sha256=hand_sha256,
                hand_size=hand_size,
            )
            for n, url, path, sha256, size, fetched, hand_sha256, hand_size in images.of(row[0])
        ),
    )


def _price(value: int | None) -> Usd | None:
    return None if value is None else from_micros(value)
