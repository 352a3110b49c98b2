"""Rows that are written in the manifest itself."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.tree import Map, Scalar, Seq, Value
from mjpipe.manifest.wording import did_you_mean, quoted

Row: TypeAlias = Mapping[str, str]


def cell(value: Value) -> str:
    """A cell's text as it is written; nothing written is an empty cell."""
    return "" if not isinstance(value, Scalar) or value.value is None else value.text.source


def cells(row: Map) -> Row:
    return {column: cell(entry.value) for column, entry in row.entries.items()}


def maps(value: Value | None) -> list[Map]:
    items = value.items if isinstance(value, Seq) else ()
    return [item for item in items if isinstance(item, Map)]


def row_mistakes(name: str, rows: list[Map]) -> Iterator[Diagnostic]:
    """Rows all have the same columns: one that lacks a column has more likely misspelled it."""
    columns = columns_of(rows)
    for number, row in enumerate(rows, 1):
        missing = [column for column in columns if column not in row.entries]
        if missing:
            yield Diagnostic(
                place=row.place,
                code="MJ020",
                message=f"row {number} of `{name}` has no {quoted(missing)}, which other rows have",
                help=f'write `{missing[0]}: ""` for an empty cell',
            )


def columns_of(rows: list[Map]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row.entries))


def unknown_column(place: Place, message: str, column: str, known: list[str]) -> Diagnostic:
    return Diagnostic(place=place, code="MJ021", message=message, help=did_you_mean(column, known))
