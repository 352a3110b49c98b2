"""Inputs as rows: filtered and limited, each with its key and its place."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

from mjpipe.domain import Place
from mjpipe.manifest import Input, MatrixInput, did_you_mean
from mjpipe.plan.mistakes import Mistake, Mistakes
from mjpipe.plan.safe_names import NAMELESS, TAKEN, hashed_cells, identifier, key_part
from mjpipe.plan.templates.compiler import Compiler, RenderFault
from mjpipe.plan.templates.scope import Scope, Values
from mjpipe.plan.uniqueness import NameHashes, RepeatedHashes


class RowSource(Protocol):
    """Where rows come from. `columns` is empty when nothing can be read.

    Mistakes may hide columns: then they are not `complete`. A name that two columns claim is `ambiguous`. In some rows,
    `nested` columns hold a list or an object.
    """

    columns: tuple[str, ...]
    complete: bool
    ambiguous: frozenset[str]
    nested: frozenset[str]

    def rows(self) -> Iterator[tuple[int, list[str]]]: ...

    def place(self, line: int, column: str | None) -> Place:
        """The place of a row's cell; for a column of None, of the row. Reads the file again."""

    def header(self, column: str) -> Place: ...

    def described(self, line: int) -> str:
        """The place of a row in words, without reading the file."""


