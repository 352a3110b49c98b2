"""Jobs: one node applied to one row and one source image, and where each of them stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

from mjpipe.domain.money import ZERO, Usd

JobKey = NewType("JobKey", str)
"""A job's readable unique name within its campaign: `hero/T-01/studio/1x1`."""

Fingerprint = NewType("Fingerprint", str)
"""Says whether two jobs ask for the same thing: lower-case hex."""

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
"""Code of a failed job whose task has succeeded, and is paid for, and whose images can no longer be fetched."""


def has_result(state: JobState, code: str | None) -> bool:
    """Whether the task of a job in `state`, for the reason `code`, has succeeded."""
    return state in (JobState.SUCCEEDED, JobState.DONE) or (state is JobState.FAILED and code == IMAGES_GONE)


IN_FLIGHT = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.SUCCEEDED})


class Money(StrEnum):
    """What is known of the price of an attempt."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One paid task that the manifest asks for.

    `request` is the `input` object as it is sent, but for the taskId of the source, which only a run can know.
    `price` is None when it is not documented. `paths` holds one path for each planned image, in the order of their
    numbers, relative to `outputs.dir`, with `EXTENSION` where the ending goes. `row` holds the variables that the
    job's templates saw, as text, and `labels` the columns that the manifest adds for reports. `depth` is 0 for a job
    without a source, else one more than its source's. `every` says that the job is there because all images of its
    source are wanted: when its image does not come, there is no such job. `reroll` is the task that holds its result
    when a person asks for another one in its place, made by the service's mode of that name.

    A job with `possible` is a place that is kept for a person's picks: nothing is sent for it. `possible` names node
    and price of each job that picking every planned image would bring, follow-ups of those included.
    """

    key: JobKey
    fingerprint: Fingerprint
    node: str
    kind: Kind
    request: JsonObject
    price: Usd | None
    paths: tuple[str, ...]
    row: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    take: int | None = None
    depth: int = 0
    every: bool = False
    reroll: TaskId | None = None
    possible: tuple[tuple[str, Usd | None], ...] = ()


SOURCE_URL = "\x1b"
"""Stands in a planned request for the URL of the source image, which only a run can know: the whole of a text, and
a control character, which no template can bring there."""

EXTENSION = "\x1a"
"""Stands in a planned path for the file's ending, which shows only when the image has come: a control character,
which no cell and no template can bring into a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a planned job stands, as the ledger knows it.

    `reason` says why a run would submit it (`new`, `changed prompt`), None when a run would not. `paid` is what
    its present result cost, None when it has none or its price was not documented. `behind` is the job that it waits
    for, or whose images a person has to choose from, and where that one stands; None for a job that waits for none.
    A failed one that is not `offered` by the service after its source would fail again, unsent. One whose images are
    gone has a task all the same, and what starts from that can be made.
    """

    state: JobState
    reason: str | None = None
    paid: Usd | None = None
    behind: "tuple[Job, Standing] | None" = field(default=None, compare=False, repr=False)
    offered: bool = True
    images_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanTotals:
    """Jobs that were made, or are in flight, and that a plan stops asking for; `paid` is what those of them cost that
    have a documented price, which the `unpriced` have not.
    """

    jobs: int = 0
    paid: Usd = ZERO
    unpriced: int = 0
