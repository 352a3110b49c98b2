"""Inputs of a manifest, opened: which of them is read how."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from mjpipe.domain import Place
from mjpipe.manifest import Input, Manifest, MatrixInput, TableFormat, TableInput
from mjpipe.plan.csv_file import CsvFile
from mjpipe.plan.findings import Findings
from mjpipe.plan.json_lines import JsonLinesFile
from mjpipe.plan.tables import Lines, Table
from mjpipe.plan.templates import Compiler


def open_table(
    source: Input, manifest: Manifest, compiler: Compiler, findings: Findings, copies: Mapping[Path, Path]
) -> Table:
    """The input, its header read; `copies` says what is read in place of a file."""
    return Table(source, _lines(source, manifest, findings, copies), manifest.vars, compiler, findings)


def _lines(source: Input, manifest: Manifest, findings: Findings, copies: Mapping[Path, Path]) -> Lines:
    if isinstance(source, MatrixInput) or source.path is None:
        places = () if isinstance(source, MatrixInput) else source.row_places
        return _Listed(source.rows, places, source.place)
    path = copies.get(source.path, source.path)
    shown = _shown(source, source.path, manifest)
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


def _shown(source: TableInput, path: Path, manifest: Manifest) -> str:
    """The file as seen from where the user typed the manifest's name."""
    folder = Path(source.place.file).parent
    return os.path.normpath(folder / os.path.relpath(path, manifest.path.parent))


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
