"""The modes of the service and the kinds of node that use them (seed page, Overview and Workflow categories)."""

from enum import StrEnum

from mjpipe.domain import Kind


class Mode(StrEnum):
    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_TO_IMAGE = "image-to-image"
    IMAGE_EDIT = "image-edit"
    VARY = "vary"
    UPSCALE = "upscale"
    REROLL = "reroll"
    ENHANCE = "enhance"


class Speed(StrEnum):
    FAST = "fast"
    TURBO = "turbo"
    DRAFT = "draft"
    RELAXED = "relaxed"
    """still accepted, executed and billed as fast"""


DEFAULT_SPEED = Speed.FAST
"""What mjpipe sends when the user says nothing: the page documents no default, and the price hangs on it."""

MODEL = "midjourney"

MODES_OF_KIND = {
    Kind.GENERATE: (Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE),
    Kind.EDIT: (Mode.IMAGE_EDIT,),
    Kind.VARY: (Mode.VARY,),
    Kind.UPSCALE: (Mode.UPSCALE,),
    Kind.REROLL: (Mode.REROLL,),
    Kind.ENHANCE: (Mode.ENHANCE,),
}
"""The modes that a kind can be sent in, the usual one first."""

DIFFUSION = frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE})
"""The modes that share the diffusion parameters, and the only ones that draft belongs to."""

SECONDARY = frozenset({Mode.VARY, Mode.UPSCALE, Mode.REROLL, Mode.ENHANCE})
"""The modes that operate on an earlier task, named by its taskId; their requests have no speed."""

ONE_IMAGE = frozenset({Mode.VARY, Mode.UPSCALE, Mode.ENHANCE})
"""The secondary modes that also need an imageIndex; reroll takes the whole task."""


def images_per_task(mode: Mode) -> int:
    """How many images a task usually makes (seed page, Result count); the service may send fewer."""
    return 1 if mode in (Mode.UPSCALE, Mode.ENHANCE) else 4


def executed_speed(speed: Speed) -> Speed:
    """The speed at which the service works and bills (seed page, Speeds)."""
    return Speed.FAST if speed is Speed.RELAXED else speed
