"""What a job has in a column."""

from mjpipe.domain import Job
from mjpipe.plan.safe_names import identifier


def value_of(job: Job, column: str) -> str | None:
    """Of a label, or else of a column of its row, by name or by variable name; None for a job that has neither."""
    for cells in (job.labels, job.row):
        if column in cells:
            return cells[column]
    return next((value for name, value in job.row.items() if identifier(name) == column), None)
