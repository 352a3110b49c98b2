"""A command in a message has its manifest, or `M`, which the program replaces where it knows the manifest."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from click import Context

import mjpipe
from mjpipe.cli.main import COMMANDS, program

SOURCES = Path(mjpipe.__file__).parent
COMMAND = re.compile(r"mjpipe (?P<name>[a-z]+)\b(?P<manifest> M\b| \S+\.yaml\b| \{)?")
OF_A_MANIFEST = {
    name
    for name in COMMANDS
    if (command := program.get_command(Context(program), name))
    and any(param.name == "manifest" for param in command.params)
}


def texts(source: Path) -> Iterator[str]:
    """What the program may say: its strings, `{` where a value comes in, without what only its readers see."""
    tree = ast.parse(source.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            alone.update(id(part) for part in node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def test_each_command_comes_with_its_manifest() -> None:
    assert {"run", "plan", "show", "pick"} <= OF_A_MANIFEST
    assert [
        (source.name, text)
        for source in sorted(SOURCES.rglob("*.py"))
        for text in texts(source)
        for found in COMMAND.finditer(text)
        if found["name"] in OF_A_MANIFEST and found["manifest"] is None and found[0] != text  # else a piece of a line
    ] == []


PLACEHOLDER = re.compile(r"\b(?:[A-Z]{2,}|M)\b(?!_)")


def commands_of_next_steps(source: Path) -> Iterator[ast.expr]:
    """The commands that next steps are made with."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "NextStep":
                yield from (word.value for word in node.keywords if word.arg == "command")
            elif node.func.id == "_next":
                yield node.args[1]


def test_each_next_step_can_be_typed_as_it_stands() -> None:
    """The command stands alone on its line, because `NextStep` writes it so, and nothing in it is to be filled in."""
    found = [(source, command) for source in SOURCES.rglob("*.py") for command in commands_of_next_steps(source)]
    assert len(found) > 20
    assert [
        (source.name, part.value)
        for source, command in found
        for part in ast.walk(command)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and PLACEHOLDER.search(part.value)
    ] == []
    written = {source.name for source in SOURCES.rglob("*.py") if "next: {" in source.read_text("utf-8")}
    assert written - {"codes.py"} == {"next_step.py"}
