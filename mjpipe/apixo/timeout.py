"""Waiting that counts only the time in which this process runs."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STEP = 1.0
"""Seconds: what a stop of the process, however long, counts for at most."""

LAST_LOOK = 100
"""Turns of the event loop in which it reads what has come meanwhile; an answer needs a few."""


async def wait_at_most(work: Coroutine[Any, Any, T], *, seconds: float) -> T:
    """What `work` returns. After `seconds` in which this process ran, cancels it and raises TimeoutError.

    To the loop's timers a stop (Ctrl-Z, SIGSTOP, a frozen container) is time in which no answer came, though the
    answer may lie in the socket: so time is counted in steps, and what has arrived is read before it is called lost.
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
