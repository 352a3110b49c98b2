"""`mjpipe pick`: choose images of a job, in the shell."""

import getpass
import time
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.domain import InvalidManifest, JobKey, JobState, UsageFault
from mjpipe.plan import Decision, Pick, picks_text, with_pick
from mjpipe.report import replacing


@click.command("pick")
@MANIFEST
@click.argument("key")
@click.argument("images", nargs=-1, type=click.IntRange(min=0))
@click.option("--node", default="", help="The node that shall have them. [default: all that wait for picks]")
@click.option("--reject", is_flag=True, help="None of the images.")
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
    note: str,
    sandbox: bool,
    state: Path | None,
) -> None:
    """Choose IMAGES (numbers, from 0) of the job KEY of MANIFEST, and write it into the picks file.

    The line names the task whose images are there now; when the job is made anew, it is stale and never acted on.
    """
    if reject == bool(images):
        raise UsageFault("a pick names images, and --reject names none", help=f"mjpipe pick {manifest} {key} 0 2")
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    if any(diagnostic.is_error for diagnostic in campaign.diagnostics):
        raise InvalidManifest(campaign.diagnostics)
    if node and node not in campaign.manifest.nodes:
        raise UsageFault(f"there is no node `{node}`", help=f"nodes: {', '.join(campaign.manifest.nodes)}")
    with campaign.records() as records:
        job = records.job(key)
    if job is None or job.state not in (JobState.SUCCEEDED, JobState.DONE):
        raise UsageFault(f"`{key}` has no images to choose from", help="`mjpipe status` tells what is made")
    came = [image.number for image in job.images]
    strange = [number for number in images if number not in came]
    if strange:
        raise UsageFault(f"`{key}` has no image {strange[0]}", help=f"it has {' '.join(map(str, came))}")
    pick = Pick(
        key=JobKey(key),
        node=node,
        decision=Decision.REJECT if reject else Decision.PICK,
        images=images,
        task=job.attempts[-1].task,
        note=note,
        by=getpass.getuser(),
        at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    )
    with replacing(campaign.manifest.picks) as file:
        file.write(picks_text(with_pick(campaign.picks, pick)))
    click.echo(
        f"wrote {campaign.manifest.picks.name}; next: mjpipe run {manifest}{' --sandbox' if sandbox else ''}", err=True
    )
