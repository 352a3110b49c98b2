"""Opens the inputs of a manifest, each by its format."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mjpipe.domain import Place, plain_form
from mjpipe.manifest import Input, Manifest, MatrixInput, TableFormat, TableInput
from mjpipe.plan.inputs.formats.csv_file import CsvFile
from mjpipe.plan.inputs.formats.json_lines import JsonLinesFile
from mjpipe.plan.inputs.formats.row_notes import RowNotes
from mjpipe.plan.inputs.formats.row_source import RowSource
from mjpipe.plan.inputs.tables import InputTable
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.included_files import ReadInstead, originals
from mjpipe.plan.templates.names.scope import constants_of


def open_table(
    source: Input, manifest: Manifest, compiler: Compiler, mistakes: Mistakes, read_instead: ReadInstead
) -> InputTable:
    """Opens an input and reads its header."""
    return InputTable(
        source, _lines(source, manifest, mistakes, read_instead), constants_of(manifest), compiler, mistakes
    )


def columns_of(source: Input, manifest: Manifest) -> tuple[str, ...]:
    """The columns of an input; empty if it cannot be read."""
    return tuple(_lines(source, manifest, Mistakes(), originals).columns)


def _lines(source: Input, manifest: Manifest, mistakes: Mistakes, read_instead: ReadInstead) -> RowSource:
    if isinstance(source, MatrixInput):
        return _Listed(source, complete=not source.is_broken("matrix.include"))
    if source.path is None:
        return _Listed(source, source.row_places)
    if source.is_broken(source.format, "delimiter", "encoding", "header"):
        return _Listed(source, complete=False)
    path = read_instead(source.path)
    shown, at = _shown(source, source.path, manifest), source.places[source.format]
    if source.format is TableFormat.JSONL:
        return JsonLinesFile(path, shown=shown, at=at, mistakes=mistakes, encoding=source.encoding)
    return CsvFile(
        path,
        shown=shown,
        at=at,
        mistakes=mistakes,
        delimiter=source.delimiter,
        encoding=source.encoding,
        header=source.header,
        header_at=source.places.get("header"),
    )


def _shown(source: TableInput, path: Path, manifest: Manifest) -> str:
    """The file's name relative to the folder in which the user typed the manifest's name."""
    folder = Path(source.place.file).parent
    relative = os.path.normpath(folder / os.path.relpath(path, manifest.path.parent))
    return relative if len(relative) <= len(str(path)) else str(path)


class _Listed:
    """Rows written in the manifest itself; `line` is the row's number, from 0."""

    def __init__(self, source: Input, places: tuple[Place, ...] = (), *, complete: bool = True) -> None:
        self.columns = source.columns
        self.complete = complete
        self.ambiguous: frozenset[str] = frozenset()
        self._rows = source.rows
        self._values: Mapping[int, Mapping[str, Any]] = {} if isinstance(source, MatrixInput) else source.row_values
        self.nested = frozenset(column for values in self._values.values() for column in values)
        self._places = places
        self._value_places = source.value_places if isinstance(source, MatrixInput) else {}
        self._at = source.place

    def rows(self) -> Iterator[tuple[int, list[str], RowNotes | None]]:
        for number, row in enumerate(self._rows):
            cells = [row.get(column, "") for column in self.columns]
            text = "".join(cells)
            notes = None
            if number in self._values or not text.isprintable():
                values = self._values.get(number, {})
                former = {column: row[column] for column in values}
                notes = RowNotes(values=values, former=former, has_invisible=not text.isprintable())
            yield number, [*map(plain_form, cells)], notes

    def place(self, line: int, column: str | None) -> Place:
        """The place of a value of a matrix; of other inputs, that of the row."""
        if self._places:
            return self._places[line]
        return self._value_places.get((column or "", self._rows[line].get(column or "", "")), self._at)

    def header(self, column: str) -> Place:  # noqa: ARG002 - as above
        return self._at

    def described(self, line: int) -> str:
        return str(self.place(line, None))

    def columns_from(self, cells: int) -> tuple[str, ...]:  # noqa: ARG002 - the manifest's rows lack none
        return ()

    def report_missing(self, line: int, cells: int) -> None:
        """No row lacks cells."""

    def advice_on_header(self, names: Sequence[str]) -> str | None:  # noqa: ARG002 - there is no header
        return None
