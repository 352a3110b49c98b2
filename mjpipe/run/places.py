"""The places of images in the output folder: who brings images to which, and what gives way to them."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mjpipe.domain import EXTENSION
from mjpipe.files import state_faults
from mjpipe.ledger import ImageOnDisk, Ledger, ToFetch
from mjpipe.run.run_state import RunState
from mjpipe.run.stock import Storeroom
from mjpipe.run.whole_images import ENDINGS


class Places:
    """The planned paths to which the images of attempts are on their way."""

    def __init__(self, run: RunState) -> None:
        self._run = run
        self._taken: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def of(self, attempt: ToFetch) -> AsyncIterator[None]:
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
            # Stock was taken when the run began: what has come into the way since is of a job's earlier attempt, or of
            # a job that new picks have made an orphan.
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
            left_over = await run.write(lambda ledger: [*ledger.images_left_over(there)])
            await asyncio.to_thread(self._give_way, left_over, paths, asyncio.get_running_loop())

    def _give_way(self, images: Sequence[ImageOnDisk], paths: Sequence[str], loop: asyncio.AbstractEventLoop) -> None:
        """Beside the event loop, on which the ledger is written."""
        settings = self._run.settings

        def record(moved: Any) -> None:
            asyncio.run_coroutine_threadsafe(self._run.write(partial(Ledger.moved, images=moved)), loop).result()

        with state_faults(settings.outputs):
            storeroom = Storeroom(settings.outputs, settings.moving)
            storeroom.move(storeroom.of_left_over(images, paths), record)


def _taken_names(outputs: Path, paths: Sequence[str]) -> list[str]:
    """Which of the paths are taken, with whatever ending an image can have."""
    names = (path.replace(EXTENSION, ending) for path in paths for ending in {*ENDINGS.values()})
    return [name for name in names if os.path.lexists(outputs / name)]
