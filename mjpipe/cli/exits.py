"""The exit codes, and which of them an error or an ending means."""

from enum import IntEnum
from typing import TYPE_CHECKING

from mjpipe.domain import (
    InvalidManifest,
    JobState,
    Locked,
    MjpipeError,
    NotAuthorised,
    OutOfBalance,
    StateFault,
    UsageFault,
)

if TYPE_CHECKING:
    from mjpipe.run import Ending


class Exit(IntEnum):
    """What the exit code of `mjpipe` says; of several that apply, the earliest in `PRECEDENCE`."""

    DONE = 0
    UNFINISHED = 1
    """jobs failed, were skipped, are past their deadline, or the service asked to wait"""
    USAGE = 2
    WORK_TO_DO = 3
    """`plan --detailed-exitcode` only"""
    NO_MONEY = 4
    """stopped by the budget or the account's balance"""
    PICKS_AWAITED = 5
    IN_DOUBT = 6
    LOCKED = 7
    KEY_REFUSED = 8
    STATE = 9
    INTERRUPTED = 130
    UNREAD = 141
    """nobody read the output to its end; what a shell says of other tools that a closed pipe ends"""


_ERRORS: tuple[tuple[type[MjpipeError], Exit], ...] = (
    (UsageFault, Exit.USAGE),
    (InvalidManifest, Exit.USAGE),
    (Locked, Exit.LOCKED),
    (StateFault, Exit.STATE),
    (NotAuthorised, Exit.KEY_REFUSED),
    (OutOfBalance, Exit.NO_MONEY),
    (MjpipeError, Exit.UNFINISHED),
)


def exit_of(fault: MjpipeError) -> Exit:
    return next(code for kind, code in _ERRORS if isinstance(fault, kind))


def exit_after(ending: "Ending") -> Exit:
    """The exit code of a run, by what stopped it and by what is left."""
    from mjpipe.run import Stop  # noqa: PLC0415 - heavy, and loaded already by whoever has an Ending

    stopped = {
        Stop.INTERRUPTED: Exit.INTERRUPTED,
        Stop.NOT_AUTHORISED: Exit.KEY_REFUSED,
        Stop.BUDGET: Exit.NO_MONEY,
        Stop.AGREED: Exit.NO_MONEY,
        Stop.OUT_OF_BALANCE: Exit.NO_MONEY,
    }
    if ending.stop in stopped:
        return stopped[ending.stop]
    if ending.of(JobState.IN_DOUBT):
        return Exit.IN_DOUBT
    if ending.late or ending.incomplete or ending.of(JobState.FAILED, JobState.SKIPPED):
        return Exit.UNFINISHED
    if ending.ready:  # unpriced jobs wait under a budget; a stopped node keeps its jobs, a closed service all of them
        waits = ending.stopped_nodes or ending.stop is Stop.ASKED_TO_WAIT
        return Exit.UNFINISHED if waits else Exit.NO_MONEY
    return Exit.PICKS_AWAITED if ending.of(JobState.UNPICKED) else Exit.DONE
