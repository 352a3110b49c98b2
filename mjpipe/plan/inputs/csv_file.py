"""CSV files: rows of text, the line on which each begins, and the place of a cell in the file."""

import csv
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from mjpipe.domain import Place, counted, reason_of
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
from mjpipe.plan.safe_names import NAMELESS

DELIMITERS = ",;\t|"
"""Delimiters to detect when the manifest gives none, the likeliest first."""

_MISSING = 20
"""How many missing columns of a row are named."""

_ADDRESS = re.compile(r"[a-z]{2,}:/")


class CsvFile:
    """A CSV file; its header is read at once.

    `path` is what is read, `shown` the name in diagnostics. An unreadable file has no `columns`, and the mistakes say
    why.
    """

    def __init__(
        self,
        path: Path,
        *,
        shown: str,
        at: Place,
        mistakes: Mistakes,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> None:
        self._path = path
        self._shown = shown
        self._at = at
        self._mistakes = mistakes
        self._encoding = with_mark(encoding)
        self._delimiter = delimiter or ","
        self.columns: tuple[str, ...] = ()
        self.complete = True
        self.ambiguous: frozenset[str] = frozenset()
        self.nested: frozenset[str] = frozenset()
        self._header_line = 1
        self._read_header(delimiter)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's first line, from 1, and its cells, one for each column; a ragged row is only reported."""
        width = len(self.columns)
        try:
            with self._open() as file:
                lines = InputLines(file)
                reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
                line = 1
                for cells in reader:
                    lines.begin_row()
                    if line <= self._header_line:
                        pass
                    elif len(cells) == width and any(map(str.strip, cells)):
                        yield line, cells
                    elif "".join(cells).strip():
                        self._ragged(line, cells)
                    line = reader.line_num + 1
        except (csv.Error, OutOfBounds, ValueError, OSError) as fault:
            self._unreadable(fault, line)

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's cell; for None, of the row."""
        index = None if column is None else self.columns.index(column)
        return self._cell(line, index)

    def described(self, line: int) -> str:
        return f"{self._shown}:{line}"

    def header(self, column: str) -> Place:
        return self.place(self._header_line, column)

    def _open(self) -> TextIO:
        csv.field_size_limit(LONGEST_CELL)
        return open_text(self._path, encoding=self._encoding, newline="")

    def _read_header(self, delimiter: str | None) -> None:
        line, header = 1, None
        try:
            with self._open() as file:
                first = next((text for text in bounded_lines(file) if text.strip()), "")
                self._delimiter = delimiter or likeliest_delimiter(first)
                file.seek(0)
                lines = InputLines(file)
                reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
                for cells in reader:
                    lines.begin_row()
                    if "".join(cells).strip():
                        header, self._header_line = cells, line
                        break
                    line = reader.line_num + 1
            if header is not None and len(header) > MOST_COLUMNS:
                raise too_many_columns(len(header), line=line)
        except (csv.Error, OutOfBounds, ValueError, OSError) as fault:
            self._unreadable(fault, line)
            return
        if header is None:
            self._mistakes.error(
                self._at, "MJ050", f"`{self._shown}` is empty", help="its first line names the columns"
            )
            return
        self._name_columns([name.strip() for name in header])

    def _name_columns(self, header: list[str]) -> None:
        first = {name: index for index, name in reversed([*enumerate(header)])}
        odd = {index for index, name in enumerate(header) if not name or first[name] < index}
        for index in sorted(odd):
            name, spot = header[index], _CsvSpot(self, self._header_line, index)
            if not name:
                self._mistakes.error(
                    spot,
                    "MJ054",
                    f"column {index + 1} of `{self._shown}` has no name",
                    help="name it, or delete the column",
                    group=self._shown,
                )
            else:
                self._mistakes.error(
                    spot,
                    "MJ054",
                    f"`{self._shown}` has two columns named `{name}`",
                    help="rename one of them",
                    group=self._shown,
                )
        # They stay, so that the other columns can be checked.
        nameless = f"{NAMELESS}{self._shown}:"
        self.columns = tuple(f"{nameless}{index}" if index in odd else name for index, name in enumerate(header))
        self.complete = all(header)
        self.ambiguous = frozenset({header[index] for index in odd} | {self.columns[index] for index in odd})

    def _ragged(self, line: int, cells: list[str]) -> None:
        have, want = len(cells), len(self.columns)
        message = f"the row has {counted(have, 'cell')}, but the header names {counted(want, 'column')}"
        if have > want:
            spot = _CsvSpot(self, line, want)
            advice = "put a cell that contains the delimiter in double quotes"
        else:
            spot = _CsvSpot(self, line, have - 1, behind=True)
            names = enumerate(self.columns[have : have + _MISSING], have + 1)
            missing = ", ".join(f"column {at}" if name.startswith(NAMELESS) else f"`{name}`" for at, name in names)
            others = f" and {counted(want - have - _MISSING, 'other')}" if want - have > _MISSING else ""
            advice = f"there is no cell for {missing}{others}; an empty cell still needs its delimiter"
        self._mistakes.error(spot, "MJ053", message, help=advice, group=self._shown)

    def _unreadable(self, fault: Exception, line: int) -> None:
        match fault:
            case FileNotFoundError():
                self._mistakes.error(
                    self._at,
                    "MJ050",
                    f"`{self._shown}` does not exist",
                    help="inputs are files on this machine: download it first"
                    if _ADDRESS.match(self._shown)
                    else "paths are relative to the folder of the manifest",
                )
            case OSError():
                self._mistakes.error(self._at, "MJ050", f"`{self._shown}` cannot be read: {reason_of(fault)}")
            case OutOfBounds():
                self._mistakes.error(fault.place(self._shown), "MJ062", str(fault), help=fault.help)
            case UnicodeError():
                report_undecodable(self._path, self._encoding, shown=self._shown, mistakes=self._mistakes)
            case ValueError():
                self._mistakes.error(self._at, "MJ050", f"`{self._shown}` is not a file name")
            case _ if "field limit" in str(fault):
                text = _line(self._path, self._encoding, line)
                advice = "an unclosed quote takes in the rest of the file"
                self._unreadable(cell_too_long(line=line, text=text, help=advice), line)
            case _:
                self._mistakes.error(
                    Place(file=self._shown, line=line, text=_line(self._path, self._encoding, line)),
                    "MJ052",
                    f"the row cannot be read as CSV: {fault}",
                    help='double the quotes inside a quoted cell: "the ""big"" one"',
                )

    def _cell(self, line: int, index: int | None) -> Place:
        """The cell of that index in the row that begins on `line`."""
        lines = _lines_from(self._path, self._encoding, line)
        if index is None:
            text = next(lines, "")
            return Place(file=self._shown, line=line, width=max(1, len(text)), text=text)
        seen, quoted, number = 0, False, line
        for number, text in enumerate(lines, line):
            start = 0
            for column, char in enumerate(chain(text, "\n")):
                if char == '"':
                    quoted = not quoted
                elif not quoted and char in (self._delimiter, "\n"):
                    if seen == index:
                        return Place(
                            file=self._shown,
                            line=number,
                            column=start + 1,
                            width=max(1, column - start),
                            text=text,
                        )
                    seen += 1
                    start = column + 1
            if not quoted:
                break
            if seen == index:
                return Place(
                    file=self._shown, line=number, column=start + 1, width=max(1, len(text) - start), text=text
                )
        return Place(file=self._shown, line=line)


@dataclass(frozen=True, slots=True)
class _CsvSpot:
    """A cell by its index in the row that begins on `line`; or the place `behind` it, where another cell should be."""

    file: CsvFile
    line: int
    index: int
    behind: bool = False

    @property
    def group(self) -> Hashable:
        return self.file, self.index

    def place(self) -> Place:
        place = self.file._cell(self.line, self.index)  # noqa: SLF001 - a part of the file
        return replace(place, column=place.column + place.width, width=1) if self.behind else place


def likeliest_delimiter(header: str) -> str:
    """The most frequent one in the header, outside quotes; `max` keeps the first of equals."""
    bare = "".join(part for index, part in enumerate(header.split('"')) if index % 2 == 0)
    return max(DELIMITERS, key=bare.count)


def _lines_from(path: Path, encoding: str, line: int) -> Iterator[str]:
    with open_text(path, encoding=encoding, errors="replace", newline="") as file:
        for number, text in enumerate(bounded_lines(file), 1):
            if number >= line:
                yield text.rstrip("\r\n")


def _line(path: Path, encoding: str, line: int) -> str:
    return next(_lines_from(path, encoding, line), "")
