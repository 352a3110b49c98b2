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

NOBODY = 65534

LOADED_LATE = ("resource",)
"""What the program loads when a command begins: root's Python may lie where nobody may look."""


@contextmanager
def may_only_read(folder: Path) -> Iterator[None]:
    """As somebody who may not write anything there; root, who may always, is nobody meanwhile."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & 0o555 | 0o444)
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
def shared_folder() -> Iterator[Path]:
    """A folder that everybody may look into."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
