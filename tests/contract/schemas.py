"""The parts of the schemas that the contract decides: kinds, modes and params. `make documents` writes them."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mjpipe.contract import FIELDS_OF_KIND, MODES_OF_KIND, Field, FieldType, Mode
from mjpipe.domain import Kind

WIDTH = 102
TEXT = ["string", "number", "boolean"]
"""Text that may be written without quotes."""

TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {"type": TEXT},
    FieldType.INTEGER: {"$ref": "#/$defs/integer"},
    FieldType.NUMBER: {"$ref": "#/$defs/number"},
    FieldType.BOOLEAN: {"$ref": "#/$defs/boolean"},
    FieldType.URLS: {"$ref": "#/$defs/urls"},
    FieldType.REFERENCES: {"$ref": "#/$defs/references"},
}
OBJECTS = {"mask": "mask", "canvas": "size", "imgPos": "position"}
EXAMPLES = {"prompt": ["a {{ material }} {{ name }}, {{ style }} photograph"], "version": ["7", "8.1"]}


def manifest_schema(text: str) -> str:
    """The manifest's schema `text`, with its nodes' kinds and params as the contract has them."""
    schema = json.loads(text)
    others = {name: of for name, of in schema["$defs"].items() if not name.endswith("Params")}
    params = {f"{kind}Params": _params(kind) for kind in Kind} | {"defaultParams": _closed(_defaults())}
    at = list(others).index("node") + 1
    schema["$defs"] = dict([*list(others.items())[:at], *params.items(), *list(others.items())[at:]])
    node = others["node"]
    node["properties"]["kind"] = {"description": _kinds_in_words(), "enum": list(Kind)}
    node["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"properties": {"params": {"$ref": f"#/$defs/{kind}Params"}}} | _required(modes),
        }
        for kind, modes in MODES_OF_KIND.items()
    ]
    return printed(schema) + "\n"


def with_kinds(text: str) -> str:
    """A schema's text with the kinds of the contract wherever kinds are listed."""
    return _with_options(text, Kind)


def with_modes(text: str) -> str:
    return _with_options(text, Mode)


def _with_options(text: str, options: Iterable[str]) -> str:
    """Lists are known by their first option."""
    listed = [*map(str, options)]
    return re.sub(rf'\["{listed[0]}", "[^\]]*\]', json.dumps(listed), text)


def _kinds_in_words() -> str:
    purposes = [f"{kind} {modes[0].facts.purpose}" for kind, modes in MODES_OF_KIND.items()]
    return f"What the node does: {', '.join(purposes)}."


def _required(modes: Iterable[Mode]) -> dict[str, list[str]]:
    return {} if any(mode.facts.sent_by_url for mode in modes) else {"required": ["from"]}


def _params(kind: Kind) -> dict[str, Any]:
    params = [(field.name, _param(field)) for field in FIELDS_OF_KIND[kind]]
    modes = MODES_OF_KIND[kind]
    if len(modes) > 1:
        params.insert(1, ("mode", _mode(kind, modes)))
    return _closed(dict(params))


def _mode(kind: Kind, modes: tuple[Mode, ...]) -> dict[str, Any]:
    says = f"`{modes[-1]}` for a {kind} that starts from references; not needed with `from`."
    return {"description": says, "enum": list(modes)}


def _closed(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": params, "additionalProperties": False}


def _param(field: Field) -> dict[str, Any]:
    free_text = field.type is FieldType.TEXT and not field.options
    examples = {"examples": EXAMPLES[field.name]} if field.name in EXAMPLES else {}
    return {"description": field.meaning + " A Jinja template." * free_text, **_shape(field), **examples}


def _shape(field: Field) -> dict[str, Any]:
    if field.type is FieldType.OBJECT:
        return {"$ref": f"#/$defs/{OBJECTS[field.name]}"}
    if field.options:
        template = {"$ref": "#/$defs/template"} if field.type is FieldType.TEXT else {"type": "string"}
        return {"anyOf": [{"enum": list(field.options)}, template]}
    return TYPES[field.type]


def _defaults() -> dict[str, Any]:
    """The params of all kinds; one that kinds have with other meanings is described by kind, and has the options of
    all of them.
    """
    fields: dict[str, dict[Kind, Field]] = {}
    for kind, of_kind in FIELDS_OF_KIND.items():
        for field in of_kind:
            fields.setdefault(field.name, {})[kind] = field
    return {name: _default(by_kind) for name, by_kind in fields.items()}


def _default(by_kind: Mapping[Kind, Field]) -> dict[str, Any]:
    described = {kind: _param(field) for kind, field in by_kind.items()}
    widest = max(by_kind.values(), key=lambda field: len(field.options))
    says = {schema["description"]: kind for kind, schema in reversed(described.items())}
    if len(says) == 1:
        return _param(widest)
    return _param(widest) | {"description": " ".join(f"For {kind}: {text}" for text, kind in reversed(says.items()))}


def printed(value: Any, indent: int = 0, before: int = 0) -> str:
    """JSON in which what fits into a line is on one line; `before` counts the characters that stand before `value`."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + before + len(line) <= WIDTH:
        return line
    if isinstance(value, dict):
        heads, (opening, closing) = [f"{json.dumps(key)}: " for key in value], "{}"
    else:
        heads, (opening, closing) = [""] * len(value), "[]"
    items = value.values() if isinstance(value, dict) else value
    parts = [head + printed(item, indent + 2, len(head) + 1) for head, item in zip(heads, items, strict=True)]
    inner = ",\n".join(" " * (indent + 2) + part for part in parts)
    return f"{opening}\n{inner}\n{' ' * indent}{closing}"
