"""A timeout that counts only the time in which this process runs."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STEP = 1.0
"""Seconds that a stop of the process counts for at most, however long it was."""

LAST_LOOK = 100
"""Turns of the event loop to read what has arrived meanwhile; an answer needs a few."""


async def wait_at_most(work: Coroutine[Any, Any, T], *, seconds: float) -> T:
    """What `work` returns. Cancels it and raises TimeoutError after `seconds` in which this process ran.

    The loop's timers go on while the process is stopped (Ctrl-Z, SIGSTOP, a frozen container), and then the answer may
    lie in the socket, unread. So time is counted in steps, and what has arrived is read before it counts as lost.
    """
    import asyncio  # noqa: PLC0415 - who only needs the service's values needs no loop

    task = asyncio.ensure_future(work)
    try:
        while not task.done() and seconds > 0:
            await asyncio.wait({task}, timeout=min(seconds, STEP))
            seconds -= STEP
        for _ in range(LAST_LOOK):
            if task.done():
                return task.result()
            await asyncio.sleep(0)
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
