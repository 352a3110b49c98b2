"""Inputs as rows: filtered and limited, each with its key and its place."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

from mjpipe.domain import Place
from mjpipe.manifest import Input, MatrixInput, TableInput, did_you_mean, quoted
from mjpipe.plan.inputs.formats.row_notes import RowNotes
from mjpipe.plan.inputs.invisible_signs import invisible_in, visible
from mjpipe.plan.inputs.odd_rows import is_sum, lacks_all
from mjpipe.plan.mistakes import Mistake, Mistakes
from mjpipe.plan.safe_names import NAMELESS, TAKEN, hashed_cells, identifier, key_part
from mjpipe.plan.templates.compiler import Compiler, RenderFault
from mjpipe.plan.templates.names.scope import Scope, Values
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


NOTHING: Values = {}


class InputRow(NamedTuple):
    """One row of an input: `cells` by column, `values` by variable name as well, and its key.

    `former` are those values that older releases read in another form, as they read them.
    """

    table: "InputTable"
    line: int
    cells: Mapping[str, str]
    values: Values
    key: str
    former: Values = NOTHING


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
        self._misread = False
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
        self.has_rows = bool(self.columns) and not self._misread and self._knows_rows()
        self.has_keys = self.has_rows and len(self._key) == len(self._named_key) and not source.is_broken("key")
        self.broken = bool(source.broken) or bool(lines.ambiguous) or not self.has_rows or mistakes.errors > errors
        self._keys: NameHashes | None = None
        self._names = compiler.names
        self._sent: set[str] = set()
        self._described_by: set[str] = set()
        self._unseen: dict[int, InputRow] = {}
        """Rows whose keys have signs that nobody sees, by line."""

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
        count = dropped = 0
        errors = self._mistakes.errors
        for line, cells, notes in self._lines.rows() if self.has_rows else ():
            if count == limit:
                dropped += 1
                break
            if notes is not None and notes.has_cells is not None and not self._is_whole(line, notes.has_cells):
                continue
            by_column = dict(zip(columns, cells, strict=True))
            values: Values = by_column
            if aliases:
                values = {**by_column, **{name: by_column[column] for name, column in aliases}}
            former = NOTHING
            if notes is not None and (notes.values or notes.former):
                values, former = self._with_notes(values, notes)
            if self._where and not self._keeps(self._where, values, line):
                dropped += 1
                continue
            row = InputRow(self, line, by_column, values, self._key_of(by_column, cells), former)
            if "" in cells:
                self._warn_of_gaps(row)
            if notes is not None and notes.has_invisible:
                self._warn_of_invisible(row)
            keys.add(row.key)
            count += 1
            yield row
        if self._keys is None:
            self._keys = keys
            if count == 0 and not self.broken and self._mistakes.errors == errors:
                advice = "`where` or `limit` leaves out all that it has" if dropped else None
                self._mistakes.warning(self._source.place, "MJ061", f"input `{self.name}` has no rows", help=advice)

    def send(self, variables: Iterable[str], described_by: Iterable[str]) -> None:
        """Says which variables go into requests, and which of them into the text of a prompt; before rows are read."""
        self._sent.update(filter(None, map(self._column, variables)))
        self._described_by.update(filter(None, map(self._column, described_by)))

    def _column(self, name: str) -> str | None:
        return self.variables.get(name, name if name in self.named_columns else None)

    def _with_notes(self, values: Mapping[str, str], notes: RowNotes) -> tuple[Values, Values]:
        """The values of a row, with lists and mappings as such, and the former ones as they were read."""
        names = [(column, column) for column in self.columns] + [*self._aliases]
        nested = {name: notes.values[column] for name, column in names if column in notes.values}
        former = {name: notes.former[column] for name, column in names if column in notes.former}
        return {**values, **nested}, former

    def _is_whole(self, line: int, cells: int) -> bool:
        """Whether a row that ends early lacks only what nobody uses; reports it in any case."""
        used = {self._column(name) for name in self._names} | {*self._key_names}
        if not used.isdisjoint(self._lines.columns_from(cells)):
            self._lines.report_missing(line, cells)
            return False
        self._mistakes.warning(
            Cell(self, line, None),
            "MJ103",
            "the row ends early: its last columns, which no template uses, are read as empty",
            help="was the file cut short, or a cell lost? else leave it so",
        )
        return True

    def _warn_of_gaps(self, row: InputRow) -> None:
        key = {*self._key_names}
        if self._key and not any(row.cells[column].strip() for column in key):
            self._mistakes.warning(
                Cell(self, row.line, self._key_names[0]),
                "MJ104",
                f"the row has no {quoted(self._key_names)}, which is its key",
                help=self._without_gaps(self._key_names[0]),
            )
        described_by = self._described_by - key
        if isinstance(self._source, TableInput) and (
            is_sum([*row.cells.values()]) or lacks_all(row.cells, described_by)
        ):
            self._mistakes.warning(
                Cell(self, row.line, None),
                "MJ101",
                "the row is probably none: it is a sum, or has nothing for the prompt",
                help="delete it, or leave such rows out"
                + (f": {self._condition(min(described_by, key=self.columns.index))}" if described_by else ""),
            )

    def _without_gaps(self, column: str) -> str:
        return f"leave such rows out: {self._condition(column)}"

    def _condition(self, column: str) -> str:
        name = identifier(column)
        return f"""`where: "{name if self.variables.get(name) == column else f"row['{column}']"} != ''"`"""

    def _warn_of_invisible(self, row: InputRow) -> None:
        key = self._key_names
        for column, cell in row.cells.items():
            sign = invisible_in(cell) if column in key or column in self._sent else None
            if sign is None:
                continue
            if column in key:
                self._unseen[row.line] = row
            else:
                self._mistakes.warning(
                    Cell(self, row.line, column),
                    "MJ102",
                    f"the cell has a sign that nobody sees: {sign}",
                    help="delete it if it is not meant, or type the text again",
                )

    def place(self, line: int, column: str | None) -> Place:
        return self._lines.place(line, column)

    def described(self, line: int) -> str:
        return self._lines.described(line)

    def name_repeated_keys(self) -> None:
        """Reports rows with the same key; call it after all rows have been read for jobs."""
        if self._keys is None:
            # Not read yet, because no job could be made; they may have mistakes of their own.
            deque(self.rows(), maxlen=0)
        if self._unseen:
            self._name_unseen()
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

    def _name_unseen(self) -> None:
        """Reports keys that differ only in signs that nobody sees, and warns of the others that have some."""
        unseen = {**self._unseen}
        wanted = {self._seen_key(row) for row in unseen.values()}
        first: dict[str, InputRow] = {}
        reported: set[int] = set()
        for row in self.rows():
            seen = self._seen_key(row)
            if seen not in wanted:
                continue
            earlier = first.setdefault(seen, row)
            if earlier.key != row.key:
                odd = row if row.line in unseen else earlier
                self._mistakes.error(
                    Cell(self, row.line, self._key_names[0]),
                    "MJ102",
                    f"two rows of `{self.name}` have keys that look the same",
                    help=f"the other is at {self.described(earlier.line)}; nobody sees the {self._sign_in(odd)} "
                    f"at {self.described(odd.line)}: delete it",
                    at=row.line,
                )
                reported |= {row.line, earlier.line}
        for row in (row for line, row in unseen.items() if line not in reported):
            self._mistakes.warning(
                Cell(self, row.line, self._key_names[0]),
                "MJ102",
                f"the key has a sign that nobody sees: {self._sign_in(row)}",
                help="delete it, or type the key again",
            )

    def _seen_key(self, row: InputRow) -> str:
        return "/".join(key_part(visible(row.cells[column])) for column in self._key_names)

    def _sign_in(self, row: InputRow) -> str | None:
        return next(filter(None, (invisible_in(row.cells[column]) for column in self._key_names)), None)

    def _repeated(self, earlier: InputRow, row: InputRow) -> None:
        columns = self._key_names
        cell = Cell(self, row.line, columns[0] if columns else None)
        same = f"the key `{row.key}`" if columns else "the same cells"
        self._mistakes.error(
            cell,
            "MJ057",
            f"two rows of `{self.name}` have the same key",
            help=f"the row at {self.described(earlier.line)} has {same} too: " + self._how_to_differ(row),
            at=row.line,
        )

    def _how_to_differ(self, row: InputRow) -> str:
        columns = self._key_names
        if not columns:
            return "delete one of them"
        if isinstance(self._source, TableInput) and not any(row.cells[column].strip() for column in columns):
            return self._without_gaps(columns[0])
        return "add a column to `key`"

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
                advice = self._lines.advice_on_header(self._named_key)
                if advice is not None:
                    # Nothing below the line that was taken for the header is in its column.
                    self.incomplete = self._misread = True
                self._mistakes.error(
                    self._place_of_key(name),
                    "MJ056",
                    f"`key` of input `{self.name}` names an unknown column `{name}`",
                    help=advice or did_you_mean(name, self.named_columns),
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
