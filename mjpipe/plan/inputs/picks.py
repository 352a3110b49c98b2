"""The picks file: a person's choices among images, kept in git beside the manifest."""

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mjpipe.domain import Diagnostic, JobKey, Place, Severity, TaskId, reason_of
from mjpipe.files import read_regular
from mjpipe.manifest import did_you_mean
from mjpipe.plan.inputs.csv_file import likeliest_delimiter
from mjpipe.plan.inputs.input_lines import LONGEST_CELL, InputLines, OutOfBounds

COLUMNS = ("key", "node", "decision", "images", "task", "note", "by", "at")
NEEDED = ("key", "decision")

_PLAIN_TASK = re.compile(r"[A-Za-z0-9_][!#-~]*")
"""Without characters that control a terminal, get lost at the ends of a cell, or begin a formula."""

LARGEST = 64 << 20
"""Bytes of a picks file, which sits in memory: some hundred thousand picks."""


_CONFLICT = ("<<<<<<< ", "||||||| ", "=======", ">>>>>>> ")


class Decision(StrEnum):
    """What a person decided about the images of a task."""

    PICK = "pick"
    REJECT = "reject"
    REROLL = "reroll"
    """make other images instead of these"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One line. `node` is the consumer, empty for all consumers. `task` is the task that made the images that were
    seen; if it is None, the line is bound to the job's task when it is first read. `images` are numbers, empty except
    for a pick. `at` is as written. `place` is the line's place in its file, None for a new line.
    """

    key: JobKey
    node: str
    decision: Decision
    images: tuple[int, ...] = ()
    task: TaskId | None = None
    note: str = ""
    by: str = ""
    at: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Picks:
    """A picks file as it was read. `lines` keep its order; `content` is None if there was no file."""

    lines: tuple[Pick, ...] = ()
    content: bytes | None = field(default=None, repr=False)

    def keys(self) -> set[JobKey]:
        return {line.key for line in self.lines}


