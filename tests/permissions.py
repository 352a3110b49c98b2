"""Folders that one may look into and not write in."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

needs_permissions = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of POSIX")

needs_other_people = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may act as other people"
)

NOBODY = 65534
TEAM = 65530
"""A group that nobody is in by default."""

LOADED_LATE = ("resource", "encodings.utf_8_sig")
"""What the program loads when a command begins: root's Python may lie where nobody may look."""


@contextmanager
def may_only_read(folder: Path) -> Iterator[None]:
    """As somebody who may not write anything there; root, who may always, is nobody meanwhile."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(0o555 if mode & 0o100 else 0o444)  # also what its owner made for nobody else
    is_root = os.geteuid() == 0
    if is_root:
        for module in LOADED_LATE:
            import_module(module)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def acting_as(person: int, *, umask: int = 0o022) -> Iterator[None]:
    """As this person, who is in the group `TEAM` and in no other."""
    for module in LOADED_LATE:
        import_module(module)
    before = os.umask(umask)
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(TEAM)
    os.seteuid(person)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
        os.umask(before)


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder that everybody may look into."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
