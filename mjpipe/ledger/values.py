"""The values that go into the ledger and come out of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from mjpipe.domain import SOURCE_URL, JobKey, JobState, JsonObject, TaskId, Usd

SENDS_URL = json.dumps(SOURCE_URL)
"""Part of each recorded request that will send the URL of its source image."""

SOURCE_GONE = "source_gone"
SOURCE_UNREACHABLE = "source_unreachable"
"""Codes of jobs that failed unsent: their source image is not at its URL, or no answer came from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyJob:
    """A job that may be submitted now. `source_task` and `source_url` are those of its source, None without one.

    `rerolls` is its own task when the service is to reroll that.
    """

    id: int
    key: JobKey
    node: str
    request: JsonObject
    price: Usd | None
    source_task: TaskId | None
    source_url: str | None
    rerolls: TaskId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An attempt on record that has not been sent yet. `number` counts the attempts of its job from 1. `request` is the
    `input` as it is sent, perhaps without the fields about a source.
    """

    attempt: int
    number: int
    job: int
    key: JobKey
    node: str
    request: JsonObject
    price: Usd | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """What `Submissions.intend` decided. `over_budget` is the first job that did not fit, None when all did; `over_cap`
    says that the budget has room for it, and only what a person agreed to has not. `next_at` is when the next job that
    has to wait may be submitted, None without one.
    """

    intents: tuple[Intent, ...]
    over_budget: JobKey | None = None
    over_cap: bool = False
    next_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImages:
    """Images that jobs are about to send by their URLs, by number: of the job `key`, made by `attempt` as `task`."""

    attempt: int
    task: TaskId
    key: JobKey
    urls: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """An attempt that became a task. `accepted` is when its submission was answered, seconds since the epoch.

    An `extra` one is beside its job's result and changes nothing about the job. A person named the task of an `adopted`
    one. A `recovered` one was adopted after its state was lost.
    """

    job: int
    attempt: int
    key: JobKey
    node: str
    request: JsonObject
    task: TaskId
    accepted: float
    extra: bool = False
    adopted: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageToFetch:
    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFetch:
    """An attempt with the images that are known and not on disk. `paths` are its job's planned ones, in the order of
    the numbers; `wanted` says whether they are for these images.

    An `extra` attempt is beside its job's result and changes nothing about the job. `again`: it is not its job's first,
    so that older images may lie at its paths. `ended` is when its task ended, in seconds since the epoch.
    """

    job: int
    attempt: int
    key: JobKey
    node: str
    task: TaskId
    wanted: bool
    extra: bool
    again: bool
    ended: float
    paths: tuple[str, ...]
    images: tuple[ImageToFetch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """`width` and `height` are in pixels; `media_type` is as in `image/png`."""

    width: int
    height: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An image on disk. `path` is relative to `outputs.dir`, `size` in bytes; `facts` are None where nobody looked."""

    number: int
    path: str
    sha256: str
    size: int
    facts: ImageFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBindings:
    """What a plan found out for good: under which name the jobs of `nodes` were first made (see `Binder.node`), and
    which tasks lines of the `picks` file are about. `Binder.pick` says how a line is identified.
    """

    nodes: Mapping[str, str] = field(default_factory=dict)
    picks: Mapping[tuple[JobKey, str, str], TaskId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A job that waits for its source. `number` is None for the whole task; `from_all_images` is as in `Job`."""

    job: int
    key: JobKey
    node: str
    request: JsonObject
    number: int | None
    from_all_images: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Sums over all attempts of the campaign's life; `unpriced` counts those without a documented price."""

    spent: Usd
    reserved: Usd
    at_risk: Usd
    unpriced: int

    @property
    def committed(self) -> Usd:
        """What a budget has to cover."""
        return Usd(self.spent + self.reserved + self.at_risk)

    def cap_with_room_for(self, usd: Usd, unpriced: int = 0) -> "Cap":
        """The cap that leaves room for so many more dollars, and so many more attempts without a documented price."""
        return Cap(usd=Usd(self.committed + usd), unpriced=self.unpriced + unpriced)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """What a person has agreed to for all attempts of a campaign's life: so many dollars, and so many attempts without
    a documented price.
    """

    usd: Usd
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunPlan:
    """The saved plan that runs carry out, by its id, and what it allows for all attempts of the campaign's life."""

    plan: str
    cap: Cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The new state of a job, and why.

    `not_before` is when it may be submitted next. `held_since` is since when the service has not been accepting it,
    None while it has not declined it. Both are in seconds since the run began, and mean nothing to the next run.
    """

    state: JobState
    reason: str | None = None
    code: str | None = None
    counts_as_failure: bool = False
    """whether the attempt counts against max_attempts"""
    not_before: float = 0.0
    held_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOnDisk:
    """An image on record as being on disk. `planned` are its job's paths, of the present manifest or of the last one
    that had the job.

    `sha256` is the hash of the bytes that came, `hand_sha256` that of the file since somebody changed it (None: nobody
    has). A file of `size` bytes that was last written at `seen` or before, in nanoseconds since the epoch, still has
    that content.
    """

    job: int
    attempt: int
    number: int
    path: str
    sha256: str
    planned: tuple[str, ...]
    size: int = 0
    seen: int = 0
    hand_sha256: str | None = None

    @property
    def content(self) -> str:
        """SHA-256 of the file as it was last seen."""
        return self.hand_sha256 or self.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An image with a file that was checked. `written` is when the file was last written, in nanoseconds since the
    epoch. `hand_sha256` and `hand_size` are set when somebody has changed it. `facts` are those of the file as it is,
    None where it does not say them.
    """

    image: ImageOnDisk
    written: int
    hand_sha256: str | None = None
    hand_size: int | None = None
    facts: ImageFacts | None = None
