"""What to do next about a campaign that stands as it does."""

from math import ceil

from mjpipe.domain import JobState, Usd, clock_text, counted, decimal_text, dollars
from mjpipe.report.advice.next_step import NextStep, pick_images, see_why_failed
from mjpipe.report.status.campaign_status import Status

_UNFINISHED = (JobState.READY, JobState.SUBMITTING, JobState.SUBMITTED, JobState.SUCCEEDED)


def next_of_status(status: Status, *, typed: str) -> NextStep | None:
    """None when all is done. `typed` is the campaign in commands to type."""
    jobs = status.jobs
    run = f"mjpipe run {typed}"
    if status.held_by is not None:
        if status.held_by.present is not None and status.held_by.present.asking_since is not None:
            return NextStep(what="answer the run in its terminal, or stop it there with Ctrl-C", command=None)
        return NextStep(what="watch the run", command=f"mjpipe status {typed} --watch")
    if jobs[JobState.IN_DOUBT]:
        return NextStep(
            what=f"settle {counted(jobs[JobState.IN_DOUBT], 'job')} in doubt", command=f"mjpipe resolve {typed}"
        )
    if sum(jobs[state] for state in _UNFINISHED):
        if status.closed_until is not None:
            moment = clock_text(ceil(status.closed_until))
            return NextStep(what=f"continue after {moment}, as the service asked", command=run)
        needed = Usd(status.balance.committed + status.left_to_pay.usd)
        if status.budget is not None and needed > status.budget:
            what = f"raise the budget: with what is left to make, the campaign costs {dollars(needed)}"
            return NextStep(what=what, command=f"{run} --budget {decimal_text(needed)}")
        return NextStep(what="continue", command=run)
    if status.failures:
        return see_why_failed(typed, status.failures[0].keys[0])
    if status.to_pick is not None:
        return pick_images(typed, status.to_pick)
    if sum(jobs.values()) > jobs[JobState.DONE]:
        return NextStep(what="continue", command=run)
    return None
