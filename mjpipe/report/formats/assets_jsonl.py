"""`assets.jsonl`: one line for each image on disk, with all that led to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from mjpipe.domain import JsonObject, decimal_text, iso
from mjpipe.ledger import AttemptRecord, JobRecord, Records
from mjpipe.report.formats.format import Table, WriteJob
from mjpipe.report.text.attempt_times import attempt_times
from mjpipe.report.totals.costs import Costs

ASSETS = "assets.jsonl"

SCHEMA_VERSION = 1
"""Of each line: lines are filtered, and put together with those of other campaigns."""

_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def asset_lines(job: JobRecord, *, sandbox: bool) -> Iterator[str]:
    """JSON by `schemas/assets.schema.json`, in the order of attempts and image numbers.

    `path` is relative to the folder of the file; `sha256` and `size` are the file's, also where somebody has changed
    it. `price` is that of the task, which all of its images share. `orphan` marks images that the manifest no longer
    asks for, `extra` those of a task beside the job's result.
    """
    for attempt in job.attempts:
        images = [image for image in attempt.images if image.path is not None]
        if images:
            task, times = _task(job, attempt, sandbox=sandbox), attempt_times(attempt)
        for image in images:
            yield _encoded(
                {
                    "schema_version": SCHEMA_VERSION,
                    "path": image.path,
                    "sha256": image.hand_sha256 or image.sha256,
                    "size": image.size if image.hand_size is None else image.hand_size,
                    "changed_by_hand": image.hand_sha256 is not None,
                    "number": image.number,
                    **task,
                    "times": {**times, "fetched": iso(image.fetched)},
                }
            )


def _task(job: JobRecord, attempt: AttemptRecord, *, sandbox: bool) -> JsonObject:
    """What all images of a task share."""
    return {
        "node": job.node,
        "key": job.key,
        "take": job.take,
        "orphan": not job.wanted,
        "extra": attempt is not job.result,
        "sandbox": sandbox,
        "row": job.row,
        "labels": job.labels,
        "source": None if job.source is None else {"key": job.source, "number": job.source_number},
        "request": attempt.request,
        "taskId": attempt.task,
        "price": None if attempt.price is None else decimal_text(attempt.price),
    }


@contextmanager
def _lines(file: TextIO, costs: Costs, _: Records) -> Iterator[WriteJob]:
    sandbox = costs.campaign.sandbox

    def write_job(job: JobRecord) -> None:
        file.writelines(f"{line}\n" for line in asset_lines(job, sandbox=sandbox))

    yield write_job


FORMAT = Table(name="assets", what="a line for each image", path=ASSETS, begin=_lines)
