"""The schema file says what `mjpipe.contract` says."""

import json
from dataclasses import fields
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mjpipe.contract import FIELDS_OF_KIND, MODES_OF_KIND, SECONDARY, Field, FieldType, Speed
from mjpipe.domain import Kind, bundled_folder
from mjpipe.manifest import Images, Limits, Outputs, TableFormat

SCHEMA = json.loads((bundled_folder("schemas") / "manifest.schema.json").read_text("utf-8"))
DEFS = SCHEMA["$defs"]
TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {"type": ["string", "number", "boolean"]},
    FieldType.INTEGER: {"$ref": "#/$defs/integer"},
    FieldType.NUMBER: {"$ref": "#/$defs/number"},
    FieldType.BOOLEAN: {"$ref": "#/$defs/boolean"},
    FieldType.URLS: {"$ref": "#/$defs/urls"},
    FieldType.REFERENCES: {"$ref": "#/$defs/references"},
}
OBJECTS = {"mask": "mask", "canvas": "size", "imgPos": "position"}


def shape(field: Field) -> dict[str, Any]:
    """What the schema has to say about a field, but for words."""
    if field.type is FieldType.OBJECT:
        return {"$ref": f"#/$defs/{OBJECTS[field.name]}"}
    if field.options:
        is_text = field.type is FieldType.TEXT
        other = {"$ref": "#/$defs/template"} if is_text else {"type": "string"}
        return {"anyOf": [{"enum": list(field.options)}, other]}
    return TYPES[field.type]


def without_words(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("description", "examples")}


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_the_params_of_the_contract(kind: Kind) -> None:
    described = {name: without_words(said) for name, said in DEFS[f"{kind}Params"]["properties"].items()}
    if kind is Kind.GENERATE:
        assert described.pop("mode") == {"enum": list(MODES_OF_KIND[kind])}
    assert described == {field.name: shape(field) for field in FIELDS_OF_KIND[kind]}


def test_defaults_are_the_params_of_all_kinds() -> None:
    described = {name: without_words(said) for name, said in DEFS["defaultParams"]["properties"].items()}
    wanted: dict[str, dict[str, Any]] = {}
    for field in (field for fields_of_kind in FIELDS_OF_KIND.values() for field in fields_of_kind):
        known = wanted.setdefault(field.name, shape(field))
        if field.options and len(field.options) > len(known["anyOf"][0]["enum"]):
            wanted[field.name] = shape(field)
    assert described == wanted


def test_each_kind_is_told_apart() -> None:
    node = DEFS["node"]
    assert node["properties"]["kind"]["enum"] == list(Kind)
    params = {
        branch["if"]["properties"]["kind"]["const"]: branch["then"]["properties"]["params"]["$ref"]
        for branch in node["allOf"]
    }
    assert params == {str(kind): f"#/$defs/{kind}Params" for kind in Kind}
    follow_ups = {
        branch["if"]["properties"]["kind"]["const"]
        for branch in node["allOf"]
        if branch["then"].get("required") == ["from"]
    }
    assert follow_ups == {str(kind) for kind, modes in MODES_OF_KIND.items() if set(modes) <= SECONDARY}


def test_other_lists_are_those_of_the_code() -> None:
    assert [branch["required"][0] for branch in DEFS["input"]["oneOf"]] == [*TableFormat, "matrix"]
    assert DEFS["node"]["properties"]["images"]["then"]["enum"] == sorted(Images, reverse=True)
    assert DEFS["generateParams"]["properties"]["speed"]["anyOf"][0]["enum"] == list(Speed)
    described = SCHEMA["properties"]["limits"]["properties"]
    assert described.pop("on_gateway_timeout")["default"] == "resend"
    usual = {field.name: field.default for field in fields(Limits) if field.name != "hold_on_gateway_timeout"}
    assert {name: said.get("default") for name, said in described.items()} == usual
    assert list(SCHEMA["properties"]["outputs"]["properties"]) == [field.name for field in fields(Outputs)]


def undescribed(schema: Any) -> list[str]:
    """The keys that an editor could not explain; conditions only repeat what is described already."""
    if isinstance(schema, list):
        return [name for item in schema for name in undescribed(item)]
    if not isinstance(schema, dict):
        return []
    here = [name for name, said in schema.get("properties", {}).items() if "description" not in said]
    return here + [name for key, inner in schema.items() if key != "allOf" for name in undescribed(inner)]


def test_an_editor_can_explain_each_key() -> None:
    assert undescribed(SCHEMA) == []
