"""Bringing an image to its place: checked, hashed, flushed to disk, and never over somebody else's file."""

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mjpipe.apixo import Fetched
from mjpipe.domain import EXTENSION, reason_of
from mjpipe.files import flush, has_content, link_if_free, make_folders, move_file, state_faults, write_flushed
from mjpipe.ledger import Stored
from mjpipe.run.images.displaced import displaced_path
from mjpipe.run.images.whole_images import UnknownFormat, WholeImage, whole_image

ORPHANS = ".orphans"
"""The folder below `outputs.dir` for images of jobs that the manifest no longer asks for."""

NOTHING: Mapping[str, str] = MappingProxyType({})

NAME_REFUSED = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ELOOP)
"""How a file system refuses one name and no other. The image waits; the disk is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """The image cannot have its place `wanted` below `outputs.dir`, and waits at `path`.

    A file that mjpipe did not write is there, or the file system has `refused` the name, for that reason.
    """

    number: int
    path: Path
    wanted: str
    refused: str | None = None

    @property
    def taken(self) -> bool:
        return self.refused is None


def planned_path(paths: Sequence[str], number: int) -> str:
    """Where image `number` goes. An image beyond the planned ones stands beside the last of them."""
    if number < len(paths):
        return paths[number]
    folder, slash, name = paths[-1].rpartition("/")
    stem, dot, ending = name.rpartition(".")
    return f"{folder}{slash}{stem}-extra{number}{dot}{ending}" if dot else f"{paths[-1]}-extra{number}"


def place(
    part: Path,
    download: Fetched,
    root: Path,
    path: str,
    *,
    number: int,
    waiting: Path,
    replaceable: Mapping[str, str] = NOTHING,
) -> Stored | Displaced:
    """Brings a download to its planned `path` below `root`. It is at `part`, or is written there first.

    When that place is taken, or its name is refused, the image waits under the name that begins as `waiting` (see
    `DisplacedImages`). The content is durable when this returns, and the name of a Stored once `flush_names` has
    returned. A file of the same content that is there already is ours: a run that was killed between writing and
    recording it leaves just that. Files that are `replaceable` (hashes, by their paths below `root`) give way as long
    as they are unchanged.

    Raises BrokenImage when it does not decode, StateFault when the disk refuses. What the host calls an image, in a
    format that is not known here, is paid for all the same: it is kept beside the displaced ones.
    """
    with state_faults(part):
        image = _decoded(part, download, waiting)
    relative = path.replace(EXTENSION, image.ending)
    target = root / relative
    with state_faults(target):
        _make_durable(part, download)
        placed, refused = _placed(part, target, download.sha256)
        if not placed and relative in replaceable and has_content(target, replaceable[relative]):
            move_file(part, target)
        elif not placed:
            waits_at = displaced_path(waiting, download, image.ending)
            _keep_at(waits_at, part)
            return Displaced(number=number, path=waits_at, wanted=relative, refused=refused)
        part.unlink(missing_ok=True)
    return Stored(number=number, path=relative, sha256=download.sha256, size=download.size, facts=image.facts)


def _decoded(part: Path, download: Fetched, waiting: Path) -> WholeImage:
    """Keeps the bytes of an image that nobody here can read; the same bytes get the same name each time."""
    try:
        return whole_image(part if download.content is None else download.content)
    except UnknownFormat as fault:
        if not (download.content_type or "").lower().startswith("image/"):
            raise
        kept = displaced_path(waiting.parent.with_name("unreadable") / waiting.name, download, "bin")
        _make_durable(part, download)
        _keep_at(kept, part)
        raise UnknownFormat(f"{fault}; what came is kept in `{kept}`") from fault


def _make_durable(part: Path, download: Fetched) -> None:
    if download.content is None:
        flush(part)
    else:
        write_flushed(part, download.content)


def _keep_at(target: Path, part: Path) -> None:
    """Durably: by the time that the image can have its place, its URL may have expired."""
    make_folders(target.parent, private=True)
    move_file(part, target)
    flush(target.parent)


def _placed(part: Path, target: Path, sha256: str) -> tuple[bool, str | None]:
    """Whether the image is at `target`, and why its name is refused; None when another file is there."""
    try:
        return _takes(part, target) or has_content(target, sha256), None
    except (OSError, ValueError) as fault:
        refused = _refused_name(fault)
        if refused is None:
            raise
        return False, refused


def _refused_name(fault: OSError | ValueError) -> str | None:
    """Why a name cannot be written on its file system, None for faults of the disk."""
    if isinstance(fault, ValueError):  # a character that cannot be written
        return str(fault)
    return reason_of(fault) if fault.errno in NAME_REFUSED else None


def what_stands_at(root: Path, path: str) -> Path:
    """What is in the way of an image at `path` below `root`: a file there, or one where a folder should be."""
    target = root / path
    above = [parent for parent in reversed(target.parents) if parent.is_relative_to(root) and parent != root]
    return next((parent for parent in above if os.path.lexists(parent) and not parent.is_dir()), target)


def flush_names(root: Path, images: Iterable[Stored]) -> None:
    """Makes the names of images durable, with one flush for each folder. Raises StateFault."""
    for folder in {(root / image.path).parent for image in images}:
        with state_faults(folder):
            flush(folder)


def _takes(part: Path, target: Path) -> bool:
    try:
        return link_if_free(part, target)
    except FileNotFoundError:  # the folder, the first time
        pass
    except NotADirectoryError:  # a file is where a folder should be
        return False
    try:
        make_folders(target.parent)
    except (FileExistsError, NotADirectoryError):
        return False
    return link_if_free(part, target)
