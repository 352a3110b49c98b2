"""The times of an attempt in the files for machines."""

from mjpipe.domain import iso
from mjpipe.ledger import AttemptRecord


def attempt_times(attempt: AttemptRecord) -> dict[str, str | None]:
    """ISO 8601 in UTC by name, None for what has not happened: ours first, then the service's, then the end."""
    return {
        "intended": iso(attempt.intended),
        "answered": iso(attempt.answered),
        "created": iso(attempt.created),
        "completed": iso(attempt.completed),
        "finished": iso(attempt.finished),
    }
