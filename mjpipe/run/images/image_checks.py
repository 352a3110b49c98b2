"""What is where an image was: seen in the listing of its folder, or read."""

import os
from contextlib import suppress
from enum import Enum
from pathlib import Path
from stat import S_ISREG

from mjpipe.files import file_sha256
from mjpipe.ledger import Checked, ImageOnDisk
from mjpipe.run.images.whole_images import BrokenImage, facts_of_file, whole_image


class FolderListing:
    """The files below a folder, by their paths. Each folder is read once, when a file in it is first asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: set[str] = set()
        self._files: dict[str, tuple[int, int]] = {}

    def get(self, path: str) -> tuple[int, int] | None:
        """Size in bytes, and when it was last written, in nanoseconds since the epoch; None where no file is."""
        if path in self._files:
            return self._files[path]
        folder, slash, _ = path.rpartition("/")
        if folder in self._read:
            return None
        self._read.add(folder)
        with suppress(OSError), os.scandir(self._root / folder) as entries:
            for entry in entries:
                with suppress(OSError):  # it has gone meanwhile
                    found = entry.stat()
                    if S_ISREG(found.st_mode):
                        self._files[f"{folder}{slash}{entry.name}"] = found.st_size, found.st_mtime_ns
        return self._files.get(path)


class FileCheck(Enum):
    """The results of a check that leave nothing to record."""

    UNCHANGED = "unchanged"
    BROKEN = "broken"


def is_unchanged(file: tuple[int, int], size: int, seen: int) -> bool:
    """Whether a file, by its size and when it was last written, need not be read: see `ImageOnDisk`."""
    return file[0] == size and file[1] <= seen


def check_file(path: Path, image: ImageOnDisk) -> FileCheck | Checked:
    """Reads the file at `path`, where an image was, only when its size or its time are not those on record.

    What still decodes is an image, and somebody's work. Raises OSError.
    """
    try:
        found = path.stat()
    except FileNotFoundError:  # a link to nowhere
        return FileCheck.BROKEN
    if not S_ISREG(found.st_mode):
        return FileCheck.BROKEN
    if is_unchanged((found.st_size, found.st_mtime_ns), image.size, image.seen):
        return FileCheck.UNCHANGED
    digest = file_sha256(path)
    if digest == image.sha256:
        return Checked(image=image, written=found.st_mtime_ns, facts=facts_of_file(path))
    try:
        facts = facts_of_file(path) if digest == image.hand_sha256 else whole_image(path).facts
    except BrokenImage:
        return FileCheck.BROKEN
    return Checked(image=image, written=found.st_mtime_ns, hand_sha256=digest, hand_size=found.st_size, facts=facts)
