"""All that is known of one job, as one JSON document, described by `schemas/show.schema.json`."""

from mjpipe.domain import Json, JsonObject, decimal_text, iso
from mjpipe.ledger import AttemptRecord, ImageRecord, JobRecord
from mjpipe.report.advice.next_run import next_run
from mjpipe.report.text.attempt_times import attempt_times
from mjpipe.report.text.placeholders import path_with_placeholder, request_with_placeholder

SCHEMA_VERSION = 1


def show_document(job: JobRecord, *, sandbox: bool, closed_until: float | None = None) -> JsonObject:
    """`request` and `paths` are as planned, those of attempts and images as they were; paths are relative to
    `outputs.dir`.
    """
    future = next_run(job, closed_until=closed_until)
    return {
        "schema_version": SCHEMA_VERSION,
        "sandbox": sandbox,
        "key": job.key,
        "fingerprint": job.fingerprint,
        "node": job.node,
        "kind": job.kind,
        "orphan": not job.wanted,
        "set_aside": job.set_aside,
        "state": job.state,
        "reason": job.reason,
        "code": job.code,
        "why": job.why or None,
        "next_run": {"acts": future.acts, "what": future.what},
        "price": None if job.price is None else decimal_text(job.price),
        "source": None if job.source is None else {"key": job.source, "number": job.source_number},
        "take": job.take,
        "row": job.row,
        "labels": job.labels,
        "request": request_with_placeholder(job.request),
        "paths": [path_with_placeholder(path) for path in job.paths],
        "attempts": [_attempt(attempt, result=attempt is job.result) for attempt in job.attempts],
    }


def _attempt(attempt: AttemptRecord, *, result: bool) -> dict[str, Json]:
    return {
        "number": attempt.number,
        "result": result,
        "taskId": attempt.task,
        "outcome": attempt.outcome,
        "evidence": attempt.evidence,
        "recovered": attempt.recovered,
        "fail_code": attempt.fail_code,
        "fail_message": attempt.fail_message,
        "price": None if attempt.price is None else decimal_text(attempt.price),
        "money": attempt.money,
        **attempt_times(attempt),
        "request": attempt.request,
        "images": [_image(image) for image in attempt.images],
    }


def _image(image: ImageRecord) -> dict[str, Json]:
    return {
        "number": image.number,
        "url": image.url,
        "path": image.path,
        "sha256": image.sha256,
        "size": image.size,
        "fetched": iso(image.fetched),
    }
