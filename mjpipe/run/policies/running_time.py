"""A timer that stands still while this process is stopped, for example by Ctrl-Z."""

from collections.abc import Awaitable, Callable

BEAT = 10.0
"""Seconds between two readings while the process runs, at most."""

LONGEST_GAP = 60.0
"""Seconds that count between two readings, at most: a longer gap is a stop, not a busy loop."""


class RunningTime:
    """Seconds of a timer during which this process ran.

    It measures the patience with the service and the deadlines of tasks: a stopped process asks for nothing.
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
        """Reads the timer until cancelled, so that a run which only waits does not look like a stopped one."""
        while True:
            await sleep(BEAT)
            self()
