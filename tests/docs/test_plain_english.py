"""What people read is plain English: none of the words that read like a translation.

`mjpipe.plan` is not looked at yet; neither is `docs/architecture.md`, which is for those who work on mjpipe.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Context

import mjpipe
from mjpipe.cli.main import COMMANDS, program
from mjpipe.manifest.codes import EXPLANATIONS
from tests.cli.program import EXAMPLES, ROOT

SOURCES = Path(mjpipe.__file__).parent
ODD = re.compile(
    r"\b(anew|afresh|(?<!\.)told|tells?|mends|puts? right|by what|belongs? into|that which|what it is about|such as are"
    r"|nothing bears|cannot be known)\b",
    re.IGNORECASE,
)
DOCUMENTS = [
    ROOT / "README.md",
    EXAMPLES / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.stem not in ("architecture", "diagnostics")),
]
"""The diagnostics are looked at where they are written."""
CODE = re.compile(r"`[^`\n]*`")
SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE)\b")


def odd(texts: Iterator[str] | list[str]) -> list[tuple[str, str]]:
    return [(found[0], text) for text in texts for found in ODD.finditer(text)]


def descriptions(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in ("title", "description") and isinstance(value, str):
                yield value
            yield from descriptions(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from descriptions(value)


def messages(source: Path) -> Iterator[str]:
    """The strings of a module, but for docstrings, comments and SQL."""
    tree = ast.parse(source.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and not SQL.search(node.value)
        ):
            yield node.value


def test_the_words_that_are_looked_for_are_found() -> None:
    assert odd(["this mends it", "a reason is told", "it belongs into git", "made ANEW"]) == [
        ("mends", "this mends it"),
        ("told", "a reason is told"),
        ("belongs into", "it belongs into git"),
        ("ANEW", "made ANEW"),
    ]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_plain(name: str) -> None:
    command = program.get_command(Context(program), name) if name else program
    assert command is not None
    assert odd([command.get_help(Context(command))]) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_is_plain(document: Path) -> None:
    assert odd([CODE.sub("", line) for line in document.read_text("utf-8").splitlines()]) == []


def test_explanations_of_diagnostics_are_plain() -> None:
    assert odd([f"{explanation.title}\n{explanation.text}" for explanation in EXPLANATIONS.values()]) == []


def test_descriptions_in_schemas_are_plain() -> None:
    for path in sorted((ROOT / "schemas").glob("*.json")):
        assert (path.name, odd(descriptions(json.loads(path.read_text("utf-8"))))) == (path.name, [])


def test_messages_are_plain() -> None:
    sources = [path for path in sorted(SOURCES.rglob("*.py")) if SOURCES / "plan" not in path.parents]
    assert [(path.name, found) for path in sources for found in odd(messages(path))] == []
