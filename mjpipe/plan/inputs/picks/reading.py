"""Reads a picks file, as `mjpipe`, people, spreadsheets and git leave it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mjpipe.domain import Diagnostic, JobKey, Place, reason_of
from mjpipe.files import CONFLICT, CONFLICT_MARKERS, RESOLVE, conflict_in, read_regular
from mjpipe.manifest import did_you_mean
from mjpipe.plan.inputs.decoding.input_lines import LONGEST_CELL, OutOfBounds, checked_lines
from mjpipe.plan.inputs.formats.csv_layout import delimiter_named_in, likeliest_delimiter
from mjpipe.plan.inputs.picks.cells import task_in
from mjpipe.plan.inputs.picks.decisions import COLUMNS, Decision, Pick, Picks
from mjpipe.plan.inputs.picks.encoding import Encoded
from mjpipe.plan.inputs.picks.reports import differing_picks
from mjpipe.plan.inputs.picks.rows import Header, Row
from mjpipe.plan.mistakes import Mistakes

NEEDED = ("key", "decision")

LARGEST = 64 << 20
"""Bytes of a picks file, which sits in memory: some hundred thousand picks."""

COMMENT = "#"
"""No key begins so: a line that does is for people."""

_MARKS = tuple(marker.decode() for marker in CONFLICT_MARKERS)

_NUMBER = re.compile(r"([0-9]{1,4})(?:\.0)?")
"""Of an image; pandas adds a point to whole numbers. No task has that many images, so a longer number is a mistake."""


_DECISIONS = {decision.value: decision for decision in Decision}


def content_of_picks(path: Path) -> bytes | None:
    """The content of the file without a look at its lines; None if there is no file that can be read."""
    try:
        return read_regular(path, LARGEST)
    except OSError:
        return None


def read_picks(path: Path, *, shown: str) -> tuple[Picks, tuple[Diagnostic, ...]]:
    """The picks and every mistake in the file; nothing when there is no file. `shown` names it in diagnostics."""
    try:
        content = read_regular(path, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return Picks(), ()
    except OSError as fault:
        message = f"the picks file cannot be read: {reason_of(fault)}"
        return Picks(), (Diagnostic(place=Place(file=shown, line=1), code="MJ090", message=message),)
    return picks_in(content, shown=shown)


def picks_in(content: bytes, *, shown: str) -> tuple[Picks, tuple[Diagnostic, ...]]:
    """The picks and every mistake in a file with this content."""
    mistakes = Mistakes()
    picks = _picks(content, shown, mistakes)
    return picks, tuple(sorted((*mistakes.diagnostics(), *differing_picks(picks.lines)), key=Diagnostic.order))


def _picks(content: bytes, shown: str, mistakes: Mistakes) -> Picks:
    encoded = Encoded.of(content, shown, mistakes)
    if encoded is None:
        return Picks(content=content)
    if (at := conflict_in(encoded.text)) is not None:  # its two sides would be two mistakes more
        line = encoded.text.count("\n", 0, at) + 1
        text = encoded.text[at:].partition("\n")[0].rstrip("\r")
        mistakes.error(Place(file=shown, line=line, width=7, text=text), "MJ090", CONFLICT, help=RESOLVE)
        return Picks(content=content)
    lines: list[Pick] = []
    header = None
    for row, cells in _rows(encoded.text, shown, mistakes):
        if _is_comment(cells, header):
            continue
        if header is None:
            header = Header(shown, row.header.delimiter, tuple(cells), row.start, row.text)
            if not _is_right(header, row.line, mistakes):
                return Picks(content=content)
            continue
        row = Row(header, row.line, row.start, row.text)  # noqa: PLW2901 - the same row, below its header
        try:
            lines.append(_pick(dict(zip(header.names, cells, strict=False)), row))
        except _WrongCell as fault:
            mistakes.error(row.spot(fault.column), "MJ090", str(fault), help=fault.help)
    if header is None and not mistakes.errors:
        _is_right(Header(shown, ""), 1, mistakes)
    return Picks(lines=tuple(lines), content=content, header=header)


def _is_comment(cells: Sequence[str], header: Header | None) -> bool:
    """Not a note that begins with the sign, in a file whose first column is the notes."""
    if not cells[0].startswith(COMMENT):
        return False
    named = {} if header is None else dict(zip(header.names, cells, strict=False))
    return named.get("key", COMMENT).startswith(COMMENT) or not named.get("decision")


def _rows(text: str, shown: str, mistakes: Mistakes) -> Iterator[tuple[Row, list[str]]]:
    """The header and the rows that decide something, with their cells."""
    try:
        lines = [*checked_lines(io.StringIO(text, newline=""))]
    except OutOfBounds as fault:
        help_text = "save it as CSV in UTF-8" if "\0" in text else fault.help
        mistakes.error(fault.place(shown), "MJ090", f"the picks file is not CSV: {fault}", help=help_text)
        return
    skipped, delimiter = _dialect(lines)
    for row, cells in _csv_rows(lines, Header(shown, delimiter), skipped, mistakes):
        if row.text.startswith(_MARKS):  # somebody has deleted the others
            mistakes.error(row.place(), "MJ090", CONFLICT, help=RESOLVE, group=shown)
        elif any(cells):  # spreadsheets leave rows of empty cells
            yield row, cells


def _dialect(lines: Sequence[str]) -> tuple[int, str]:
    """How many lines come before the header, and the delimiter."""
    named = delimiter_named_in(lines[0]) if lines else None
    if named is not None:
        return 1, named
    first = next((line for line in lines if line.strip() and not line.startswith((COMMENT, *_MARKS))), "")
    return 0, likeliest_delimiter(first)


def _csv_rows(
    lines: Sequence[str], header: Header, skipped: int, mistakes: Mistakes
) -> Iterator[tuple[Row, list[str]]]:
    """The text of each row, which is split into lines as `csv` does it, and its cells."""
    csv.field_size_limit(LONGEST_CELL)
    # Without strict, an unclosed quote would swallow all decisions that follow.
    rows = csv.reader(lines[skipped:], delimiter=header.delimiter, strict=True)
    start = sum(map(len, lines[:skipped]))
    while True:
        at = skipped + rows.line_num
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            return
        except csv.Error as fault:
            place = Row(header, at + 1, start, lines[at] if at < len(lines) else "").place()
            help_text = "an unclosed quote takes in the rest of the file: close it, or double it within a cell"
            mistakes.error(place, "MJ090", f"the picks file is not CSV from here on: {fault}", help=help_text)
            return
        text = "".join(lines[at : skipped + rows.line_num])
        if cells:
            yield Row(header, at + 1, start, text), cells
        start += len(text)


def _is_right(header: Header, line: int, mistakes: Mistakes) -> bool:
    names, before, row = header.names, mistakes.errors, Row(header, line, header.start, header.text)
    missing = [f"`{name}`" for name in NEEDED if name not in names]
    if missing:
        message = f"the picks file has no column {' and no column '.join(missing)}"
        mistakes.error(row.place(), "MJ090", message, help=f"its header is {','.join(COLUMNS)}")
    for name in dict.fromkeys(filter(None, names)):
        if name not in COLUMNS:
            message = f"unknown column `{name}` in the picks file"
            mistakes.error(row.place(name), "MJ090", message, help=did_you_mean(name, COLUMNS))
        elif names.count(name) > 1:
            mistakes.error(row.place(name), "MJ090", f"the picks file has the column `{name}` twice")
    return mistakes.errors == before


class _WrongCell(Exception):
    """A cell of that `column` which means nothing."""

    def __init__(self, column: str, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.column = column
        self.help = help


def _pick(cells: Mapping[str, str], row: Row) -> Pick:
    word = cells.get("decision", "")
    decision = _DECISIONS.get(word.lower())
    if decision is None:
        raise _WrongCell("decision", f"`{word}` is not a decision: write pick, reject or reroll")
    if not cells.get("key"):
        raise _WrongCell("key", "the line has no job key")
    images = _images(cells.get("images", ""))
    if (decision is Decision.PICK) != bool(images):
        message = "a pick needs image numbers (counted from 0); other decisions have none"
        raise _WrongCell("images", message)
    try:
        task = task_in(cells.get("task", ""))
    except ValueError as fault:
        raise _WrongCell("task", str(fault)) from None
    return Pick(
        key=JobKey(cells["key"]),
        node=cells.get("node", ""),
        decision=decision,
        images=images,
        task=task,
        note=cells.get("note", ""),
        by=cells.get("by", ""),
        at=cells.get("at", ""),
        place=Place(file=row.header.shown, line=row.line, text=row.text.rstrip("\r\n")),
        row=row,
    )


def _images(cell: str) -> tuple[int, ...]:
    numbers = [_NUMBER.fullmatch(number) for number in cell.split()]
    if not all(numbers):
        raise _WrongCell("images", f"`{cell}` are not image numbers: separate them by spaces, such as 0 2")
    return tuple(dict.fromkeys(int(number[1]) for number in numbers if number))
