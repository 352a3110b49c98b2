"""The rules of the service that hold between the fields of one request."""

from collections.abc import Iterator, Mapping
from typing import Any

from mjpipe.contract import (
    DIFFUSION,
    DRAFT_VERSION,
    EDIT_IMAGES,
    IMAGE_URLS,
    REFERENCE_FIELDS,
    Mode,
    Speed,
)
from mjpipe.manifest import quoted
from mjpipe.plan.jobs.conversion import WrongValue

RULED = frozenset({"speed", "version", *REFERENCE_FIELDS})
"""The fields that these rules look at."""


def broken_rules(request: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], WrongValue]]:
    """The fields to blame, the likeliest first, and what is wrong with them."""
    mode = Mode(request["mode"])
    if request.get("speed") == Speed.DRAFT:
        if mode not in DIFFUSION:
            yield ("speed",), WrongValue("MJ078", "only `generate` makes drafts", help="say `fast` or `turbo`")
        elif request.get("version") != DRAFT_VERSION:
            version = f"not by {request['version']}" if "version" in request else "and none is given"
            yield (
                ("speed", "version"),
                WrongValue(
                    "MJ078",
                    f"drafts are made by version {DRAFT_VERSION}, {version}",
                    help=f'say `version: "{DRAFT_VERSION}"`, or another speed',
                ),
            )
    images = len(request.get("image_urls", ()))
    if mode is Mode.IMAGE_EDIT and images != EDIT_IMAGES:
        yield ("image_urls",), WrongValue("MJ077", f"an edit takes exactly {EDIT_IMAGES} image, and here are {images}")
    elif images > IMAGE_URLS:
        yield ("image_urls",), WrongValue("MJ077", f"a task takes at most {IMAGE_URLS} images, and here are {images}")
    if mode is Mode.IMAGE_TO_IMAGE and not any(request.get(field) for field in REFERENCE_FIELDS):
        yield (
            REFERENCE_FIELDS,
            WrongValue(
                "MJ077", "image-to-image needs a reference image", help=f"give one of {quoted(REFERENCE_FIELDS)}"
            ),
        )
