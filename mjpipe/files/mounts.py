"""Which file system a folder is on, as Linux says it."""

import os
from pathlib import Path


def file_system_of(folder: Path) -> str | None:
    """The type of a folder's file system, such as `ext4` or `nfs4`; None where the system does not say it."""
    try:
        device = folder.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", errors="replace")
    except OSError:
        return None
    return file_system_in(mounts, f"{os.major(device)}:{os.minor(device)}")


def file_system_in(mounts: str, device: str) -> str | None:
    """The type of the file system of a device, `MAJOR:MINOR`, in the text of `/proc/self/mountinfo`; see proc(5).

    None where it is not listed: some file systems give each of their parts a device of its own.
    """
    for line in mounts.splitlines():
        mount, _, kind = line.partition(" - ")
        if mount.split()[2:3] == [device] and kind:
            return kind.split()[0]
    return None