class InputRow(NamedTuple):
    """One row of an input: `cells` by column, `values` by variable name as well, and its key."""

    table: "InputTable"
    line: int
    cells: Mapping[str, str]
    values: Values
    key: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, or for a `column` of None the row, looked up in its file only when it is shown."""

    table: "InputTable"
    line: int
    column: str | None

    @property
    def group(self) -> Hashable:
        return self.table.name, self.column

    def place(self) -> Place:
        return self.table.place(self.line, self.column)


class InputTable:
    """An input, opened. When something is wrong with it, the mistakes say what and it is `broken`.

    A broken one is still read as far as possible: it is `incomplete` when it may have other columns too, and
    `ambiguous` has the variables that more than one column claims. It `has_rows` unless the intended rows are unknown,
    and `has_keys` when they have their intended keys.
    """

    def __init__(
        self, source: Input, lines: RowSource, constants: Scope, compiler: Compiler, mistakes: Mistakes
    ) -> None:
        self.name = source.name
        self.columns = lines.columns
        self.named_columns = tuple(column for column in lines.columns if not column.startswith(NAMELESS))
        self._source = source
        self._lines = lines
        self._mistakes = mistakes
        self.ambiguous = {identifier(name) for name in lines.ambiguous} | lines.ambiguous
        errors = mistakes.errors
        self.variables = self._named(mistakes) if self.columns else {}
        self.incomplete = not (lines.complete and self.columns)
        self.nested = lines.nested | {name for name, column in self.variables.items() if column in lines.nested}
        self._key = self._key_columns()
        scope = replace(
            constants,
            variables=frozenset(self.variables),
            columns=frozenset(self.named_columns) | frozenset(self.variables),
            why_unavailable=reached_through_row(self.columns),
            nested=self.nested,
            ambiguous=constants.ambiguous | self.ambiguous,
            incomplete=constants.incomplete or self.incomplete,
        )
        self._where = compiler.condition(source.where, scope) if source.where else None
        self.has_rows = bool(self.columns) and self._knows_rows()
        self.has_keys = self.has_rows and len(self._key) == len(self._named_key) and not source.is_broken("key")
        self.broken = bool(source.broken) or bool(lines.ambiguous) or not self.has_rows or mistakes.errors > errors
        self._keys: NameHashes | None = None

    def _knows_rows(self) -> bool:
        source = self._source
        return not source.is_broken("where", "limit", "matrix") and (source.where is None or self._where is not None)

    @cached_property
    def in_memory(self) -> list[InputRow]:
        """All rows, for an input that does not stream."""
        return list(self.rows())

    def rows(self) -> Iterator[InputRow]:
        """The rows that `where` keeps, `limit` of them at most."""
        keys = NameHashes()
        columns, aliases = self.columns, self._aliases
        limit = self._source.limit
        count = 0
        errors = self._mistakes.errors
        for line, cells in self._lines.rows() if self.has_rows else ():
            if count == limit:
                break
            by_column = dict(zip(columns, cells, strict=True))
            values = {**by_column, **{name: by_column[column] for name, column in aliases}} if aliases else by_column
            if self._where and not self._keeps(self._where, values, line):
                continue
            row = InputRow(self, line, by_column, values, self._key_of(by_column, cells))
            keys.add(row.key)
            count += 1
            yield row
        if self._keys is None:
            self._keys = keys
            if count == 0 and not self.broken and self._mistakes.errors == errors:
                self._mistakes.warning(self._source.place, "MJ061", f"input `{self.name}` has no rows")

    def place(self, line: int, column: str | None) -> Place:
        return self._lines.place(line, column)

    def described(self, line: int) -> str:
        return self._lines.described(line)

    def name_repeated_keys(self) -> None:
        """Reports rows with the same key; call it after all rows have been read for jobs."""
        if self._keys is None:
            # Not read yet, because no job could be made; they may have mistakes of their own.
            deque(self.rows(), maxlen=0)
        repeated = self._keys.repeated() if self._keys and self.has_keys else RepeatedHashes()
        if not repeated:
            return
        first: dict[str, InputRow] = {}
        for row in self.rows():
            if row.key not in repeated:
                continue
            earlier = first.setdefault(row.key, row)
            if earlier is not row:
                self._repeated(earlier, row)

    def _repeated(self, earlier: InputRow, row: InputRow) -> None:
        columns = self._key_names
        cell = Cell(self, row.line, columns[0] if columns else None)
        same = f"the key `{row.key}`" if columns else "the same cells"
        self._mistakes.error(
            cell,
            "MJ057",
            f"two rows of `{self.name}` have the same key",
            help=f"the row at {self.described(earlier.line)} has {same} too: "
            + ("add a column to `key`" if columns else "delete one of them"),
            at=row.line,
        )

    @property
    def _named_key(self) -> tuple[str, ...]:
        """The key columns as the manifest names them."""
        return () if isinstance(self._source, MatrixInput) else self._source.key

    @property
    def _key_names(self) -> tuple[str, ...]:
        return self.columns if isinstance(self._source, MatrixInput) else tuple(self.columns[at] for at in self._key)

    def _keeps(self, where: Callable[[Values], bool], values: Values, line: int) -> bool:
        try:
            return where(values)
        except RenderFault as fault:
            assert self._source.where
            place = self._source.where.place
            failed = Mistake(place, fault.code, fault.message("`where`"), fault.help)
            column = self.variables.get(fault.column, fault.column) if fault.column else None
            if column in self.columns:
                self._mistakes.add(failed.moved(Cell(self, line, column)))
            else:
                self._mistakes.add(failed.moved(place, f"in the row at {self.described(line)}", at=line))
            return False

    def _key_of(self, by_column: Mapping[str, str], cells: list[str]) -> str:
        if isinstance(self._source, MatrixInput):
            return "/".join(map(key_part, cells))
        if not self._key:
            return hashed_cells(by_column)
        return "/".join([key_part(cells[at]) for at in self._key])

    def _key_columns(self) -> tuple[int, ...]:
        if self.incomplete or self._source.is_broken("key"):
            return ()
        found = []
        for name in self._named_key:
            column = name if name in self.columns else self.variables.get(name)
            if column is None:
                self._mistakes.error(
                    self._place_of_key(name),
                    "MJ056",
                    f"`key` of input `{self.name}` names an unknown column `{name}`",
                    help=did_you_mean(name, self.named_columns),
                )
            else:
                found.append(self.columns.index(column))
        return tuple(found)

    def _place_of_key(self, column: str) -> Place:
        source = self._source
        return source.place if isinstance(source, MatrixInput) else source.places[f"key.{column}"]

    @cached_property
    def _aliases(self) -> tuple[tuple[str, str], ...]:
        """Variable names that are not the column's own."""
        return tuple((name, column) for name, column in self.variables.items() if name != column)

    def _named(self, mistakes: Mistakes) -> dict[str, str]:
        """Columns by variable name. Two columns with the same name are an error; a built-in's name is a warning."""
        variables: dict[str, str] = {}
        for column in self.named_columns:
            name = identifier(column)
            if name in TAKEN:
                mistakes.warning(
                    self._lines.header(column),
                    "MJ060",
                    f"column `{column}` of `{self.name}` has a name that templates use for something else",
                    help=f"write `row['{column}']` in templates",
                )
            elif name in variables:
                self.ambiguous.add(name)
                mistakes.error(
                    self._lines.header(column),
                    "MJ054",
                    f"columns `{variables[name]}` and `{column}` of `{self.name}` are both the variable `{name}`",
                    help="rename one of them",
                )
            else:
                variables[name] = column
        return variables


def reached_through_row(columns: tuple[str, ...]) -> dict[str, str]:
    """Help for columns that are not variables because their name is taken."""
    return {identifier(name): f"write `row['{name}']`" for name in columns if identifier(name) in TAKEN}
