"""Adding whole lines to the end of a file that git and people may change meanwhile."""

import os
from pathlib import Path

from mjpipe.files.flushing import flush
from mjpipe.files.regular import refuse_other_kinds

_FLAGS = (
    os.O_RDWR
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def add_lines(path: Path, lines: bytes) -> tuple[int, int]:
    """Adds lines to a file, which is made if it is missing, its folder too. What a crash has left of a line keeps its
    own line.

    Content and name are durable when this returns. Returns the size of the file before and after. Raises OSError, also
    for a link, a pipe or a folder.
    """
    descriptor = _opened(path)
    try:
        size = os.fstat(descriptor).st_size
        is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        whole = b"\n" + lines if is_torn else lines
        left = memoryview(whole)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if not size:
        flush(path.parent)
    return size, size + len(whole)


def _opened(path: Path) -> int:
    try:
        refuse_other_kinds(path, path.lstat().st_mode)
    except FileNotFoundError:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            flush(path.parent.parent)
    descriptor = os.open(path, _FLAGS, 0o666)
    try:
        refuse_other_kinds(path, os.fstat(descriptor).st_mode)  # it may have been replaced since
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
