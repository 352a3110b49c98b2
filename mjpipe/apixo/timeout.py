"""A timeout that counts only the time in which this process runs."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

STEP = 1.0
"""Seconds that a stop of the process counts for at most, however long it was."""

LAST_LOOK = 100
"""Turns of the event loop to read what has arrived meanwhile; an answer needs a few."""


async def wait_at_most(work: Awaitable[T], *, seconds: float) -> T:
    """What `work` returns. Cancels it and raises TimeoutError after `seconds` in which this process ran.

    The loop's timers go on while the process is stopped (Ctrl-Z, SIGSTOP, a frozen container), and then the answer may
    lie in the socket, unread. So time is counted in steps, and what has arrived is read before it counts as lost.
    """
    import asyncio  # noqa: PLC0415 - who only needs the service's values needs no loop

    # No task of its own for the work: there is one wait for each request.
    async with asyncio.timeout(None) as bound:
        countdown = _Countdown(bound, asyncio.get_running_loop(), seconds)
        try:
            return await work
        finally:
            countdown.stop()


class _Countdown:
    """Ends `bound` after some seconds in which this process ran."""

    def __init__(self, bound: "asyncio.Timeout", loop: "asyncio.AbstractEventLoop", seconds: float) -> None:
        self._bound = bound
        self._loop = loop
        self._count(seconds)

    def stop(self) -> None:
        # Also frees the memory at once: the timer and this object know each other.
        self._timer.cancel()

    def _count(self, left: float) -> None:
        if left > 0:
            self._timer: asyncio.Handle = self._loop.call_later(min(left, STEP), self._count, left - STEP)
        else:
            self._look(LAST_LOOK)

    def _look(self, turns: int) -> None:
        if turns:
            self._timer = self._loop.call_soon(self._look, turns - 1)
        else:
            self._bound.reschedule(self._loop.time())
