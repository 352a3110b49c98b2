"""Reads the body of a submission, and checks it against every documented rule."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.parse import urlsplit

from mjpipe.contract import (
    DEFAULT_SPEED,
    DRAFT_VERSION,
    IMAGE_INDEX,
    PROMPT_BYTES,
    PROMPT_CHARACTERS,
    REFERENCE_FIELDS,
    TASK_ID,
    Field,
    FieldType,
    Mode,
    Speed,
    executed_speed,
)
from mjpipe.domain import JsonObject
from mjpipe.sandbox.envelope import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request that breaks none of the rules that can be checked without other tasks.

    `input` is as received. `speed` is the one that is executed and billed, None for modes without one.
    """

    input: JsonObject
    mode: Mode
    speed: Speed | None
    callback_url: str | None

    @property
    def source_id(self) -> str:
        """The task that it starts from, for a mode that starts from a task."""
        return str(self.input[TASK_ID])

    @property
    def image_index(self) -> int | None:
        return int(str(self.input[IMAGE_INDEX])) if self.mode.facts.sends_image_number else None

    @property
    def base_url(self) -> str | None:
        """The first of `image_urls`: the image that is edited, or that a generation starts from."""
        urls = self.input.get("image_urls") if self.mode.facts.sent_by_url else None
        return str(urls[0]) if isinstance(urls, list) and urls else None


