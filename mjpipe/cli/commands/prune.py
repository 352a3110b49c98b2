"""`mjpipe prune`: list or remove images that are left over."""

from collections.abc import Sequence
from pathlib import Path

import click

from mjpipe.campaign import open_campaign
from mjpipe.campaign.pruning import prune
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.terminal import say
from mjpipe.domain import counted
from mjpipe.ledger import ImageOnDisk


@click.command("prune")
@MANIFEST
@click.option("--yes", is_flag=True, help="Remove the files that are listed.")
@SANDBOX
@STATE
def command(manifest: Path, *, yes: bool, sandbox: bool, state: Path | None) -> None:
    """List the images that are left over; with --yes, remove their files.

    They belong to jobs that MANIFEST no longer asks for, to results that a reroll replaced, or to extra tasks of jobs
    that were sent twice. Their costs stay on record. If a job comes back, its images are fetched again, as long as the
    service keeps them. A file that somebody has changed is never removed.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox, to_write=yes)
    print_unknown(campaign)
    pruned = prune(campaign, remove=yes)
    left_over, removed = pruned.left_over, pruned.removed
    for image in left_over:
        say(image.path)
    if not yes or not left_over:
        say(f"{counted(len(left_over), 'image')} left over{_what_yes_does(left_over)}", err=True)
        return
    kept = len(left_over) - removed
    say(f"removed {counted(removed, 'file')}{f', kept {kept} that somebody has changed' if kept else ''}", err=True)


def _what_yes_does(left_over: Sequence[ImageOnDisk]) -> str:
    """Counts the files that the last run found changed; files changed since are kept too."""
    changed = sum(image.hand_sha256 is not None for image in left_over)
    if not left_over:
        return ""
    return "; --yes removes them" + (f", except {changed} that somebody has changed" if changed else "")
