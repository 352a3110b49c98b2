"""The number of files that a command has open at once, and the system's limit."""

import sys
from typing import TYPE_CHECKING

from mjpipe.domain import StateFault

if TYPE_CHECKING:
    from mjpipe.manifest import Limits

ANY_COMMAND = 32
"""Standard streams, the ledger with its lock and journals, and a few input files; with room to spare."""

_RUN = 48
"""The same plus what a run needs: the event loop, reports, picks, certificates."""


def files_of_run(limits: "Limits", *, sandbox: bool) -> int:
    """The most files that a run has open: a connection for each task in flight; a connection and a file for each
    download. With the built-in sandbox, both ends of each connection, and the sandbox's own state.
    """
    connections = limits.concurrency + 2 * limits.downloads
    return _RUN + connections * (2 if sandbox else 1) + (16 if sandbox else 0)


def require_open_files(number: int, *, fewer: str = "") -> None:
    """Raises this process's limit of open files to `number`. Raises StateFault where the system refuses.

    `fewer` is added to the help: how to need fewer files.
    """
    if sys.platform == "win32":
        return  # no such limit there, and no module `resource`
    import resource  # noqa: PLC0415 - see above

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= number:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    except (OSError, ValueError):
        raise StateFault(
            f"this process may have {soft} files open at once, and needs {number}",
            help=f"ulimit -n 1024, or LimitNOFILE=1024 in a service of systemd{fewer}",
        ) from None
