"""Looks for rows of an input that are probably not meant, or not meant so: gaps, signs that nobody sees, equal keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mjpipe.manifest import TableFormat, quoted
from mjpipe.plan.inputs.input_row import Cell, InputRow
from mjpipe.plan.inputs.invisible_signs import invisible_in, visible
from mjpipe.plan.inputs.odd_rows import is_header_of_programs, is_sum, lacks_all
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.safe_names import identifier, key_part

Rows = Callable[[], Iterable[InputRow]]
"""Reads the rows of an input again."""


class RowChecks:
    """Checks the rows of one input. Its keys are made of the columns `key`. `form` is None for a matrix.

    Pass the first row to `look_at_first`, the last one to `look_at_last`, rows with empty cells to `look_at_gaps`,
    those with signs that nobody sees to `look_at_signs`; when all rows have been read, call the others.
    """

    def __init__(
        self,
        *,
        name: str,
        columns: Sequence[str],
        variables: Mapping[str, str],
        key: Sequence[str],
        form: TableFormat | None,
        mistakes: Mistakes,
    ) -> None:
        self._name = name
        self._columns = columns
        self._variables = variables
        self._key = key
        self._form = form
        self._mistakes = mistakes
        self._sent: set[str] = set()
        self._described_by: set[str] = set()
        self._unseen: dict[int, InputRow] = {}
        """Rows whose keys have signs that nobody sees, by line."""

    def send(self, columns: Iterable[str], described_by: Iterable[str]) -> None:
        """Says which columns go into requests, and which of them into the text of a prompt; before rows are read."""
        self._sent.update(columns)
        self._described_by.update(described_by)
        self._described_by.difference_update(self._key)

    def look_at_gaps(self, row: InputRow) -> None:
        """Warns of a row that has empty cells, if it has no key, or is probably none."""
        if self._form is None:
            return
        if lacks_all(row.cells, self._key):
            self._mistakes.warning(
                Cell(row.table, row.line, self._key[0]),
                "MJ104",
                f"the row has no {quoted(self._key)}, which is its key",
                help=self._without_gaps(self._key[0]),
            )
        if is_sum(row.cells.values()) or lacks_all(row.cells, self._described_by):
            self._probably_none(row)

    def look_at_first(self, row: InputRow) -> None:
        """Warns of a row that names the columns again, for programs."""
        if self._form is TableFormat.CSV and is_header_of_programs([*row.cells.values()]):
            self._mistakes.warning(
                Cell(row.table, row.line, None),
                "MJ101",
                "the row is probably none: its cells are names of columns",
                help=f"delete it, or say `header: {row.line}` to use these names",
            )

    def look_at_last(self, row: InputRow) -> None:
        """Warns of a sum without empty cells. Other rows are seldom one, and it would take time to look at all."""
        cells = [*row.cells.values()]
        if self._form and "" not in cells and is_sum(cells):
            self._probably_none(row)

    def _probably_none(self, row: InputRow) -> None:
        self._mistakes.warning(
            Cell(row.table, row.line, None),
            "MJ101",
            "the row is probably none: it is a sum, or has nothing for the prompt",
            help=f"delete it, or leave such rows out: {self._condition_without(row)}",
        )

    def _condition_without(self, row: InputRow) -> str:
        """What keeps a row out: that a column of the prompt is empty, else the text of its first cell."""
        described_by = self._described_by
        empty = (column for column in self._columns if column in described_by and not row.cells[column].strip())
        if (column := next(empty, None)) is not None:
            return self._condition(column)
        first = next(column for column, cell in row.cells.items() if cell.strip())
        return self._condition(first, row.cells[first])

    def _without_gaps(self, column: str) -> str:
        return f"leave such rows out: {self._condition(column)}"

    def _condition(self, column: str, unwanted: str = "") -> str:
        name = identifier(column)
        written = name if self._variables.get(name) == column else f"row['{column}']"
        return f"""`where: "{written} != '{unwanted}'"`"""

    def look_at_signs(self, row: InputRow) -> None:
        """Warns of signs that nobody sees in cells that are sent; those in keys are left to `report_unseen`."""
        for column, cell in row.cells.items():
            sign = invisible_in(cell) if column in self._key or column in self._sent else None
            if sign is None:
                continue
            if column in self._key:
                self._unseen[row.line] = row
            else:
                self._mistakes.warning(
                    Cell(row.table, row.line, column),
                    "MJ102",
                    f"the cell has a sign that nobody sees: {sign}",
                    help="delete it if it is not meant, or type the text again",
                )

    def report_unseen(self, rows: Rows) -> None:
        """Reports keys that differ only in signs that nobody sees, and warns of the others that have some."""
        if not self._unseen:
            return
        unseen = {**self._unseen}
        wanted = {self._seen_key(row) for row in unseen.values()}
        first: dict[str, InputRow] = {}
        reported: set[int] = set()
        for row in rows():
            seen = self._seen_key(row)
            if seen not in wanted:
                continue
            earlier = first.setdefault(seen, row)
            if earlier.key != row.key:
                odd = row if row.line in unseen else earlier
                self._mistakes.error(
                    Cell(row.table, row.line, self._key[0]),
                    "MJ102",
                    f"two rows of `{self._name}` have keys that look the same",
                    help=f"the other is at {row.table.described(earlier.line)}; nobody sees the {self._sign_in(odd)} "
                    f"at {row.table.described(odd.line)}: delete it",
                    at=row.line,
                )
                reported |= {row.line, earlier.line}
        for row in (row for line, row in unseen.items() if line not in reported):
            self._mistakes.warning(
                Cell(row.table, row.line, self._key[0]),
                "MJ102",
                f"the key has a sign that nobody sees: {self._sign_in(row)}",
                help="delete it, or type the key again",
            )

    def _seen_key(self, row: InputRow) -> str:
        return "/".join(key_part(visible(row.cells[column])) for column in self._key)

    def _sign_in(self, row: InputRow) -> str | None:
        return next(filter(None, (invisible_in(row.cells[column]) for column in self._key)), None)

    def report_repeated(self, earlier: InputRow, row: InputRow) -> None:
        """Two rows have the same key."""
        columns = self._key
        cell = Cell(row.table, row.line, columns[0] if columns else None)
        same = f"the key `{row.key}`" if columns else "the same cells"
        self._mistakes.error(
            cell,
            "MJ057",
            f"two rows of `{self._name}` have the same key",
            help=f"the row at {row.table.described(earlier.line)} has {same} too: " + self._how_to_differ(row),
            at=row.line,
        )

    def _how_to_differ(self, row: InputRow) -> str:
        columns = self._key
        if not columns:
            return "delete one of them"
        if self._form and not any(row.cells[column].strip() for column in columns):
            return self._without_gaps(columns[0])
        return "add a column to `key`"
