"""Adding whole lines to the end of a file that git and people may change meanwhile."""

import os
from collections.abc import Callable
from pathlib import Path

from mjpipe.files.flushing import flush
from mjpipe.files.regular import refuse_other_kinds
from mjpipe.files.sharing import make_file, make_folders

_FLAGS = (
    os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)

_BLOCK = 1 << 16


def add_lines(path: Path, lines: bytes, *, is_whole: Callable[[bytes], bool], private: bool = False) -> tuple[int, int]:
    """Adds lines to a file, which is made if it is missing, its folder too, `private` as `make_folders` has it.

    A last line without its end is what a crash has left of one, and is removed, unless it `is_whole`: then it gets its
    end. Content and name are durable when this returns. Returns the size of the file before and after. Raises OSError,
    also for a link, a pipe or a folder.
    """
    descriptor = _opened(path, private=private)
    try:
        size = os.fstat(descriptor).st_size
        torn = _after_last_line(descriptor, size)
        if torn and not is_whole(torn):
            os.ftruncate(descriptor, size - len(torn))
            torn = b""
        content = b"\n" + lines if torn else lines
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
        after = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    if not size:
        flush(path.parent)
    return size, after


def _after_last_line(descriptor: int, size: int) -> bytes:
    """What stands behind the last newline."""
    if not size or os.pread(descriptor, 1, size - 1) == b"\n":
        return b""
    begin, tail = size, b""
    while begin > 0 and b"\n" not in tail:
        begin = max(0, begin - _BLOCK)
        tail = os.pread(descriptor, size - begin, begin)
    return tail.rpartition(b"\n")[2]


def _opened(path: Path, *, private: bool) -> int:
    try:
        refuse_other_kinds(path, path.lstat().st_mode)
    except FileNotFoundError:
        if not path.parent.exists():
            make_folders(path.parent, private=private)
            flush(path.parent.parent)
        make_file(path, private=private)
    descriptor = os.open(path, _FLAGS)
    try:
        refuse_other_kinds(path, os.fstat(descriptor).st_mode)  # it may have been replaced since
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
