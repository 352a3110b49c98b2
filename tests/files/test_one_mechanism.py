"""What replaces, links, moves or flushes files is in `mjpipe/files` and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mjpipe

PACKAGE = Path(mjpipe.__file__).parent

EXCEPTIONS = {
    "apixo/http/images.py": "a download on its way, which is flushed before it gets its place",
    "ledger/database/ledger_file.py": "a new ledger, which SQLite flushes",
    "ledger/folder.py": "a copy of the manifest: each run writes it again",
    "ledger/input_copies.py": "copies of inputs: each run makes them again",
    "ledger/question.py": "a note for the time of a question",
    "run/work.py": "removes what a run has left half fetched",
}

OF_OS = {"replace", "rename", "renames", "link", "symlink", "fsync", "truncate"}
OF_A_PATH = {"rename", "hardlink_to", "symlink_to", "write_text", "write_bytes"}
HARMLESS = {"get_terminal_size"}


def calls(source: str) -> Iterator[str]:
    """Calls that write, replace, link, move or flush a file, as they are written."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _touches_a_disk(node, node.func):
            yield ast.unparse(node.func)


def _touches_a_disk(call: ast.Call, function: ast.Attribute) -> bool:
    match function.value, function.attr:
        case ast.Name(id="os"), name:
            return name in OF_OS
        case ast.Name(id="shutil"), name:
            return name not in HARMLESS
        case _, "open":
            modes = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
            return any(isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wax+") for mode in modes)
        case _, "replace":  # a text's takes two
            return len(call.args) == 1 and not call.keywords
        case _, name:
            return name in OF_A_PATH


def modules() -> dict[str, str]:
    files = (path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "files")
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in files}


def test_only_files_and_named_exceptions_replace_link_move_or_flush() -> None:
    found = {name: sorted({*calls(source)}) for name, source in modules().items()}
    assert {name: what for name, what in found.items() if what and name not in EXCEPTIONS} == {}
    assert [name for name in EXCEPTIONS if not found.get(name)] == []


@pytest.mark.parametrize(
    "line",
    ["part.replace(path)", "path.open('wb')", "path.open(mode='a')", "os.fsync(3)", "shutil.move(a, b)", "a.rename(b)"],
)
def test_a_line_that_touches_a_disk_is_found(line: str) -> None:
    assert len([*calls(line)]) == 1


@pytest.mark.parametrize(
    "line",
    [
        "path.open('rb')",
        "text.replace('a', 'b')",
        "replace(job, state=done)",
        "Image.open(file)",
    ],
)
def test_a_line_that_only_reads_or_computes_is_not(line: str) -> None:
    assert [*calls(line)] == []
