"""Planned requests and paths, with the manifest's own placeholders for what only a run can know."""

from mjpipe.domain import EXTENSION, SOURCE_URL, Json, JsonObject


def path_with_placeholder(path: str) -> str:
    """A planned path; the image itself will show its ending."""
    return path.replace(EXTENSION, "{{ ext }}")


def request_with_placeholder(request: JsonObject) -> JsonObject:
    """A planned request; the source image will have its URL."""
    return {name: _value_with_placeholder(value) for name, value in request.items()}


def _value_with_placeholder(value: Json) -> Json:
    if value == SOURCE_URL:
        return "{{ source.url }}"
    if isinstance(value, list):
        return [_value_with_placeholder(item) for item in value]
    if isinstance(value, dict):
        return {name: _value_with_placeholder(item) for name, item in value.items()}
    return value
