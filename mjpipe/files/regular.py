"""Reading regular files only, and bounded where they are read whole: no pipe or sparse file holds up a command."""

import errno
import io
import os
import stat
from pathlib import Path
from typing import TextIO

_KINDS = {
    stat.S_IFLNK: "it is a link, not a file",
    stat.S_IFIFO: "it is a named pipe, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
"""O_NONBLOCK: opening does not wait for a pipe that replaced the file after the first check."""


class FileTooLarge(OSError):
    """A file holds more than is read of one of its kind."""


def open_regular(path: Path) -> io.BufferedReader:
    """Opens a file, or what a link leads to, for reading; a pipe, a device, a socket or a folder is an OSError.

    Raises ValueError for what cannot be the name of a file.
    """
    refuse_other_kinds(path, path.stat().st_mode)  # before opening, which some devices notice
    descriptor = os.open(path, _FLAGS)
    try:
        refuse_other_kinds(path, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def open_text(path: Path, *, encoding: str, newline: str | None = None, errors: str = "strict") -> TextIO:
    """Like `Path.open`, but for regular files only."""
    file = open_regular(path)
    try:
        return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline=newline)
    except BaseException:
        file.close()
        raise


def read_regular(path: Path, most: int) -> bytes:
    """All of a file that has at most `most` bytes; raises FileTooLarge for a larger one, and what `open_regular` does.

    No more is read, whatever size the file claims to have.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size <= most and len(content := file.read(most + 1)) <= most:
            return content
    raise FileTooLarge(errno.EFBIG, f"it is larger than {size_text(most)}", os.fspath(path))


def size_text(size: int) -> str:
    """`64 KB`, `16 MB`"""
    return f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} KB"


def refuse_other_kinds(path: Path, mode: int) -> None:
    """Raises OSError for the mode of anything but a file."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, _KINDS.get(stat.S_IFMT(mode), "it is not a file"), os.fspath(path))
