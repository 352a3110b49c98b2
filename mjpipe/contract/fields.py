"""The fields of `input`, their types and limits (seed page, Request body and Overview)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mjpipe.contract.speeds import Speed


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

    `meaning` is what editors and documents show. `options` are all values that it may have, empty when the page names
    none. `usual` is a range that only older pages give (API notes): a value outside it is unusual, not wrong.
    """

    name: str
    type: FieldType
    meaning: str
    required: bool = False
    options: tuple[str | int, ...] = ()
    usual: tuple[float, float] | None = None


FLAGLESS = ("prompt", "remixPrompt")
"""The texts that the service cuts off at the first `--`."""

RATIOS = ("1:1", "1:2", "2:1", "2:3", "3:2", "3:4", "4:3", "5:6", "6:5", "9:16", "16:9")
PROMPT_CHARACTERS = 2000
PROMPT_BYTES = 7500
"""The limits of the two routes; a prompt within both is portable."""
IMAGE_URLS = 20
"""Image prompts that a generation takes at most: the page says it of text-to-image, and that image-to-image is the same
route.
"""
DRAFT_VERSION = "7"
"""The only version that makes drafts."""

_WITH_V = re.compile(r"[vV]([0-9]+(?:\.[0-9]+)*)")


def version_sent(written: str) -> str:
    """A model version as the service takes it (seed page, `version`): `8.1` for `v8.1` or `V8.1`."""
    with_v = _WITH_V.fullmatch(written)
    return with_v[1] if with_v else written


_BETWEEN_URLS = re.compile(r",+(?=https?://|$)", re.IGNORECASE)


def urls_at_commas(text: str) -> list[str]:
    """The URLs of a text without white space. A comma within a URL belongs to it: one that separates stands before
    `http://`, `https://` or the end.
    """
    return [url for url in _BETWEEN_URLS.split(text) if url] or [text]


def urls_in(text: str) -> list[str]:
    """The URLs of a text, separated by white space, by commas, or both."""
    parts = text.split()
    if "," not in text:
        return parts
    return [url for part in parts if part != "," for url in urls_at_commas(part)] or parts


REFERENCE_FIELDS = ("image_urls", "sref_urls", "cref_urls", "oref_urls")
"""The fields that image-to-image takes its reference from."""

_PROMPT = Field(
    name="prompt",
    type=FieldType.TEXT,
    meaning=f"What the picture shows: at most {PROMPT_CHARACTERS} characters and {PROMPT_BYTES} bytes, "
    "without `--` flags.",
    required=True,
)
_VERSION = Field(
    name="version",
    type=FieldType.TEXT,
    meaning="The model version: `8.1`, and `v8.1` is the same. `draft` needs 7; `is_hd` has a documented price "
    "with 8.1.",
)
SPEED = Field(
    name="speed",
    type=FieldType.TEXT,
    meaning="How fast the service works, and what a task costs. `fast` if not given. `draft` is for generate "
    "with version 7; `relaxed` becomes `fast`.",
    options=tuple(Speed),
)
_REMIX = Field(
    name="remixPrompt",
    type=FieldType.TEXT,
    meaning="What should differ from the source image, without `--` flags.",
)

GENERATION_FIELDS = (
    _PROMPT,
    Field(
        name="image_urls",
        type=FieldType.URLS,
        meaning=f"Public URLs of images to start from, at most {IMAGE_URLS}: a list of templates, or one template "
        "split at white space and commas.",
    ),
    Field(name="sref_urls", type=FieldType.REFERENCES, meaning="Style references: public URLs, or `{url, weight}`."),
    Field(
        name="cref_urls", type=FieldType.REFERENCES, meaning="Character references: public URLs, or `{url, weight}`."
    ),
    Field(name="oref_urls", type=FieldType.REFERENCES, meaning="Object references: public URLs, or `{url, weight}`."),
    Field(name="iw", type=FieldType.NUMBER, meaning="Weight of the image prompts, usually 0 to 3.", usual=(0, 3)),
    Field(
        name="sw", type=FieldType.NUMBER, meaning="Weight of the style references, usually 0 to 1000.", usual=(0, 1000)
    ),
    Field(name="sv", type=FieldType.INTEGER, meaning="Version of the style reference."),
    Field(name="negative_prompt", type=FieldType.TEXT, meaning="What the picture should not show."),
    _VERSION,
    SPEED,
    Field(name="aspect_ratio", type=FieldType.TEXT, meaning="Width to height.", options=RATIOS),
    Field(
        name="stylization",
        type=FieldType.INTEGER,
        meaning="How strongly the model styles, usually 0 to 1000.",
        usual=(0, 1000),
    ),
    Field(
        name="variety",
        type=FieldType.INTEGER,
        meaning="How much the images of a task differ, usually 0 to 100.",
        usual=(0, 100),
    ),
    Field(
        name="weirdness",
        type=FieldType.INTEGER,
        meaning="How unusual the images are, usually 0 to 3000.",
        usual=(0, 3000),
    ),
    Field(
        name="is_hd",
        type=FieldType.BOOLEAN,
        meaning="High definition. Only version 8.1 with speed fast has a documented price.",
    ),
)

EDIT_FIELDS = (
    _PROMPT,
    Field(
        name="image_urls",
        type=FieldType.URLS,
        meaning="The public URL of the one image to edit. Leave it out with `from`: then the chosen image is edited.",
    ),
    _VERSION,
    SPEED,
    Field(
        name="mask",
        type=FieldType.OBJECT,
        meaning="The areas to change. Without mask, canvas and imgPos the service takes the whole image.",
    ),
    Field(name="canvas", type=FieldType.OBJECT, meaning="The size of the result in pixels."),
    Field(
        name="imgPos", type=FieldType.OBJECT, meaning="Where the image lies on the canvas, and how large it is there."
    ),
    _REMIX,
)

VARY_FIELDS = (
    Field(name="type", type=FieldType.INTEGER, meaning="Which variation the service makes.", options=(0, 1)),
    _REMIX,
)
UPSCALE_FIELDS = (
    Field(name="type", type=FieldType.INTEGER, meaning="Which upscaler the service uses.", options=(0, 1, 2, 3)),
)

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
"""Midjourney's inline flags, and the fields that replace them: the service drops a prompt from the first `--` on."""

FLAGS_WITHOUT_FIELD = frozenset(
    {
        *("seed", "sameseed", "tile", "raw", "style", "stop", "repeat", "r", "p", "profile", "personalize"),
        *("niji", "quality", "q", "video", "exp", "motion", "loop", "end", "test", "testp", "creative", "upbeta"),
        *("uplight", "stealth", "public", "fps", "bs", "image_number", "num_images"),
    }
)
"""Midjourney's inline flags, and what other services call such params, that the page has no field for."""
