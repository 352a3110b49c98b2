"""The service's rules about several fields of one request."""

from collections.abc import Iterator, Mapping
from typing import Any

from mjpipe.contract import DRAFT_KINDS, DRAFT_VERSION, REFERENCE_FIELDS, Mode, Speed
from mjpipe.manifest import quoted, with_article
from mjpipe.plan.jobs.requests.conversion import WrongValue

RULED = frozenset({"speed", "version", *REFERENCE_FIELDS})
"""The fields that these rules check."""


def broken_rules(request: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], WrongValue]]:
    """Each broken rule: the fields to blame, the likeliest first, and what is wrong with them."""
    mode = Mode(request["mode"])
    facts = mode.facts
    if request.get("speed") == Speed.DRAFT:
        if not facts.makes_drafts:
            fault = WrongValue("MJ078", f"only {quoted(DRAFT_KINDS)} makes drafts", help="use `fast` or `turbo`")
            yield ("speed",), fault
        elif request.get("version") != DRAFT_VERSION:
            version = f"not {request['version']}" if "version" in request else "and none is given"
            yield (
                ("speed", "version"),
                WrongValue(
                    "MJ078",
                    f"drafts need version {DRAFT_VERSION}, {version}",
                    help=f'set `version: "{DRAFT_VERSION}"`, or another speed',
                ),
            )
    images = len(request.get("image_urls", ()))
    if not facts.least_images <= images <= facts.most_images:
        takes = f"{with_article(facts.kind)} takes {facts.image_bound}"
        yield ("image_urls",), WrongValue("MJ077", f"{takes}, not {images}")
    if facts.needs_reference and not any(request.get(field) for field in REFERENCE_FIELDS):
        yield (
            REFERENCE_FIELDS,
            WrongValue("MJ077", f"{mode} needs a reference image", help=f"give one of {quoted(REFERENCE_FIELDS)}"),
        )
