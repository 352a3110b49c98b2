"""Inputs as rows: filtered, limited, each with its key and the place where it is written."""

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from mjpipe.domain import Place
from mjpipe.manifest import Input, Manifest, MatrixInput, TableFormat, TableInput, did_you_mean
from mjpipe.plan.csv_file import CsvFile
from mjpipe.plan.findings import Findings
from mjpipe.plan.json_lines import JsonLinesFile
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


class _Listed:
    """Rows that the manifest itself has; a line is the row's number, from 0."""

    def __init__(self, rows: tuple[Mapping[str, str], ...], places: tuple[Place, ...], at: Place) -> None:
        self.columns = tuple(dict.fromkeys(column for row in rows for column in row))
        self._rows = rows
        self._places = places
        self._at = at

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(self._rows):
            yield number, [row.get(column, "") for column in self.columns]

    def place(self, line: int, column: str | None) -> Place:  # noqa: ARG002 - the row is as near as it gets
        return self._places[line] if self._places else self._at

    def header(self, column: str) -> Place:  # noqa: ARG002 - as above
        return self._at

    def told(self, line: int) -> str:
        return str(self.place(line, None))


class Table:
    """An input, opened. What is wrong with it goes to the findings; then it is not `sound`, and has no rows."""

    def __init__(self, source: Input, lines: Lines, manifest: Manifest, compiler: Compiler, findings: Findings) -> None:
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
            vars=manifest.vars,
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


def open_table(
    source: Input, manifest: Manifest, compiler: Compiler, findings: Findings, copies: Mapping[Path, Path]
) -> Table:
    """The input, its header read; `copies` says what is read in place of a file."""
    return Table(source, _lines(source, manifest, findings, copies), manifest, compiler, findings)


def _lines(source: Input, manifest: Manifest, findings: Findings, copies: Mapping[Path, Path]) -> Lines:
    if isinstance(source, MatrixInput) or source.path is None:
        places = () if isinstance(source, MatrixInput) else source.row_places
        return _Listed(source.rows, places, source.place)
    path = copies.get(source.path, source.path)
    shown = shown_path(source, source.path, manifest)
    if source.format is TableFormat.JSONL:
        return JsonLinesFile(path, shown=shown, at=source.place, findings=findings, encoding=source.encoding)
    return CsvFile(
        path,
        shown=shown,
        at=source.place,
        findings=findings,
        delimiter=source.delimiter,
        encoding=source.encoding,
    )


def shown_path(source: TableInput, path: Path, manifest: Manifest) -> str:
    """The file as seen from where the user typed the manifest's name."""
    folder = Path(source.place.file).parent
    return os.path.normpath(folder / os.path.relpath(path, manifest.path.parent))
