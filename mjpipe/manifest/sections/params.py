"""Reads the params of a node, each as its field takes it."""

from mjpipe.contract import FIELDS_OF_KIND, MODES_OF_KIND, Field, FieldType
from mjpipe.domain import Kind
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.document.tree import Entry, Map, Scalar, Seq, Value
from mjpipe.manifest.model import Param

MODE = "mode"


def params_of(kind: Kind, own: Map, usable: Map, defaults: Map) -> tuple[dict[str, Param], dict[str, Entry]]:
    """The params of a node of this kind in the API's order, and the entry that each comes from.

    `own` are the node's, `usable` those of them without a mistake. A default never replaces a param of the node, not
    even a wrong one.
    """
    params: dict[str, Param] = {}
    entries: dict[str, Entry] = dict(own.entries)
    if len(MODES_OF_KIND[kind]) > 1 and (mode := usable.text(MODE)):
        params[MODE] = mode
    for field in FIELDS_OF_KIND[kind]:
        entry = (usable if field.name in own.entries else defaults).entries.get(field.name)
        if entry:
            params[field.name] = _param(field, entry.value)
            entries[field.name] = entry
    return params, entries


def _param(field: Field, value: Value) -> Param:
    if field.type is FieldType.TEXT and isinstance(value, Scalar):
        return value.text
    if field.type in (FieldType.URLS, FieldType.REFERENCES) and isinstance(value, Seq):
        return [_reference(item) for item in value.items]
    written = _leaf(value)
    if field.type is FieldType.INTEGER and isinstance(written, float) and written.is_integer():
        return int(written)
    return written


def _reference(value: Value) -> Param:
    return value.text if isinstance(value, Scalar) else _leaf(value)


def _leaf(value: Value) -> Param:
    """Texts stay templates; numbers and booleans are values already."""
    match value:
        case Scalar(value=bool() | int() | float() as known):
            return known
        case Scalar(text=text):
            return text
        case Seq(items=items):
            return [_leaf(item) for item in items]
        case Map(entries=entries):
            return {key: _leaf(entry.value) for key, entry in entries.items()}


def literal(param: "Param | None") -> str | None:
    """The text of a param that is neither a template nor an object, else None."""
    match param:
        case Text(source=source) if not has_template(source):
            return source
        case bool():
            return "true" if param else "false"
        case int() | float():
            return str(param)
        case _:
            return None


def has_template(source: str) -> bool:
    return "{{" in source or "{%" in source or "{#" in source
