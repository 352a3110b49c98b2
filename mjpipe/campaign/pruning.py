"""Pruning: find or remove the files of images that are left over."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.previews import preview
from mjpipe.campaign.reporting import renew_reports
from mjpipe.files import has_content, remove_emptied, state_faults
from mjpipe.ledger import ImageOnDisk, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """`left_over` are the images that were found, in the order of the plan; `removed` counts files."""

    left_over: Sequence[ImageOnDisk]
    removed: int


def prune(campaign: Campaign, *, remove: bool) -> Pruned:
    """Finds the images that the manifest no longer asks for; with `remove`, removes their files.

    A file that somebody has changed stays. Raises StateFault when the disk refuses to remove one; the files before it
    are removed, on disk and in the ledger.
    """
    with campaign.records(), ExitStack() as stack:
        # Held from here on, so that no run brings back what is listed as left over.
        ledger = stack.enter_context(campaign.writing()) if remove else None
        with preview(campaign) as records:
            before = campaign.outputs_before(records.ledger)
            folders = [folder for folder in (before, campaign.manifest.outputs.dir) if folder is not None]
            left_over = [image for image in records.ledger.images.left_over() if _is_there(image, folders)]
        if ledger is None or not left_over:
            return Pruned(left_over=left_over, removed=0)
        removed = _remove(left_over, folders, ledger)
        renew_reports(campaign)
    return Pruned(left_over=left_over, removed=removed)


def _is_there(image: ImageOnDisk, folders: Sequence[Path]) -> bool:
    return any((folder / image.path).exists() for folder in folders)


def _remove(images: Sequence[ImageOnDisk], folders: Sequence[Path], ledger: Ledger) -> int:
    """Returns how many files were removed. The ledger forgets exactly these, even when the disk refuses one.
    Folders that are empty then go too.
    """
    removed: list[ImageOnDisk] = []
    try:
        for image in images:
            if _removed(image, folders):
                removed.append(image)  # noqa: PERF401 - what came before a fault is to be recorded
    finally:
        ledger.files.record_pruned(removed)
        remove_emptied({folder / image.path for image in removed for folder in folders}, folders)
    return len(removed)


def _removed(image: ImageOnDisk, folders: Sequence[Path]) -> bool:
    for path in (folder / image.path for folder in folders):
        with state_faults(path):
            if has_content(path, image.sha256):
                path.unlink()
                return True
    return False
