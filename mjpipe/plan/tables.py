"""Inputs as rows: filtered, limited, each with its key and the place where it is written."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from mjpipe.domain import Place
from mjpipe.manifest import Input, MatrixInput, did_you_mean
from mjpipe.plan.findings import Findings
from mjpipe.plan.names import TAKEN, hashed_cells, identifier, key_part
from mjpipe.plan.scope import Scope, Values
from mjpipe.plan.templates import Compiler, RenderFault
from mjpipe.plan.uniqueness import Register, Suspects


class Lines(Protocol):
    """Where rows come from. `columns` is empty when nothing can be read."""

    columns: tuple[str, ...]

    def rows(self) -> Iterator[tuple[int, list[str]]]: ...

    def place(self, line: int, column: str | None) -> Place:
        """Of a row's cell; for a column of None, of the row. Reads the file again."""

    def header(self, column: str) -> Place: ...

    def told(self, line: int) -> str:
        """The place of a row in words, without looking it up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an input: `cells` by column, `values` by variable name as well, and its key."""

    table: "Table"
    line: int
    cells: Mapping[str, str]
    values: Values
    key: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, or for a `column` of None the row, looked up in its file when it is shown."""

    table: "Table"
    line: int
    column: str | None

    @property
    def group(self) -> Hashable:
        return self.table.name, self.column

    def place(self) -> Place:
        return self.table.place(self.line, self.column)


class Table:
    """An input, opened. What is wrong with it goes to the findings; then it is not `sound`, and has no rows."""

    def __init__(
        self, source: Input, lines: Lines, constants: Mapping[str, str], compiler: Compiler, findings: Findings
    ) -> None:
        self.name = source.name
        self.columns = lines.columns
        self._source = source
        self._lines = lines
        self._findings = findings
        errors = findings.errors
        self.variables = self._named(findings) if self.columns else {}
        self._key = self._key_columns()
        scope = Scope(
            variables=frozenset(self.variables),
            columns=frozenset(self.columns) | frozenset(self.variables),
            vars=constants,
            lacking=lacking(self.columns),
        )
        self._where = compiler.condition(source.where, scope) if source.where and self.columns else None
        self.sound = bool(self.columns) and findings.errors == errors
        self._keys: Register | None = None

    @cached_property
    def in_memory(self) -> list[Row]:
        """All rows, for an input that does not stream."""
        return list(self.rows())

    def rows(self) -> Iterator[Row]:
        """The rows that `where` keeps, `limit` of them at most."""
        keys = Register()
        columns, aliases = self.columns, self._aliases
        limit = self._source.limit
        count = 0
        errors = self._findings.errors
        for line, cells in self._lines.rows() if self.sound else ():
            if count == limit:
                break
            by_column = dict(zip(columns, cells, strict=True))
            values = {**by_column, **{name: by_column[column] for name, column in aliases}} if aliases else by_column
            if self._where and not self._keeps(self._where, values, line):
                continue
            row = Row(self, line, by_column, values, self._key_of(by_column, cells))
            keys.add(row.key)
            count += 1
            yield row
        if self._keys is None:
            self._keys = keys
            if count == 0 and self.sound and self._findings.errors == errors:
                self._findings.warning(self._source.place, "MJ061", f"input `{self.name}` has no rows")

    def place(self, line: int, column: str | None) -> Place:
        return self._lines.place(line, column)

    def told(self, line: int) -> str:
        return self._lines.told(line)

    def name_repeated_keys(self) -> None:
        """Two rows of one key are an error; call it when all rows have been read."""
        suspects = self._keys.repeated() if self._keys else Suspects()
        if not suspects:
            return
        first: dict[str, Row] = {}
        for row in self.rows():
            if row.key not in suspects:
                continue
            earlier = first.setdefault(row.key, row)
            if earlier is not row:
                self._repeated(earlier, row)

    def _repeated(self, earlier: Row, row: Row) -> None:
        columns = self._key_names
        cell = Cell(self, row.line, columns[0] if columns else None)
        told = f"`{row.key}`" if columns else "all their cells"
        self._findings.error(
            cell,
            "MJ057",
            f"two rows of `{self.name}` have the same key",
            help=f"the row at {self.told(earlier.line)} has {told} too; "
            + ("name further columns under `key`" if columns else "take one of them out"),
            at=row.line,
        )

    @property
    def _key_names(self) -> tuple[str, ...]:
        return self.columns if isinstance(self._source, MatrixInput) else tuple(self.columns[at] for at in self._key)

    def _keeps(self, where: Callable[[Values], bool], values: Values, line: int) -> bool:
        try:
            return where(values)
        except RenderFault as fault:
            assert self._source.where
            self._findings.error(
                self._source.where.place,
                "MJ067",
                f"`where` fails: {fault}",
                help=f"in the row at {self.told(line)}",
                at=line,
            )
            return False

    def _key_of(self, by_column: Mapping[str, str], cells: list[str]) -> str:
        if isinstance(self._source, MatrixInput):
            return "/".join(map(key_part, cells))
        if not self._key:
            return hashed_cells(by_column)
        return "/".join([key_part(cells[at]) for at in self._key])

    def _key_columns(self) -> tuple[int, ...]:
        if isinstance(self._source, MatrixInput) or not self.columns:
            return ()
        found = []
        for name in self._source.key:
            column = name if name in self.columns else self.variables.get(name)
            if column is None:
                self._findings.error(
                    self._source.place,
                    "MJ056",
                    f"`key` of input `{self.name}` names `{name}`, which is no column of it",
                    help=did_you_mean(name, self.columns),
                )
            else:
                found.append(self.columns.index(column))
        return tuple(found)

    @cached_property
    def _aliases(self) -> tuple[tuple[str, str], ...]:
        """Variable names that are not the column's own."""
        return tuple((name, column) for name, column in self.variables.items() if name != column)

    def _named(self, findings: Findings) -> dict[str, str]:
        """Columns by variable name. Two columns of one name are an error, one that bears a built-in's is strange."""
        variables: dict[str, str] = {}
        for column in self.columns:
            name = identifier(column)
            if name in TAKEN:
                findings.warning(
                    self._lines.header(column),
                    "MJ060",
                    f"column `{column}` of `{self.name}` has a name that templates use for something else",
                    help=f"templates reach it as `row['{column}']`",
                )
            elif name in variables:
                findings.error(
                    self._lines.header(column),
                    "MJ054",
                    f"columns `{variables[name]}` and `{column}` of `{self.name}` are both the variable `{name}`",
                    help="rename one of them",
                )
            else:
                variables[name] = column
        return variables


def lacking(columns: tuple[str, ...]) -> dict[str, str]:
    """Help for columns that are no variables because their name is taken."""
    return {identifier(name): f"write `row['{name}']`" for name in columns if identifier(name) in TAKEN}
