"""Reads the inputs of a manifest."""

import os
from collections.abc import Iterator
from pathlib import Path

from mjpipe.domain import Diagnostic
from mjpipe.files import named_in
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.tree import Entry, Map, Value
from mjpipe.manifest.model import Input, MatrixInput, TableFormat, TableInput, touches
from mjpipe.manifest.names_in_messages import quoted
from mjpipe.manifest.sections.matrix import matrix_columns, matrix_mistakes, matrix_places, matrix_rows
from mjpipe.manifest.sections.rows import cells, columns_of, nested_values, numbered_rows, row_mistakes, unknown_column

_MATRIX = "matrix"
_APPLIES_TO = {"delimiter": ("csv",), "header": ("csv",), "encoding": ("csv", "jsonl"), "key": ("csv", "jsonl", "rows")}
"""The sources of rows that each key of an input applies to."""


def below(folder: Path, written: str) -> Path:
    """The absolute path that a manifest in `folder` means by a relative one."""
    return Path(os.path.abspath(named_in(folder, written)))  # noqa: PTH100 - `resolve` would follow links


def read_input(written: Entry, fields: Value, folder: Path, broken: frozenset[str]) -> Input | None:
    """An input as `written`, from its usable `fields`; None without a usable source of rows.

    `broken` are the parts that have a mistake.
    """
    own, name = written.value, written.key
    source = _source(fields) if isinstance(fields, Map) else None
    if source is None or not isinstance(fields, Map) or not isinstance(own, Map):
        return None
    where, limit = fields.text("where"), fields.integer("limit")
    if source == _MATRIX:
        matrix = fields.map(_MATRIX)
        return MatrixInput(
            name=name,
            place=written.place,
            rows=() if touches(broken, _MATRIX) else matrix_rows(matrix),
            columns=matrix_columns(own.map(_MATRIX)),
            value_places=matrix_places(matrix),
            where=where,
            limit=limit,
            broken=broken,
        )
    path, every = fields.written(source), numbered_rows(own)
    rows = [row for number, row in every if f"rows.{number}" not in broken]
    return TableInput(
        name=name,
        place=written.place,
        path=below(folder, path) if path else None,
        format=TableFormat(source),
        rows=tuple(map(cells, rows)),
        row_places=tuple(row.place for row in rows),
        row_values={number: values for number, row in enumerate(rows) if (values := nested_values(row))},
        columns=tuple(columns_of(row for _, row in every)),
        key=tuple(column.source for column in fields.names("key")),
        where=where,
        limit=limit,
        delimiter=fields.written("delimiter"),
        encoding=fields.written("encoding"),
        header=fields.integer("header"),
        places={
            **{key: entry.shown_at for key, entry in own.entries.items()},
            **{f"key.{column.source}": column.place for column in fields.names("key")},
        },
        broken=broken,
    )


def _source(fields: Map) -> str | None:
    return next((source for source in (*TableFormat, _MATRIX) if source in fields.entries), None)


def input_mistakes(written: Entry, fields: Value, broken: frozenset[str]) -> Iterator[PartMistake]:
    """Mistakes that the schema cannot find; those in the `broken` parts it has found.

    `fields` are the usable ones of the input as `written`.
    """
    own = written.value
    if isinstance(fields, Map) and isinstance(own, Map):
        yield from _keys_apply(written.key, fields)
        yield from (("encoding", mistake) for mistake in _encoding_is_known(fields))
        yield from (("delimiter", mistake) for mistake in _delimiter_can_split(fields))
        yield from row_mistakes(written.key, numbered_rows(own))
        yield from (("key", mistake) for mistake in _key_columns_exist(written.key, fields, own))
        yield from matrix_mistakes(written, fields.map(_MATRIX), broken)


def _keys_apply(name: str, fields: Map) -> Iterator[PartMistake]:
    source = _source(fields)
    for key, sources in _APPLIES_TO.items():
        if source and key in fields.entries and source not in sources:
            matrix_key = source == _MATRIX and key == "key"
            help_text = "all columns of a matrix name its rows" if matrix_key else f"it is for {quoted(sources)}"
            message = f"input `{name}` has `{source}`, and `{key}` does not apply to it"
            yield key, Diagnostic(place=fields.entries[key].place, code="MJ018", message=message, help=help_text)


def _encoding_is_known(fields: Map) -> Iterator[Diagnostic]:
    encoding = fields.text("encoding")
    try:
        "".encode(encoding.source if encoding else "utf-8")
    except (LookupError, ValueError):
        if encoding:
            message = f"there is no encoding `{encoding.source}`"
            yield Diagnostic(place=encoding.place, code="MJ014", message=message, help="use `utf-8`, `cp1252`, …")


def _delimiter_can_split(fields: Map) -> Iterator[Diagnostic]:
    delimiter = fields.text("delimiter")
    if delimiter and delimiter.source in ('"', "\r", "\n", "\0"):
        message = "`delimiter` cannot be a quote or the end of a line"
        yield Diagnostic(place=delimiter.place, code="MJ014", message=message, help='such as `,`, `;` or a tab, "\\t"')


def _key_columns_exist(name: str, fields: Map, own: Map) -> Iterator[Diagnostic]:
    columns = columns_of(row for _, row in numbered_rows(own))
    for column in fields.names("key") if columns else ():
        if column.source not in columns:
            message = f"the rows of `{name}` have no column `{column.source}`"
            yield unknown_column(column.place, message, column.source, columns)
