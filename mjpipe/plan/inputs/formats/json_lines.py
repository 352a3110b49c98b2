"""JSON Lines files, and arrays of objects: the values as text, exactly as written."""

import json
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from mjpipe.domain import Place
from mjpipe.files import open_text
from mjpipe.plan.inputs.decoding.encodings import encoding_of
from mjpipe.plan.inputs.decoding.input_lines import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    OutOfBounds,
    RowLines,
    bounded_lines,
    cell_too_long,
    too_many_columns,
)
from mjpipe.plan.inputs.decoding.unreadable_files import is_other_format, report_unreadable
from mjpipe.plan.inputs.formats.json_arrays import ArrayEntries, ArrayFault, begins_array
from mjpipe.plan.inputs.formats.json_documents import (
    MOST_READ,
    advice_on_rows_within,
    rows_within,
    what_is_over_several_lines,
)
from mjpipe.plan.inputs.formats.json_objects import UnusableObject, cells_of, json_document
from mjpipe.plan.inputs.formats.row_notes import RowNotes
from mjpipe.plan.mistakes import Mistakes

_AN_OBJECT = 'each line is one object: {"sku": "T-01", "name": "Teapot"}'


class JsonLinesFile:
    """A JSON Lines file, or a JSON array of objects.

    Its columns are the names of all rows; a missing value, or null, is an empty cell.

    Numbers keep their source text, true and false are those words, lists and objects are JSON text; the notes of a row
    have these as values too.
    """

    def __init__(self, path: Path, *, shown: str, at: Place, mistakes: Mistakes, encoding: str | None = None) -> None:
        self._path = path
        self._shown = shown
        self._at = at
        self._mistakes = mistakes
        self._given_encoding = encoding
        self._encoding = "utf-8-sig"
        self._is_array = False
        errors = mistakes.errors
        names: dict[str, None] = {}
        nested: set[str] = set()
        for _, cells, notes in self._objects(names):
            names.update(dict.fromkeys(cells))
            if notes is not None:
                nested.update(notes.values)
        self.columns = tuple(names) if len(names) <= MOST_COLUMNS else ()
        self.ambiguous: frozenset[str] = frozenset()
        self.nested = frozenset(nested)
        self.complete = mistakes.errors == errors
        if not names and mistakes.errors == errors:
            mistakes.error(
                at, "MJ050", f"`{shown}` is empty", help="write one object per line; its names are the columns"
            )

    def rows(self) -> Iterator[tuple[int, list[str], RowNotes | None]]:
        """Each row's line, from 1, and its cells, one for each column."""
        for line, cells, notes in self._objects():
            yield line, [cells.get(column, "") for column in self.columns], notes

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's value; for None, of the row."""
        text = self._line(line)
        if column is None:
            return Place(file=self._shown, line=line, width=max(1, len(text)), text=text)
        name = json.dumps(column, ensure_ascii=False)
        if self._is_array:
            # An entry of an array may have a line for each value.
            line, text = self._line_with(name, line) or (line, text)
        at = text.find(name)
        if at < 0:
            return Place(file=self._shown, line=line, text=text)
        return Place(file=self._shown, line=line, column=at + 1, width=len(name), text=text)

    def _line_with(self, name: str, line: int) -> tuple[int, str] | None:
        with open_text(self._path, encoding=self._encoding, errors="replace") as file:
            numbered = enumerate(islice(bounded_lines(file), line - 1, None), line)
            return next(((number, text.rstrip("\n")) for number, text in numbered if name in text), None)

    def _line(self, line: int) -> str:
        with open_text(self._path, encoding=self._encoding, errors="replace") as file:
            return next((text for number, text in enumerate(bounded_lines(file), 1) if number == line), "").rstrip("\n")

    def described(self, line: int) -> str:
        return f"{self._shown}:{line}"

    def header(self, column: str) -> Place:
        """The first place that names a column."""
        line = next((line for line, cells, _ in self._objects() if column in cells), 1)
        return self.place(line, column)

    def columns_from(self, cells: int) -> tuple[str, ...]:  # noqa: ARG002 - every name has a value, or is left out
        return ()

    def report_missing(self, line: int, cells: int) -> None:
        """No row lacks cells."""

    def advice_on_header(self, names: Sequence[str]) -> str | None:
        """Help for a single object that has the rows in a list of its own, as many services answer."""
        rows = [notes.values for _, _, notes in islice(self._objects(), 2) if notes is not None]
        inner = rows_within(rows[0], names) if len(rows) == 1 else None
        return None if inner is None else advice_on_rows_within(inner)

    def _objects(self, names: Collection[str] = ()) -> Iterator[tuple[int, dict[str, str], RowNotes | None]]:
        """Each readable row; `names` are the columns found so far, while they are collected."""
        try:
            if is_other_format(self._path, shown=self._shown, at=self._at, mistakes=self._mistakes):
                return
            self._encoding = encoding_of(self._path, self._given_encoding)
            with open_text(self._path, encoding=self._encoding) as file:
                for line, text in self._texts(file):
                    row = self._row(line, text)
                    if row is None:
                        continue
                    cells, notes = row
                    if any(len(cell) > LONGEST_CELL for cell in cells.values()):
                        raise cell_too_long(line=line, text=text)
                    yield line, cells, notes
                    if len(names) > MOST_COLUMNS:
                        raise too_many_columns(len(names), line=line)
        except (OutOfBounds, OSError, ValueError) as fault:
            report_unreadable(
                fault, self._path, self._encoding, shown=self._shown, at=self._at, mistakes=self._mistakes
            )

    def _texts(self, file: TextIO) -> Iterator[tuple[int, str]]:
        """The text of each object, and the line on which it begins: the lines, or the entries of an array."""
        lines = RowLines(file)
        begun = False
        numbered = iter(lines)
        for line, text in enumerate(numbered, 1):
            lines.room = LONGEST_LINE
            if not text.strip():
                continue
            if not begun and begins_array(text):
                self._is_array = True
                yield from self._entries(line, lines, chain([text], numbered))
                return
            if not begun and (wrong := what_is_over_several_lines(text, partial(self._beginning, line))):
                message, advice = wrong
                self._malformed(line, 1, message, advice)
                return
            begun = True
            yield line, text.rstrip()

    def _beginning(self, line: int) -> str:
        """The text from a line on, as far as it is read to say what the file is."""
        with open_text(self._path, encoding=self._encoding) as file:
            for _ in islice(bounded_lines(file), line - 1):
                pass
            return file.read(MOST_READ)

    def _entries(self, line: int, lines: RowLines, texts: Iterator[str]) -> Iterator[tuple[int, str]]:
        """The objects of an array that begins on `line`; `texts` are its `lines`."""
        entries = ArrayEntries(line)
        try:
            for text in texts:
                lines.room = LONGEST_LINE
                yield from entries.take(text)
            entries.end()
        except ArrayFault as fault:
            self._malformed(fault.line, 1, str(fault))

    def _row(self, line: int, text: str) -> tuple[dict[str, str], RowNotes | None] | None:
        try:
            document, is_ascii = json_document(text)
        except json.JSONDecodeError as fault:
            self._malformed(line, fault.colno, f"the line is not JSON: {fault.msg.lower()}")
        except UnusableObject as fault:
            self._malformed(line, 1, str(fault))
        else:
            if isinstance(document, dict):
                return cells_of(document, is_ascii=is_ascii)
            self._malformed(line, 1, "the line is not an object")
        return None

    def _malformed(self, line: int, column: int, message: str, advice: str = _AN_OBJECT) -> None:
        self._mistakes.error(
            _JsonSpot(self, line, column),
            "MJ055",
            message,
            help=advice,
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
