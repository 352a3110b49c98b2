"""Which folder a campaign has its images in."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mjpipe.campaign.outputs.owner import campaign_by_marker
from mjpipe.ledger import StateFolder
from mjpipe.manifest import OUTPUT_FOLDERS, Manifest, Outputs


def located_outputs(manifest: Manifest, state: StateFolder, *, sandbox: bool) -> Outputs:
    """The manifest's outputs with the folder that counts: the one that the manifest names, else the one in which the
    state has its images, else the usual one.

    Without a state, that may be lost, the usual one of older releases and of former names is looked at, too: if it has
    records of this campaign, and the present one has none, the campaign stays there.
    """
    outputs = manifest.outputs
    usual = outputs.dir.with_name(f"{outputs.dir.name}.sandbox") if sandbox else outputs.dir
    if outputs.given:
        return replace(outputs, dir=usual)
    home = manifest.path.parent.absolute()
    bound = state.bound_outputs()
    if bound is not None:
        return replace(outputs, dir=Path(os.path.normpath(home / bound)))
    names = (manifest.campaign, *manifest.was)
    former = (folder for folder in _former(home, manifest.was, sandbox=sandbox) if _campaign_of(folder) in names)
    return replace(outputs, dir=usual if _campaign_of(usual) in names else next(former, usual))


def _former(home: Path, names: tuple[str, ...], *, sandbox: bool) -> Iterator[Path]:
    for name in (*(f"{OUTPUT_FOLDERS}/{name}" for name in names), OUTPUT_FOLDERS):
        yield home / f"{name}.sandbox" if sandbox else home / name


def _campaign_of(folder: Path) -> str | None:
    """Whose records are in a folder, None where nothing says it. Folders of older releases have no marker."""
    if (marked := campaign_by_marker(folder)) is not None:
        return marked
    if not os.path.exists(folder / "report" / "costs.json"):  # noqa: PTH110 - raises nothing
        return None
    from mjpipe.report import campaign_of_reports  # noqa: PLC0415 - a plan before the first run needs no reports

    return campaign_of_reports(folder)
