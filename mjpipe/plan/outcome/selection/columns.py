"""The value of a job in a column."""

from mjpipe.domain import Job
from mjpipe.plan.safe_names import identifier


def value_of(job: Job, column: str) -> str | None:
    """The value of a label, or else of a column of its row, by name or variable name; None if the job has neither."""
    if column in job.labels:
        return job.labels[column]
    return cell_of(job, column)


def cell_of(job: Job, column: str) -> str | None:
    """The value of a column of its row, by name or variable name; None if the row has no such column."""
    if column in job.row:
        return job.row[column]
    return next((value for name, value in job.row.items() if identifier(name) == column), None)
