"""The tables of `docs/manifest.md` are what the schema and the contract say.

After a change of either: `make documents`; then read the diff.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Any

import pytest

from mjpipe.contract import FIELDS_OF_KIND, MODES_OF_KIND, Field, FieldType, may_follow, needs_offer
from mjpipe.domain import Kind, bundled_folder
from mjpipe.manifest import quoted
from tests.cli.program import ROOT
from tests.contract.schemas import manifest_schema

DOCUMENT = ROOT / "docs" / "manifest.md"
TABLE = re.compile(r"(<!-- (?P<name>(?!end)[\w ]+) -->\n)(?P<table>.*?)(?=<!-- end -->)", re.DOTALL)
SCHEMA = json.loads(manifest_schema((bundled_folder("schemas") / "manifest.schema.json").read_text("utf-8")))

TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "whole number",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "true or false",
    FieldType.URLS: "URLs",
    FieldType.REFERENCES: "URLs, or `{url, weight}`",
    FieldType.OBJECT: "object",
}


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def keys(schema: Mapping[str, Any]) -> str:
    needed = schema.get("required", [])
    rows = [
        [f"`{name}`", value["description"] + (" Required." if name in needed else ""), default(value)]
        for name, value in schema["properties"].items()
    ]
    return table(["key", "meaning", "if not given"], rows)


def default(value: Mapping[str, Any]) -> str:
    return f"`{value['default']}`" if "default" in value else ""


def params(kind: Kind) -> str:
    meant = SCHEMA["$defs"][f"{kind}Params"]["properties"]
    return table(
        ["param", "takes", "meaning"],
        [[f"`{field.name}`", takes(field), meant[field.name]["description"]] for field in FIELDS_OF_KIND[kind]],
    )


def takes(field: Field) -> str:
    return ", ".join(f"`{option}`" for option in field.options) or TYPES[field.type]


def kinds() -> str:
    rows = []
    for kind, modes in MODES_OF_KIND.items():
        # A generate takes an image by its URL, whatever made it.
        before = [
            source
            for source, (made_by, *_) in MODES_OF_KIND.items()
            if may_follow(modes[0], made_by) or not needs_offer(modes[0])
        ]
        cells = [f"`{kind}`", quoted(modes), str(modes[0].facts.images), quoted(before)]
        rows.append(cells)
    return table(["kind", "mode of the API", "images", "may follow"], rows)


TABLES = {
    "keys": keys(SCHEMA),
    "input": keys(SCHEMA["$defs"]["input"]),
    "node": keys(SCHEMA["$defs"]["node"]),
    **{name: keys(SCHEMA["properties"][name]) for name in ("limits", "outputs", "polling")},
    "kinds": kinds(),
    **{f"params {kind}": params(kind) for kind in Kind if FIELDS_OF_KIND[kind]},
}


def test_the_document_has_each_table_once() -> None:
    assert sorted(found["name"] for found in TABLE.finditer(DOCUMENT.read_text("utf-8"))) == sorted(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_what_the_schema_and_the_contract_say(name: str) -> None:
    text = DOCUMENT.read_text("utf-8")
    if os.environ.get("REWRITE"):
        text = TABLE.sub(lambda found: found[1] + TABLES[found["name"]], text)
        DOCUMENT.write_text(text, "utf-8")
    assert {found["name"]: found["table"] for found in TABLE.finditer(text)}[name] == TABLES[name]
