"""Completes what is known of an attempt from the plan."""

from dataclasses import replace

from mjpipe.domain import Job
from mjpipe.ledger.receipts import RecordedAttempt


def completed(attempt: RecordedAttempt, job: Job) -> RecordedAttempt:
    """An attempt of which nobody says what was asked for, as an attempt of the job that has its key.

    What it was made from stays as it is: the plan names the source's job, not the task.
    """
    mode, speed = job.request.get("mode"), job.request.get("speed")
    return replace(
        attempt,
        node=job.node,
        fingerprint=job.fingerprint,
        mode=None if mode is None else str(mode),
        speed=None if speed is None else str(speed),
        price=job.price if attempt.price is None else attempt.price,
    )
