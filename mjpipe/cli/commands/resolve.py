"""`mjpipe resolve`: list and settle what is possibly billed."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from mjpipe.campaign import Campaign, attempts_at_risk, open_campaign, resolve_as_not_sent, resolve_as_task
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.steps import say_step
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.terminal import say, say_prose
from mjpipe.domain import UsageFault, counted
from mjpipe.ledger import Risk
from mjpipe.report import NextStep, at_risk_lines

ASK = "ask APIXO, or look in your account, for a task created at that time (the API documents no list of tasks)"


@click.command("resolve")
@MANIFEST
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--task-id", metavar="ID", help="The job became this task; fetch its images. For one KEY.")
@click.option("--not-sent", is_flag=True, help="The jobs never became tasks; they may be submitted again.")
@SANDBOX
@STATE
def command(
    manifest: Path, keys: tuple[str, ...], *, task_id: str | None, not_sent: bool, sandbox: bool, state: Path | None
) -> None:
    """List jobs of MANIFEST whose submission is uncertain, and other possibly billed attempts; or settle them.

    A job is in doubt when the answer to its submission was lost: the service may have accepted it. Ask APIXO, or look
    in your account, for a task created at the time shown (the API documents no list of tasks). Then give --task-id or
    --not-sent. A wrong --not-sent pays twice. Either also corrects an earlier answer, unless the task that it named has
    succeeded.

    A job that was sent again after a gateway timeout (504) may have become two tasks, both billed. --task-id also takes
    the first one: as the job's result if no other task is known, else as an extra, whose images are kept beside it.
    """
    settles = task_id is not None or not_sent
    campaign = open_campaign(manifest, state=state, sandbox=sandbox, to_write=settles)
    if not settles:
        print_unknown(campaign)
        _list(campaign, keys)
        return
    if (task_id is not None) == not_sent or not keys or (task_id is not None and len(keys) != 1):
        named = f"mjpipe resolve {campaign.typed}"
        raise UsageFault(
            "name one job with --task-id ID, or jobs with --not-sent",
            help=f"{named} KEY --task-id ID, or {named} KEY ... --not-sent",
        )
    if task_id is not None and not (task_id.strip() and task_id.isprintable()):
        raise UsageFault("the task id is empty or not printable", help=ASK)
    if task_id is None:
        resolve_as_not_sent(campaign, keys)
        done = f"freed {', '.join(keys)}"
    else:
        own = resolve_as_task(campaign, keys[0], task_id.strip())
        done = f"adopted {keys[0]}" if own else f"adopted an extra of {keys[0]}"
    say(done, err=True)
    say_step(NextStep(what="run the campaign", command=f"mjpipe run {campaign.typed}"), err=True)


def _list(campaign: Campaign, keys: Sequence[str]) -> None:
    listed = attempts_at_risk(campaign, keys)
    doubtful = [attempt for attempt in listed if attempt.risk is Risk.IN_DOUBT]
    beside = [attempt for attempt in listed if attempt.risk is not Risk.IN_DOUBT]
    for attempt in (*doubtful, *beside):
        say_prose("\n".join(at_risk_lines(attempt)))
    if doubtful:
        say_prose(f"{counted(len(doubtful), 'job')} in doubt: {ASK}", err=True)
        say_prose("settle each with `resolve` and its key: --task-id ID, or --not-sent when there is no task", err=True)
    else:
        say("no job is in doubt", err=True)
    if beside:
        unanswered = sum(attempt.risk is Risk.NO_ANSWER for attempt in beside)
        ask = f", {unanswered:,} without an answer: {ASK}" if unanswered else ""
        say_prose(f"{counted(len(beside), 'other attempt')} at risk{ask}", err=True)
    if doubtful:
        command = f"mjpipe show {campaign.typed} {shlex.quote(doubtful[0].key)}"
        say_step(NextStep(what="see all that is known of the first", command=command), err=True)
