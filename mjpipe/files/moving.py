"""Moving files and folders, also to another file system. Nothing is gone here before it is durable there."""

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from mjpipe.files.flushing import flush
from mjpipe.files.sharing import make_folders


def move_file(source: Path, target: Path) -> None:
    """Renames a file, replacing what has the name `target`. Raises OSError."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_durably(source, target)
        source.unlink()


def move_aside(source: Path, target: Path) -> None:
    """Moves whatever is at `source`, a folder too, to the free name `target`, and makes its folder. Raises OSError."""
    make_folders(target.parent)
    if source.is_dir() and not source.is_symlink():
        shutil.move(source, target)
    else:
        move_file(source, target)


def rename_folder(source: Path, target: Path) -> None:
    """Gives a folder another name beside its own, durably. A folder that has this name is removed with all that is in
    it. Raises OSError; then both are as they were, or only the removed one is gone.
    """
    replaced = source / ".replaced"
    shutil.rmtree(replaced, ignore_errors=True)
    if os.path.lexists(target):
        target.rename(replaced)
    source.rename(target)
    flush(target.parent)
    shutil.rmtree(target / replaced.name, ignore_errors=True)


def _copy_durably(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, part)
        flush(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    flush(target.parent)


def first_free(paths: Iterable[Path]) -> Path:
    """The first of endless names at which there is nothing."""
    return next(path for path in paths if not os.path.lexists(path))
