"""Columns, paragraphs and JSON in plain text."""

import json
from collections.abc import Iterable, Sequence

from mjpipe.domain import JsonObject, padded, printable, text_width, wrapped


def columns(rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), width: int, indent: str = "  ") -> list[str]:
    """The rows with their cells one below another, two spaces apart; the columns in `right` end together.

    The last cell of a row is wrapped within `width`, below itself where there is room for that.
    """
    right = frozenset(right)
    widths = [max(text_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
    lines: list[str] = []
    for *cells, last in rows:
        placed = [
            padded(cell, size, right=column in right)
            for column, (cell, size) in enumerate(zip(cells, widths, strict=True))
        ]
        lines += paragraph(last, width=width, first=indent + "".join(f"{cell}  " for cell in placed))
    return lines


def paragraph(text: str, *, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """`text` in lines of at most `width`, but for longer words; further lines begin with `rest`, by default as deep
    as the text of the first.
    """
    rest = " " * min(text_width(first), width // 2) if rest is None else rest
    return wrapped(text, width, first=first, rest=rest)


def json_lines(value: JsonObject) -> list[str]:
    """Indented JSON, line by line."""
    return [printable(line) for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n")]
