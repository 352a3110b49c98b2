"""What each format of inputs offers: rows, and where their cells are."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mjpipe.domain import Place
from mjpipe.plan.inputs.formats.row_notes import RowNotes


class RowSource(Protocol):
    """Where rows come from. `columns` is empty when nothing can be read.

    Mistakes may hide columns: then they are not `complete`. A name that two columns claim is `ambiguous`. In some rows,
    `nested` columns hold a list or an object.
    """

    columns: tuple[str, ...]
    complete: bool
    ambiguous: frozenset[str]
    nested: frozenset[str]

    def rows(self) -> Iterator[tuple[int, list[str], RowNotes | None]]:
        """The line of each row, its cells, and what else there is to say of it."""

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's cell; for a column of None, of the row. Reads the file again."""

    def header(self, column: str) -> Place: ...

    def described(self, line: int) -> str:
        """The place of a row in words, without reading the file."""

    def columns_from(self, cells: int) -> tuple[str, ...]:
        """The columns that a row with only that many cells lacks."""

    def report_missing(self, line: int, cells: int) -> None:
        """Reports a row with only that many cells."""

    def advice_on_header(self, names: Sequence[str]) -> str | None:
        """Help when the header lacks columns of these `names`, and another line has them; else None."""
