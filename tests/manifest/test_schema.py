"""The schema file says what the code says. What the contract decides is in tests/contract/test_schemas.py."""

import json
from dataclasses import fields
from typing import Any

from jsonschema import Draft202012Validator

from mjpipe.domain import bundled_folder
from mjpipe.manifest import ChosenImages, Limits, Outputs, TableFormat

SCHEMA = json.loads((bundled_folder("schemas") / "manifest.schema.json").read_text("utf-8"))
DEFS = SCHEMA["$defs"]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_other_lists_are_those_of_the_code() -> None:
    assert [branch["required"][0] for branch in DEFS["input"]["oneOf"]] == [*TableFormat, "matrix"]
    assert DEFS["node"]["properties"]["images"]["then"]["enum"] == sorted(ChosenImages, reverse=True)
    described = SCHEMA["properties"]["limits"]["properties"]
    assert described.pop("on_gateway_timeout")["default"] == "resend"
    usual = {field.name: field.default for field in fields(Limits) if field.name != "hold_on_gateway_timeout"}
    assert {name: said.get("default") for name, said in described.items()} == usual
    assert list(SCHEMA["properties"]["outputs"]["properties"]) == [
        field.name for field in fields(Outputs) if field.name != "given"
    ]


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
