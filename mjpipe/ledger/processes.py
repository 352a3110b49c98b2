"""Processes as other processes know them, so that a later one can find out whether an earlier one still lives."""

import os
from dataclasses import dataclass
from pathlib import Path

SEEN_ALIVE = 60.0
"""Seconds for which a process on another host counts as alive after its last sign of life."""

_ENDED = (b"Z", b"X")
"""States of a process that has ended and was not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`boot` is the id of its host's boot, `started` when it began, as the system says it; both are empty where the
    system says nothing.
    """

    host: str
    boot: str
    pid: int
    started: str


def may_live(process: Process, *, here: Process, started: str | None, since_sign: float) -> bool:
    """Whether a process has to be taken for alive.

    `here` is a process on this host. `started` is when the process that has its pid on this host now began, None when
    there is none. `since_sign` are seconds since its last sign of life; the clock of another host may be ahead.
    """
    if process.host != here.host:
        return abs(since_sign) < SEEN_ALIVE
    if process.boot != here.boot or started is None:
        return False
    return not process.started or not started or process.started == started


def this_process() -> Process:
    """The one that asks."""
    pid = os.getpid()
    return Process(host=_host(), boot=_boot(), pid=pid, started=started_of(pid) or "")


def started_of(pid: int) -> str | None:
    """When the process with that pid began, empty where the system does not say it; None when there is none."""
    try:
        return started_in(Path(f"/proc/{pid}/stat").read_bytes())
    except OSError:  # other systems, and processes of others that are hidden
        return "" if _exists(pid) else None


def started_in(stat: bytes) -> str | None:
    """The start time in the text of Linux's `/proc/PID/stat`, None for a process that has ended. See proc(5)."""
    state, *fields = stat.rpartition(b")")[2].split()  # a program's name may have spaces and brackets
    return None if state in _ENDED else fields[18].decode()


def _exists(pid: int) -> bool:
    if os.name == "nt":
        return False  # a signal would reach it. The lock file alone counts there
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _host() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket  # noqa: PLC0415 - slow to import, and only for Windows

    return socket.gethostname()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
