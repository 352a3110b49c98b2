"""Draws pictures on demand, away from the event loop, and keeps the last few."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from mjpipe.sandbox.pictures import TaskArchive, draw_png, painting
from mjpipe.sandbox.task import Picture, Task

_KEPT = 64
_WORKERS = 2


class PictureCache:
    """A picture depends only on its task, never on what was drawn before."""

    def __init__(self, archive: TaskArchive, *, pixels: int) -> None:
        self._archive = archive
        self._pixels = pixels
        self._pictures: OrderedDict[Picture, asyncio.Future[bytes]] = OrderedDict()
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sandbox-pictures")

    async def png(self, task: Task, index: int) -> bytes:
        picture = Picture(task_id=task.id, index=index)
        drawing = self._pictures.get(picture)
        if drawing is None:
            work = painting(task, index, self._archive)
            drawing = asyncio.get_running_loop().run_in_executor(self._workers, draw_png, work, self._pixels)
            self._pictures[picture] = drawing
            if len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(picture)
        # A client that goes away must not cancel the picture for another that waits for it.
        return await asyncio.shield(drawing)

    def close(self) -> None:
        self._workers.shutdown(cancel_futures=True)
