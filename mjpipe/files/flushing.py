"""Making content and names survive a power cut."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Makes a file's content durable, or the names in a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_flushed(path: Path, content: bytes) -> None:
    """Writes a file whose content is durable when this returns; its name is not yet. Raises OSError."""
    with path.open("wb", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
