"""Taking over what a person picks while a run goes on: the plan is made again in a thread beside the run."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import partial
from typing import Any

from mjpipe.domain import InvalidManifest, StateFault, StateMoved, UsageFault
from mjpipe.ledger import Ledger, PlanWritten, Writer
from mjpipe.run.beside import Abandoned, Replan, WriteBeside
from mjpipe.run.releasing import Released, release_all, release_rerolls
from mjpipe.run.run_state import RunState

PICKS_INTERVAL = 2.0
"""Seconds between two checks of whether a person has picked meanwhile."""

RELEASED_AT_ONCE = 50
"""Jobs whose followers are released in one operation of the writer."""

TURNS = 0.0005
"""Seconds for which Python code of a replan runs before others have their turn: the writer, which may have a taskId to
record, needs several.
"""


class ThreadWrites:
    """Hands operations over to the present event loop, and by it to the ledger's writer. There `began` is called before
    each, and `wrote` after it.
    """

    def __init__(self, write: Writer, began: Callable[[], None], wrote: Callable[[PlanWritten], None]) -> None:
        self._writer = write
        self._began = began
        self._wrote = wrote
        self._loop = asyncio.get_running_loop()
        self._abandoned = threading.Event()
        self.has_written = False

    def __call__(self, operation: Callable[[Ledger], PlanWritten]) -> PlanWritten:
        self.go_on()
        try:
            return asyncio.run_coroutine_threadsafe(self._write(operation), self._loop).result()
        except CancelledError:
            raise Abandoned from None

    async def _write(self, operation: Callable[[Ledger], PlanWritten]) -> PlanWritten:
        self._began()
        self.has_written = True
        written = await self._writer(operation)
        self._wrote(written)
        return written

    def go_on(self) -> None:
        if self._abandoned.is_set():
            raise Abandoned

    def abandon(self) -> None:
        self._abandoned.set()


class Replanner:
    """Checks the picks now and then, in a thread, and counts the `plans` that were taken over."""

    def __init__(self, run: RunState, replan: Replan | None) -> None:
        self._run = run
        self._replan = replan
        self._looked = run.elapsed()
        self._write: ThreadWrites | None = None
        self._looking: set[asyncio.Future[Any]] = set()
        self.plans = 0

    @property
    def next_look(self) -> float | None:
        """When it is time to look again, in seconds since the run began; None while it is under way, or for ever."""
        return None if self._replan is None or self._looking else self._looked + PICKS_INTERVAL

    def look(self) -> None:
        """Begins to look when it is time, and waits for nothing."""
        if self.next_look is not None and self._run.elapsed() >= self.next_look:
            self._begin()

    async def settle(self) -> None:
        """Waits until what was picked up to now has been taken over, or submission stops."""
        if self._replan is not None:
            await self._looked_or_stopped()
            if self._run.stop is None:
                self._begin()
                await self._looked_or_stopped()

    async def _looked_or_stopped(self) -> None:
        while self._looking and self._run.stop is None:
            await self._run.wait(None)

    def abandon(self) -> None:
        """Has a look that is under way end soon, whatever it has come to: the next run takes over the whole plan."""
        if self._write is not None:
            self._write.abandon()

    async def finished(self) -> None:
        """Waits for the look that is under way, if one is."""
        if self._looking:
            await asyncio.wait(self._looking)

    def _begin(self) -> None:
        run = self._run
        self._looked = run.elapsed()
        self._write = write = ThreadWrites(run.write, run.began_replan, run.count_written)
        look = asyncio.ensure_future(self._take_over(write))
        run.watch(look, self._looking)
        look.add_done_callback(lambda _: run.wake())

    async def _take_over(self, write: ThreadWrites) -> None:
        run = self._run
        assert self._replan is not None
        try:
            replanned = await asyncio.to_thread(in_short_turns, self._replan, write)
        except InvalidManifest as fault:
            replanned = False
            run.progress.note(f"the changed picks are ignored until they are fixed: {_first_mistake(fault)}")
        except UsageFault as fault:
            replanned = False
            run.progress.note(f"the changed picks wait for the next run: {fault}")
        except Abandoned:
            return
        except StateFault:  # it reads the state by its path
            if await self._is_moved():
                return
            raise
        if write.has_written:
            async for part in released(run.write):
                run.note_released(part)
        if replanned:
            run.progress.note("picks have changed: the plan is made again")
        if replanned or write.has_written:  # what a mistake has cut short may have made jobs ready, too
            self.plans += 1

    async def _is_moved(self) -> bool:
        """Whether the state is no longer where it was, which ends the run when the rest is done."""
        try:
            await self._run.write(lambda ledger: ledger.hold.check_place())
        except StateMoved as fault:
            self._run.end_with(fault)
            return True
        return False


def _first_mistake(fault: InvalidManifest) -> str:
    """In one line, with its place; the next run shows all of them."""
    first = next(found for found in fault.diagnostics if found.is_error)
    return f"{first.place}: {first.message}"


async def released(write: Writer) -> AsyncIterator[Released]:
    """Decides about jobs of a new plan that wait for what is made already, and about its rerolls, part by part."""
    sources = await write(lambda ledger: ledger.follow_ups.sources_waited_for())
    for start in range(0, len(sources), RELEASED_AT_ONCE):
        yield await write(partial(release_all, sources=sources[start : start + RELEASED_AT_ONCE]))
    yield await write(release_rerolls)


def in_short_turns(replan: Replan, write: WriteBeside) -> bool:
    """The replan, in the present thread, giving way to the others often."""
    with _short_turns():
        return replan(write)


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(TURNS, before))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
