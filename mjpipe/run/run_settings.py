"""The settings of one run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from mjpipe.domain import Usd
from mjpipe.ledger import Cap
from mjpipe.manifest import Limits, Polling


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """`budget` and `cap` bound what the campaign has spent, reserved and at risk in its whole life; None for no bound.
    Under a budget, which the user sets, jobs without a documented price wait. A cap, which a person agrees to for this
    run, has room for a number of them.

    `host` names the service that the state belongs to. `polling` is None for the documented poll times.
    """

    limits: Limits
    home: Path
    """the manifest's folder; the output folder is remembered relative to it, so that both can be moved together"""
    outputs: Path
    workshop: Path
    """a folder of this state alone on the outputs' file system, so that a whole image only has to be renamed"""
    held: Path
    """where images wait while their place is taken"""
    host: str
    budget: Usd | None = None
    cap: Cap | None = None
    polling: Polling | None = None
    now: bool = False
    """to submit although the service asked to wait, in this run or an earlier one"""

    replaceable: Mapping[str, str] = field(default_factory=dict, repr=False)
    """hashes of files in the output folder, by their paths, that may be replaced as long as they are unchanged: what a
    lost state of the sandbox has left"""

    @property
    def outputs_from_home(self) -> str:
        """The output folder as the state remembers it."""
        return os.path.relpath(self.outputs, self.home)

    @property
    def incoming(self) -> Path:
        """For downloads under way."""
        return self.workshop / "incoming"

    @property
    def moving(self) -> Path:
        """For images on their way from an old path to a new one."""
        return self.workshop / "moving"


class StopReason(StrEnum):
    """Why a run submits nothing more. Of several reasons, the first one in this list counts."""

    INTERRUPTED = "interrupted"
    FAULT = "fault"
    """the ledger or the disk failed"""
    NOT_AUTHORISED = "not_authorised"
    OUT_OF_BALANCE = "out_of_balance"
    BUDGET = "budget"
    AGREED = "agreed"
    """the amount that a person agreed to for this run is spent"""
    ASKED_TO_WAIT = "asked_to_wait"
    """the service asked to wait for longer than a run waits"""
    DOUBTS = "doubts"
    """too many submissions in a row with an unknown outcome"""

    def counts_more_than(self, other: "StopReason") -> bool:
        order = list(StopReason)
        return order.index(self) < order.index(other)
