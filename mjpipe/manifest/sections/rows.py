"""Reads rows that are written in the manifest itself."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.tree import Map, Scalar, Seq, Value, plain
from mjpipe.manifest.names_in_messages import did_you_mean, quoted

Row: TypeAlias = Mapping[str, str]


def cell(value: Value) -> str:
    """A cell's text as written; a list or a mapping as JSON. Without a value the cell is empty."""
    if not isinstance(value, Scalar):
        return json.dumps(plain(value), ensure_ascii=False)
    return "" if value.value is None else value.text.source


def nested_values(row: Map) -> dict[str, Any]:
    """The lists and mappings of a row, by column."""
    return {column: plain(entry.value) for column, entry in row.entries.items() if not isinstance(entry.value, Scalar)}


def cells(row: Map) -> Row:
    return {column: cell(entry.value) for column, entry in row.entries.items()}


def numbered_rows(fields: Map) -> list[tuple[int, Map]]:
    """The `rows` of an input, right or wrong, without those that are not mappings."""
    written = fields.get("rows")
    items = written.items if isinstance(written, Seq) else ()
    return [(number, item) for number, item in enumerate(items) if isinstance(item, Map)]


def maps(value: Value | None) -> list[Map]:
    items = value.items if isinstance(value, Seq) else ()
    return [item for item in items if isinstance(item, Map)]


def row_mistakes(name: str, rows: list[tuple[int, Map]]) -> Iterator[PartMistake]:
    """Rows have the same columns: a row with a column too few or too many has probably misspelled one."""
    having = Counter(column for _, row in rows for column in row.entries)
    usual = [column for column in columns_of(row for _, row in rows) if 2 * having[column] >= len(rows)]
    for number, row in rows:
        missing = [column for column in usual if column not in row.entries]
        odd = [column for column in row.entries if column not in usual]
        if missing:
            help_text = f'write `{missing[0]}: ""` for an empty cell'
            message = f"row {number + 1} of `{name}` has no {quoted(missing)}, which other rows have"
            place = row.entries[odd[0]].place if odd else row.place
            help_text = f"is it `{odd[0]}`? else {help_text}" if odd else help_text
        elif odd:
            message = f"row {number + 1} of `{name}` has {quoted(odd)}, which most rows do not have"
            help_text = f'write `{odd[0]}: ""` in the others for an empty cell'
            place = row.entries[odd[0]].place
        else:
            continue
        yield f"rows.{number}", Diagnostic(place=place, code="MJ020", message=message, help=help_text)


def columns_of(rows: Iterable[Map]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row.entries))


def unknown_column(place: Place, message: str, column: str, known: list[str]) -> Diagnostic:
    return Diagnostic(place=place, code="MJ021", message=message, help=did_you_mean(column, known))
