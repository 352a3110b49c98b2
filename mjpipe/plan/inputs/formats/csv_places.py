"""The places of cells in a CSV file, which is read again where one is shown."""

import csv
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from mjpipe.domain import Place
from mjpipe.files import open_text
from mjpipe.plan.inputs.decoding.input_lines import bounded_lines
from mjpipe.plan.inputs.formats.csv_cells import span_of_cell


@dataclass(frozen=True, slots=True)
class CsvPlaces:
    """`shown` names the file in messages."""

    path: Path
    shown: str
    encoding: str
    delimiter: str

    def cell(self, line: int, index: int | None) -> Place:
        """The cell of that index in the row that begins on `line`; for None, the row."""
        if index is None:
            text = self.text_of_line(line)
            return Place(file=self.shown, line=line, width=max(1, len(text)), text=text)
        text = self._row(line)
        start, end = span_of_cell(text, self.delimiter, index)
        # A cell of several lines is shown by its last one.
        number = text.count("\n", 0, end)
        begin = text.rfind("\n", 0, end) + 1
        start = max(start, begin)
        shown = text[begin:].partition("\n")[0]
        width = max(1, min(end, begin + len(shown)) - start)
        return Place(file=self.shown, line=line + number, column=start - begin + 1, width=width, text=shown)

    def _row(self, line: int) -> str:
        """The lines of the row that begins on `line`, as one text whose lines end in LF."""
        taken: list[str] = []

        def noted(file: TextIO) -> Iterator[str]:
            for text in islice(bounded_lines(file), line - 1, None):
                taken.append(text.rstrip("\r\n") + "\n")
                yield taken[-1]

        with open_text(self.path, encoding=self.encoding, errors="replace", newline="") as file:
            next(csv.reader(noted(file), delimiter=self.delimiter), None)
        return "".join(taken).removesuffix("\n")

    def text_of_line(self, line: int) -> str:
        """Without its end; empty for a line behind the end of the file."""
        with open_text(self.path, encoding=self.encoding, errors="replace", newline="") as file:
            return next(islice(bounded_lines(file), line - 1, None), "").rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class CsvSpot:
    """A cell by its index in the row that begins on `line`; or the place `behind` it, where another cell should be."""

    places: CsvPlaces
    line: int
    index: int
    behind: bool = False

    @property
    def group(self) -> Hashable:
        return self.places, self.index

    def place(self) -> Place:
        place = self.places.cell(self.line, self.index)
        return replace(place, column=place.column + place.width, width=1) if self.behind else place
