"""What a format of the campaign's reports is: made from the costs alone, or written job by job."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mjpipe.ledger import JobRecord, Records
from mjpipe.report.totals.costs import Costs

WriteJob = Callable[[JobRecord], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """`name` is that of its option; `what` is written, in words.

    A format with a `path` below `outputs.dir` is part of every report. Others are written on request, to a file that
    the user names. With `added_to` they are added to that file instead; it raises UsageFault where there is none.
    """

    name: str
    what: str
    path: str | None = None
    added_to: Callable[[], Path] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(_Format):
    """`text` is the whole of it."""

    text: Callable[[Costs], str]

    def write(self, file: TextIO, costs: Costs, _: Records) -> None:
        file.write(self.text(costs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(_Format):
    """`begin` returns what is then called for each job: the wanted ones in the order of the plan, then the orphans."""

    begin: Callable[[TextIO, Costs, Records], AbstractContextManager[WriteJob]]

    def write(self, file: TextIO, costs: Costs, records: Records) -> None:
        with self.begin(file, costs, records) as write_job:
            for job in records.jobs():
                write_job(job)


Format = Document | Table
