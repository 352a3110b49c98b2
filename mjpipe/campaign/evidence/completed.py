"""Completes what is known of an attempt from the plan."""

from dataclasses import replace

from mjpipe.domain import Job, TaskId
from mjpipe.ledger.receipts import RecordedAttempt, RecordedSource


def completed(attempt: RecordedAttempt, job: Job, made_of: TaskId | None = None) -> RecordedAttempt:
    """An attempt that is known by its key alone, as one of the job that has this key. What it says itself counts.

    `made_of` is the task of the job's source, which a plan does not name; None where it is not known.
    """
    source = attempt.source
    if source is None and job.source is not None and made_of is not None:
        source = RecordedSource(key=job.source.key, task=made_of, number=job.source.number)
    return replace(
        attempt,
        node=job.node,
        fingerprint=job.fingerprint,
        mode=attempt.mode or str(job.request["mode"]),
        speed=attempt.speed or _text(job.request.get("speed")),
        source=source,
        price=job.price if attempt.mode is None else attempt.price,
        request=attempt.request or job.request,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
