"""Receipts as a ledger last left or read them: only when one is not so any more, somebody has to read them."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mjpipe.files import file_sha256, state_faults

SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file of a receipts folder, by its name. `size` in bytes, `modified` in nanoseconds since the epoch."""

    name: str
    size: int
    modified: int
    sha256: str

    @classmethod
    def now(cls, path: Path) -> "SeenFile":
        """A file as it is. One that is written meanwhile differs from what this says."""
        with state_faults(path):
            before = path.stat()
            sha256 = file_sha256(path)
        return cls(name=path.name, size=before.st_size, modified=before.st_mtime_ns, sha256=sha256)

    def is_still(self, path: Path) -> bool:
        """Whether a file is as this one was seen. Of the same size and time it is trusted, else read."""
        with state_faults(path):
            found = path.stat()
            return found.st_size == self.size and (
                found.st_mtime_ns == self.modified or file_sha256(path) == self.sha256
            )


def receipt_paths(folder: Path) -> list[Path]:
    """The files of a receipts folder in the order of their names, none when there is no folder. Raises StateFault."""
    with state_faults(folder):
        return sorted(Path(entry.path) for entry in _entries(folder))


def seen_now(folder: Path) -> tuple[SeenFile, ...]:
    """All files of a receipts folder as they are: what to remember after they were read. Raises StateFault."""
    return tuple(SeenFile.now(path) for path in receipt_paths(folder))


def changed(folder: Path, seen: Mapping[str, SeenFile]) -> bool:
    """Whether a file of the folder is not as it was seen, is new or is gone.

    A file of the same size and time is trusted; of another time, as after a checkout, it is compared. Raises
    StateFault.
    """
    with state_faults(folder):
        found = {entry.name: entry.stat(follow_symlinks=False) for entry in _entries(folder)}
        if found.keys() != seen.keys() or any(found[name].st_size != seen[name].size for name in found):
            return True
        return any(
            found[name].st_mtime_ns != file.modified and file_sha256(folder / name) != file.sha256
            for name, file in seen.items()
        )


def _entries(folder: Path) -> "Iterator[os.DirEntry[str]]":
    """Files alone: whoever writes receipts reports what else has such a name."""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX) and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                yield entry
