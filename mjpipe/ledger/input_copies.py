"""The files that a run reads, as they were when it first read them."""

import os
import shutil
from pathlib import Path

from mjpipe.files import open_regular, state_faults


class InputCopies:
    """Copies each file into a folder when it is first asked for, and gives that copy ever after.

    So an edit during a run cannot mix two versions, not even of a file whose name only a template knows, nor of one
    that comes or goes meanwhile. `read` maps the originals to what is read in their place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read: dict[Path, Path] = {}

    def __call__(self, original: Path, most: int | None = None, /) -> Path:
        """What to read in place of a file: its copy, which is missing as well when the file is.

        That is the file itself where it will be refused: as no regular file, or as one of more than `most` bytes.
        """
        if original not in self.read:
            self.read[original] = self._copied(original, most)
        return self.read[original]

    def _copied(self, original: Path, most: int | None) -> Path:
        copy = self._folder / f"{len(self.read)}-{original.name}"
        try:
            source = open_regular(original)
        except FileNotFoundError:
            copy.unlink(missing_ok=True)  # an earlier run may have left one
            return copy
        except (OSError, ValueError):
            return original  # the planner says why it cannot be read
        with source:
            if most is not None and os.fstat(source.fileno()).st_size > most:
                return original  # likewise
            with state_faults(copy), copy.open("wb") as target:
                shutil.copyfileobj(source, target)
        return copy
