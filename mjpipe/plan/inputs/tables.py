"""Inputs as rows: filtered and limited, each with its key and its place."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from mjpipe.domain import Place
from mjpipe.manifest import Input, MatrixInput, did_you_mean
from mjpipe.plan.inputs.column_names import column_names, reached_through_row
from mjpipe.plan.inputs.formats.row_notes import RowNotes
from mjpipe.plan.inputs.formats.row_source import RowSource
from mjpipe.plan.inputs.input_row import NOTHING, Cell, InputRow
from mjpipe.plan.inputs.row_checks import RowChecks
from mjpipe.plan.mistakes import Mistake, Mistakes
from mjpipe.plan.safe_names import NAMELESS, hashed_cells, identifier, key_part
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.names.scope import Scope, Values
from mjpipe.plan.templates.template import RenderFault
from mjpipe.plan.uniqueness import NameHashes, RepeatedHashes


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
        self.variables, claimed_twice = column_names(self.named_columns, lines.header, mistakes, of=self.name)
        self.ambiguous |= claimed_twice
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
        self._checks = RowChecks(
            name=self.name,
            columns=self.columns,
            variables=self.variables,
            key=self._key_names,
            form=None if isinstance(source, MatrixInput) else source.format,
            mistakes=mistakes,
        )

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
        row = None
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
            if count == 0:
                self._checks.look_at_first(row)
            if "" in cells:
                self._checks.look_at_gaps(row)
            if notes is not None and notes.has_invisible:
                self._checks.look_at_signs(row)
            keys.add(row.key)
            count += 1
            yield row
        if row is not None:
            self._checks.look_at_last(row)
        if self._keys is None:
            self._keys = keys
            if count == 0 and not self.broken and self._mistakes.errors == errors:
                advice = "`where` or `limit` leaves out all that it has" if dropped else None
                self._mistakes.warning(self._source.place, "MJ061", f"input `{self.name}` has no rows", help=advice)

    def send(self, variables: Iterable[str], described_by: Iterable[str]) -> None:
        """Says which variables go into requests, and which of them into the text of a prompt; before rows are read."""
        self._checks.send(filter(None, map(self._column, variables)), filter(None, map(self._column, described_by)))

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

    def place(self, line: int, column: str | None) -> Place:
        return self._lines.place(line, column)

    def described(self, line: int) -> str:
        return self._lines.described(line)

    def name_repeated_keys(self) -> None:
        """Reports rows with the same key; call it after all rows have been read for jobs."""
        if self._keys is None:
            # Not read yet, because no job could be made; they may have mistakes of their own.
            deque(self.rows(), maxlen=0)
        self._checks.report_unseen(self.rows)
        repeated = self._keys.repeated() if self._keys and self.has_keys else RepeatedHashes()
        if not repeated:
            return
        first: dict[str, InputRow] = {}
        for row in self.rows():
            if row.key not in repeated:
                continue
            earlier = first.setdefault(row.key, row)
            if earlier is not row:
                self._checks.report_repeated(earlier, row)

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
