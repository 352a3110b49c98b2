"""Looks for rows of an input that are probably not meant, or not meant so: gaps, signs that nobody sees, equal keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mjpipe.manifest import quoted
from mjpipe.plan.inputs.input_row import Cell, InputRow
from mjpipe.plan.inputs.invisible_signs import invisible_in, visible
from mjpipe.plan.inputs.odd_rows import is_sum, lacks_all
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.safe_names import identifier, key_part

Rows = Callable[[], Iterable[InputRow]]
"""Reads the rows of an input again."""


class RowChecks:
    """Checks the rows of one input. Its keys are made of the columns `key`. A matrix is not a table.

    Pass rows with empty cells to `look_at_gaps`, those with signs that nobody sees to `look_at_signs`; when all rows
    have been read, call the others.
    """

    def __init__(
        self,
        *,
        name: str,
        columns: Sequence[str],
        variables: Mapping[str, str],
        key: Sequence[str],
        is_table: bool,
        mistakes: Mistakes,
    ) -> None:
        self._name = name
        self._columns = columns
        self._variables = variables
        self._key = key
        self._is_table = is_table
        self._mistakes = mistakes
        self._sent: set[str] = set()
        self._described_by: set[str] = set()
        self._unseen: dict[int, InputRow] = {}
        """Rows whose keys have signs that nobody sees, by line."""

    def send(self, columns: Iterable[str], described_by: Iterable[str]) -> None:
        """Says which columns go into requests, and which of them into the text of a prompt; before rows are read."""
        self._sent.update(columns)
        self._described_by.update(described_by)

    def look_at_gaps(self, row: InputRow) -> None:
        """Warns of a row that has empty cells, if it has no key, or is probably none."""
        if not self._is_table:
            return
        key = {*self._key}
        if self._key and not any(row.cells[column].strip() for column in key):
            self._mistakes.warning(
                Cell(row.table, row.line, self._key[0]),
                "MJ104",
                f"the row has no {quoted(self._key)}, which is its key",
                help=self._without_gaps(self._key[0]),
            )
        described_by = self._described_by - key
        if is_sum([*row.cells.values()]) or lacks_all(row.cells, described_by):
            self._mistakes.warning(
                Cell(row.table, row.line, None),
                "MJ101",
                "the row is probably none: it is a sum, or has nothing for the prompt",
                help="delete it, or leave such rows out"
                + (f": {self._condition(min(described_by, key=self._columns.index))}" if described_by else ""),
            )

    def _without_gaps(self, column: str) -> str:
        return f"leave such rows out: {self._condition(column)}"

    def _condition(self, column: str) -> str:
        name = identifier(column)
        return f"""`where: "{name if self._variables.get(name) == column else f"row['{column}']"} != ''"`"""

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
        if self._is_table and not any(row.cells[column].strip() for column in columns):
            return self._without_gaps(columns[0])
        return "add a column to `key`"
