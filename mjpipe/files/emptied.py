"""Folders that became empty because files left them."""

from collections.abc import Collection, Iterable
from pathlib import Path


def remove_emptied(files: Iterable[Path], roots: Collection[Path]) -> None:
    """Removes the folders of files that have left, and those above them up to the `roots`, as far as they are empty."""
    for folder in {file.parent for file in files}:
        for emptied in (folder, *folder.parents):
            if emptied in roots:
                break
            try:
                emptied.rmdir()
            except OSError:  # something is in it, it is gone already, or a link
                break
