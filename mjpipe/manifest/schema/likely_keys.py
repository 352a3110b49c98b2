"""What an unknown key was probably meant to be, so that a value under a wrong key is not also reported as missing."""

import re
from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, FLAG_FIELDS
from mjpipe.domain import Kind
from mjpipe.manifest.document.tree import KeyPath, Map, Scalar, Seq, Value, names_in, value_at
from mjpipe.manifest.model import ChosenImages, TableFormat
from mjpipe.manifest.names_in_messages import nearest

MERGE = "<<"
_ALSO_CALLED = {
    "constants": "vars",
    "variables": "vars",
    "data": "inputs",
    "sources": "inputs",
    "jobs": "nodes",
    "stages": "nodes",
    "steps": "nodes",
    "each": "for_each",
    "input": "for_each",
    "inputs": "for_each",
    "after": "from",
    "needs": "from",
    "source": "from",
    "condition": "where",
    "filter": "where",
    "if": "where",
    "when": "where",
    "count": "take",
    "repeat": "take",
    "file": "csv",
    "separator": "delimiter",
    "charset": "encoding",
    "skip": "header",
    "skiprows": "header",
    "skip_rows": "header",
    "header_row": "header",
    "header_line": "header",
    "text": "prompt",
}
"""Other programs' words for a key."""

_COMPARES = re.compile(r"[=!<>]=|[<>]|\b(?:in|not)\b")
_SOURCES = (*TableFormat, "matrix")


def kinds_with_param(param: str) -> list[Kind]:
    return [kind for kind, fields in FIELDS_OF_KIND.items() if any(field.name == param for field in fields)]


def likely_key(key: str, known: list[str]) -> str | None:
    """The known key that an unknown one is most like; None when none is."""
    if key == MERGE or kinds_with_param(key):
        return None
    near = [FLAG_FIELDS.get(key), _ALSO_CALLED.get(key.casefold()), nearest(key, known)]
    return next((name for name in near if name in known), None)


def likely_paths(document: Map, path: KeyPath, known: list[str]) -> Iterator[KeyPath]:
    """Paths without a value that the one at `path`, under an unknown key, was probably meant for.

    Compares the key's name with the `known` keys, then looks at the value.
    """
    parent, key, value = path[:-1], str(path[-1]), value_at(document, path)
    assert value is not None
    if "params" in known and kinds_with_param(key):
        yield from _missing(document, [(*parent, "params", key)])
        return
    meant = likely_key(key, known)
    if parent == ():
        yield from _missing(document, _sections(meant, value))
    elif meant:
        yield from _missing(document, [(*parent, meant)])
    elif not kinds_with_param(key):
        yield from _missing(document, [(*parent, like) for like in _by_value(document, path, value)])


def _missing(document: Map, paths: list[KeyPath]) -> list[KeyPath]:
    return [path for path in paths if value_at(document, path) is None]


def _sections(meant: str | None, value: Value) -> list[KeyPath]:
    """The paths in the sections that a value at the top was probably meant for, one for each of its entries."""
    if not isinstance(value, Map):
        return [(meant,)] if meant else []
    if meant:
        likely = [meant]
    elif all(isinstance(entry.value, Scalar) for entry in value.entries.values()):
        likely = ["vars", "defaults"]
    else:
        maps = [entry.value for entry in value.entries.values() if isinstance(entry.value, Map)]
        likely = ["nodes"] if any("kind" in fields.entries for fields in maps) else []
        likely += ["inputs"] if any(source in fields.entries for fields in maps for source in _SOURCES) else []
    return [(section, key) for section in likely for key in value.entries]


def _by_value(document: Map, path: KeyPath, value: Value) -> list[str]:
    match path:
        case ("nodes", _, "params", _):
            return _like_param(value)
        case ("nodes", _, _):
            return _like_node_key(document, value)
        case ("inputs", _, _):
            return _like_input_key(value)
        case _:
            return []


def _like_param(value: Value) -> list[str]:
    if isinstance(value, Seq) or (isinstance(value, Scalar) and "://" in value.text.source):
        return ["image_urls"]
    return ["prompt"] if isinstance(value, Scalar) and isinstance(value.value, str) else []


def _like_node_key(document: Map, value: Value) -> list[str]:
    if isinstance(value, Map):
        return ["for_each" if "zip" in value.entries else "params"]
    if _is_condition(value):
        return ["where"]
    known = {
        "kind": [*Kind],
        "images": [*ChosenImages, *"0123"],
        "for_each": [*document.map("inputs").entries],
        "from": [*document.map("nodes").entries],
    }
    names = {name.source for name in names_in(value)}
    return [key for key, possible in known.items() if names and names <= set(possible)]


def _like_input_key(value: Value) -> list[str]:
    match value:
        case Scalar(text=text):
            files = [form for form in ("csv", "jsonl") if text.source.lower().endswith(f".{form}")]
            return files or (["where"] if _is_condition(value) else [])
        case Seq():
            return ["rows"]
        case Map():
            return ["matrix"]


def _is_condition(value: Value) -> bool:
    return isinstance(value, Scalar) and bool(_COMPARES.search(value.text.source))
