"""The settings of one run."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mjpipe.domain import Usd
from mjpipe.ledger import Cap
from mjpipe.manifest import Limits, Polling


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """`budget` and `cap` bound the campaign's life: all that its ledger has spent, reserved and at risk; None for no
    bound. Under a budget, which the user has set, jobs without a documented price wait; a cap, which is what a person
    has agreed to for this run, has room for a number of them.

    `host` names the service that the state belongs to. `polling` is None for the documented poll times.
    """

    limits: Limits
    home: Path
    """the manifest's folder, from which the output folder is remembered: both may be moved together"""
    outputs: Path
    workshop: Path
    """a folder of this state's own on the file system of the outputs, so that a whole image only needs a name"""
    held: Path
    """where images wait whose place is taken"""
    host: str
    budget: Usd | None = None
    cap: Cap | None = None
    polling: Polling | None = None
    now: bool = False
    """to submit although the service asked to wait, in this run or an earlier one"""

    @property
    def outputs_from_home(self) -> str:
        """The output folder as the state remembers it."""
        return os.path.relpath(self.outputs, self.home)

    @property
    def incoming(self) -> Path:
        """Where downloads grow."""
        return self.workshop / "incoming"

    @property
    def moving(self) -> Path:
        """Where images stand between an old path and a new one."""
        return self.workshop / "moving"


class StopReason(StrEnum):
    """Why a run submits nothing more. Of several reasons the one that stands first here counts."""

    INTERRUPTED = "interrupted"
    FAULT = "fault"
    """the ledger or the disk failed"""
    NOT_AUTHORISED = "not_authorised"
    OUT_OF_BALANCE = "out_of_balance"
    BUDGET = "budget"
    AGREED = "agreed"
    """all is spent that a person has agreed to for this run"""
    ASKED_TO_WAIT = "asked_to_wait"
    """the service asked to wait for longer than a run waits"""
    DOUBTS = "doubts"
    """too many submissions in a row whose outcome is unknown"""

    def counts_more_than(self, other: "StopReason") -> bool:
        order = list(StopReason)
        return order.index(self) < order.index(other)
