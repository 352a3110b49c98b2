"""The value of a job in a column."""

from mjpipe.domain import Job
from mjpipe.plan.safe_names import identifier


def value_of(job: Job, column: str) -> str | None:
    """The value of a label, or else of a column of its row, by name or variable name; None if the job has neither."""
    for cells in (job.labels, job.row):
        if column in cells:
            return cells[column]
    return next((value for name, value in job.row.items() if identifier(name) == column), None)
