"""`costs.csv`: one line for each attempt, orphans' too, with the labels of its job and columns of its row."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from mjpipe.domain import decimal_text
from mjpipe.ledger import AttemptRecord, JobRecord, Records
from mjpipe.report.formats.format import Table, WriteJob
from mjpipe.report.text.attempt_times import attempt_times
from mjpipe.report.totals.costs import Costs

COSTS_CSV = "report/costs.csv"

COLUMNS = {
    "key": "The job's key.",
    "node": "Its node.",
    "mode": "The mode of the API.",
    "speed": "Empty where the request has none.",
    "take": "From 0; empty for a node without takes.",
    "source": "The key of the job whose image it started from.",
    "image": "The number of that image.",
    "state": "Where the job stands.",
    "wanted": "`false` for an orphan.",
    "attempt": "1 for the job's first, and so on.",
    "task": "The taskId.",
    "outcome": "What is known of the answer to the submission.",
    "fail_code": "Why the task failed, as the service says it.",
    "fail_message": "Likewise.",
    "price": "Of the attempt, in US dollars. Empty where no page documents it.",
    "money": "`spent`, `reserved`, `at_risk` (possibly billed) or `free` (certainly not billed).",
    "result": "Whether its images are the job's; a `spent` line where they are not is an extra.",
    "intended": "When the submission was put on record, before it was sent.",
    "answered": "When the service had answered it.",
    "created": "By the service's clock.",
    "completed": "By the service's clock.",
    "finished": "When mjpipe learned how the task had ended.",
    "images": "How many of its images are on disk.",
    "sandbox": "Whether the sandbox made it, for play money.",
}
"""By name, with their meanings. Columns of the row follow as `row.NAME`, the labels as `label.NAME`."""

_STEERING = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""With one of these begins what spreadsheets take for a formula; the last four are the wide forms of the first."""

_NUMBER = re.compile(r"[+-]\d+([.,]\d+)?")


class AttemptTable:
    """The table as it is written. `rows` and `labels` name the columns of the jobs that will be added."""

    def __init__(self, file: TextIO, *, sandbox: bool, rows: Sequence[str], labels: Sequence[str]) -> None:
        # The line ends of RFC 4180: with others, a lone CR in a cell would be written without quotes.
        self._write = csv.writer(file, lineterminator="\r\n").writerow
        self._sandbox = _truth(sandbox)
        self._rows = rows
        self._labels = labels
        self._write([*COLUMNS, *(f"row.{name}" for name in rows), *(f"label.{name}" for name in labels)])

    def add(self, job: JobRecord) -> None:
        if not job.attempts:
            return
        of_job, result = self._of_job(job), job.result
        cells = [
            *(inert(job.row.get(name)) for name in self._rows),
            *(inert(job.labels.get(name)) for name in self._labels),
        ]
        for attempt in job.attempts:
            self._write([*of_job, *self._of_attempt(attempt, result=attempt is result), *cells])

    def _of_job(self, job: JobRecord) -> tuple[object, ...]:
        """The first cells of `COLUMNS`; None becomes an empty one."""
        return (
            inert(job.key),
            inert(job.node),
            job.request["mode"],
            job.request.get("speed"),
            job.take,
            inert(job.source),
            job.source_number,
            job.state,
            _truth(job.wanted),
        )

    def _of_attempt(self, attempt: AttemptRecord, *, result: bool) -> tuple[object, ...]:
        """The other cells of `COLUMNS`."""
        return (
            attempt.number,
            inert(attempt.task),
            attempt.outcome,
            inert(attempt.fail_code),
            inert(attempt.fail_message),
            None if attempt.price is None else decimal_text(attempt.price),
            attempt.money,
            _truth(result),
            *attempt_times(attempt).values(),
            sum(image.path is not None for image in attempt.images),
            self._sandbox,
        )


def inert(text: str | None) -> str | None:
    """Foreign text as spreadsheets leave it alone: what they would take for a formula, and carry out, begins with `'`.

    Signed numbers stay as they are.
    """
    if text and text[0] in _STEERING and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _truth(value: bool) -> str:  # noqa: FBT001 - the one thing it takes
    return "true" if value else "false"


@contextmanager
def _attempts(file: TextIO, costs: Costs, records: Records) -> Iterator[WriteJob]:
    kept, labels = costs.campaign.columns, records.columns_tried("labels")
    tried = records.columns_tried("row")
    rows = tried if kept is None else [name for name in tried if name in kept or name in costs.by]
    yield AttemptTable(file, sandbox=costs.campaign.sandbox, rows=rows, labels=labels).add


FORMAT = Table(name="csv", what="a line for each attempt", path=COSTS_CSV, begin=_attempts)
