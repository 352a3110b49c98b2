"""JSON Lines files: one object per line, its values as text, exactly as written."""

import json
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mjpipe.domain import Place, reason_of
from mjpipe.files import open_text
from mjpipe.plan.inputs.encodings import report_undecodable, with_mark
from mjpipe.plan.inputs.input_lines import (
    LONGEST_CELL,
    MOST_COLUMNS,
    InputLines,
    OutOfBounds,
    bounded_lines,
    cell_too_long,
    too_many_columns,
)
from mjpipe.plan.mistakes import Mistakes

DEEPEST = 40
"""Levels of lists and objects in a line."""

LONGEST_NUMBER = 1_000
"""Characters of a number. Longer ones take long to convert, and no field takes them."""


class JsonLinesFile:
    """A JSON Lines file. Its columns are the names of all lines; a missing value, or null, is an empty cell.

    Numbers keep their source text, true and false are those words, lists and objects are JSON text.
    """

    def __init__(self, path: Path, *, shown: str, at: Place, mistakes: Mistakes, encoding: str | None = None) -> None:
        self._path = path
        self._shown = shown
        self._at = at
        self._mistakes = mistakes
        self._encoding = with_mark(encoding)
        errors = mistakes.errors
        names: dict[str, None] = {}
        for _, cells in self._objects(names):
            names.update(dict.fromkeys(cells))
        self.columns = tuple(names) if len(names) <= MOST_COLUMNS else ()
        self.ambiguous: frozenset[str] = frozenset()
        self.nested: frozenset[str] = frozenset()
        self.complete = mistakes.errors == errors
        if not names and mistakes.errors == errors:
            mistakes.error(
                at, "MJ050", f"`{shown}` is empty", help="write one object per line; its names are the columns"
            )

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's line, from 1, and its cells, one for each column."""
        for line, cells in self._objects():
            yield line, [cells.get(column, "") for column in self.columns]

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's value; for None, of the row."""
        text = self._line(line)
        if column is None:
            return Place(file=self._shown, line=line, width=max(1, len(text)), text=text)
        name = json.dumps(column, ensure_ascii=False)
        at = text.find(name)
        if at < 0:
            return Place(file=self._shown, line=line, text=text)
        return Place(file=self._shown, line=line, column=at + 1, width=len(name), text=text)

    def _line(self, line: int) -> str:
        with open_text(self._path, encoding=self._encoding, errors="replace") as file:
            return next((text for number, text in enumerate(bounded_lines(file), 1) if number == line), "").rstrip("\n")

    def described(self, line: int) -> str:
        return f"{self._shown}:{line}"

    def header(self, column: str) -> Place:
        """The first place that names a column."""
        line = next((line for line, cells in self._objects() if column in cells), 1)
        return self.place(line, column)

    def _objects(self, names: Collection[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
        """Each readable line; `names` are the columns found so far, while they are collected."""
        try:
            with open_text(self._path, encoding=self._encoding) as file:
                lines = InputLines(file)
                for line, text in enumerate(lines, 1):
                    lines.begin_row()
                    cells = self._cells(line, text.rstrip()) if text.strip() else None
                    if cells is None:
                        continue
                    if any(len(cell) > LONGEST_CELL for cell in cells.values()):
                        raise cell_too_long(line=line, text=text)
                    yield line, cells
                    if len(names) > MOST_COLUMNS:
                        raise too_many_columns(len(names), line=line)
        except OutOfBounds as fault:
            self._mistakes.error(fault.place(self._shown), "MJ062", str(fault), help=fault.help)
        except OSError as fault:
            missing = isinstance(fault, FileNotFoundError)
            self._mistakes.error(
                self._at,
                "MJ050",
                f"`{self._shown}` does not exist" if missing else f"`{self._shown}` cannot be read: {reason_of(fault)}",
                help="paths are relative to the folder of the manifest" if missing else None,
            )
        except UnicodeError:
            report_undecodable(self._path, self._encoding, shown=self._shown, mistakes=self._mistakes)
        except ValueError:
            self._mistakes.error(self._at, "MJ050", f"`{self._shown}` is not a file name")

    def _cells(self, line: int, text: str) -> dict[str, str] | None:
        try:
            document = _document(text)
        except json.JSONDecodeError as fault:
            self._malformed(line, fault.colno, f"the line is not JSON: {fault.msg.lower()}")
        except _Unusable as fault:
            self._malformed(line, 1, str(fault))
        else:
            if isinstance(document, dict):
                return {name: _text(value) for name, value in document.items()}
            self._malformed(line, 1, "the line is not an object")
        return None

    def _malformed(self, line: int, column: int, message: str) -> None:
        self._mistakes.error(
            _JsonSpot(self, line, column),
            "MJ055",
            message,
            help='each line is one object: {"sku": "T-01", "name": "Teapot"}',
            group=self._shown,
        )


@dataclass(frozen=True, slots=True)
class _JsonSpot:
    """A place in a line, looked up only when it is shown, because any number of lines may be wrong."""

    file: JsonLinesFile
    line: int
    column: int

    @property
    def group(self) -> Hashable:
        return self.file

    def place(self) -> Place:
        return Place(
            file=self.file._shown,  # noqa: SLF001 - a part of the file
            line=self.line,
            column=self.column,
            text=self.file._line(self.line).rstrip(),  # noqa: SLF001 - as above
        )


class _Unusable(Exception):
    """JSON that cannot be a row."""


class _Integer(int):
    """An integer that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, _bounded(written))
        number.written = written
        return number

    written: str


class _Float(float):
    """A fraction that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, _bounded(written))
        number.written = written
        return number

    written: str


def _document(text: str) -> Any:
    """The object of a line, its numbers as written. Raises JSONDecodeError, and _Unusable for what no row can have."""
    too_deep = f"the line is nested too deeply: more than {DEEPEST} levels"
    try:
        document = json.loads(text, parse_int=_Integer, parse_float=_Float, object_pairs_hook=_unrepeated)
        if _nests_deeper(document, DEEPEST):
            raise _Unusable(too_deep)
        written = json.dumps(document, ensure_ascii=False)
        written.encode()
    except RecursionError:
        raise _Unusable(too_deep) from None
    except UnicodeEncodeError:
        raise _Unusable("the line has half a character (a lone surrogate)") from None
    if "\\u0000" in written and _has_nul(document):
        raise _Unusable("the line has a NUL character")
    return document


def _bounded(number: str) -> str:
    if len(number) > LONGEST_NUMBER:
        raise _Unusable(f"the line has a number that is too long: more than {LONGEST_NUMBER:,} characters")
    return number


def _nests_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (levels == 0 or any(_nests_deeper(item, levels - 1) for item in inner))


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_has_nul, value))
        case dict():
            return any(map(_has_nul, (*value, *value.values())))
    return False


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = {name.strip(): value for name, value in pairs}
    if len(document) < len(pairs):
        raise _Unusable("a name appears twice in the line")
    if "" in document:
        raise _Unusable("a name in the line is empty")
    return document


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _Integer() | _Float():
            return value.written
        case _:
            return json.dumps(value, ensure_ascii=False)
