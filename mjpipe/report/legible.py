"""Foreign text made fit to be read: on one line, and without the characters that could steer a terminal."""

import json
import re

from mjpipe.domain import EXTENSION, SOURCE_URL, Json, JsonObject

_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def one_line(text: str, longest: int = 600) -> str:
    """`text` without line breaks and control characters, cut to at most `longest` characters."""
    line = _UNFIT.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def json_lines(value: JsonObject) -> list[str]:
    """Indented JSON, line by line."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return [_UNFIT.sub(lambda found: " " * len(found[0]), line) for line in text.split("\n")]


def shown_path(path: str) -> str:
    """A planned path, with the manifest's word for the ending that only the image will show."""
    return path.replace(EXTENSION, "{{ ext }}")


def shown_request(request: JsonObject) -> JsonObject:
    """A planned request, with the manifest's word for the URL that only a run can know."""
    return {name: _shown(value) for name, value in request.items()}


def _shown(value: Json) -> Json:
    if value == SOURCE_URL:
        return "{{ source.url }}"
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    return value
