"""How long the paths below a folder can be."""

import os
from dataclasses import dataclass
from math import inf
from pathlib import Path

from mjpipe.files.writable import nearest

BESIDE = 64
"""Bytes that stay free in a path: files that are set aside, and unfinished ones, have longer names for a while."""

BESIDE_IN_A_NAME = 32
"""The same in one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Bytes of a path relative to the folder, and of each name in it; None where the system does not say."""

    path: int | None
    name: int | None

    def surely_fits(self, longest_name: int) -> float:
        """A path of so many characters fits, whatever they are, if no name in it has more than `longest_name` bytes."""
        if self.name is not None and self.name < longest_name:
            return 0
        return inf if self.path is None else self.path / 4

    def too_long(self, path: str) -> str | None:
        """Why files cannot be at `path`, in words; None when they can."""
        size = _bytes(path)
        if self.path is not None and size > self.path:
            return f"it has {size:,} bytes below `outputs.dir`, more than this system has room for"
        longest = max(map(_bytes, path.split("/")))
        if self.name is not None and longest > self.name:
            return f"a name in it has {longest} bytes, and this file system has room for {self.name}"
        return None


def lengths_below(folder: Path) -> Lengths:
    """As the system says it of `folder`, or of the folder that it will be made in."""
    there = nearest(folder)
    path, name = _limit(there, "PC_PATH_MAX"), _limit(there, "PC_NAME_MAX")
    return Lengths(
        # The limit counts a byte that ends the path; another one is the slash before it.
        path=None if path is None else path - 2 - len(os.fsencode(folder)) - BESIDE,
        name=None if name is None else name - BESIDE_IN_A_NAME,
    )


def _bytes(name: str) -> int:
    return len(name.encode("utf-8", "replace"))


def _limit(folder: Path, name: str) -> int | None:
    """None also where there is no limit, and on Windows."""
    try:
        limit = os.pathconf(folder, name)
    except (AttributeError, OSError, ValueError):
        return None
    return limit if limit > 0 else None
