"""`mjpipe pick`: choose images of a job, or ask for others, in the shell."""

import getpass
import os
import time
from collections.abc import Callable
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.cli.keys import near_keys
from mjpipe.cli.terminal import say
from mjpipe.contract import Mode, may_follow
from mjpipe.domain import InvalidManifest, JobKey, JobState, UsageFault
from mjpipe.plan import Decision, Pick, picks_text, read_picks, with_pick
from mjpipe.report import replacing

_UNDER_WAY = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.IN_DOUBT})


@click.command("pick")
@MANIFEST
@click.argument("key")
@click.argument("images", nargs=-1, type=click.IntRange(min=0))
@click.option("--node", default="", help="The node that shall have them. [default: all that wait for picks]")
@click.option("--reject", is_flag=True, help="None of the images.")
@click.option("--reroll", is_flag=True, help="Other images in the place of these, for the price of the job.")
@click.option("--note", default="", help="Why.")
@SANDBOX
@STATE
def command(
    manifest: Path,
    key: str,
    images: tuple[int, ...],
    *,
    node: str,
    reject: bool,
    reroll: bool,
    note: str,
    sandbox: bool,
    state: Path | None,
) -> None:
    """Choose IMAGES (numbers, from 0) of the job KEY of MANIFEST, and write it into the picks file.

    The line names the task whose images are there now; when the job is made anew, it is stale and never acted on. With
    --reroll the next run has the service make other images, which take the place of these; what was made of these is
    made anew, too.
    """
    if [reject, reroll, bool(images)].count(True) != 1:
        raise UsageFault(
            "a pick names images, --reject and --reroll name none, and exclude each other",
            help=f"mjpipe pick {manifest} {key} 0 2",
        )
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    if any(diagnostic.is_error for diagnostic in campaign.diagnostics):
        raise InvalidManifest(campaign.diagnostics)
    if node and node not in campaign.manifest.nodes:
        raise UsageFault(f"there is no node `{node}`", help=f"nodes: {', '.join(campaign.manifest.nodes)}")
    with campaign.records() as records:
        job = records.job(key)
        if job is None:
            raise UsageFault(f"there is no job `{key}`", help=near_keys(key, [*records.keys()]))
    if job.result is None:
        raise UsageFault(f"`{key}` has no images to choose from", help=f"`mjpipe status {manifest}` tells what is made")
    if job.state in _UNDER_WAY:
        raise UsageFault(f"`{key}` is being rerolled", help=f"`mjpipe run {campaign.typed}` fetches its new images")
    if reroll and not may_follow(Mode.REROLL, Mode(str(job.request["mode"]))):
        raise UsageFault(
            f"`{key}` cannot be rerolled: the service does not offer it after `{job.request['mode']}`",
            help=f"mjpipe pick {campaign.typed} {job.source or 'KEY'} --reroll",
        )
    came = [image.number for image in job.images]
    strange = [number for number in images if number not in came]
    if strange:
        raise UsageFault(f"`{key}` has no image {strange[0]}", help=f"it has {' '.join(map(str, came))}")
    pick = Pick(
        key=JobKey(key),
        node=node,
        decision=Decision.REROLL if reroll else Decision.REJECT if reject else Decision.PICK,
        images=images,
        task=job.result.task,
        note=note,
        by=person(),
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )
    with campaign.folder.picking():
        picks, mistakes = read_picks(campaign.manifest.picks, shown=campaign.picks_shown)
        if mistakes:
            raise InvalidManifest(mistakes)
        with replacing(campaign.manifest.picks, help="the picks are as they were: pick again") as file:
            file.write(picks_text(with_pick(picks, pick)))
    say(f"wrote {campaign.manifest.picks.name}; next: mjpipe run {campaign.typed}", err=True)


def person(name: Callable[[], str] = getpass.getuser) -> str:
    """Who picks: the number of a user who has no name, as in a container."""
    try:
        return name()
    except (KeyError, OSError):
        return str(os.getuid())
