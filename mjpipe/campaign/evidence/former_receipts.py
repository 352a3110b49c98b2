"""Folders of receipts that this manifest may have written before."""

from collections.abc import Iterator
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.files import state_faults

_MANIFESTS = (".yaml", ".yml")


def former_receipts(campaign: Campaign) -> Iterator[Path]:
    """Those beside the manifest that no other manifest writes: its file had another name, or it names another folder
    now. Raises StateFault.
    """
    path = campaign.manifest.path
    with state_faults(path.parent):
        for folder in sorted(path.parent.glob("*.receipts")):
            is_gone = not any(folder.with_suffix(suffix).exists() for suffix in _MANIFESTS)
            if folder != campaign.receipts and (is_gone or folder.stem == path.stem):
                yield folder
