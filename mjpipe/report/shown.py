"""Requests and paths as people read them."""

import json
from pathlib import Path

from mjpipe.domain import EXTENSION, SOURCE_URL, Json, JsonObject, printable


def json_lines(value: JsonObject) -> list[str]:
    """Indented JSON, line by line."""
    return [printable(line) for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n")]


def shown_path(path: str) -> str:
    """A planned path, with the manifest's word for the ending that only the image will show."""
    return path.replace(EXTENSION, "{{ ext }}")


def from_here(path: Path) -> str:
    """A path as short as it can be said from the working directory."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


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
