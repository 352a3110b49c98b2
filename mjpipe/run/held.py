"""Images that wait in the state folder, because somebody's file has their place."""

from collections.abc import Iterator
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path

from mjpipe.apixo import Fetched
from mjpipe.domain import TaskId

DIGITS = 16
"""Of a hash, in a name."""


class HeldImages:
    """They are found again by their task and number, and known by their content, both of which are in their names.

    What one run holds, the next one finds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found = dict(_found(folder))

    def name(self, task: TaskId, number: int) -> Path:
        """What an image is held by; the beginning of its content's hash and its ending are to follow."""
        return self._folder / f"{sha256(task.encode()).hexdigest()[:DIGITS]}-{number}"

    def take(self, task: TaskId, number: int) -> Path | None:
        """The file of an image that an earlier run has held, None without one; returned once."""
        return self._found.pop(self.name(task, number).name, None)


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    with suppress(OSError):  # there is none, or none that can be read
        for path in folder.iterdir():
            yield path.stem.rpartition("-")[0], path


def held_name(held: Path, download: Fetched, ending: str) -> Path:
    """The whole name of an image that is held by `held`."""
    return held.with_name(f"{held.name}-{download.sha256[:DIGITS]}.{ending}")


def read_held(path: Path) -> Fetched | None:
    """The image in a file, as if it had just come; None when it has been changed, or is gone."""
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError:
        return None
    return Fetched(size=size, sha256=digest) if path.stem.endswith(f"-{digest[:DIGITS]}") else None
