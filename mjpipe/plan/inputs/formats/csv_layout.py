"""Where the table of a CSV file begins, and what stands between its cells."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = ",;\t|"
"""Delimiters to detect when the manifest gives none, the likeliest first."""

_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

LOOKED_AT = 60
"""Lines at the beginning of a file that show how it is laid out."""

_AGREEING = 20
"""Rows that are held against the header to find the delimiter."""

_SEPARATOR_LINE = re.compile(r"""\ufeff?"?sep=(?P<delimiter>[^\r\n"])"?[\s,;|]*""", re.IGNORECASE)
"""Excel's own first line, which no other program knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`header` is the line of the header, from 1; None for a file without one."""

    delimiter: str
    header: int | None

    @property
    def cells_are_divided_by(self) -> str:
        return _NAMES.get(self.delimiter, f"`{self.delimiter}`")


def layout_of(lines: Sequence[str], *, delimiter: str | None = None, header: int | None = None) -> Layout:
    """The layout of a file that begins with `lines`; what the manifest says of `delimiter` and `header` counts.

    Above the header may stand blank lines, Excel's `sep=;`, and comments: lines that begin with `#` and have fewer
    cells than the header.
    """
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    named = delimiter_named_in(lines[first]) if first < len(lines) else None
    if named is not None:
        first += 1
        delimiter = delimiter or named
    if header is not None:
        delimiter = delimiter or _agreed_delimiter(lines[header - 1 :])
        return Layout(delimiter=delimiter, header=header)
    table = lines[first:]
    delimiter = delimiter or _agreed_delimiter([line for line in table if not line.startswith("#")] or table)
    rows = list(_rows(table, delimiter))
    width = next((len(cells) for _, cells in rows if not cells[0].startswith("#")), 0)
    while rows and rows[0][1][0].startswith("#") and len(rows[0][1]) < width:
        del rows[0]
    return Layout(delimiter=delimiter, header=first + rows[0][0] if rows else None)


def delimiter_named_in(line: str) -> str | None:
    """The delimiter that Excel's own first line names; None for any other line."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return None if found is None else found["delimiter"]


def line_with(lines: Sequence[str], delimiter: str, names: Sequence[str]) -> int | None:
    """The first line, from 1, whose cells are, among others, these `names`; None without one.

    A title above the table says nothing about the `delimiter`, so the others are tried as well; then other cases.
    """
    for same in (str, str.casefold):
        wanted = {same(name) for name in names}
        for divided_by in dict.fromkeys([delimiter, *DELIMITERS]):
            rows = _rows(lines, divided_by)
            if line := next((line for line, cells in rows if wanted <= {same(cell.strip()) for cell in cells}), None):
                return line
    return None


def _agreed_delimiter(lines: Sequence[str]) -> str:
    """The sign on which the first rows agree; else the one that divides the first row into most cells."""

    def agreement(delimiter: str) -> tuple[int, int]:
        lengths = [len(cells) for _, cells in _rows(lines, delimiter)][: _AGREEING + 1]
        if not lengths or lengths[0] == 1:
            return 0, 0
        return lengths.count(lengths[0]), lengths[0]

    return max(DELIMITERS, key=agreement)


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with its first line, from 1. Ends where `csv` cannot read on."""
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if "".join(cells).strip():
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        return


def likeliest_delimiter(header: str) -> str:
    """Of a file of which only the header is known: the most frequent sign in it, outside quotes."""
    bare = "".join(part for index, part in enumerate(header.split('"')) if index % 2 == 0)
    return max(DELIMITERS, key=bare.count)
