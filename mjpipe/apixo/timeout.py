"""A timeout that counts only the time in which this process runs."""

from collections.abc import Awaitable
from typing import TypeVar

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

    loop = asyncio.get_running_loop()
    timer: asyncio.Handle

    def count(left: float) -> None:
        nonlocal timer
        if left > 0:
            timer = loop.call_later(min(left, STEP), count, left - STEP)
        else:
            look(LAST_LOOK)

    def look(turns: int) -> None:
        nonlocal timer
        if turns:
            timer = loop.call_soon(look, turns - 1)
        else:
            bound.reschedule(loop.time())

    # No task of its own for the work: there is one wait for each request.
    async with asyncio.timeout(None) as bound:
        count(seconds)
        try:
            return await work
        finally:
            timer.cancel()
