"""Which folder a campaign has its images in."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from mjpipe.campaign.outputs.owner import OutputOwner, owner_by_marker
from mjpipe.ledger import StateFolder
from mjpipe.manifest import OUTPUT_FOLDERS, Manifest, Outputs


def located_outputs(manifest: Manifest, state: StateFolder, *, sandbox: bool) -> Outputs:
    """The manifest's outputs with the folder that counts: the one that the manifest names, else the one in which the
    state has its images, else the usual one.

    Without a state, that may be lost, folders of other names and the usual one of older releases are looked at, too: if
    one has records of this campaign, and the usual one has none, the campaign stays there.
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
    marked = (folder for folder, owner in marked_by(manifest, sandbox=sandbox) if owner.campaign in names)
    former = (folder for folder in _former(home, manifest.was, sandbox=sandbox) if _campaign_of(folder) in names)
    return replace(outputs, dir=usual if _campaign_of(usual) in names else next(chain(marked, former), usual))


def marked_by(manifest: Manifest, *, sandbox: bool) -> Iterator[tuple[Path, OutputOwner]]:
    """The folders among the usual ones that this manifest has marked, under whatever name of the campaign, or one that
    is no longer there: its file was probably renamed. In the order of their names.
    """
    try:
        folders = sorted((manifest.path.parent.absolute() / OUTPUT_FOLDERS).iterdir())
    except OSError:
        return
    for folder in folders:
        owner = owner_by_marker(folder) if folder.name.endswith(".sandbox") == sandbox else None
        if owner is not None and _is_of(owner.manifest_from(folder), manifest.path):
            yield folder, owner


def _is_of(named: Path, manifest: Path) -> bool:
    try:
        return not named.exists() or named.samefile(manifest)
    except OSError:
        return False


def _former(home: Path, names: tuple[str, ...], *, sandbox: bool) -> Iterator[Path]:
    for name in (*(f"{OUTPUT_FOLDERS}/{name}" for name in names), OUTPUT_FOLDERS):
        yield home / f"{name}.sandbox" if sandbox else home / name


def _campaign_of(folder: Path) -> str | None:
    """Whose records are in a folder, None where nothing says it. Folders of older releases have no marker."""
    if (owner := owner_by_marker(folder)) is not None:
        return owner.campaign
    if not os.path.exists(folder / "report" / "costs.json"):  # noqa: PTH110 - raises nothing
        return None
    from mjpipe.report import campaign_of_reports  # noqa: PLC0415 - a plan before the first run needs no reports

    return campaign_of_reports(folder)
