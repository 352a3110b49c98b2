"""The file in an output folder that says whose it is: `.mjpipe-outputs.json`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mjpipe.files import CONFLICT_MARKERS, read_regular, replacing
from mjpipe.ledger import Reader
from mjpipe.manifest import Manifest

MARKER = ".mjpipe-outputs.json"

LARGEST = 1 << 16
"""Bytes that are read. Ours have a few hundred."""

FORMAT = 1


class UnreadableMarker(Exception):
    """The file says nothing of an owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOwner:
    """`state` is the id of the state that brought the images, `manifest` a path from the output folder."""

    campaign: str
    state: str
    manifest: str

    def manifest_from(self, outputs: Path) -> Path:
        """Where the manifest is, or was, as seen from the output folder."""
        return Path(os.path.normpath(outputs / self.manifest))


def read_owners(outputs: Path) -> tuple[OutputOwner, ...]:
    """None for a folder that no campaign has marked; several where git could not merge what two states wrote.

    Raises UnreadableMarker, and OSError when the disk refuses.
    """
    try:
        content = read_regular(outputs / MARKER, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    try:
        return tuple(_owner(json.loads(said)) for said in _sides(content))
    except (ValueError, RecursionError) as fault:
        raise UnreadableMarker("it is not what mjpipe writes") from fault


def _sides(content: bytes) -> list[bytes]:
    """Both sides of a merge that git could not do, without its marks; all of the content where there is none."""
    if not content.startswith(CONFLICT_MARKERS):
        return [content]
    lines = [line for line in content.splitlines() if line.strip() and not line.startswith(CONFLICT_MARKERS)]
    return lines or [content]


def owner_by_marker(outputs: Path) -> OutputOwner | None:
    """The first of them; None for a folder that no campaign has marked, and where that cannot be read."""
    try:
        return next(iter(read_owners(outputs)), None)
    except (OSError, UnreadableMarker):
        return None


def mark_outputs(manifest: Manifest, ledger: Reader) -> None:
    """Says in the output folder whose it is, where that is not said yet. Raises StateFault when the disk refuses."""
    outputs = manifest.outputs.dir
    owner = OutputOwner(
        campaign=manifest.campaign,
        state=ledger.bindings.state_id(),
        manifest=Path(os.path.relpath(manifest.path.absolute(), outputs)).as_posix(),
    )
    if _is_marked(outputs, owner):
        return
    with replacing(outputs / MARKER, then="then type the command again") as file:
        said = {"mjpipe": FORMAT, "campaign": owner.campaign, "state": owner.state, "manifest": owner.manifest}
        file.write(f"{json.dumps(said)}\n")


def _is_marked(outputs: Path, owner: OutputOwner) -> bool:
    try:
        return read_owners(outputs) == (owner,)
    except (OSError, UnreadableMarker):
        return False


def _owner(said: Any) -> OutputOwner:
    """Raises ValueError. What a newer release adds is ignored."""
    texts = [said.get(name) for name in ("campaign", "state", "manifest")] if isinstance(said, dict) else []
    if not texts or not all(isinstance(text, str) and text and "\0" not in text for text in texts):
        raise ValueError
    campaign, state, manifest = map(str, texts)
    return OutputOwner(campaign=campaign, state=state, manifest=manifest)
