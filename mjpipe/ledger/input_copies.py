"""The files that a run reads, as they were when it first read them."""

import shutil
from pathlib import Path

from mjpipe.files import open_regular
from mjpipe.ledger.database import state_faults


class InputCopies:
    """Copies each file into a folder when it is first asked for, and gives that copy ever after.

    So an edit during a run cannot mix two versions, not even of a file whose name only a template knows, nor of one
    that comes or goes meanwhile. `read` maps the originals to what is read in their place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.read: dict[Path, Path] = {}

    def __call__(self, original: Path) -> Path:
        """What to read in place of a file: its copy, which is missing as well when the file is."""
        if original not in self.read:
            self.read[original] = self._copied(original)
        return self.read[original]

    def _copied(self, original: Path) -> Path:
        copy = self._folder / f"{len(self.read)}-{original.name}"
        try:
            source = open_regular(original)
        except FileNotFoundError:
            copy.unlink(missing_ok=True)  # an earlier run may have left one
            return copy
        except (OSError, ValueError):
            return original  # the planner says why it cannot be read
        with source, state_faults(copy), copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        return copy
