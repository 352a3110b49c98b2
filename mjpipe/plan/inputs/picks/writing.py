"""Writes lines into a picks file, and leaves everything else in it as it is, byte by byte."""

import csv
import io
from collections.abc import Callable, Iterable

from mjpipe.domain import TaskId
from mjpipe.plan.inputs.formats.csv_cells import cell_spans
from mjpipe.plan.inputs.picks.cells import task_cell
from mjpipe.plan.inputs.picks.decisions import COLUMNS, Pick, Picks
from mjpipe.plan.inputs.picks.encoding import Encoded
from mjpipe.plan.inputs.picks.rows import Header, Row
from mjpipe.plan.mistakes import Mistakes


def picks_text(picks: Iterable[Pick]) -> str:
    """A new file that holds these lines."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    for pick in picks:
        table.writerow(pick.cells)
    return out.getvalue()


def with_picks(picks: Picks, new: Iterable[Pick], replaces: Callable[[Pick], bool]) -> bytes:
    """The file with new lines at its end, without the lines that `replaces` names. `picks` have no mistakes."""
    lines = [*new]
    sheet = _Sheet.of(picks)
    if sheet is None:
        return picks_text(lines).encode()
    for line in picks.lines:
        if line.row is not None and replaces(line):
            sheet.drop(line.row)
    sheet.append(lines)
    return sheet.content()


def with_tasks(picks: Picks, task_of: Callable[[Pick], TaskId | None]) -> bytes | None:
    """The file in which lines without a task name the task that `task_of` returns for them; None if there is none.
    `picks` have no mistakes.
    """
    sheet = _Sheet.of(picks)
    for line in picks.lines if sheet else ():
        task = None if line.task else task_of(line)
        if sheet is not None and task is not None and line.row is not None:
            sheet.fill(line.row, "task", task_cell(task))
    return sheet.content() if sheet and sheet.is_changed else None


class _Sheet:
    """The text of a file, and pieces of it that are to be replaced."""

    def __init__(self, encoded: Encoded, header: Header, rows: list[Row]) -> None:
        self._encoded = encoded
        self._header = header
        self._rows = rows
        self._names = [*header.names]
        self._edits: list[tuple[int, int, str]] = []
        self._appended = ""

    @classmethod
    def of(cls, picks: Picks) -> "_Sheet | None":
        """None for a file without a header."""
        if picks.content is None or picks.header is None:
            return None
        encoded = Encoded.of(picks.content, picks.header.shown, Mistakes())
        assert encoded is not None
        return cls(encoded, picks.header, [line.row for line in picks.lines if line.row is not None])

    @property
    def is_changed(self) -> bool:
        return bool(self._edits)

    def drop(self, row: Row) -> None:
        self._edits.append((row.start, row.start + len(row.text), ""))

    def fill(self, row: Row, column: str, value: str) -> None:
        """Writes into a cell, which the row may be too short to have."""
        index = self._column(column)
        spans = [*cell_spans(row.text, self._header.delimiter)]
        if index < len(spans):
            begin, end = spans[index]
            self._edits.append((row.start + begin, row.start + end, self._quoted(value)))
        else:
            end = row.start + spans[-1][1]
            missing = self._header.delimiter * (index - len(spans) + 1)
            self._edits.append((end, end, missing + self._quoted(value)))

    def append(self, lines: Iterable[Pick]) -> None:
        for line in lines:
            cells = {name: cell for name, cell in line.cells.items() if cell}
            for name in cells:
                self._column(name)
            row = self._header.delimiter.join(self._quoted(cells.get(name, "")) for name in self._names)
            self._appended += row + self._end

    def content(self) -> bytes:
        added = self._names[len(self._header.names) :]
        if added:
            end = self._header.start + len(self._header.text.rstrip("\r\n"))
            more = "".join(self._header.delimiter + name for name in added)
            self._edits.append((end, end, more))
        pieces, at = [], 0
        for begin, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            pieces += [self._encoded.text[at:begin], new]
            at = end
        text = "".join((*pieces, self._encoded.text[at:]))
        whole = text.endswith(("\r", "\n")) or not self._appended
        return self._encoded.with_text(text + ("" if whole else self._end) + self._appended)

    def _column(self, name: str) -> int:
        """Its index. A new column comes after the longest row: what stands beyond the header means nothing."""
        if name not in self._names:
            longest = max((len([*cell_spans(row.text, self._header.delimiter)]) for row in self._rows), default=0)
            self._names += [""] * (longest - len(self._names))
            self._names.append(name)
        return self._names.index(name)

    @property
    def _end(self) -> str:
        """How its lines end."""
        text = self._header.text
        return text[len(text.rstrip("\r\n")) :] or "\n"

    def _quoted(self, value: str) -> str:
        if any(sign in value for sign in (self._header.delimiter, '"', "\r", "\n")) or value != value.strip():
            return '"' + value.replace('"', '""') + '"'
        return value
