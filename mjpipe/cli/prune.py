"""`mjpipe prune`: the files of images that are left over."""

import time
from contextlib import closing
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.ledger import ImageOnDisk, Ledger
from mjpipe.run import has_content


@click.command("prune")
@MANIFEST
@click.option("--yes", is_flag=True, help="Remove the files that are listed.")
@SANDBOX
@STATE
def command(manifest: Path, *, yes: bool, sandbox: bool, state: Path | None) -> None:
    """List the images that are left over; with --yes, remove their files.

    They are those of jobs that MANIFEST no longer asks for, what a reroll has replaced, and those of tasks that had
    been taken and were sent again. By the state of the last run: what a run has not yet seen is not listed. What the
    images cost stays on record, and a job that is asked for again is fetched again, for as long as the service keeps
    it. A file that somebody has changed stays.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    outputs = campaign.manifest.outputs.dir
    with campaign.records() as records:
        left_over = list(records.ledger.images_left_over())
    for image in left_over:
        click.echo(image.path)
    if not yes or not left_over:
        click.echo(f"{len(left_over)} images left over{'; --yes removes them' if left_over else ''}", err=True)
        return
    with campaign.folder.lock(since=time.time()), closing(Ledger.open(campaign.folder.ledger)) as ledger:
        ledger.pruned(image for image in left_over if _removed(outputs / image.path, image))
    click.echo(f"removed {sum(not (outputs / image.path).exists() for image in left_over)} files", err=True)


def _removed(path: Path, image: ImageOnDisk) -> bool:
    if path.exists() and not has_content(path, image.sha256):
        return False
    path.unlink(missing_ok=True)
    return True
