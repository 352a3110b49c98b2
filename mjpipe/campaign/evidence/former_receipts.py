"""Folders of receipts beside a manifest that are not those it writes now."""

from collections.abc import Iterator
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.files import state_faults

_MANIFESTS = (".yaml", ".yml")


def other_receipts(campaign: Campaign) -> Iterator[Path]:
    """All of them, in the order of their names. Raises StateFault."""
    folder = campaign.manifest.path.absolute().parent
    own = None if campaign.receipts is None else campaign.receipts.absolute()
    with state_faults(folder):
        yield from (path for path in sorted(folder.glob("*.receipts")) if path != own)


def former_receipts(campaign: Campaign) -> Iterator[Path]:
    """Those that no other manifest writes: the manifest's file had another name, or it names another folder now. Raises
    StateFault.
    """
    for folder in other_receipts(campaign):
        is_gone = not any(folder.with_suffix(suffix).exists() for suffix in _MANIFESTS)
        if is_gone or folder.stem == campaign.manifest.path.stem:
            yield folder
