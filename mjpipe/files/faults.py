"""Faults of the file system, with the file's name and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mjpipe.domain import StateFault, reason_of

CHECK_THE_DISK = "check the disk (`df`) and the permissions"


@contextmanager
def state_faults(path: Path) -> Iterator[None]:
    """Raises an OSError inside as a StateFault. It names the file that the system names, else `path`."""
    try:
        yield
    except OSError as fault:
        raise StateFault(
            f"`{fault.filename or path}` cannot be used: {reason_of(fault)}", help=CHECK_THE_DISK
        ) from fault


@contextmanager
def write_faults(path: Path, *, then: str) -> Iterator[None]:
    """The same for a file that is written by way of others: `path` is named. `then` says what to do after the fix."""
    try:
        yield
    except OSError as fault:
        raise StateFault(f"`{path}` cannot be written: {reason_of(fault)}", help=f"{CHECK_THE_DISK}; {then}") from fault
