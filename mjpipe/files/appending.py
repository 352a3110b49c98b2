"""Adding to the end of a file that belongs to somebody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from mjpipe.files.faults import state_faults


@contextmanager
def appending(path: Path) -> Iterator[TextIO]:
    """What is written is added to `path` as UTF-8. Raises StateFault when the disk refuses."""
    with state_faults(path), path.open("a", encoding="utf-8") as file:
        yield file
