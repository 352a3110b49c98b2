"""Fetching: images come to disk with a bound of their own, and never hold a submission's slot."""

import asyncio
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

from mjpipe.apixo import ImageFault, Remedy, backoff
from mjpipe.domain import EXTENSION, JobState, ServiceError
from mjpipe.ledger import ImageToFetch, Ledger, Stored, ToFetch
from mjpipe.run.floor import Floor
from mjpipe.run.image_files import ORPHANS, BrokenImage, Held, flush_names, place, planned_path

LONGEST_WAIT = 60.0
"""Seconds that an image host can keep a download from being tried again."""

TRIES = 5
"""How often one run asks for an image; the next run asks again."""


class Fetcher:
    """Brings the images of succeeded jobs to their places; a job is done when all of them are there.

    Jobs wait by their number in the ledger alone, however many there are.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._bound = asyncio.Semaphore(floor.settings.limits.downloads)
        self._waiting: deque[int] = deque()
        self._serving = 0
        self.fetching: set[asyncio.Future[Any]] = set()
        self.incomplete: dict[str, str] = {}
        """Keys of jobs of which an image could not be brought to its place, with the reason."""

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._serving)

    def add(self, job: int) -> None:
        self._waiting.append(job)
        if self._serving < self._floor.settings.limits.downloads:
            self._serving += 1
            self._floor.spawn(self._serve(), self.fetching)

    async def _serve(self) -> None:
        try:
            while self._waiting:
                job = self._waiting.popleft()
                await self._fetch(await self._floor.write(partial(Ledger.to_fetch_of, job=job)))
        finally:
            # Counted here and not by who has ended: in between, a job could be added that nobody serves.
            self._serving -= 1
            self._floor.changed.set()

    async def _fetch(self, job: ToFetch) -> None:
        floor = self._floor
        results = await asyncio.gather(*(self._image(job, image) for image in job.images))
        arrived = [result for result in results if isinstance(result, Stored)]
        await asyncio.to_thread(flush_names, floor.settings.outputs, arrived)
        reasons = [_reason(result) for result in results if not isinstance(result, Stored)]
        reason = "; ".join(dict.fromkeys(reasons)) or None
        await floor.write(lambda ledger: ledger.fetched(job.job, job.attempt, arrived, floor.clock(), reason))
        if reason is None:
            floor.moved(job.node, JobState.SUCCEEDED, JobState.DONE)
        else:
            self.incomplete[job.key] = reason
            floor.progress.note(f"`{job.key}` is paid but not complete on disk: {reason}")

    async def _image(self, job: ToFetch, image: ImageToFetch) -> Stored | Held | str:
        """The image at its place, held back, or why it could not be fetched."""
        floor = self._floor
        path = planned_path(job.paths, image.number)
        if not job.wanted:  # what took its place in the manifest has its path, too
            path = f"{ORPHANS}/{path}".replace(EXTENSION, f"{job.attempt}.{EXTENSION}")
        part = floor.settings.incoming / f"{job.attempt}-{image.number}.part"
        url: str | None = image.url
        reason = ""
        async with self._bound:
            for attempt in range(1, TRIES + 1):
                wait: float | None = None
                try:
                    download = await floor.images.fetch(url or image.url, part)
                    return await asyncio.to_thread(
                        place,
                        part,
                        download,
                        floor.settings.outputs,
                        path,
                        number=image.number,
                        held=floor.settings.held,
                    )
                except BrokenImage as fault:
                    reason = f"image {image.number} is broken: {fault}"
                except ImageFault as fault:
                    reason = f"image {image.number} could not be fetched: {fault}"
                    if fault.remedy is Remedy.NONE:
                        break
                    wait = min(fault.retry_after or 0.0, LONGEST_WAIT)
                if attempt < TRIES:
                    await floor.sleep(backoff(attempt, retry_after=wait, random=floor.random) / floor.speed_up)
                    # Also for faults that a later try might mend: a sandbox that was started again has another port.
                    url = await self._refreshed(job, image)
        return reason

    async def _refreshed(self, job: ToFetch, image: ImageToFetch) -> str | None:
        """The image's present URL by the service's word, None when it does not give one."""
        try:
            await self._floor.limiter.acquire()
            status = await self._floor.client.status(job.task)
        except ServiceError:
            return None
        urls = status.image_urls or ()
        return urls[image.number] if image.number < len(urls) else None


def _reason(result: Held | str) -> str:
    if isinstance(result, Held):
        return (
            f"`{result.wanted}` is taken by a file that mjpipe did not write; the image waits in {_shown(result.path)}"
        )
    return result


def _shown(path: Path) -> str:
    return f"`{path}`"
