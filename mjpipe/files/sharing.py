"""Who gets at new folders and files: in a folder that hands its group down, that group does."""

import os
import stat
from pathlib import Path

_RWX, _RW = 0o070, 0o060


def make_folders(path: Path, *, private: bool = False) -> None:
    """Makes a folder, and those above it that are missing. What is there stays as it is. Raises OSError.

    `private` ones are closed to others, whatever the umask is. Where the folder above hands its group down (setgid),
    the group may do what it may do there.
    """
    try:
        _make(path, private=private)
    except FileNotFoundError:
        if path.parent == path:
            raise
        make_folders(path.parent, private=private)
        _make(path, private=private)  # some file systems take no folders, and say that there is nothing


def _make(path: Path, *, private: bool) -> None:
    try:
        path.mkdir(0o770 if private else 0o777)
    except FileNotFoundError:
        raise
    except OSError:  # where there is one already, some systems report other faults first
        if not path.is_dir():
            raise
    else:
        _share(path, _RWX)


def make_private_file(path: Path) -> None:
    """Makes an empty file that is closed to others, unless there is one; the group gets what it gets in a folder.

    Raises OSError.
    """
    make_file(path, private=True)


def make_file(path: Path, *, private: bool = False) -> None:
    """Makes an empty file, unless there is one, as `make_folders` makes a folder. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o660 if private else 0o666)
    except FileExistsError:
        return
    os.close(descriptor)
    _share(path, _RW)


def _share(path: Path, most: int) -> None:
    above = path.parent.stat().st_mode
    if above & stat.S_ISGID:
        present = stat.S_IMODE(path.stat().st_mode)
        wanted = present | above & most
        if wanted != present:
            path.chmod(wanted)
