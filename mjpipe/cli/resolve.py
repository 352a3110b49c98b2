"""`mjpipe resolve`: what became of jobs in doubt, by a person's word."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, Campaign, open_campaign
from mjpipe.cli.terminal import say
from mjpipe.domain import JobKey, JobState, TaskId, UsageFault, dollars, one_line
from mjpipe.ledger import JobRecord


@click.command("resolve")
@MANIFEST
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--task-id", metavar="ID", help="The job became this task: fetch what it made. For one KEY.")
@click.option("--not-sent", is_flag=True, help="The jobs never became tasks: they may be submitted.")
@SANDBOX
@STATE
def command(
    manifest: Path, keys: tuple[str, ...], *, task_id: str | None, not_sent: bool, sandbox: bool, state: Path | None
) -> None:
    """List the jobs in doubt of MANIFEST, all or the KEYs, or say what became of them.

    A job is in doubt when nobody can know from here whether the service took it: its answer was lost. Look at the
    service's own list of tasks at the time that is shown, then say --task-id or --not-sent. A wrong --not-sent pays
    twice. Both also put right what was said of a job before, as long as the task that was told has not succeeded.

    A job that was sent again, because a gateway had stopped waiting, may have become two tasks. --task-id takes the
    first one, too: as the job's own when no other task of it is known, else as an extra, whose images are fetched
    and kept beside the result.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    if task_id is None and not not_sent:
        _list(campaign, keys)
        return
    if (task_id is not None) == not_sent or not keys or (task_id is not None and len(keys) != 1):
        named = f"mjpipe resolve {campaign.typed}"
        raise UsageFault(
            "say what became of which job",
            help=f"{named} KEY --task-id ID, or {named} KEY ... --not-sent",
        )
    if task_id is not None and not (task_id.strip() and task_id.isprintable()):
        raise UsageFault("the task id is empty, or is none", help="it stands in the service's own list of tasks")
    with campaign.records(), campaign.writing() as ledger:
        ledger.doubt_interrupted(time.time())
        if task_id is None:
            ledger.resolve_as_not_sent(*map(JobKey, keys))
            done = f"freed {', '.join(keys)}"
        else:
            own = ledger.resolve_as_task(JobKey(keys[0]), TaskId(task_id.strip()), time.time())
            done = f"adopted {keys[0]}" if own else f"adopted an extra of {keys[0]}"
    say(f"{done}; next: mjpipe run {campaign.typed}", err=True)


def _list(campaign: Campaign, keys: Sequence[str]) -> None:
    with campaign.records() as records:
        doubtful = [job for job in records.jobs(JobState.IN_DOUBT) if not keys or job.key in keys]
    others = ", ".join(f"`{key}`" for key in keys if key not in {job.key for job in doubtful})
    if others:
        raise UsageFault(
            f"not in doubt, or not a job at all: {others}", help="`mjpipe resolve M` lists the jobs in doubt"
        )
    for job in doubtful:
        say("\n".join(_lines(job)))
    named = f"mjpipe resolve {campaign.typed}"
    next_ = f"; next: {named} KEY --task-id ID, or {named} KEY ... --not-sent"
    say(f"{len(doubtful)} in doubt{next_}" if doubtful else "no job is in doubt", err=True)


def _lines(job: JobRecord) -> list[str]:
    attempt = job.attempt or job.attempts[-1]
    sent = datetime.fromtimestamp(attempt.intended, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    price = "unpriced" if attempt.price is None else dollars(attempt.price)
    return [job.key, f"  sent {sent}, {price} at risk", f"  {one_line(attempt.evidence or job.reason or '')}"]
