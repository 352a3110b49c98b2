"""What is in a file, by its hash."""

from hashlib import file_digest
from pathlib import Path

from mjpipe.files.regular import open_regular


def file_sha256(path: Path) -> str:
    """Read piece by piece: a file has no largest size. Raises what `open_regular` does."""
    with open_regular(path) as file:
        return file_digest(file, "sha256").hexdigest()


def has_content(path: Path, sha256: str) -> bool:
    """Whether `path` is a file with just that content."""
    return path.is_file() and file_sha256(path) == sha256
