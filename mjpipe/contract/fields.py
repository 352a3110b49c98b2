"""The fields of `input` per mode, their types and limits (seed page, Request body and Overview)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mjpipe.contract.modes import MODES_OF_KIND, Mode, Speed
from mjpipe.domain import Kind


class FieldType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URLS = "urls"
    """a list of public URLs"""
    REFERENCES = "references"
    """a list of public URLs, or of objects `{url, weight}`"""
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of `input`.

    `options` are all values that it may have, empty when the page names none. `usual` is a range that only older
    pages give (API notes): outside it a value is strange, not wrong.
    """

    name: str
    type: FieldType
    meaning: str
    options: tuple[str | int, ...] = ()
    usual: tuple[float, float] | None = None


FLAGLESS = ("prompt", "remixPrompt")
"""The texts that the service cuts at the first `--`."""

RATIOS = ("1:1", "1:2", "2:1", "2:3", "3:2", "3:4", "4:3", "5:6", "6:5", "9:16", "16:9")
PROMPT_CHARACTERS = 2000
PROMPT_BYTES = 7500
"""The two route limits of a prompt; a portable prompt keeps both."""
IMAGE_URLS = 20
"""Image prompts that text-to-image takes at most."""
EDIT_IMAGES = 1
"""Source images that image-edit takes, exactly."""
DRAFT_VERSION = "7"
"""The only version that knows draft."""

_WITH_V = re.compile(r"[vV]([0-9]+(?:\.[0-9]+)*)")


def version_sent(written: str) -> str:
    """A model version as the service wants it (seed page, `version`): `8.1`, though people write `v8.1` or `V8.1`."""
    with_v = _WITH_V.fullmatch(written)
    return with_v[1] if with_v else written


VARY_TYPES = (0, 1)
UPSCALE_TYPES = (0, 1, 2, 3)

REFERENCE_FIELDS = ("image_urls", "sref_urls", "cref_urls", "oref_urls")
"""image-to-image needs at least one of them."""

_PROMPT = Field(name="prompt", type=FieldType.TEXT, meaning="what the picture shows; no `--` flags")
_IMAGE_URLS = Field(name="image_urls", type=FieldType.URLS, meaning="public URLs of images to start from")
_VERSION = Field(name="version", type=FieldType.TEXT, meaning="the model version, such as 7 or 8.1")
_SPEED = Field(
    name="speed", type=FieldType.TEXT, meaning="fast, turbo or draft; the price hangs on it", options=tuple(Speed)
)
_REMIX = Field(name="remixPrompt", type=FieldType.TEXT, meaning="what shall be different; no `--` flags")

_DIFFUSION = (
    _PROMPT,
    _IMAGE_URLS,
    Field(name="sref_urls", type=FieldType.REFERENCES, meaning="style references"),
    Field(name="cref_urls", type=FieldType.REFERENCES, meaning="character references"),
    Field(name="oref_urls", type=FieldType.REFERENCES, meaning="object references"),
    Field(name="iw", type=FieldType.NUMBER, meaning="weight of the image prompts", usual=(0, 3)),
    Field(name="sw", type=FieldType.NUMBER, meaning="weight of the style references", usual=(0, 1000)),
    Field(name="sv", type=FieldType.INTEGER, meaning="version of the style reference"),
    Field(name="negative_prompt", type=FieldType.TEXT, meaning="what the picture shall not show"),
    _VERSION,
    _SPEED,
    Field(name="aspect_ratio", type=FieldType.TEXT, meaning="width to height", options=RATIOS),
    Field(name="stylization", type=FieldType.INTEGER, meaning="how strongly the model styles", usual=(0, 1000)),
    Field(name="variety", type=FieldType.INTEGER, meaning="how much the images differ", usual=(0, 100)),
    Field(name="weirdness", type=FieldType.INTEGER, meaning="how unusual the images are", usual=(0, 3000)),
    Field(name="is_hd", type=FieldType.BOOLEAN, meaning="high definition; priced for v8.1 with fast only"),
)

_EDIT = (
    _PROMPT,
    Field(name="image_urls", type=FieldType.URLS, meaning="the one image to edit, a public URL"),
    _VERSION,
    _SPEED,
    Field(name="mask", type=FieldType.OBJECT, meaning="the areas to change: `areas`, each with width, height, points"),
    Field(name="canvas", type=FieldType.OBJECT, meaning="the size of the result: width, height"),
    Field(name="imgPos", type=FieldType.OBJECT, meaning="where the image lies on the canvas: width, height, x, y"),
    _REMIX,
)

_VARY = (
    Field(name="type", type=FieldType.INTEGER, meaning="which variation", options=VARY_TYPES),
    _REMIX,
)
_UPSCALE = (Field(name="type", type=FieldType.INTEGER, meaning="which upscaler", options=UPSCALE_TYPES),)

FIELDS: dict[Mode, tuple[Field, ...]] = {
    Mode.TEXT_TO_IMAGE: _DIFFUSION,
    Mode.IMAGE_TO_IMAGE: _DIFFUSION,
    Mode.IMAGE_EDIT: _EDIT,
    Mode.VARY: _VARY,
    Mode.UPSCALE: _UPSCALE,
    Mode.REROLL: (),
    Mode.ENHANCE: (),
}
"""What a user may say per mode; mode, taskId and imageIndex come on top, from the workflow itself."""

FIELDS_OF_KIND: dict[Kind, tuple[Field, ...]] = {kind: FIELDS[modes[0]] for kind, modes in MODES_OF_KIND.items()}
"""The modes of a kind share their fields."""

FLAG_FIELDS = {
    "ar": "aspect_ratio",
    "aspect": "aspect_ratio",
    "s": "stylization",
    "stylize": "stylization",
    "c": "variety",
    "chaos": "variety",
    "w": "weirdness",
    "weird": "weirdness",
    "v": "version",
    "version": "version",
    "no": "negative_prompt",
    "iw": "iw",
    "sw": "sw",
    "sv": "sv",
    "sref": "sref_urls",
    "cref": "cref_urls",
    "oref": "oref_urls",
    "hd": "is_hd",
    "draft": "speed",
    "fast": "speed",
    "turbo": "speed",
    "relax": "speed",
}
"""Midjourney's inline flags and the fields that say the same; the service strips a prompt from the first `--` on."""
