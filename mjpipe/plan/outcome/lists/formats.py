"""Lists of jobs as a person reads them, in Markdown, and inside the JSON document of a plan."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mjpipe.domain import (
    counted,
    dollars,
    json_text,
    markdown_code,
    markdown_text,
    one_line,
    padded,
    printable,
    wrapped,
)
from mjpipe.plan.outcome.lists.differing_texts import differing_texts
from mjpipe.plan.outcome.lists.job_list import JobList, ListedAs, ListedJob
from mjpipe.plan.outcome.lists.same_changes import ShownChanges

_LONGEST_KEY = 36
"""Columns: longer keys move what stands behind them."""

_LEAST_TEXT = 20

_INDENT = " " * 4

_MARKDOWN_TEXT = 100
"""Characters of a changed text in a table."""

_WORDS = {
    ListedAs.NEW: "new",
    ListedAs.CHANGED: "changed",
    ListedAs.ORPHANS: "no longer in the manifest",
    ListedAs.WAITING: "waiting",
    ListedAs.FAILED: "failed",
}


def job_lines(jobs: JobList, *, width: int, most: int | None) -> Iterator[str]:
    """A line for each job, the changes below it, and a last line that counts them; `most` jobs, None for all.

    Where jobs differ in the same way, the first of them shows it, and the others name that one.
    """
    longest = min(jobs.widest_key, _LONGEST_KEY)
    shown = ShownChanges()
    for job in islice(jobs, most):
        shown_at = shown.shown_at(job)
        yield from _lines_of(job, longest, width, shown_at)
        for change in job.changes if shown_at is None else ():
            name = printable(change.param)
            room = max(width - len(name) - 6, _LEAST_TEXT)
            before, after = differing_texts(change.before, change.after, room)
            yield f"  - {name}: {before}"
            yield f"  + {name}: {after}"
    if most is not None and len(jobs) > most:
        yield f"… and {len(jobs) - most:,} more: write them into a file with > FILE, or read them with | less"
    yield counts_text(jobs)


def _lines_of(job: ListedJob, longest: int, width: int, shown_at: str | None) -> list[str]:
    why = job.why if shown_at is None else f"{job.why}, like `{shown_at}`"
    start, why = f"{padded(printable(job.key), longest)}  {price_text(job)}  ", one_line(why)
    if len(start) + len(why) <= width:  # most lines fit, and wrapping takes ten times as long
        return [start + why]
    return wrapped(why, width, first=start, rest=_INDENT)


def counts_text(jobs: JobList) -> str:
    """`12 jobs: 8 new, 4 changed`"""
    if not len(jobs):
        return (
            "no jobs to list: all are made, or in flight" if jobs.only is None else f"no jobs are {_WORDS[jobs.only]}"
        )
    parts = ", ".join(f"{jobs.counts[each]:,} {_WORDS[each]}" for each in ListedAs if jobs.counts[each])
    return f"{counted(len(jobs), 'job')}: {parts}"


def price_text(job: ListedJob) -> str:
    """`$0.20`, `unpriced`, `$0.00 to $1.20`, `paid $0.20`"""
    if job.up_to is not None:
        return f"$0.00 to {dollars(job.up_to)}"
    price = "unpriced" if job.price is None else dollars(job.price)
    return f"paid {price}" if job.listed_as is ListedAs.ORPHANS else price


def markdown_jobs(jobs: JobList, *, most: int) -> Iterator[str]:
    """A table of the first `most` jobs, and a line that counts them all."""
    if len(jobs):
        yield "| job | cost | why |"
        yield "| --- | --- | --- |"
    shown = ShownChanges()
    for job in islice(jobs, most):
        shown_at = shown.shown_at(job)
        changes = (
            "".join(f"<br>{_markdown_change(change.param, change)}" for change in job.changes)
            if shown_at is None
            else f", like {markdown_code(shown_at)}"
        )
        yield f"| {markdown_code(job.key)} | {price_text(job)} | {markdown_text(job.why)}{changes} |"
    more = f", the first {most:,} shown" if len(jobs) > most else ""
    yield ""
    yield f"{counts_text(jobs)}{more}"


def _markdown_change(param: str, change: Any) -> str:
    before, after = differing_texts(change.before, change.after, _MARKDOWN_TEXT)
    return f"{markdown_text(param)}: {markdown_code(before)} → {markdown_code(after)}"


def document_with_jobs(document: str, jobs: JobList) -> Iterator[str]:
    """The lines of a plan's JSON `document` with the jobs as its last entry."""
    yield document.rstrip().removesuffix("}").rstrip() + ","
    yield '  "job_list": ['
    last = len(jobs) - 1
    for at, job in enumerate(jobs.documents()):
        yield f"    {json_text(job)}{'' if at == last else ','}"
    yield "  ]"
    yield "}"
