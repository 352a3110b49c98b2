"""Where the cells of a row stand in its text, so that mistakes have a place and a cell can be filled in."""

import re
from collections.abc import Hashable
from dataclasses import dataclass

from mjpipe.domain import Place
from mjpipe.plan.inputs.formats.csv_cells import cell_spans

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, `delimiter` between them; `shown` names the file in messages. `text` is its own text,
    which begins at `start` of the file's.
    """

    shown: str
    delimiter: str
    names: tuple[str, ...] = ()
    start: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, which may have line ends within quotes. It begins on `line`, from 1, and at `start` of the file's text."""

    header: Header
    line: int
    start: int
    text: str

    def place(self, column: str | None = None) -> Place:
        """The place of a cell; of the row for None, and where it has no such cell."""
        names, spans = self.header.names, [*cell_spans(self.text, self.header.delimiter)]
        index = names.index(column) if column in names else len(spans)
        begin, end = spans[index] if index < len(spans) else (0, 1)
        number, column_at = 0, begin
        for number, text in enumerate(_LINE.findall(self.text)):  # noqa: B007 - the line that the loop ends with
            if column_at < len(text):
                break
            column_at -= len(text)
        shown = text.rstrip("\r\n")
        width = max(1, min(end - begin, len(shown) - column_at))
        return Place(file=self.header.shown, line=self.line + number, column=column_at + 1, width=width, text=shown)

    def spot(self, column: str | None = None) -> "Spot":
        return Spot(self, column)


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a cell, looked up when it is shown."""

    row: Row
    column: str | None

    @property
    def group(self) -> Hashable:
        return self.row.header.shown, self.column

    def place(self) -> Place:
        return self.row.place(self.column)
