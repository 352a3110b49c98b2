"""A job on record, with its attempts and their images: put together from three queries that are read side by side."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from mjpipe.domain import (
    Answered,
    Fingerprint,
    JobKey,
    JobState,
    JsonObject,
    Kind,
    Money,
    TaskId,
    Usd,
    from_micros,
    has_result,
)
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.receipts import RecoveredFrom
from mjpipe.ledger.values import ImageFacts

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """An image that came. `path` (relative to `outputs.dir`), `sha256` and `size` are None until it is on disk.

    `hand_sha256` and `hand_size` are those of its file since somebody has changed it, None when nobody has. `facts` are
    those of the file as it is, None where nobody has looked.
    """

    number: int
    url: str
    path: str | None
    sha256: str | None
    size: int | None
    fetched: float | None
    hand_sha256: str | None = None
    hand_size: int | None = None
    facts: ImageFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One try at submitting. `uid` is its name in receipts and in every state. Times are seconds since the epoch.
    `outcome` is None while no answer is known.

    `request` is the `input` object of the `body` that was sent. The other fields of the body are left out: a callback
    URL has the secret token of its attempt. `images` are those of its task, in the order of their numbers.
    `recovered` is what was known of an attempt that was adopted after its state was lost; its `body` is then what is
    known of it, and `is_partial` while no plan has said the rest.
    """

    uid: str
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
    recovered: RecoveredFrom | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job on record, with all its attempts, the first one first. `wanted` is False for an orphan.

    `attempt` is the one that holds, or will hold, its result. While a person has requested a reroll, `reroll_of` is the
    one that holds the result until the reroll has succeeded; else None. `set_aside`: a person has said to pay for it
    again, and no job gets its result. `lead` is what the labels of its images begin with, None where no plan has said.

    `source` is the key of the job whose image it starts from, `source_number` that image; `source_task` is the task
    whose image was sent, None while nothing is.
    """

    key: JobKey
    fingerprint: Fingerprint
    node: str
    kind: Kind
    state: JobState
    wanted: bool
    source: JobKey | None
    source_task: TaskId | None
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
    set_aside: bool = False
    lead: str | None = None

    @property
    def result(self) -> AttemptRecord | None:
        """The attempt that holds the job's result, None while there is none."""
        return self.attempt if has_result(self.state, self.code) else self.reroll_of

    @property
    def images(self) -> tuple[ImageRecord, ...]:
        """The images of its result, none while it has no result."""
        return self.result.images if self.result else ()


def job_records(connection: LedgerConnection, which: str = "", *values: str | int) -> Iterator[JobRecord]:
    """The wanted jobs in the order of the plan, then the orphans, one after another; `which` is a WHERE about `j`."""

    def asked(name: str) -> str:
        return _SQL[name].format(which=which)

    attempts = _Parts(connection.rows(_Attempt, asked("attempts"), values))
    images = _Parts(connection.rows(_Image, asked("images"), values))
    for row in connection.rows(_Job, asked("jobs"), values):
        yield _job(row, {attempt.id: _attempt(attempt, images) for attempt in attempts.of(row.id)})


class _Job(NamedTuple):
    id: int
    key: str
    fingerprint: str
    node: str
    kind: str
    state: str
    wanted: int
    source: str | None
    source_task: str | None
    source_number: int | None
    take: int | None
    request: str
    price: int | None
    paths: str
    row: str
    labels: str
    why: str
    reason: str | None
    code: str | None
    attempt: int | None
    reroll_of: int | None
    set_aside: int
    lead: str | None


class _Attempt(NamedTuple):
    owner: int
    id: int
    uid: str
    number: int
    body: bytes
    price: int | None
    money: str
    outcome: str | None
    evidence: str | None
    intended: float
    answered: float | None
    task: str | None
    finished: float | None
    fail_code: str | None
    fail_message: str | None
    created: float | None
    completed: float | None
    recovered: str | None


class _Image(NamedTuple):
    owner: int
    number: int
    url: str
    path: str | None
    sha256: str | None
    size: int | None
    fetched: float | None
    hand_sha256: str | None
    hand_size: int | None
    width: int | None
    height: int | None
    media_type: str | None


class _Owned(Protocol):
    @property
    def owner(self) -> int: ...


_Part = TypeVar("_Part", bound=_Owned)


class _Parts(Generic[_Part]):
    """Rows that belong to owners, in the order of the owners."""

    def __init__(self, rows: Iterator[_Part]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, owner: int) -> Iterator[_Part]:
        """The rows of that owner, when it is the next one that has any; else nothing."""
        while self._next is not None and self._next.owner == owner:
            row, self._next = self._next, next(self._rows, None)
            yield row


_decoded = json.JSONDecoder().decode
"""As `json.loads`, which first looks at what it was given."""


@lru_cache(maxsize=16)
def _cells(text: str) -> Mapping[str, str]:
    """A row or its labels; jobs that follow from one another have the same, so the last ones are kept."""
    cells: dict[str, str] = _decoded(text)
    return cells


def _job(row: _Job, attempts: Mapping[int | None, AttemptRecord]) -> JobRecord:
    return JobRecord(
        key=JobKey(row.key),
        fingerprint=Fingerprint(row.fingerprint),
        node=row.node,
        kind=Kind(row.kind),
        state=JobState(row.state),
        wanted=bool(row.wanted),
        source=None if row.source is None else JobKey(row.source),
        source_task=None if row.source_task is None else TaskId(row.source_task),
        source_number=row.source_number,
        take=row.take,
        request=_decoded(row.request),
        price=_price(row.price),
        paths=tuple(_decoded(row.paths)),
        row=_cells(row.row),
        labels=_cells(row.labels),
        why=row.why,
        reason=row.reason,
        code=row.code,
        attempts=tuple(attempts.values()),
        attempt=attempts.get(row.attempt),
        reroll_of=attempts.get(row.reroll_of),
        set_aside=bool(row.set_aside),
        lead=row.lead,
    )


def _attempt(row: _Attempt, images: _Parts[_Image]) -> AttemptRecord:
    body = _decoded(row.body.decode())
    return AttemptRecord(
        uid=row.uid,
        number=row.number,
        body=row.body,
        request=body["input"],
        price=_price(row.price),
        money=Money(row.money),
        outcome=None if row.outcome is None else Answered(row.outcome),
        evidence=row.evidence,
        intended=row.intended,
        answered=row.answered,
        task=None if row.task is None else TaskId(row.task),
        finished=row.finished,
        fail_code=row.fail_code,
        fail_message=row.fail_message,
        created=row.created,
        completed=row.completed,
        images=tuple(_image(image) for image in images.of(row.id)),
        recovered=None if row.recovered is None else RecoveredFrom(row.recovered),
        is_partial=bool(body.get("partial")),
    )


def _image(row: _Image) -> ImageRecord:
    return ImageRecord(
        number=row.number,
        url=row.url,
        path=row.path,
        sha256=row.sha256,
        size=row.size,
        fetched=row.fetched,
        hand_sha256=row.hand_sha256,
        hand_size=row.hand_size,
        facts=_facts(row),
    )


def _facts(row: _Image) -> ImageFacts | None:
    if row.width is None or row.height is None or row.media_type is None:
        return None
    return ImageFacts(width=row.width, height=row.height, media_type=row.media_type)


def _price(micros: int | None) -> Usd | None:
    return None if micros is None else from_micros(micros)
