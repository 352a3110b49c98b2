"""Files that are there whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from mjpipe.files.faults import write_faults
from mjpipe.files.flushing import flush


@contextmanager
def replacing(path: Path, *, then: str) -> Iterator[TextIO]:
    """A UTF-8 file that replaces `path` when it is written and on disk; when that fails, `path` stays as it was.

    A link stays a link: what it leads to is replaced. What is written into a pipe or a device, such as `/dev/stdout`,
    goes there at once. Of two that are written at the same time, the later one holds. Raises StateFault when the disk
    refuses; `then` says what to do after that is fixed.
    """
    with write_faults(path, then=then):
        if _is_stream(path):
            with path.open("w", encoding="utf-8", newline="") as stream:
                yield stream
        else:
            with _replacing(Path(os.path.realpath(path))) as file:
                yield file


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # left by a killed process, or being written by another, which then loses
    path.parent.mkdir(parents=True, exist_ok=True)
    file = part.open("x", encoding="utf-8", newline="")
    written = os.fstat(file.fileno())
    try:
        with file:
            _keep_mode(path, part)
            yield file
            file.flush()
            os.fsync(file.fileno())
        if _is_same(part, written):
            part.replace(path)
    except BaseException:
        if _is_same(part, written):
            part.unlink()
        raise
    flush(path.parent)


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _keep_mode(path: Path, part: Path) -> None:
    """Who could read the old file can read the new one, and nobody else."""
    with suppress(FileNotFoundError):
        part.chmod(stat.S_IMODE(path.stat().st_mode))


def _is_same(path: Path, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), file)
    except FileNotFoundError:
        return False
