"""The inputs of a manifest, as values."""

import os
from collections.abc import Iterator
from pathlib import Path

from mjpipe.domain import Diagnostic
from mjpipe.manifest.matrix import matrix_mistakes, matrix_rows
from mjpipe.manifest.model import Input, MatrixInput, TableFormat, TableInput
from mjpipe.manifest.rows import cells, columns_of, maps, row_mistakes, unknown_column
from mjpipe.manifest.tree import Entry, Map
from mjpipe.manifest.wording import quoted

_MATRIX = "matrix"
_MEANT_FOR = {"delimiter": ("csv",), "encoding": ("csv", "jsonl"), "key": ("csv", "jsonl", "rows")}
"""The sources of rows that a key of an input is for."""


def below(folder: Path, written: str) -> Path:
    """The absolute path that a manifest in `folder` means by a relative one."""
    return Path(os.path.abspath(folder / written))  # noqa: PTH100 - `resolve` would follow links


def read_input(entry: Entry, folder: Path) -> Input | None:
    """The value of an input without mistakes; None when no source of rows is left of it."""
    fields = entry.value
    source = _source(fields) if isinstance(fields, Map) else None
    if source is None or not isinstance(fields, Map):
        return None
    where, limit = fields.text("where"), fields.integer("limit")
    if source == _MATRIX:
        rows = matrix_rows(fields.map(_MATRIX))
        return MatrixInput(name=entry.key, place=entry.place, rows=rows, where=where, limit=limit)
    path, written = fields.written(source), maps(fields.get("rows"))
    return TableInput(
        name=entry.key,
        place=entry.place,
        path=below(folder, path) if path else None,
        format=TableFormat(source),
        rows=tuple(cells(row) for row in written),
        row_places=tuple(row.place for row in written),
        key=tuple(column.source for column in fields.names("key")),
        where=where,
        limit=limit,
        delimiter=fields.written("delimiter"),
        encoding=fields.written("encoding"),
    )


def _source(fields: Map) -> str | None:
    return next((source for source in (*TableFormat, _MATRIX) if source in fields.entries), None)


def input_mistakes(entry: Entry) -> Iterator[Diagnostic]:
    """What the schema cannot say about an input."""
    fields = entry.value
    if isinstance(fields, Map):
        yield from _keys_have_meaning(entry.key, fields)
        yield from _encoding_is_known(fields)
        yield from row_mistakes(entry.key, maps(fields.get("rows")))
        yield from _key_columns_exist(entry.key, fields)
        yield from matrix_mistakes(entry, fields.map(_MATRIX))


def _keys_have_meaning(name: str, fields: Map) -> Iterator[Diagnostic]:
    source = _source(fields)
    for key, sources in _MEANT_FOR.items():
        if source and key in fields.entries and source not in sources:
            matrix_key = source == _MATRIX and key == "key"
            mends = "all columns of a matrix name its rows" if matrix_key else f"it is for {quoted(sources)}"
            message = f"input `{name}` has `{source}`, for which `{key}` means nothing"
            yield Diagnostic(place=fields.entries[key].place, code="MJ018", message=message, help=mends)


def _encoding_is_known(fields: Map) -> Iterator[Diagnostic]:
    encoding = fields.text("encoding")
    try:
        "".encode(encoding.source if encoding else "utf-8")
    except (LookupError, ValueError):
        if encoding:
            message = f"there is no encoding `{encoding.source}`"
            yield Diagnostic(place=encoding.place, code="MJ014", message=message, help="say `utf-8`, `cp1252`, …")


def _key_columns_exist(name: str, fields: Map) -> Iterator[Diagnostic]:
    rows = maps(fields.get("rows"))
    columns = columns_of(rows)
    for column in fields.names("key") if rows else ():
        if column.source not in columns:
            message = f"the rows of `{name}` have no column `{column.source}`"
            yield unknown_column(column.place, message, column.source, columns)
