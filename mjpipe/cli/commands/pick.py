"""`mjpipe pick`: pick images of a job, or request others, in the shell."""

import getpass
import os
import time
from collections.abc import Callable
from pathlib import Path

import click

from mjpipe.campaign import Campaign, open_campaign, pick_rest
from mjpipe.campaign import pick as write_pick
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.steps import say_step
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.terminal import say
from mjpipe.domain import UsageFault, counted
from mjpipe.plan import Decision
from mjpipe.report import NextStep


@click.command("pick")
@MANIFEST
@click.argument("key", required=False)
@click.argument("images", nargs=-1, type=click.IntRange(min=0))
@click.option("--node", default="", help="The node that uses them. [default: every node that waits for picks]")
@click.option("--reject", is_flag=True, help="Pick none of the images.")
@click.option("--reroll", is_flag=True, help="Replace these images by new ones, for the price of the job.")
@click.option(
    "--rest",
    type=click.Choice(["first", "reject"]),
    help="Decide for all jobs that still wait for a pick: the first image of each, or none.",
)
@click.option("--note", default="", help="A note for the picks file.")
@SANDBOX
@STATE
def command(
    manifest: Path,
    key: str | None,
    images: tuple[int, ...],
    *,
    node: str,
    reject: bool,
    reroll: bool,
    rest: str | None,
    note: str,
    sandbox: bool,
    state: Path | None,
) -> None:
    """Pick IMAGES (numbers, from 0) of the job KEY of MANIFEST. Writes a line to the picks file.

    The pick is for the images that are there now: if the job is made again, the pick is ignored. After --reroll the
    next run replaces the images by new ones, and makes again what was made from them. With --rest instead of a KEY,
    what nobody has picked is decided at once, so that the campaign can end.
    """
    if rest is not None:
        if key is not None or reject or reroll:
            raise UsageFault(
                "--rest decides for all jobs that nobody picked: it takes no KEY",
                help=f"mjpipe pick {manifest} --rest {rest}",
            )
        _pick_rest(open_campaign(manifest, state=state, sandbox=sandbox), rest, node=node, note=note)
        return
    if key is None:
        raise UsageFault("give the KEY of a job, or --rest", help=f"mjpipe pick {manifest} --rest first")
    if [reject, reroll, bool(images)].count(True) != 1:
        raise UsageFault(
            "give image numbers, or --reject, or --reroll: exactly one of them",
            help=f"mjpipe pick {manifest} {key} 0 2",
        )
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    print_unknown(campaign)
    write_pick(
        campaign,
        key,
        Decision.REROLL if reroll else Decision.REJECT if reject else Decision.PICK,
        images,
        node=node,
        note=note,
        by=person(),
        at=_now(),
    )
    _print_next(campaign)


def _pick_rest(campaign: Campaign, rest: str, *, node: str, note: str) -> None:
    print_unknown(campaign)
    decision = Decision.PICK if rest == "first" else Decision.REJECT
    decided = pick_rest(campaign, decision, node=node, note=note, by=person(), at=_now())
    jobs, images = counted(len(decided.lines), "job"), counted(len(decided.lines), "image")
    if not decided.lines:
        say("nothing waits for a pick" if not decided.later else "no image that is there waits for a pick", err=True)
    elif rest == "first":
        say(f"picked {images}, the first of each job", err=True)
    else:
        say(f"rejected the images of {jobs}", err=True)
    if decided.later:
        say(f"{counted(decided.later, 'pick')} will be needed when more images are made", err=True)
    if decided.lines or decided.later:
        _print_next(campaign, wrote=bool(decided.lines))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _print_next(campaign: Campaign, *, wrote: bool = True) -> None:
    if wrote:
        say(f"wrote {campaign.picks_shown}", err=True)
    if campaign.folder.is_held():
        say("a run is in progress, and uses new picks by itself (not with --plan)", err=True)
    else:
        say_step(NextStep(what="run the campaign", command=f"mjpipe run {campaign.typed}"), err=True)


def person(name: Callable[[], str] = getpass.getuser) -> str:
    """Who picks; the number of a user without a name, as in a container."""
    try:
        return name()
    except (KeyError, OSError):
        return str(os.getuid())
