"""A timer that stands still while this process is stopped, as by Ctrl-Z."""

from collections.abc import Awaitable, Callable

BEAT = 10.0
"""Seconds between two readings at most, while the process runs."""

LONGEST_GAP = 60.0
"""Seconds that the time between two readings counts for at most: a longer gap is a stop, not a busy loop."""


class RunningTime:
    """Seconds of a timer in which this process ran.

    Patience with the service and the deadlines of tasks are measured by it: while the process is stopped nobody asks.
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._read = timer()
        self._ran = 0.0

    def __call__(self) -> float:
        now = self._timer()
        self._ran += min(now - self._read, LONGEST_GAP)
        self._read = now
        return self._ran

    async def beat(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Reads the timer until cancelled, so that a run which only waits is not taken for one that was stopped."""
        while True:
            await sleep(BEAT)
            self()
