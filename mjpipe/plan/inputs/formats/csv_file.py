"""CSV files: rows of text, the line on which each begins, and the place of a cell in the file."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from mjpipe.domain import Place, counted, has_plain_form, plain_form
from mjpipe.files import CONFLICT, RESOLVE, open_text
from mjpipe.plan.inputs.decoding.encodings import encoding_of
from mjpipe.plan.inputs.decoding.input_lines import (
    LONGEST_CELL,
    LONGEST_LINE,
    MOST_COLUMNS,
    OutOfBounds,
    RowLines,
    bounded_lines,
    cell_too_long,
    joined_here,
    too_many_columns,
)
from mjpipe.plan.inputs.decoding.unreadable_files import is_other_format, report_unreadable
from mjpipe.plan.inputs.formats.csv_layout import LOOKED_AT, Layout, layout_of, line_with
from mjpipe.plan.inputs.formats.csv_places import CsvPlaces, CsvSpot
from mjpipe.plan.inputs.formats.row_notes import RowNotes
from mjpipe.plan.inputs.invisible_signs import invisible_in
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.safe_names import NAMELESS

_MISSING = 20
"""How many missing columns of a row are named."""

_UNSEEN = "\ufeff\u200b\u2060"
"""What is cut from the ends of a column's name, as white space is."""

_SHOWN = 1_000
"""Characters of a line that is too long."""

_DOUBLED = 'double the quotes inside a quoted cell: "the ""big"" one"'
_UNCLOSED = f"a quote is opened here and never closed: was the file cut short? {_DOUBLED}"

_MIDDLE_OF_CONFLICT = ("=======", "||||||| ")


