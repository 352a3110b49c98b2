"""What people read is plain English, in messages, documents, docstrings and comments: none of the words that read like
a translation.
"""

import ast
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Context

import mjpipe
from mjpipe.cli.commands.explain import EXPLANATIONS
from mjpipe.cli.main import COMMANDS, program
from tests.cli.program import EXAMPLES, ROOT

SOURCES = Path(mjpipe.__file__).parent
ODD = re.compile(
    r"\b(anew|afresh|(?<!\.)told|tells?|mends|puts? right|by what|belongs? into|that which|what it is about|such as are"
    r"|bears?|hangs? on|cannot be known)\b",
    re.IGNORECASE,
)
DOCUMENTS = [
    ROOT / "README.md",
    EXAMPLES / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.stem != "diagnostics"),
]
"""The diagnostics are read where they are written."""
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


def texts_of(source: Path) -> Iterator[str]:
    """The strings of a module, docstrings too, and its comments; but no SQL."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not SQL.search(node.value):
            yield node.value
    with source.open("rb") as file:
        yield from (token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT)


def test_the_words_that_are_looked_for_are_found() -> None:
    assert odd(["this mends it", "a reason is told", "it belongs into git", "made ANEW", "it hangs on the row"]) == [
        ("mends", "this mends it"),
        ("told", "a reason is told"),
        ("belongs into", "it belongs into git"),
        ("ANEW", "made ANEW"),
        ("hangs on", "it hangs on the row"),
    ]


def test_a_module_is_read_with_its_docstrings_and_comments(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""It mends."""\nx = f"told {1}"  # anew\ny = "SELECT told FROM tasks"\n', "utf-8")
    assert [found for found, _ in odd(texts_of(module))] == ["mends", "told", "anew"]


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


def test_messages_docstrings_and_comments_are_plain() -> None:
    sources = sorted(SOURCES.rglob("*.py"))
    assert [(path.name, found) for path in sources for found in odd(texts_of(path))] == []
