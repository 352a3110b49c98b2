"""How many files a command has open at once, and whether the system lets it."""

import sys
from typing import TYPE_CHECKING

from mjpipe.domain import StateFault

if TYPE_CHECKING:
    from mjpipe.manifest import Limits

ANY_COMMAND = 32
"""The standard streams, the ledger with its lock and journals, and a few that are read; with room to spare."""

_RUN = 48
"""The same with what a run holds beside: the event loop, the reports, the picks, certificates."""


def files_of_run(limits: "Limits", *, sandbox: bool) -> int:
    """How many files a run has open at most: a connection for each task in flight, for each download a connection and
    the file that it goes to. With the sandbox inside there are both ends of each connection, and its own state.
    """
    connections = limits.concurrency + 2 * limits.downloads
    return _RUN + connections * (2 if sandbox else 1) + (16 if sandbox else 0)


def require_open_files(number: int, *, fewer: str = "") -> None:
    """Raises this process's own limit to so many open files where the system lets it. Raises StateFault where not.

    `fewer` says how to need fewer.
    """
    if sys.platform == "win32":
        return  # there is no such limit, and no module that asks for it
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