class CsvFile:
    """A CSV file; its header is read at once.

    `path` is what is read, `shown` the name in diagnostics, `header` the line of the header if the manifest says it. An
    unreadable file has no `columns`, and the mistakes say why. Columns without a name are left out.
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
        header: int | None = None,
        header_at: Place | None = None,
    ) -> None:
        self._path = path
        self._shown = shown
        self._at = at
        self._header_at = header_at or at
        self._mistakes = mistakes
        self._encoding = "utf-8-sig"
        self._layout = Layout(delimiter=delimiter or ",", header=None)
        self.columns: tuple[str, ...] = ()
        self.complete = True
        self.ambiguous: frozenset[str] = frozenset()
        self.nested: frozenset[str] = frozenset()
        self._header: list[str] = []
        self._first = ""
        self._named: tuple[int, ...] = ()
        self._read_header(delimiter, encoding, header)

    def rows(self) -> Iterator[tuple[int, list[str], RowNotes | None]]:
        """Each row's first line, from 1, and its cells, one for each column; a row with too many is only reported."""
        assert self._layout.header is not None
        above = self._layout.header - 1
        line = above + 1
        width, names = len(self._header), self._first_cells_of_headers()
        every = len(self._named) == width
        try:
            with self._open() as file:
                lines = self._lines_below(file, above)
                reader = csv.reader(lines, delimiter=self._layout.delimiter, strict=True)
                next(reader)
                next_line = above + reader.line_num + 1
                lines.non_ascii = False
                for cells in reader:
                    line, next_line = next_line, above + reader.line_num + 1
                    lines.room = LONGEST_LINE
                    notes = None
                    if lines.non_ascii or next_line > line + 1:
                        lines.non_ascii = False
                        notes = self._in_plain_form(cells)
                    if len(cells) == width and cells[0] not in names and every:
                        if any(map(str.strip, cells)):
                            yield line, cells, notes
                    elif (row := self._uncommon(line, cells, notes)) is not None:
                        yield row
        except (csv.Error, OutOfBounds, ValueError, OSError) as fault:
            self._unreadable(fault, next_line if isinstance(fault, csv.Error) else line)

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's cell; for None, of the row."""
        index = None if column is None else self._named[self.columns.index(column)]
        return self._places.cell(line, index)

    def described(self, line: int) -> str:
        return f"{self._shown}:{line}"

    def header(self, column: str) -> Place:
        assert self._layout.header is not None
        return self.place(self._layout.header, column)

    def columns_from(self, cells: int) -> tuple[str, ...]:
        """The columns that a row with only that many cells lacks."""
        return tuple(column for column, index in zip(self.columns, self._named, strict=True) if index >= cells)

    def report_missing(self, line: int, cells: int) -> None:
        """Reports a row with only that many cells."""
        missing = self._header[cells : cells + _MISSING]
        names = ", ".join(f"`{name}`" if name else f"column {at}" for at, name in enumerate(missing, cells + 1))
        more = len(self._header) - cells - _MISSING
        others = f" and {counted(more, 'other')}" if more > 0 else ""
        self._ragged(
            self._spot(line, cells - 1, behind=True),
            cells,
            f"there is no cell for {names}{others}; an empty cell still needs its delimiter",
        )

    def advice_on_header(self, names: Sequence[str]) -> str | None:
        """Help when the header lacks columns of these `names`, and another line has them; else None."""
        with self._open() as file:
            lines = _beginning(file, LOOKED_AT)
        line = line_with(lines, self._layout.delimiter, names)
        return (
            None
            if line in (None, self._layout.header)
            else f"line {line} of `{self._shown}` has it: say `header: {line}`"
        )

    @property
    def _places(self) -> CsvPlaces:
        return CsvPlaces(self._path, self._shown, self._encoding, self._layout.delimiter)

    def _spot(self, line: int, index: int, *, behind: bool = False) -> CsvSpot:
        return CsvSpot(self._places, line, index, behind)

    def _in_plain_form(self, cells: list[str]) -> RowNotes | None:
        """Gives the cells of a row their plain form; the notes say what they were."""
        text = " ".join(cells)  # no accent joins with a space
        has_invisible = not text.isprintable() and invisible_in(text) is not None
        if has_plain_form(text):
            return RowNotes(has_invisible=True) if has_invisible else None
        former = {}
        for number, index in enumerate(self._named):
            if index < len(cells) and not has_plain_form(cells[index]):
                former[self.columns[number]] = cells[index]
        cells[:] = map(plain_form, cells)
        return RowNotes(has_invisible=has_invisible, former=former)

    def _uncommon(
        self, line: int, cells: list[str], notes: RowNotes | None
    ) -> tuple[int, list[str], RowNotes | None] | None:
        """A row that is not as wide as the header, or has columns without a name; None for one that is no row."""
        if not "".join(cells).strip():
            return None
        if cells[0].startswith(_MIDDLE_OF_CONFLICT) and not any(cells[1:]):
            raise OutOfBounds(CONFLICT, line=line, text=cells[0], help=RESOLVE, code="MJ063")
        if self._is_header(cells):
            raise joined_here(line, self._places.text_of_line(line))
        width = len(self._header)
        if len(cells) > width:
            if "".join(cells[width:]).strip():
                spot = self._spot(line, width)
                self._ragged(spot, len(cells), "put a cell that contains the delimiter in double quotes")
                return None
        elif len(cells) < width:
            notes = replace(notes or RowNotes(), has_cells=len(cells))
            cells = [*cells, *[""] * (width - len(cells))]
        if len(self._named) == width:
            return line, cells[:width], notes
        for index, name in enumerate(self._header):
            if not name and cells[index].strip():
                self._nameless(line, index)
        return line, [cells[index] for index in self._named], notes

    def _first_cells_of_headers(self) -> frozenset[str]:
        """What another header may begin with: its columns can have another order, or case."""
        names = [name for name in self._header if name]
        return frozenset([self._first, *names, *map(str.lower, names), *map(str.upper, names), *map(str.title, names)])

    def _is_header(self, cells: list[str]) -> bool:
        """Whether a row is the header of another file with the same columns, or some of them."""
        names = [*map(_column_name, cells)]
        if names == self._header:
            return True
        named = [name.casefold() for name in names if name]
        return len({*named}) == len(named) > 1 and {*named} <= {name.casefold() for name in self._header}

    def _open(self) -> TextIO:
        csv.field_size_limit(LONGEST_CELL)
        return open_text(self._path, encoding=self._encoding, newline="")

    def _lines_below(self, file: TextIO, above: int) -> RowLines:
        """The lines of an open file below those `above` the header, which are not read as CSV."""
        for _ in islice(bounded_lines(file), above):
            pass
        return RowLines(file, first=above + 1)

    def _read_header(self, delimiter: str | None, encoding: str | None, given: int | None) -> None:
        line, header = 1, None
        try:
            if is_other_format(self._path, shown=self._shown, at=self._at, mistakes=self._mistakes, is_csv=True):
                return
            self._encoding = encoding_of(self._path, encoding)
            with self._open() as file:
                beginning = _beginning(file, (given or 0) + LOOKED_AT)
            self._layout = layout_of(beginning, delimiter=delimiter, header=given)
            if self._layout.header is not None:
                with self._open() as file:
                    line = self._layout.header
                    lines = self._lines_below(file, line - 1)
                    header = next(csv.reader(lines, delimiter=self._layout.delimiter, strict=True), None)
            if header is not None and len(header) > MOST_COLUMNS:
                raise too_many_columns(len(header), line=line)
        except (csv.Error, OutOfBounds, ValueError, OSError) as fault:
            self._unreadable(fault, line)
            return
        if header is not None and any(map(str.strip, header)):
            self._first = plain_form(header[0])
            self._name_columns([*map(_column_name, header)])
        elif given is not None:
            self._mistakes.error(
                self._header_at,
                "MJ050",
                f"line {given} of `{self._shown}` is empty or behind its end",
                help="`header` is the number of the line that names the columns, from 1",
            )
        else:
            self._mistakes.error(
                self._at, "MJ050", f"`{self._shown}` is empty", help="its first line names the columns"
            )

    def _name_columns(self, header: list[str]) -> None:
        assert self._layout.header is not None
        first = {name: index for index, name in reversed([*enumerate(header)])}
        repeated = {index for index, name in enumerate(header) if name and first[name] < index}
        for index in sorted(repeated):
            self._mistakes.error(
                self._spot(self._layout.header, index),
                "MJ054",
                f"`{self._shown}` has two columns named `{header[index]}`",
                help="rename one of them",
                group=self._shown,
            )
        # They stay, so that the other columns can be checked.
        nameless = f"{NAMELESS}{self._shown}:"
        self._header = header
        self._named = tuple(index for index, name in enumerate(header) if name)
        self.columns = tuple(f"{nameless}{index}" if index in repeated else header[index] for index in self._named)
        self.ambiguous = frozenset(name for index in repeated for name in (header[index], f"{nameless}{index}"))

    def _nameless(self, line: int, index: int) -> None:
        self.complete = False
        assert self._layout.header is not None
        self._mistakes.error(
            self._spot(line, index),
            "MJ054",
            f"column {index + 1} of `{self._shown}` has a cell, and no name on line {self._layout.header}",
            help="name it there, or delete the column; `header: N` says that line N names the columns",
            group=self._shown,
        )

    def _ragged(self, spot: CsvSpot, have: int, advice: str) -> None:
        message = f"the row has {counted(have, 'cell')}, but the header names {counted(len(self._header), 'column')}"
        divided = f"cells are divided by {self._layout.cells_are_divided_by}"
        self._mistakes.error(spot, "MJ053", message, help=f"{advice}; {divided}", group=self._shown)

    def _unreadable(self, fault: Exception, line: int) -> None:
        if not isinstance(fault, csv.Error):
            report_unreadable(
                fault, self._path, self._encoding, shown=self._shown, at=self._at, mistakes=self._mistakes
            )
        elif "field limit" in str(fault):
            advice = "an unclosed quote takes in the rest of the file"
            self._unreadable(cell_too_long(line=line, text=self._places.text_of_line(line), help=advice), line)
        else:
            self._mistakes.error(
                Place(file=self._shown, line=line, text=self._places.text_of_line(line)),
                "MJ052",
                f"the row cannot be read as CSV: {fault}",
                help=_UNCLOSED if "unexpected end" in str(fault) else _DOUBLED,
            )


def _column_name(written: str) -> str:
    return plain_form(written).strip().strip(_UNSEEN).strip()


def _beginning(file: TextIO, lines: int) -> list[str]:
    """The first lines of a file, as far as they fit in the room of one row; of the one that does not, its beginning."""
    found: list[str] = []
    room = LONGEST_LINE
    for text in islice(bounded_lines(file), lines):
        found.append(text if len(text) <= room else text[:_SHOWN])
        room -= len(text)
        if room < 0:
            break
    return found
