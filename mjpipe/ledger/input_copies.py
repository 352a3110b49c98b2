"""The files that a run reads, as they were when it first read them."""

import os
import shutil
from pathlib import Path

from mjpipe.files import make_private_file, open_regular, state_faults


class InputCopies:
    """Copies each file into a folder when it is first needed, and returns that copy from then on.

    So an edit during a run cannot mix two versions. That holds for a file that only a template names, and for one that
    is made or removed meanwhile. `read` maps the originals to what is read instead.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read: dict[Path, Path] = {}

    def __call__(self, original: Path, most: int | None = None, /) -> Path:
        """What to read instead of a file: its copy, which is missing when the file is.

        For what will be refused, such as a pipe or a file of more than `most` bytes, it is the file itself.
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
            return original  # the planner reports why it cannot be read
        with source:
            if most is not None and os.fstat(source.fileno()).st_size > most:
                return original  # the planner refuses it
            with state_faults(copy):
                make_private_file(copy)
                with copy.open("wb") as target:
                    shutil.copyfileobj(source, target)
        return copy
