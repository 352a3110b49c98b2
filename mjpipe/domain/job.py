"""Jobs: one node applied to one row and one source image, and where each of them stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, NewType, TypeAlias

from mjpipe.domain.money import ZERO, Usd

JobKey = NewType("JobKey", str)
"""A job's readable unique name within its campaign: `hero/T-01/studio/1x1`."""

Fingerprint = NewType("Fingerprint", str)
"""Two jobs that ask for the same thing have the same one. Lower-case hex."""

TaskId = NewType("TaskId", str)
"""The service's name for a task."""

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]


class Kind(StrEnum):
    GENERATE = "generate"
    EDIT = "edit"
    VARY = "vary"
    UPSCALE = "upscale"
    REROLL = "reroll"
    ENHANCE = "enhance"


class JobState(StrEnum):
    WAITING = "waiting"
    """for its source"""
    UNPICKED = "unpicked"
    """for a person"""
    READY = "ready"
    SUBMITTING = "submitting"
    """the intent is on disk, the answer is not"""
    SUBMITTED = "submitted"
    """the taskId is known"""
    SUCCEEDED = "succeeded"
    """the image URLs are known"""
    DONE = "done"
    """the files are on disk"""
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"


IMAGES_GONE = "images_gone"
"""Code of a failed job whose task succeeded and is paid for, but whose images can no longer be fetched."""


def has_result(state: JobState, code: str | None) -> bool:
    """Whether a job's task has succeeded; `code` says why a failed job failed."""
    return state in (JobState.SUCCEEDED, JobState.DONE) or (state is JobState.FAILED and code == IMAGES_GONE)


IN_FLIGHT = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.SUCCEEDED})


class Money(StrEnum):
    """What is known about the price of an attempt."""

    RESERVED = "reserved"
    SPENT = "spent"
    AT_RISK = "at_risk"
    """possibly billed"""
    FREE = "free"
    """certainly not billed"""


class Answered(StrEnum):
    """What is known of the answer to a submission."""

    ACCEPTED = "accepted"
    """with a taskId"""
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    GATEWAY_FAULT = "gateway_fault"
    """by a gateway in the service's place"""
    UNKNOWN = "unknown"
    """it was lost, or cannot be read"""
    ADOPTED = "adopted"
    """it was lost; a person has named the task"""
    NOT_SENT = "not_sent"
    """it was lost; a person says that there is no task"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The image that a follow-up starts from. `number` is 0-based; None stands for the whole task (reroll)."""

    key: JobKey
    fingerprint: Fingerprint
    number: int | None


_NO_LABELS: Mapping[str, str] = {}


class Job(NamedTuple):
    """One paid task that the manifest asks for.

    `request` is the `input` object as it is sent, but without the taskId of the source, which only a run knows.
    `price` is None when it is not documented. `paths` are relative to `outputs.dir`, one for each planned image in the
    order of their numbers, with `EXTENSION` in place of the ending. `row` holds the variables that the job's templates
    used, as text; `labels` the columns that the manifest adds to reports, `lead`
    what the labels of its images begin with. `former_requests` are what older releases sent for it, as far as its row
    shows that. `depth` is 0 for a job without a source, else
    one more than its source's. `from_all_images`: the manifest asks for all images of the source, so when this image
    does not come, there is no such job. `reroll_of` is the task of the present result when a person wants another in
    its place, made by the service's mode `reroll`.

    A job with `possible_jobs` is a placeholder until a person picks images: nothing is sent for it. `possible_jobs` has
    the node and price of each job that would exist if every planned image were picked, their follow-ups included.
    (A tuple because it is made for each job of a plan: a frozen dataclass would take four times as long.)
    """

    key: JobKey
    fingerprint: Fingerprint
    node: str
    kind: Kind
    request: JsonObject
    price: Usd | None
    paths: tuple[str, ...]
    row: Mapping[str, str]
    labels: Mapping[str, str] = _NO_LABELS
    lead: str = ""
    source: Source | None = None
    take: int | None = None
    depth: int = 0
    from_all_images: bool = False
    reroll_of: TaskId | None = None
    possible_jobs: tuple[tuple[str, Usd | None], ...] = ()
    former_requests: tuple[JsonObject, ...] = ()


SOURCE_URL = "\x1b"
"""Stands for the URL of the source image in a planned request, always as a whole text: only a run knows the URL. It is
a control character, which no template can produce."""

EXTENSION = "\x1a"
"""Stands for the file's ending in a planned path: only the fetched image shows it. It is a control character, which no
cell and no template can put into a path."""

IMAGE_ENDINGS = frozenset({"png", "jpg", "webp", "gif", "avif", "tif", "jp2", "bmp"})
"""What it can stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a planned job stands, according to the ledger.

    `reason` says why a run would submit it (`new`, `changed prompt`); None when a run would not. `paid` is what its
    present result cost, None without a result or a documented price. `waits_for` is the job that it waits for, or whose
    images a person has to pick from, and where that job stands. A failed job that is not `offered`, because the service
    does not offer its mode after its source, would fail again without being sent. `images_gone`: its images can no
    longer be fetched, but its task exists, and follow-ups can start from it. `to_adopt`: the ledger has it in a plan
    alone, as `mjpipe adopt` would record it.
    """

    state: JobState
    reason: str | None = None
    paid: Usd | None = None
    waits_for: "tuple[Job, Standing] | None" = field(default=None, compare=False, repr=False)
    offered: bool = True
    images_gone: bool = False
    to_adopt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanTotals:
    """Jobs that were made, or are in flight, and that the plan no longer asks for.

    `paid` adds up the documented prices; `unpriced` counts the jobs without one.
    """

    jobs: int = 0
    paid: Usd = ZERO
    unpriced: int = 0
