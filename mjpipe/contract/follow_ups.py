"""What may follow what (seed page, Poll for result)."""

from mjpipe.contract.fields import DRAFT_VERSION, UPSCALE_TYPES, VARY_TYPES
from mjpipe.contract.modes import DIFFUSION, Mode, Speed

_M = Mode

FOLLOW_UPS: dict[Mode, frozenset[Mode]] = {
    _M.TEXT_TO_IMAGE: frozenset({_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT, _M.ENHANCE}),
    _M.IMAGE_TO_IMAGE: frozenset({_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT, _M.ENHANCE}),
    _M.IMAGE_EDIT: frozenset({_M.IMAGE_EDIT, _M.UPSCALE}),
    _M.VARY: frozenset({_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT}),
    _M.UPSCALE: frozenset({_M.VARY, _M.IMAGE_EDIT}),
    _M.REROLL: frozenset({_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT, _M.ENHANCE}),
    _M.ENHANCE: frozenset({_M.VARY, _M.UPSCALE, _M.IMAGE_EDIT}),
}
"""The follow-up modes of each source mode. A reroll of a reroll or of a variation repeats that configuration."""

TYPE_OPTIONS: dict[Mode, tuple[int, ...]] = {Mode.VARY: VARY_TYPES, Mode.UPSCALE: UPSCALE_TYPES}


def may_follow(mode: Mode, source: Mode) -> bool:
    """Whether the table offers `mode` after a task of `source`; enhance needs a draft on top (see `is_draft`)."""
    return mode in FOLLOW_UPS[source]


def is_draft(mode: Mode, speed: Speed | None, version: str | None) -> bool:
    """Whether a task is a v7 draft, the only thing that enhance works on, itself or through its reroll."""
    return mode in DIFFUSION and speed is Speed.DRAFT and version == DRAFT_VERSION