def read_submission(body: bytes, content_type: str) -> Submission:
    """Raises Refusal (400) with all broken rules."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "Content-Type must be application/json")
    document = _parsed(body)
    asked = document.get("input")
    if not isinstance(asked, dict):
        raise Refusal(400, "input must be an object" if "input" in document else "Missing required field: input")
    problems = [*_delivery_problems(document), *_input_problems(asked)]
    if problems:
        raise Refusal(400, "; ".join(problems))
    mode = Mode(asked["mode"])
    return Submission(
        input=asked,
        mode=mode,
        speed=executed_speed(Speed(asked.get("speed", DEFAULT_SPEED))) if mode.facts.has_speed else None,
        callback_url=document.get("callback_url") if document.get("request_type") == "callback" else None,
    )


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not valid JSON") from None
    if not isinstance(document, dict):
        raise Refusal(400, "the body must be a JSON object")
    return document


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def before_flags(prompt: str) -> str:
    """The part of a prompt that counts: the service drops the rest from the first `--` on (seed page, Workflow
    categories).
    """
    return prompt.partition("--")[0].strip()


def _delivery_problems(document: dict[str, Any]) -> Iterator[str]:
    request_type = document.get("request_type", "async")
    if request_type not in ("async", "callback"):
        yield "request_type must be async or callback"
    if request_type == "callback":
        url = document.get("callback_url")
        if url is None:
            yield "Missing required field: callback_url"
        elif not (_is_url(url) and (urlsplit(url).scheme == "https" or is_loopback(url))):
            yield "callback_url must be a public HTTPS URL"


def _input_problems(asked: dict[str, Any]) -> Iterator[str]:
    if "mode" not in asked:
        yield "Missing required field: input.mode"
        return
    if asked["mode"] not in list(Mode):
        yield f"Invalid mode type: use one of {', '.join(Mode)}"
        return
    mode = Mode(asked["mode"])
    yield from _missing(mode, asked)
    fields = {field.name: field for field in mode.facts.fields}
    wrong = False
    # Unknown fields are ignored, as the page says under Common fixes.
    for name in asked.keys() & fields.keys():
        for problem in _field_problems(fields[name], asked[name]):
            wrong = True
            yield f"input.{name} {problem}"
    if not mode.facts.sent_by_url:
        yield from _source_problems(mode, asked)
    elif not wrong:
        yield from _direct_problems(mode, asked)


def _missing(mode: Mode, asked: dict[str, Any]) -> Iterator[str]:
    facts = mode.facts
    required = [field.name for field in facts.fields if field.required]
    source = [] if facts.sent_by_url else [TASK_ID, *([IMAGE_INDEX] if facts.sends_image_number else [])]
    for name in (*source, *required):
        if asked.get(name) is None:
            yield f"Missing required field: input.{name}"


def _source_problems(mode: Mode, asked: dict[str, Any]) -> Iterator[str]:
    if TASK_ID in asked and not (isinstance(asked[TASK_ID], str) and asked[TASK_ID]):
        yield f"input.{TASK_ID} must be the id of an earlier task"
    if mode.facts.sends_image_number and IMAGE_INDEX in asked and not _is_integer(asked[IMAGE_INDEX]):
        yield f"input.{IMAGE_INDEX} must be an integer"


def _direct_problems(mode: Mode, asked: dict[str, Any]) -> Iterator[str]:
    prompt = asked.get("prompt", "")
    if "prompt" in asked and not before_flags(prompt):
        yield "input.prompt must not be empty (text from the first -- on is stripped)"
    if len(prompt) > PROMPT_CHARACTERS or len(prompt.encode("utf-8", "surrogatepass")) > PROMPT_BYTES:
        yield f"input.prompt is longer than {PROMPT_CHARACTERS} characters or {PROMPT_BYTES} bytes"
    facts, urls = mode.facts, len(asked.get("image_urls", ()))
    if facts.least_images and not facts.least_images <= urls <= facts.most_images:
        yield f"{mode} requires exactly {facts.most_images} source image in image_urls"
    elif urls > facts.most_images:
        yield f"input.image_urls takes up to {facts.most_images} images"
    if facts.needs_reference and not any(asked.get(name) for name in REFERENCE_FIELDS):
        yield f"{mode} requires at least one of {', '.join(REFERENCE_FIELDS)}"
    if asked.get("speed") == Speed.DRAFT and not (facts.makes_drafts and asked.get("version") == DRAFT_VERSION):
        modes = " and ".join(mode for mode in Mode if mode.facts.makes_drafts)
        yield f"draft is only supported for {modes} when version={DRAFT_VERSION}"


def _field_problems(field: Field, value: Any) -> Iterator[str]:
    fits, shape = _SHAPES[field.type]
    if not fits(value):
        yield f"must be {shape}"
    elif field.options and value not in field.options:
        yield f"must be one of {', '.join(str(option) for option in field.options)}"
    elif field.type is FieldType.OBJECT and not _OBJECTS[field.name](value):
        yield f"must be {_OBJECT_SHAPES[field.name]}"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


_NO_PART_OF_A_URL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def _is_url(value: Any) -> bool:
    if not isinstance(value, str) or _NO_PART_OF_A_URL.search(value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_reference(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_url(value.get("url")) and _is_number(value.get("weight", 1))
    return _is_url(value)


def _has_numbers(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(_is_number(value.get(name)) for name in names)


def _is_size(value: Any) -> bool:
    return _has_numbers(value, "width", "height") and value["width"] > 0 and value["height"] > 0


def _is_area(value: Any) -> bool:
    points = value.get("points") if _is_size(value) else None
    return (
        isinstance(points, list)
        and len(points) >= 6  # noqa: PLR2004 - three corners, two numbers each
        and len(points) % 2 == 0
        and all(_is_number(point) for point in points)
    )


def _is_mask(value: dict[str, Any]) -> bool:
    areas = value.get("areas")
    return isinstance(areas, list) and bool(areas) and all(_is_area(area) for area in areas)


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(fits(item) for item in value)


_SHAPES: dict[FieldType, tuple[Callable[[Any], bool], str]] = {
    FieldType.TEXT: (lambda value: isinstance(value, str), "a string"),
    FieldType.INTEGER: (_is_integer, "an integer"),
    FieldType.NUMBER: (_is_number, "a number"),
    FieldType.BOOLEAN: (lambda value: isinstance(value, bool), "true or false"),
    FieldType.URLS: (_is_list_of(_is_url), "a list of public image URLs"),
    FieldType.REFERENCES: (
        _is_list_of(_is_reference),
        "a list of public image URLs, or of objects with url and weight",
    ),
    FieldType.OBJECT: (lambda value: isinstance(value, dict), "an object"),
}

_OBJECTS: dict[str, Callable[[Any], bool]] = {
    "mask": _is_mask,
    "canvas": _is_size,
    "imgPos": lambda value: _is_size(value) and _has_numbers(value, "x", "y"),
}
_OBJECT_SHAPES = {
    "mask": "an object with areas, each with width, height and the points of at least 3 corners",
    "canvas": "an object with width and height",
    "imgPos": "an object with width, height, x and y",
}
