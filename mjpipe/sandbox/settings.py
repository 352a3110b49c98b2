"""The settings of a sandbox."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from mjpipe.domain import UsageFault, Usd
from mjpipe.sandbox.pictures import LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that a sandbox starts with.

    `state` is the folder of its database, made when missing. `speed_up` divides every documented latency. `key` is
    the only key that it accepts, None for any key. `balance` is the play money for the whole life of the state, None
    for no end of it. `concurrency` bounds the tasks under way at one time, None for no bound. `faults` is a faults
    file. With `fetch_images` it fetches source images from other hosts. `pixels` bounds the longer side of a picture;
    an upscaled one has twice as many.

    Raises UsageFault for numbers that make no sense.
    """

    state: Path
    speed_up: float = 1
    key: str | None = field(default=None, repr=False)
    balance: Usd | None = None
    concurrency: int | None = 100
    faults: Path | None = None
    fetch_images: bool = False
    pixels: int = LONG

    def __post_init__(self) -> None:
        if not (math.isfinite(self.speed_up) and self.speed_up > 0):
            raise UsageFault(
                f"`{self.speed_up}` cannot speed up the sandbox", help="give a number above 0, such as 100"
            )
        if self.key == "":
            raise UsageFault("the sandbox cannot ask for an empty key", help="leave the key out: any key will do then")
        if self.concurrency is not None and self.concurrency < 1:
            raise UsageFault("the sandbox needs room for at least one task", help="give a concurrency of 1 or more")
        if not 1 <= self.pixels <= LONG:
            raise UsageFault(f"the sandbox draws no picture of {self.pixels} pixels", help=f"give 1 to {LONG}")
