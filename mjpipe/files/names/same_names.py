"""Names that some file systems take for one: those of macOS and Windows, and exFAT, ignore case."""

import os
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

Named = Callable[[str], str]
"""From a path to what is the same for all paths that lead to one file."""


def folded(path: str) -> str:
    """The same text for all paths that some file system treats as equal."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def all_folded(paths: Sequence[str]) -> list[str]:
    """Each of the paths `folded`."""
    if "".join(paths).isascii():
        return [path.lower() for path in paths]
    return [*map(folded, paths)]


def names_below(folder: Path) -> Named:
    """How the file system of a folder treats paths below it: as they are, or `folded` where it ignores case."""
    return folded if _ignores_case(folder) else str


def _ignores_case(folder: Path) -> bool:
    """By a name in it that is found with other capitals too; False where there is none to try."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            other = entry.name.swapcase()
            if folded(other) == folded(entry.name) and other != entry.name:
                return os.path.lexists(folder / other) and other not in os.listdir(folder)  # noqa: PTH208 - names alone
    return False
