"""Locks on places in the output folder: one attempt at a time brings images there, and older ones make room."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from mjpipe.domain import EXTENSION
from mjpipe.files import names_below, state_faults
from mjpipe.ledger import ImageOnDisk, ToFetch
from mjpipe.run.images.inventory import Inventory
from mjpipe.run.images.whole_images import ENDINGS
from mjpipe.run.run_state import RunState


class PathLocks:
    """The planned paths to which the images of attempts are on their way."""

    def __init__(self, run: RunState) -> None:
        self._run = run
        self._taken: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def holding(self, attempt: ToFetch) -> AsyncIterator[None]:
        """Keeps an attempt's places for it, and clears them of older images of ours.

        Two attempts never bring images to one place at the same time: what the first has brought is on record when the
        second looks whether something of ours is in its way.
        """
        if not attempt.wanted:  # its images go where no other goes
            yield
            return
        while others := {self._taken[path] for path in attempt.paths if path in self._taken}:
            await asyncio.wait(others)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._taken.update(dict.fromkeys(attempt.paths, mine))
        try:
            # The inventory was checked when the run began. What has come into the way since is of a job's earlier
            # attempt, or of a job that new picks have made an orphan.
            if attempt.again or self._run.replanned:
                await self._clear(attempt.paths)
            yield
        finally:
            for path in attempt.paths:
                self._taken.pop(path, None)
            mine.set_result(None)

    async def _clear(self, paths: Sequence[str]) -> None:
        run = self._run
        there = await asyncio.to_thread(_taken_names, run.settings.outputs, paths)
        if there:
            named = names_below(run.settings.outputs)
            # Where case is ignored, what is there may be on record under other capitals.
            at = there if named is str else None
            left_over = await run.write(lambda ledger: [*ledger.images.left_over(at)])
            await asyncio.to_thread(self._make_room, left_over, paths, asyncio.get_running_loop())

    def _make_room(self, images: Sequence[ImageOnDisk], paths: Sequence[str], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread beside the event loop, which writes the ledger."""
        settings = self._run.settings

        def record(moved: Sequence[tuple[ImageOnDisk, str]]) -> None:
            asyncio.run_coroutine_threadsafe(
                self._run.write(lambda ledger: ledger.files.record_moved(images=moved)), loop
            ).result()

        with state_faults(settings.outputs):
            inventory = Inventory(settings.outputs, settings.moving)
            inventory.move(inventory.moves_of_left_over(images, paths), record)


def _taken_names(outputs: Path, paths: Sequence[str]) -> list[str]:
    """Which of the paths are taken, with whatever ending an image can have."""
    names = (path.replace(EXTENSION, ending) for path in paths for ending in {*ENDINGS.values()})
    return [name for name in names if os.path.lexists(outputs / name)]
