"""Whether something can be made in a folder, without making it."""

import os
from pathlib import Path


def nearest(path: Path) -> Path:
    """What is at a path, or at the first one above it where something is."""
    return next((there for there in (path, *path.parents) if os.path.lexists(there)), path)


def refuses_writes(folder: Path) -> str | None:
    """Why nothing can be made in a folder, which is there; None if something can."""
    if not folder.is_dir():
        return "it is not a folder"
    if os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return None
    read_only = hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY
    return "the file system is read-only" if read_only else "permission denied"
