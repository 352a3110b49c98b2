"""A row of an input, and one of its cells as a place."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mjpipe.domain import Place
from mjpipe.plan.templates.names.scope import Values


class RowsOfInput(Protocol):
    """The input that a row is from. `variables` are its columns by variable name."""

    name: str
    variables: dict[str, str]

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's cell; for a column of None, of the row. Reads the file again."""

    def described(self, line: int) -> str:
        """The place of a row in words, without reading the file."""


NOTHING: Values = {}


class InputRow(NamedTuple):
    """One row of an input: `cells` by column, `values` by variable name as well, and its key.

    `former` are those values that older releases read in another form, as they read them.
    """

    table: RowsOfInput
    line: int
    cells: Mapping[str, str]
    values: Values
    key: str
    former: Values = NOTHING


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, or for a `column` of None the row, looked up in its file only when it is shown."""

    table: RowsOfInput
    line: int
    column: str | None

    @property
    def group(self) -> Hashable:
        return self.table.name, self.column

    def place(self) -> Place:
        return self.table.place(self.line, self.column)
