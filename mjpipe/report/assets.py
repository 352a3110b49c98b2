"""`assets.jsonl`: one line for each image on disk, with all that led to it."""

import json
from collections.abc import Iterator

from mjpipe.domain import Json, decimal_text
from mjpipe.ledger import AttemptRecord, ImageRecord, JobRecord
from mjpipe.report.moments import iso
from mjpipe.report.tasks import result_of, sent_input


def asset_lines(job: JobRecord, *, sandbox: bool) -> Iterator[str]:
    """JSON, in the order of attempts and image numbers.

    `path` is relative to the folder of the file. `price` is that of the task, which all of its images share. `orphan`
    marks images that the manifest no longer asks for, `extra` those of a task beside the job's result.
    """
    for attempt in job.attempts:
        for image in attempt.images:
            if image.path is not None:
                yield json.dumps(_asset(job, attempt, image, sandbox=sandbox), ensure_ascii=False, allow_nan=False)


def _asset(job: JobRecord, attempt: AttemptRecord, image: ImageRecord, *, sandbox: bool) -> dict[str, Json]:
    return {
        "path": image.path,
        "sha256": image.sha256,
        "size": image.size,
        "node": job.node,
        "key": job.key,
        "number": image.number,
        "take": job.take,
        "orphan": not job.wanted,
        "extra": attempt is not result_of(job),
        "sandbox": sandbox,
        "row": job.row,
        "labels": job.labels,
        "source": None if job.source is None else {"key": job.source, "number": job.source_number},
        "request": sent_input(attempt),
        "taskId": attempt.task,
        "price": None if attempt.price is None else decimal_text(attempt.price),
        "times": {
            "intended": iso(attempt.intended),
            "answered": iso(attempt.answered),
            "created": iso(attempt.created),
            "completed": iso(attempt.completed),
            "finished": iso(attempt.finished),
            "fetched": iso(image.fetched),
        },
    }
