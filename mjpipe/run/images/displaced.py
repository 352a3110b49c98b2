"""Images that wait in the state folder, because somebody's file has their place."""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from mjpipe.apixo import Fetched
from mjpipe.domain import TaskId
from mjpipe.files import file_sha256

DIGITS = 16
"""Of a hash, in a name."""


class DisplacedImages:
    """What one run leaves there, the next one finds: their names hold task and number, and a hash of the content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found = dict(_found(folder))

    def name(self, task: TaskId, number: int) -> Path:
        """How the name of an image begins; see `displaced_path`."""
        return self._folder / f"{sha256(task.encode()).hexdigest()[:DIGITS]}-{number}"

    def take(self, task: TaskId, number: int) -> Path | None:
        """The file that an earlier run has left for an image, None without one; returned once."""
        if not self._found:  # nearly always: no name is made
            return None
        return self._found.pop(self.name(task, number).name, None)


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    with suppress(OSError):  # there is none, or none that can be read
        for path in folder.iterdir():
            yield path.stem.rpartition("-")[0], path


def displaced_path(waiting: Path, download: Fetched, ending: str) -> Path:
    """The whole name of an image whose name begins as `waiting`."""
    return waiting.with_name(f"{waiting.name}-{download.sha256[:DIGITS]}.{ending}")


def read_displaced(path: Path) -> Fetched | None:
    """The image in a file, as if it had just been downloaded; None when it has been changed, or is gone."""
    try:
        digest, size = file_sha256(path), path.stat().st_size
    except OSError:
        return None
    return Fetched(size=size, sha256=digest) if path.stem.endswith(f"-{digest[:DIGITS]}") else None