def read_picks(path: Path, *, shown: str) -> tuple[Picks, tuple[Diagnostic, ...]]:
    """The picks and every mistake in the file; nothing when there is no file. `shown` names it in diagnostics."""
    try:
        content = read_regular(path, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return Picks(), ()
    except OSError as fault:
        return Picks(), (_unreadable(shown, fault),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeError as fault:
        return Picks(content=content), (_unreadable(shown, fault),)
    try:
        written = [*_lines(text)]
    except OutOfBounds as fault:
        mistake = _mistake(fault.place(shown), f"the picks file is not CSV: {fault}", fault.help)
        return Picks(content=content), (mistake,)
    lines, mistakes = _read(written, shown)
    return Picks(lines=tuple(lines), content=content), tuple(mistakes)


def _lines(text: str) -> Iterator[str]:
    lines = InputLines(io.StringIO(text, newline=""))
    for line in lines:
        lines.begin_row()
        yield line


def _read(text: list[str], shown: str) -> tuple[list[Pick], list[Diagnostic]]:
    """`text` is split into lines as `csv` does it, so that places are right."""
    csv.field_size_limit(LONGEST_CELL)
    # Without strict, an unclosed quote would swallow all decisions that follow.
    rows = csv.reader(text, delimiter=likeliest_delimiter(text[0] if text else ""), strict=True)
    lines: list[Pick] = []
    mistakes: list[Diagnostic] = []
    header: list[str] | None = None
    while True:
        at = rows.line_num
        place = Place(file=shown, line=at + 1, text=text[at].rstrip("\r\n") if at < len(text) else "")
        try:
            row = [cell.strip() for cell in next(rows)]
        except StopIteration:
            break
        except csv.Error as fault:
            help_ = "an unclosed quote takes in the rest of the file: close it, or double it within a cell"
            mistakes.append(_mistake(place, f"the picks file is not CSV from here on: {fault}", help_))
            break
        if header is None:
            header = row
            mistakes += _header_mistakes(header, place)
            if mistakes:
                break
        elif place.text.startswith(_CONFLICT):
            mistakes.append(
                _mistake(
                    place, "the line is a mark of a git conflict", "keep the lines that are right, without the marks"
                )
            )
        elif any(row):  # spreadsheets leave rows of empty cells
            try:
                lines.append(_pick({name: cell for name, cell in zip(header, row, strict=False) if name}, place))
            except ValueError as fault:
                mistakes.append(_mistake(place, str(fault)))
    if header is None and not mistakes:
        mistakes += _header_mistakes([], Place(file=shown, line=1))
    return lines, mistakes


def _unreadable(shown: str, fault: OSError | UnicodeError) -> Diagnostic:
    return _mistake(Place(file=shown, line=1), f"the picks file cannot be read: {reason_of(fault)}")


def picks_about_nothing(
    picks: Iterable[Pick], unplanned: Collection[JobKey], nodes: Collection[str]
) -> Iterator[Diagnostic]:
    """Warnings for lines without effect: for the keys in `unplanned`, or for consumers that are not in `nodes`.

    A line that names a task once had a job: it is stale, not a mistake.
    """
    for pick in picks:
        if pick.place is None or pick.task is not None:
            continue
        if pick.key in unplanned:
            help_ = "`mjpipe expand M` prints the keys; a follow-up has one once its source is picked"
            yield _warning(pick.place, f"no job has the key `{pick.key}`", help_)
        elif pick.node and pick.node not in nodes:
            yield _warning(pick.place, f"there is no node `{pick.node}`", did_you_mean(pick.node, nodes))


def _warning(place: Place, message: str, help: str | None) -> Diagnostic:  # noqa: A002 - as below
    return Diagnostic(place=place, code="MJ092", message=message, help=help, severity=Severity.WARNING)


def picks_text(picks: list[Pick]) -> str:
    """The file that holds these lines."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for pick in picks:
        images = " ".join(map(str, pick.images))
        task = "" if pick.task is None else _task_cell(pick.task)
        table.writerow((pick.key, pick.node, pick.decision.value, images, task, pick.note, pick.by, pick.at))
    return out.getvalue()


def _task_cell(task: TaskId) -> str:
    """A taskId as it is written. One with unusual characters becomes a JSON string: it is foreign text in a file for
    spreadsheets and git.
    """
    return task if _PLAIN_TASK.fullmatch(task) else json.dumps(task)


def _task(cell: str) -> TaskId | None:
    """The same read back, None for an empty cell."""
    if cell.startswith('"'):
        try:
            return TaskId(str(json.loads(cell)))
        except (ValueError, RecursionError):
            raise ValueError(f"`{cell}` is not a taskId: one that begins with a quote must be a JSON string") from None
    return TaskId(cell) if cell else None


def with_pick(picks: Picks, pick: Pick) -> list[Pick]:
    """All lines with a new one, which replaces the one for the same job, node and task."""
    same = (pick.key, pick.node, pick.task)
    return [*(line for line in picks.lines if (line.key, line.node, line.task) != same), pick]


def _header_mistakes(names: Sequence[str], place: Place) -> Iterator[Diagnostic]:
    for name in NEEDED:
        if name not in names:
            yield _mistake(place, f"the picks file has no column `{name}`", f"its header is {','.join(COLUMNS)}")
    for name in dict.fromkeys(filter(None, names)):
        if name not in COLUMNS:
            yield _mistake(place, f"unknown column `{name}` in the picks file", did_you_mean(name, COLUMNS))
        elif names.count(name) > 1:
            yield _mistake(place, f"the picks file has the column `{name}` twice")


_DIGITS = 4
"""Of an image's number. No task has that many images, so a longer number is a mistake."""


def _pick(cells: Mapping[str, str], place: Place) -> Pick:
    word, images = cells.get("decision", ""), cells.get("images", "")
    if word not in tuple(Decision):
        raise ValueError(f"`{word}` is not a decision: write pick, reject or reroll")
    if not cells.get("key"):
        raise ValueError("the line has no job key")
    if not all(number.isascii() and number.isdigit() and len(number) <= _DIGITS for number in images.split()):
        raise ValueError(f"`{images}` are not image numbers: separate them by spaces, such as 0 2")
    numbers = tuple(dict.fromkeys(map(int, images.split())))
    if (word == Decision.PICK) != bool(numbers):
        raise ValueError("a pick needs image numbers (counted from 0); other decisions have none")
    return Pick(
        key=JobKey(cells["key"]),
        node=cells.get("node", ""),
        decision=Decision(word),
        images=numbers,
        task=_task(cells.get("task", "")),
        note=cells.get("note", ""),
        by=cells.get("by", ""),
        at=cells.get("at", ""),
        place=place,
    )


def _mistake(place: Place, message: str, help: str | None = None) -> Diagnostic:  # noqa: A002 - the word users see
    return Diagnostic(place=place, code="MJ090", message=message, help=help)
