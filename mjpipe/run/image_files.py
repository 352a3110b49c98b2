"""Bringing an image to its place: checked, hashed, flushed to disk, and never over somebody else's file."""

import errno
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4

from mjpipe.apixo import Fetched
from mjpipe.domain import EXTENSION, reason_of
from mjpipe.ledger import Stored, state_faults
from mjpipe.run.held import held_name
from mjpipe.run.whole_images import UnknownFormat, image_ending

ORPHANS = ".orphans"
"""The folder below `outputs.dir` for images of jobs that the manifest no longer asks for."""


NAME_REFUSED = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ELOOP)
"""How a file system refuses one name, and no other: the image waits, and the disk is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The image cannot have its place `wanted` below `outputs.dir`, and waits at `path`.

    The place is `taken` by a file that mjpipe did not write, or the file system has `refused` its name, and said why.
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


def place(part: Path, download: Fetched, root: Path, path: str, *, number: int, held: Path) -> Stored | Held:
    """Brings a download to its planned `path` below `root`; `part` is where it is, or is to be written first.

    When that place is taken, or its name is refused, it is held, by the name `held` (see `HeldImages`).

    Raises BrokenImage when it does not decode, StateFault when the disk refuses. What the host calls an image, in a
    format that is not known here, is paid for all the same: it is kept beside what is held. When Stored is returned,
    the content is durable, and the name once `flush_names` has returned. A file of the same content that is there
    already is taken for ours: a run that was killed between writing and recording it leaves just that.
    """
    with state_faults(part):
        try:
            ending = image_ending(part if download.content is None else download.content)
        except UnknownFormat as fault:
            if not (download.content_type or "").lower().startswith("image/"):
                raise
            raise UnknownFormat(f"{fault}; what came is kept in `{_kept(part, download, held)}`") from fault
    relative = path.replace(EXTENSION, ending)
    target = root / relative
    with state_faults(target):
        if download.content is None:
            flush(part)
        else:
            _write_durably(part, download.content)
        try:
            refused = None
            taken = not _takes(part, target) and not has_content(target, download.sha256)
        except (OSError, ValueError) as fault:
            taken, refused = False, _refused_name(fault)
            if refused is None:
                raise
        if taken or refused:
            held.parent.mkdir(parents=True, exist_ok=True)
            waiting = held_name(held, download, ending)
            carry(part, waiting)
            return Held(number=number, path=waiting, wanted=relative, refused=refused)
        part.unlink(missing_ok=True)
    return Stored(number=number, path=relative, sha256=download.sha256, size=download.size)


def _kept(part: Path, download: Fetched, held: Path) -> Path:
    """Where the bytes are that nobody here can read; the same bytes have the same name each time."""
    kept = held_name(held.parent.with_name("unreadable") / held.name, download, "bin")
    kept.parent.mkdir(parents=True, exist_ok=True)
    if download.content is None:
        flush(part)
    else:
        _write_durably(part, download.content)
    carry(part, kept)
    return kept


def _refused_name(fault: OSError | ValueError) -> str | None:
    """Why a name cannot be written on its file system, None for faults of the disk."""
    if isinstance(fault, ValueError):  # a character that cannot be written
        return str(fault)
    return reason_of(fault) if fault.errno in NAME_REFUSED else None


def what_stands_at(root: Path, path: str) -> Path:
    """What keeps an image from its place `path` below `root`: what is there, or a file where a folder should be."""
    target = root / path
    above = [parent for parent in reversed(target.parents) if parent.is_relative_to(root) and parent != root]
    return next((parent for parent in above if os.path.lexists(parent) and not parent.is_dir()), target)


def flush_names(root: Path, images: Iterable[Stored]) -> None:
    """Makes the names of images durable: of those that share a folder at the cost of one. Raises StateFault."""
    for folder in {(root / image.path).parent for image in images}:
        with state_faults(folder):
            flush(folder)


def _takes(part: Path, target: Path) -> bool:
    try:
        return link_anew(part, target)
    except FileNotFoundError:  # the folder, the first time
        pass
    except NotADirectoryError:  # a file stands where a folder should
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False
    return link_anew(part, target)


def link_anew(source: Path, target: Path) -> bool:
    """Gives `source` the further name `target`; False when that name is taken, which is never overwritten.

    Where `target` is on another file system, because a folder on the way there is a link to one, it is a copy.
    """
    try:
        os.link(source, target)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        return False
    except OSError as error:
        if os.path.lexists(target):
            return False
        if error.errno == errno.EXDEV:
            return _copy_anew(source, target)
        source.rename(target)  # a file system without hard links
    return True


def _copy_anew(source: Path, target: Path) -> bool:
    """Beside `target` first, so that it is there whole and durable or not at all."""
    beside = target.with_name(f".mjpipe-{uuid4().hex}.part")
    try:
        with source.open("rb") as whole, beside.open("xb") as copy:
            shutil.copyfileobj(whole, copy)
            copy.flush()
            os.fsync(copy.fileno())
        return link_anew(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def carry(source: Path, target: Path) -> None:
    """Renames a file, also to a name on another file system: there it is whole and durable before it is gone here."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f"{target.name}.part")
        shutil.copyfile(source, part)
        flush(part)
        part.rename(target)
        source.unlink()


def has_content(path: Path, sha256: str) -> bool:
    """Whether `path` is a file with just that content."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == sha256


def flush(path: Path) -> None:
    """Makes a file's content, or a folder's names, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
