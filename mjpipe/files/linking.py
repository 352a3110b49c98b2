"""Giving a file a name without overwriting the file that may have it already."""

import errno
import os
import shutil
from pathlib import Path

from mjpipe.files.flushing import flush, write_flushed


def link_if_free(source: Path, target: Path) -> bool:
    """Gives `source` a second name, `target`; False when that name is taken. Raises OSError.

    On another file system (a folder on the way may be a link to one) `target` becomes a durable copy. On a file system
    without hard links `source` is renamed.
    """
    try:
        os.link(source, target)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        return False
    except OSError as error:
        if os.path.lexists(target):
            return False
        if error.errno == errno.EXDEV:
            return _copy_if_free(source, target)
        source.rename(target)
    return True


def write_if_free(path: Path, content: bytes) -> bool:
    """Writes a new file, whole and durable; False when the name is taken. Raises OSError, and then there is none."""
    part = _unused_beside(path)
    try:
        write_flushed(part, content)
        return link_if_free(part, path)
    finally:
        part.unlink(missing_ok=True)


def _copy_if_free(source: Path, target: Path) -> bool:
    """Beside `target` first, so that it is there whole and durable or not at all."""
    part = _unused_beside(target)
    try:
        shutil.copyfile(source, part)
        flush(part)
        return link_if_free(part, target)
    finally:
        part.unlink(missing_ok=True)


def _unused_beside(path: Path) -> Path:
    return path.with_name(f".mjpipe-{os.urandom(8).hex()}.part")
