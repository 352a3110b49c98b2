"""What a person sees when a run has ended: the digest, and the next command to type."""

from pathlib import Path

import click

from mjpipe.cli.campaign import Campaign
from mjpipe.cli.terminal import terminal_width
from mjpipe.domain import JobState
from mjpipe.report import digest_text, write_reports
from mjpipe.run import Ending, Stop


def tell_ending(campaign: Campaign, ending: Ending, *, path: Path, since: float) -> None:
    """Writes the reports and prints the digest. `path` is the manifest as typed, `since` when the run began."""
    outputs = campaign.manifest.outputs.dir
    with campaign.records() as records:
        written = write_reports(
            records,
            outputs,
            campaign=campaign.manifest.campaign,
            sandbox=campaign.sandbox,
            price_source=campaign.prices.source,
            price_date=campaign.prices.date,
            since=since,
        )
    click.echo(digest_text(written.costs, terminal_width()), nl=False)
    click.echo(f"\n{written.images} images in {_shown(outputs)}, costs in {_shown(written.costs_json)}")
    command = f"{path} --sandbox" if campaign.sandbox else str(path)
    click.echo(next_step(ending, command))


def next_step(ending: Ending, command: str) -> str:
    """The next command to type, and why."""
    step = _after_stop(ending.stop, command)
    if step is not None:
        return step
    if ending.of(JobState.IN_DOUBT):
        return (
            f"next: mjpipe show {command} KEY tells what is known of a job in doubt; it is never sent again by itself"
        )
    if ending.late:
        return f"next: mjpipe run {command} asks again for {len(ending.late)} slow tasks"
    if ending.incomplete:
        return f"next: mjpipe run {command} fetches what is missing"
    if ending.of(JobState.FAILED, JobState.SKIPPED):
        return f"next: mjpipe show {command} KEY tells why a job failed"
    if ending.of(JobState.READY):
        return f"next: set `prices:` for the unpriced jobs, or leave the budget out: mjpipe run {command}"
    if ending.of(JobState.UNPICKED):
        return f"next: pick images, then mjpipe run {command}"
    return "all done"


def _after_stop(stop: Stop | None, command: str) -> str | None:
    match stop:
        case Stop.INTERRUPTED:
            return f"next: mjpipe run {command} carries on"
        case Stop.BUDGET:
            return f"next: mjpipe run {command} --budget USD, with more than has been spent"
        case Stop.OUT_OF_BALANCE:
            return f"next: add balance to the account, then mjpipe run {command}"
        case Stop.NOT_AUTHORISED:
            return f"next: check APIXO_API_KEY, then mjpipe run {command}"
        case _:
            return None


def _shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
