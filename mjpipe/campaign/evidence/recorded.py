"""An attempt that a state has on record, as evidence for another state."""

from mjpipe.contract import TASK_ID, Mode
from mjpipe.domain import Money, TaskId
from mjpipe.ledger import AttemptRecord, JobRecord
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom


def recorded_attempt(
    job: JobRecord, attempt: AttemptRecord, *, host: str | None, campaign: str | None = None
) -> RecordedAttempt:
    """`host` is the one that the state is bound to; `campaign` is None for one that belongs to whoever asks."""
    speed = attempt.request.get("speed")
    return RecordedAttempt(
        uid=attempt.uid,
        found_in=RecoveredFrom.STATE,
        host=host,
        campaign=campaign,
        node=job.node,
        key=job.key,
        fingerprint=job.fingerprint,
        mode=str(attempt.request["mode"]),
        speed=None if speed is None else str(speed),
        source=_source(job),
        rerolls=_rerolled(job, attempt),
        price=attempt.price,
        request=None if attempt.is_partial else attempt.request,
        intended=attempt.intended,
        answered=attempt.answered,
        finished=attempt.finished,
        task=attempt.task,
        outcome=attempt.outcome,
        money=attempt.money,
        fail_code=attempt.fail_code,
        image_count=len(attempt.images) if attempt.money is Money.SPENT else None,
        images=tuple(
            PlacedImage(number=image.number, path=image.path, sha256=image.sha256, size=image.size)
            for image in attempt.images
            if image.path is not None and image.sha256 is not None and image.size is not None
        ),
        set_aside=job.set_aside,
    )


def _source(job: JobRecord) -> RecordedSource | None:
    if job.source is None or job.source_task is None:
        return None
    return RecordedSource(key=job.source, task=job.source_task, number=job.source_number)


def _rerolled(job: JobRecord, attempt: AttemptRecord) -> TaskId | None:
    """The task of the same job that a person wanted again. A job that is a reroll starts from the task of another."""
    sent = attempt.request.get(TASK_ID)
    if attempt.request["mode"] != Mode.REROLL:
        return None
    return next((other.task for other in job.attempts if other.task is not None and other.task == sent), None)
