"""What the tasks of a job are to it: its result, or something beside it."""

import json

from mjpipe.domain import JobState, JsonObject, Money
from mjpipe.ledger import AttemptRecord, JobRecord

_HAS_RESULT = frozenset({JobState.SUCCEEDED, JobState.DONE})


def result_of(job: JobRecord) -> AttemptRecord | None:
    """The attempt whose images are the job's, None while it has none."""
    return job.attempts[-1] if job.state in _HAS_RESULT else None


def extras_of(job: JobRecord) -> tuple[AttemptRecord, ...]:
    """Attempts that were paid for and whose images are not the job's: tasks of a submission that was taken for lost
    and made again, and what a reroll has replaced.
    """
    result = result_of(job)
    return tuple(attempt for attempt in job.attempts if attempt.money is Money.SPENT and attempt is not result)


def sent_input(attempt: AttemptRecord) -> JsonObject:
    """The `input` object as it was sent.

    What stands beside it in the body is left out: a callback URL bears the token by which its attempt is known.
    """
    body: dict[str, JsonObject] = json.loads(attempt.body)
    return body["input"]
