"""The tables of `docs/reports.md` are what the schema and the table of costs say.

After a change of either: `make documents`; then read the diff.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from mjpipe.domain import bundled_folder
from mjpipe.report.formats.costs_csv import COLUMNS
from tests.cli.program import ROOT

DOCUMENT = ROOT / "docs" / "reports.md"
TABLE = re.compile(r"(<!-- (?P<name>(?!end)\w+) -->\n)(?P<table>.*?)(?=<!-- end -->)", re.DOTALL)


def table(heads: list[str], rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [heads, ["---"] * len(heads), *rows])


def fields(schema: Mapping[str, Any]) -> str:
    rows = [[f"`{name}`", value["description"]] for name, value in schema["properties"].items()]
    return table(["field", "meaning"], rows)


def columns() -> str:
    return table(["column", "meaning"], [[f"`{name}`", meaning] for name, meaning in COLUMNS.items()])


def test_the_tables_of_the_document_are_those_of_the_reports() -> None:
    schema = json.loads((bundled_folder("schemas") / "assets.schema.json").read_text("utf-8"))
    tables = {"assets": fields(schema), "costs": columns()}
    text = DOCUMENT.read_text("utf-8")
    if os.environ.get("REWRITE"):
        text = TABLE.sub(lambda found: found[1] + tables[found["name"]], text)
        DOCUMENT.write_text(text, "utf-8")
    assert {found["name"]: found["table"] for found in TABLE.finditer(text)} == tables
