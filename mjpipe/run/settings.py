"""What one run is told."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mjpipe.domain import Usd
from mjpipe.manifest import Limits, Polling


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`budget` and `cap` bound the campaign's life: all that its ledger has spent, reserved and at risk; None for no
    bound. Under a budget, which the user has set, jobs without a documented price wait; under a cap, which is what a
    person has agreed to for this run, they do not.

    `host` names the service that the state belongs to. `polling` is None for the documented poll times.
    """

    limits: Limits
    outputs: Path
    workshop: Path
    """a folder of this state's own on the file system of the outputs, so that a whole image only needs a name"""
    held: Path
    """where images wait whose place is taken"""
    host: str
    budget: Usd | None = None
    cap: Usd | None = None
    polling: Polling | None = None

    @property
    def incoming(self) -> Path:
        """Where downloads grow."""
        return self.workshop / "incoming"

    @property
    def moving(self) -> Path:
        """Where images stand between an old path and a new one."""
        return self.workshop / "moving"


class Stop(StrEnum):
    """Why a run submits nothing more."""

    INTERRUPTED = "interrupted"
    BUDGET = "budget"
    OUT_OF_BALANCE = "out_of_balance"
    NOT_AUTHORISED = "not_authorised"
    DOUBTS = "doubts"
    """too many submissions in a row whose outcome is unknown"""
    FAULT = "fault"
    """the ledger or the disk failed"""
