"""Names of files that are written in another Unicode form than on disk."""

import os
import unicodedata
from pathlib import Path


def named_in(folder: Path, name: str) -> Path:
    """The file that `name`, relative to `folder`, means: with its accents decomposed where only such a file exists.

    Most systems take the two forms of a name for two names; macOS writes the decomposed one into archives.
    """
    path = folder / name
    if name.isascii() or os.path.lexists(path):
        return path
    decomposed = folder / unicodedata.normalize("NFD", name)
    return decomposed if os.path.lexists(decomposed) else path
