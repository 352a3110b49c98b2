"""The modes of the service and the facts of each as data: a new kind or mode is an entry in these tables.

Sources: seed page, Overview, Workflow categories, Result count, Poll for result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from mjpipe.contract.fields import (
    DRAFT_VERSION,
    EDIT_FIELDS,
    GENERATION_FIELDS,
    IMAGE_URLS,
    SPEED,
    UPSCALE_FIELDS,
    VARY_FIELDS,
    Field,
)
from mjpipe.contract.speeds import Speed
from mjpipe.contract.timing import Latency, Timing, timing
from mjpipe.domain import Kind, counted

MODEL = "midjourney"


class Mode(StrEnum):
    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_TO_IMAGE = "image-to-image"
    IMAGE_EDIT = "image-edit"
    VARY = "vary"
    UPSCALE = "upscale"
    REROLL = "reroll"
    ENHANCE = "enhance"

    @property
    def facts(self) -> "ModeFacts":
        return _FACTS[self]


class StartsFrom(StrEnum):
    """How a request names the images that its task starts from."""

    URLS = "URLs"
    """of any public images, in `image_urls`"""
    TASK_IMAGE = "image of a task"
    """by `taskId` and `imageIndex`"""
    WHOLE_TASK = "whole task"
    """by `taskId`"""


@dataclass(frozen=True, kw_only=True)
class ModeFacts:
    """What the service says of a mode.

    `kind` is the kind of node that is sent in it; `purpose` says in a few words what such a node does. `fields` are
    what a user may give; `mode`, `taskId` and `imageIndex` come on top, from the workflow. `followed_by` are the modes
    that the service offers after a task of this one, in the order of the page. `images` is how many a task usually
    makes; fewer may come. `least_images` and `most_images` bound the entries of `image_urls`; with `needs_reference`
    one of REFERENCE_FIELDS has to be given. A mode that `follows_drafts_only` needs a draft, or the reroll of one, on
    top of what `followed_by` says. A mode that `repeats_source` makes its source's task again: it costs what that
    cost, takes as long, and makes drafts of drafts.
    """

    kind: Kind
    purpose: str
    fields: tuple[Field, ...] = ()
    starts_from: StartsFrom
    followed_by: tuple[Mode, ...]
    images: int
    latency: Latency
    least_images: int = 0
    most_images: int = IMAGE_URLS
    needs_reference: bool = False
    makes_drafts: bool = False
    follows_drafts_only: bool = False
    repeats_source: bool = False

    @property
    def sent_by_url(self) -> bool:
        """Whether it starts from images by their URLs, and not from a task by its id."""
        return self.starts_from is StartsFrom.URLS

    @property
    def takes_whole_task(self) -> bool:
        """Whether it starts from all images of a task, so that none are chosen."""
        return self.starts_from is StartsFrom.WHOLE_TASK

    @property
    def sends_image_number(self) -> bool:
        return self.starts_from is StartsFrom.TASK_IMAGE

    @cached_property
    def image_bound(self) -> str:
        """How many `image_urls` it takes, in words: `exactly 1 image`, `at most 20 images`."""
        exact = self.least_images == self.most_images
        return f"{'exactly' if exact else 'at most'} {counted(self.most_images, 'image')}"

    @cached_property
    def field_names(self) -> frozenset[str]:
        return frozenset(field.name for field in self.fields)

    @cached_property
    def has_speed(self) -> bool:
        """Whether requests have a speed, which their price and time depend on."""
        return SPEED.name in self.field_names

    @cached_property
    def types(self) -> tuple[int, ...]:
        """The options of the field `type`; empty for a mode without one."""
        return tuple(option for field in self.fields if field.name == "type" for option in map(int, field.options))

    def timing(self, speed: Speed | None) -> Timing:
        """The documented timing of a task.

        For a mode that repeats its source `speed` is that of the source, None where the source has none.
        """
        return timing(self.latency, speed)


_M = Mode
_AFTER_GENERATION = (_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT, _M.ENHANCE)

_FACTS: dict[Mode, ModeFacts] = {
    Mode.TEXT_TO_IMAGE: ModeFacts(
        kind=Kind.GENERATE,
        purpose="makes images",
        fields=GENERATION_FIELDS,
        starts_from=StartsFrom.URLS,
        followed_by=_AFTER_GENERATION,
        images=4,
        latency=Latency.BY_SPEED,
        makes_drafts=True,
    ),
    Mode.IMAGE_TO_IMAGE: ModeFacts(
        kind=Kind.GENERATE,
        purpose="makes images",
        fields=GENERATION_FIELDS,
        starts_from=StartsFrom.URLS,
        followed_by=_AFTER_GENERATION,
        images=4,
        latency=Latency.BY_SPEED,
        needs_reference=True,
        makes_drafts=True,
    ),
    Mode.IMAGE_EDIT: ModeFacts(
        kind=Kind.EDIT,
        purpose="changes a region",
        fields=EDIT_FIELDS,
        starts_from=StartsFrom.URLS,
        followed_by=(_M.UPSCALE, _M.IMAGE_EDIT),
        images=4,
        latency=Latency.BY_SPEED,
        least_images=1,
        most_images=1,
    ),
    Mode.VARY: ModeFacts(
        kind=Kind.VARY,
        purpose="makes variations",
        fields=VARY_FIELDS,
        starts_from=StartsFrom.TASK_IMAGE,
        followed_by=(_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT),
        images=4,
        latency=Latency.FOLLOW_UP,
    ),
    Mode.UPSCALE: ModeFacts(
        kind=Kind.UPSCALE,
        purpose="enlarges",
        fields=UPSCALE_FIELDS,
        starts_from=StartsFrom.TASK_IMAGE,
        followed_by=(_M.VARY, _M.IMAGE_EDIT),
        images=1,
        latency=Latency.FOLLOW_UP,
    ),
    Mode.REROLL: ModeFacts(
        kind=Kind.REROLL,
        purpose="repeats a task",
        starts_from=StartsFrom.WHOLE_TASK,
        followed_by=_AFTER_GENERATION,
        images=4,
        latency=Latency.BY_SPEED,
        repeats_source=True,
    ),
    Mode.ENHANCE: ModeFacts(
        kind=Kind.ENHANCE,
        purpose="finishes a draft",
        starts_from=StartsFrom.TASK_IMAGE,
        followed_by=(_M.VARY, _M.UPSCALE, _M.IMAGE_EDIT),
        images=1,
        latency=Latency.FOLLOW_UP,
        follows_drafts_only=True,
    ),
}

MODES_OF_KIND = {kind: tuple(mode for mode in Mode if mode.facts.kind is kind) for kind in Kind}
"""The modes that a kind can be sent in, in the order of `Mode`: the usual one first, and last the one that starts from
another node's images.
"""

FIELDS_OF_KIND = {kind: modes[0].facts.fields for kind, modes in MODES_OF_KIND.items()}
"""The modes of a kind share their fields."""

DRAFT_KINDS = tuple(kind for kind, modes in MODES_OF_KIND.items() if any(mode.facts.makes_drafts for mode in modes))
"""The kinds that make drafts of their own."""

_OFFERED = frozenset(follow_up for mode in Mode for follow_up in mode.facts.followed_by)


def may_follow(mode: Mode, source: Mode) -> bool:
    """Whether the service offers `mode` after a task of `source`; some need a draft on top (see `is_draft`)."""
    return mode in source.facts.followed_by


def needs_offer(mode: Mode) -> bool:
    """Whether the source of a task has to offer `mode`. The others take any image by its URL, whatever made it."""
    return mode in _OFFERED


def kinds_after(source: Mode) -> Iterator[Kind]:
    """The kinds that the service offers after a task of `source`."""
    return (kind for kind, modes in MODES_OF_KIND.items() if any(may_follow(mode, source) for mode in modes))


def is_draft(mode: Mode, speed: Speed | None, version: str | None) -> bool:
    """Whether a task is a draft of its own; the reroll of a draft is one, too."""
    return mode.facts.makes_drafts and speed is Speed.DRAFT and version == DRAFT_VERSION
