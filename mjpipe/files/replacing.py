"""Files that are there whole or not at all."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from mjpipe.files.faults import write_faults
from mjpipe.files.flushing import flush
from mjpipe.files.sharing import make_folders

MOST_LINKS = 40
"""Links that lead on to another, as many as Linux follows."""


@contextmanager
def replacing(path: Path, *, then: str, last_look: Callable[[], None] = lambda: None) -> Iterator[TextIO]:
    """A UTF-8 file that replaces `path` when it is written and on disk; when that fails, `path` stays as it was.

    A link stays a link: what it leads to is replaced. What is written into a pipe, a device or an open file, such as
    `/dev/stdout`, goes there at once. Of two that are written at the same time, the later one holds. `last_look` is
    called when all is on disk, which takes long enough for an editor to save; what it raises leaves `path` as it was.
    Raises StateFault when the disk refuses; `then` says what to do after that is fixed.
    """
    with write_faults(path, then=then):
        if (descriptor := _descriptor(path)) is not None:
            with os.fdopen(os.dup(descriptor), "w", encoding="utf-8", newline="") as stream:
                yield stream
        elif _is_stream(path):
            with path.open("w", encoding="utf-8", newline="") as stream:
                yield stream
        else:
            with _replacing(Path(os.path.realpath(path)), last_look) as file:
                yield file


@contextmanager
def _replacing(path: Path, last_look: Callable[[], None]) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # left by a killed process, or being written by another, which then loses
    make_folders(path.parent)
    file = part.open("x", encoding="utf-8", newline="")
    written = os.fstat(file.fileno())
    try:
        with file:
            _keep_mode(path, part)
            yield file
            file.flush()
            os.fsync(file.fileno())
        last_look()
        if _is_same(part, written):
            part.replace(path)
    except BaseException:
        if _is_same(part, written):
            part.unlink()
        raise
    flush(path.parent)


def _descriptor(path: Path) -> int | None:
    """Of a name for an open file, such as `/dev/stdout` or `/dev/fd/3`, or of a link to one; None for other names.

    The file itself may be where a shell sends the output of several commands: replaced, it would lose all but this.
    """
    opened = os.path.realpath("/dev/fd")
    for _ in range(MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder == opened and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = Path(folder, path.readlink())
    return None


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
