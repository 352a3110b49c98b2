"""`mjpipe prune`: the files of images that are left over."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.cli.reports import renew_reports
from mjpipe.cli.terminal import say
from mjpipe.domain import counted
from mjpipe.ledger import ImageOnDisk, Ledger, state_faults
from mjpipe.run import has_content


@click.command("prune")
@MANIFEST
@click.option("--yes", is_flag=True, help="Remove the files that are listed.")
@SANDBOX
@STATE
def command(manifest: Path, *, yes: bool, sandbox: bool, state: Path | None) -> None:
    """List the images that are left over; with --yes, remove their files.

    They are those of jobs that MANIFEST, as it is now, does not ask for, what a reroll has replaced, and those of tasks
    that had been taken and were sent again. What the images cost stays on record, and a job that is asked for again is
    fetched again, for as long as the service keeps it. A file that somebody has changed stays.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    with campaign.records(), ExitStack() as stack:
        # From here on nobody brings back what is listed as left over.
        ledger = stack.enter_context(campaign.writing()) if yes else None
        with campaign.preview() as records:
            before = campaign.outputs_before(records.ledger)
            folders = [folder for folder in (before, campaign.manifest.outputs.dir) if folder is not None]
            left_over = [image for image in records.ledger.images_left_over() if _is_there(image, folders)]
        for image in left_over:
            say(image.path)
        if ledger is None or not left_over:
            say(f"{counted(len(left_over), 'image')} left over{_what_yes_does(left_over)}", err=True)
            return
        removed = _remove(left_over, folders, ledger)
        renew_reports(campaign)
    kept = len(left_over) - removed
    say(f"removed {counted(removed, 'file')}{f', kept {kept} that somebody has changed' if kept else ''}", err=True)


def _what_yes_does(left_over: Sequence[ImageOnDisk]) -> str:
    """By what the last run saw; what was changed since is kept all the same."""
    changed = sum(image.hand_sha256 is not None for image in left_over)
    if not left_over:
        return ""
    return "; --yes removes them" + (f", but for {changed} that somebody has changed" if changed else "")


def _is_there(image: ImageOnDisk, folders: Sequence[Path]) -> bool:
    return any((folder / image.path).exists() for folder in folders)


def _remove(images: Sequence[ImageOnDisk], folders: Sequence[Path], ledger: Ledger) -> int:
    """Gives how many files were removed; these, and no others, are off the record, also when the disk refuses one."""
    removed: list[ImageOnDisk] = []
    try:
        for image in images:
            if _removed(image, folders):
                removed.append(image)  # noqa: PERF401 - what came before a fault is to be recorded
    finally:
        ledger.pruned(removed)
    return len(removed)


def _removed(image: ImageOnDisk, folders: Sequence[Path]) -> bool:
    for path in (folder / image.path for folder in folders):
        with state_faults(path):
            if has_content(path, image.sha256):
                path.unlink()
                return True
    return False
