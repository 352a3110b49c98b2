"""What a person sees when a run has ended: the digest, and the next command to type."""

from collections.abc import Sequence
from pathlib import Path

import click

from mjpipe.cli.campaign import Campaign
from mjpipe.cli.reports import tell_reports
from mjpipe.domain import JobState
from mjpipe.run import Ending, Stop


def tell_ending(
    campaign: Campaign,
    ending: Ending,
    *,
    path: Path,
    by: Sequence[str],
    junit: Path | None,
    github: bool,
    widened: str | None,
) -> None:
    """Writes the reports and prints the digest. `path` is the manifest as typed, `widened` the options that also select
    what the run's jobs wait for, None when they wait for nothing that was not selected.
    """
    tell_reports(campaign, by=by, junit=junit, github=github, afresh=False)
    command = f"{path} --sandbox" if campaign.sandbox else str(path)
    click.echo(next_step(ending, command, widened))


def next_step(ending: Ending, command: str, widened: str | None) -> str:
    """The next command to type, and why."""
    step = _after_stop(ending.stop, command)
    if step is not None:
        return step
    if ending.of(JobState.IN_DOUBT):
        return f"next: mjpipe resolve {command} lists the jobs in doubt, which are never sent again by themselves"
    if ending.late:
        return f"next: mjpipe run {command} asks again for {len(ending.late)} slow tasks"
    if ending.incomplete:
        return f"next: mjpipe run {command} fetches what is missing"
    if ending.of(JobState.FAILED, JobState.SKIPPED):
        return f"next: mjpipe show {command} KEY tells why a job failed"
    if ending.stopped_nodes:
        return f"next: mend what failed, then mjpipe run {command} --retry-failed"
    if ending.ready:
        return f"next: set `prices:` for the unpriced jobs, or leave the budget out: mjpipe run {command}"
    if widened is not None:
        return f"next: mjpipe run {command} {widened} makes what the selected jobs wait for, too"
    left = ending.of(JobState.READY, JobState.WAITING)
    if left:
        return f"next: mjpipe run {command} makes the rest, {left:,} of {sum(ending.counts.values()):,} jobs"
    if ending.of(JobState.UNPICKED):
        key = ending.to_pick or "KEY"
        return f"next: mjpipe pick {command} {key} 0 picks an image for what waits first, then mjpipe run {command}"
    return "all done"


def _after_stop(stop: Stop | None, command: str) -> str | None:
    match stop:
        case Stop.INTERRUPTED:
            return f"next: mjpipe run {command} carries on"
        case Stop.BUDGET:
            return f"next: mjpipe run {command} --budget USD, with more than has been spent"
        case Stop.AGREED:
            return f"next: mjpipe run {command} shows what is left, and asks for it"
        case Stop.OUT_OF_BALANCE:
            return f"next: add balance to the account, then mjpipe run {command}"
        case Stop.NOT_AUTHORISED:
            return f"next: check APIXO_API_KEY, then mjpipe run {command}"
        case _:
            return None
