"""`costs.csv`: one line for each attempt, orphans' too, with the columns of its job's row and labels."""

import csv
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from mjpipe.domain import decimal_text
from mjpipe.ledger import AttemptRecord, JobRecord
from mjpipe.report.moments import iso

COLUMNS = (
    "key",
    "node",
    "mode",
    "speed",
    "take",
    "source",
    "image",
    "state",
    "wanted",
    "attempt",
    "task",
    "outcome",
    "fail_code",
    "fail_message",
    "price",
    "money",
    "intended",
    "answered",
    "created",
    "completed",
    "finished",
    "images",
    "sandbox",
)
"""`source` and `image` name the image that the job starts from; `images` counts those of the attempt on disk. An empty
price is not documented. The row's columns follow as `row.NAME`, the labels as `label.NAME`."""


class AttemptTable:
    """The table in the making. Which columns the rows have shows only at the end, so the lines are spooled to disk."""

    def __init__(self, *, sandbox: bool, spool_in: Path) -> None:
        self._sandbox = sandbox
        self._spool_in = spool_in
        self._row_columns: dict[str, None] = {}
        self._label_columns: dict[str, None] = {}
        self.lines = 0

    def __enter__(self) -> Self:
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", dir=self._spool_in)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._spool.close()

    def add(self, job: JobRecord) -> None:
        if job.attempts:
            self._row_columns.update(dict.fromkeys(job.row))
            self._label_columns.update(dict.fromkeys(job.labels))
        for attempt in job.attempts:
            self._spool.write(json.dumps([self._fixed(job, attempt), job.row, job.labels]) + "\n")
            self.lines += 1

    def write(self, file: TextIO) -> None:
        """The whole table, in the order in which the jobs were added."""
        # The line ends of RFC 4180: with others, a lone CR in a cell would be written without quotes.
        writer = csv.writer(file, lineterminator="\r\n")
        rows = [f"row.{name}" for name in self._row_columns]
        labels = [f"label.{name}" for name in self._label_columns]
        writer.writerow([*COLUMNS, *rows, *labels])
        self._spool.seek(0)
        for line in self._spool:
            fixed, row, labels = json.loads(line)
            cells = [row.get(name) for name in self._row_columns]
            writer.writerow([*fixed, *cells, *(labels.get(name) for name in self._label_columns)])

    def _fixed(self, job: JobRecord, attempt: AttemptRecord) -> Sequence[object]:
        """The cells of `COLUMNS`; None becomes an empty one."""
        return (
            job.key,
            job.node,
            job.request["mode"],
            job.request.get("speed"),
            job.take,
            job.source,
            job.source_number,
            job.state,
            _truth(job.wanted),
            attempt.number,
            attempt.task,
            attempt.outcome,
            attempt.fail_code,
            attempt.fail_message,
            None if attempt.price is None else decimal_text(attempt.price),
            attempt.money,
            iso(attempt.intended),
            iso(attempt.answered),
            iso(attempt.created),
            iso(attempt.completed),
            iso(attempt.finished),
            sum(image.path is not None for image in attempt.images),
            _truth(self._sandbox),
        )


def _truth(value: bool) -> str:  # noqa: FBT001 - the one thing it takes
    return "true" if value else "false"
