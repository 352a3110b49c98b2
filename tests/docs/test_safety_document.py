"""`docs/safety.md` names a test for each threat, and the test exists."""

import ast
import re
from pathlib import Path

import pytest

from tests.cli.program import ROOT

DOCUMENT = ROOT / "docs" / "safety.md"
HEAD = ["threat", "what happens", "test"]
GROUPS = [
    "Before anything is sent",
    "At the service",
    "Crash, signals and disk",
    "Pictures",
    "Outside text",
    "What is said",
]
GROUP = re.compile(r"^## (.*)\n((?:(?!## ).*\n)*)", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def lines(table: str) -> list[list[str]]:
    """The cells of each line, without the rule below the head."""
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if line[:1] == "|"]
    return [line for line in cells if {*"".join(line)} - {*"|-"}]


def rows() -> list[list[str]]:
    return [row for _, table in GROUP.findall(DOCUMENT.read_text("utf-8")) for row in lines(table)[1:]]


def functions_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_document_has_its_groups_and_each_is_a_table_of_threats() -> None:
    groups = GROUP.findall(DOCUMENT.read_text("utf-8"))
    assert [name for name, _ in groups] == GROUPS
    assert [lines(table)[0] for _, table in groups] == [HEAD] * len(GROUPS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_threat_has_an_outcome_and_tests_that_exist(row: list[str]) -> None:
    threat, outcome, tests = row
    named = TEST.findall(tests)
    assert threat
    assert outcome
    assert ", ".join(f"`{file}::{name}`" for file, name in named) == tests != ""
    assert [name for file, name in named if name not in functions_of(ROOT / file)] == []


def test_no_threat_is_named_twice() -> None:
    threats = [row[0] for row in rows()]
    assert sorted({*threats}) == sorted(threats)
