"""A taskId in a cell of the picks file."""

import json
import re

from mjpipe.domain import TaskId

_PLAIN_TASK = re.compile(r"[A-Za-z0-9_][!#-~]*")
"""Without characters that control a terminal, get lost at the ends of a cell, or begin a formula."""

_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+")


def task_cell(task: TaskId) -> str:
    """A taskId as it is written. One with unusual characters becomes a JSON string: it is foreign text in a file for
    spreadsheets and git.
    """
    return task if _PLAIN_TASK.fullmatch(task) else json.dumps(task)


def task_in(cell: str) -> TaskId | None:
    """The same read back, None for an empty cell. Raises ValueError for a cell that cannot be a taskId."""
    if cell.startswith('"'):
        try:
            return TaskId(str(json.loads(cell)))
        except (ValueError, RecursionError):
            raise ValueError(f"`{cell}` is not a taskId: one that begins with a quote must be a JSON string") from None
    if _ROUNDED.fullmatch(cell):
        raise ValueError(f"`{cell}` is not a taskId: a spreadsheet has rounded it")
    return TaskId(cell) if cell else None
