"""The exit codes, what they mean, and which one an error or the end of a run gives."""

import textwrap
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


class ExitCode(IntEnum):
    """The meanings are in `RUN_EXIT_CODES` and `OTHER_EXIT_CODES`."""

    DONE = 0
    UNFINISHED = 1
    USAGE = 2
    WORK_TO_DO = 3
    NO_MONEY = 4
    PICKS_AWAITED = 5
    IN_DOUBT = 6
    LOCKED = 7
    KEY_REFUSED = 8
    STATE = 9
    INTERRUPTED = 130
    UNREAD = 141


RUN_EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.INTERRUPTED: "interrupted, or declined at the prompt",
    ExitCode.LOCKED: "another run holds the campaign",
    ExitCode.USAGE: (
        "a mistake in the command, the manifest or its inputs; no key; no cap without a terminal; a saved plan that no "
        "longer fits; the state of another manifest or service; results that the state does not know "
        "(`mjpipe adopt M`); an output folder with records of another"
    ),
    ExitCode.KEY_REFUSED: "the service refused the key",
    ExitCode.STATE: "disk, permissions, limits of the system, a damaged state, output that cannot be written",
    ExitCode.NO_MONEY: (
        "stopped by the budget, the amount agreed to, or the account's balance; or, where neither 6 nor 1 applies, "
        "jobs without a price wait under a budget"
    ),
    ExitCode.IN_DOUBT: "jobs are in doubt",
    ExitCode.UNFINISHED: (
        "jobs failed, were skipped, or are past their deadline; images are not complete on disk; a node was stopped; "
        "the service asked to wait"
    ),
    ExitCode.PICKS_AWAITED: "picks are awaited, all else is done",
    ExitCode.DONE: "all done",
}
"""The first that applies is the exit code of a run. Other commands use the same codes."""

OTHER_EXIT_CODES: dict[ExitCode, str] = {
    ExitCode.WORK_TO_DO: "only `plan --detailed-exitcode`: there is something to submit",
    ExitCode.UNREAD: "the output was not read to its end (`| head`); a run keeps its own exit code",
}


def exit_codes_help(*codes: ExitCode) -> str:
    """The end of a command's `--help`: the meanings of `codes`, of all of a run's codes if none are given."""
    listed = {code: (RUN_EXIT_CODES | OTHER_EXIT_CODES)[code] for code in codes or RUN_EXIT_CODES}
    lines = [
        textwrap.fill(text, 76, initial_indent=f"  {code.value:>3}  ", subsequent_indent=" " * 7)
        for code, text in listed.items()
    ]
    # For click the first line means: leave these lines as they are.
    return "\n".join(["\b", f"Exit codes{'' if codes else ', the first that applies'}:", *lines])


_ERRORS: tuple[tuple[type[MjpipeError], ExitCode], ...] = (
    (UsageFault, ExitCode.USAGE),
    (InvalidManifest, ExitCode.USAGE),
    (Locked, ExitCode.LOCKED),
    (StateFault, ExitCode.STATE),
    (NotAuthorised, ExitCode.KEY_REFUSED),
    (OutOfBalance, ExitCode.NO_MONEY),
    (MjpipeError, ExitCode.UNFINISHED),
)


def exit_code_of(fault: MjpipeError) -> ExitCode:
    return next(code for kind, code in _ERRORS if isinstance(fault, kind))


def exit_code_after(ending: "Ending") -> ExitCode:
    """The exit code of a run: it depends on why it stopped and on the jobs that are left."""
    from mjpipe.run import StopReason  # noqa: PLC0415 - heavy, and loaded already where there is an Ending

    stopped = {
        StopReason.INTERRUPTED: ExitCode.INTERRUPTED,
        StopReason.NOT_AUTHORISED: ExitCode.KEY_REFUSED,
        StopReason.BUDGET: ExitCode.NO_MONEY,
        StopReason.AGREED: ExitCode.NO_MONEY,
        StopReason.OUT_OF_BALANCE: ExitCode.NO_MONEY,
    }
    if ending.stop in stopped:
        return stopped[ending.stop]
    if ending.of(JobState.IN_DOUBT):
        return ExitCode.IN_DOUBT
    if ending.late or ending.incomplete or ending.of(JobState.FAILED, JobState.SKIPPED):
        return ExitCode.UNFINISHED
    if ending.ready:  # unpriced jobs wait under a budget; a stopped node or a service that asked to wait keep theirs
        waits = ending.stopped_nodes or ending.stop is StopReason.ASKED_TO_WAIT
        return ExitCode.UNFINISHED if waits else ExitCode.NO_MONEY
    return ExitCode.PICKS_AWAITED if ending.of(JobState.UNPICKED) else ExitCode.DONE
