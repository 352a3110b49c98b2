"""Fetching: images come to disk with a bound of their own, and never hold a submission's slot."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mjpipe.apixo import Fetched, ImageFault, Remedy, backoff
from mjpipe.domain import EXTENSION, JobState, ServiceError, StateFault, one_line
from mjpipe.ledger import ImageToFetch, Ledger, Stored, ToFetch
from mjpipe.run.floor import Floor
from mjpipe.run.held import HeldImages, read_held
from mjpipe.run.image_files import ORPHANS, Held, flush_names, place, planned_path
from mjpipe.run.places import Places
from mjpipe.run.whole_images import BrokenImage

LONGEST_WAIT = 60.0
"""Seconds that an image host can keep a download from being tried again."""

TRIES = 5
"""How often one run asks for an image; the next run asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An image that came, on its way to `path`, or to `held` when that place is taken."""

    number: int
    path: str
    held: Path
    part: Path
    fetched: Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """An image that did not come, or came broken; `again` says whether another try may help, after `wait` seconds."""

    number: int
    reason: str
    again: bool = True
    wait: float = 0.0


_Result = Stored | Held | Absent


class Fetcher:
    """Brings the images of tasks to their places; a job is done when all those of its result are there.

    Attempts wait by their number in the ledger alone, however many there are.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._bound = asyncio.Semaphore(floor.settings.limits.downloads)
        self._waiting: deque[int] = deque()
        self._serving = 0
        self._places = Places(floor)
        self._held = HeldImages(floor.settings.held)
        self.fetching: set[asyncio.Future[Any]] = set()
        self.incomplete: dict[str, str] = {}
        """Keys of jobs of which an image could not be brought to its place, with the reason."""

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._serving)

    def add(self, attempt: int) -> None:
        self._waiting.append(attempt)
        if self._serving < self._floor.settings.limits.downloads:
            self._serving += 1
            self._floor.spawn(self._serve(), self.fetching)

    async def _serve(self) -> None:
        try:
            while self._waiting:
                attempt = self._waiting.popleft()
                job = await self._floor.write(partial(Ledger.to_fetch_of, attempt=attempt))
                async with self._places.of(job):
                    await self._fetch(job)
        finally:
            # Counted here and not by who has ended: in between, a job could be added that nobody serves.
            self._serving -= 1
            self._floor.changed.set()

    async def _fetch(self, job: ToFetch) -> None:
        floor = self._floor
        results = await self._results(job)
        stored = [result for result in results if isinstance(result, Stored)]
        reason = "; ".join(dict.fromkeys(_reason(result) for result in results if not isinstance(result, Stored)))
        done = await floor.write(
            lambda ledger: ledger.fetched(job.job, job.attempt, stored, floor.clock(), reason or None)
        )
        if done:
            floor.moved(job.node, JobState.SUCCEEDED, JobState.DONE)
        if reason:
            self.incomplete[job.key] = reason
            floor.progress.note(f"`{job.key}` is paid but not complete on disk: {reason}")

    async def _results(self, job: ToFetch) -> list[_Result]:
        """Of each image what came of it, after as many tries as it is worth."""
        floor = self._floor
        images: Sequence[ImageToFetch] = job.images
        results: dict[int, _Result] = {}
        for attempt in range(1, TRIES + 1):
            results |= {result.number: result for result in await self._try(job, images)}
            again = [result for result in results.values() if isinstance(result, Absent) and result.again]
            if not again or attempt == TRIES:
                break
            wait = max(absent.wait for absent in again)
            await floor.sleep(backoff(attempt, retry_after=wait, random=floor.random) / floor.speed_up)
            # Also for faults that a later try might mend: a sandbox that was started again has another port.
            images = await self._refreshed(job, {absent.number for absent in again})
        return list(results.values())

    async def _try(self, job: ToFetch, images: Sequence[ImageToFetch]) -> list[_Result]:
        """All of them at once, and then together to their places: one step aside from the event loop for a job."""
        downloads = await asyncio.gather(*(self._download(job, image) for image in images))
        arrived = [download for download in downloads if isinstance(download, Arrived)]
        placed = await asyncio.to_thread(_placed, arrived, self._floor.settings.outputs)
        return [*placed, *(download for download in downloads if isinstance(download, Absent))]

    async def _download(self, job: ToFetch, image: ImageToFetch) -> Arrived | Absent:
        floor, number = self._floor, image.number
        path = planned_path(job.paths, number)
        if not job.wanted:  # what took its place in the manifest has its path, too
            path = f"{ORPHANS}/{path}".replace(EXTENSION, f"{job.attempt}.{EXTENSION}")
        held = self._held.name(job.task, number)
        part = self._held.take(job.task, number)
        if part is not None and (fetched := await asyncio.to_thread(read_held, part)) is not None:
            return Arrived(number=number, path=path, held=held, part=part, fetched=fetched)
        part = floor.settings.incoming / f"{job.attempt}-{number}.part"
        async with self._bound:
            try:
                fetched = await floor.images.fetch(image.url, part)
            except ImageFault as fault:
                return Absent(
                    number=number,
                    reason=f"image {number} could not be fetched: {fault}",
                    again=fault.remedy is not Remedy.NONE,
                    wait=min(fault.retry_after or 0.0, LONGEST_WAIT),
                )
        return Arrived(number=number, path=path, held=held, part=part, fetched=fetched)

    async def _refreshed(self, job: ToFetch, numbers: Collection[int]) -> list[ImageToFetch]:
        """Images with their present URLs by the service's word, with the old ones where it does not give any."""
        try:
            await self._floor.limiter.acquire()
            urls = (await self._floor.client.status(job.task)).image_urls or ()
        except ServiceError:
            urls = ()
        return [
            ImageToFetch(number=image.number, url=urls[image.number]) if image.number < len(urls) else image
            for image in job.images
            if image.number in numbers
        ]


def _placed(arrived: Sequence[Arrived], outputs: Path) -> list[_Result]:
    results = list[_Result]()
    for image in arrived:
        try:
            held = image.held
            results.append(place(image.part, image.fetched, outputs, image.path, number=image.number, held=held))
        except BrokenImage as fault:
            results.append(Absent(number=image.number, reason=f"image {image.number} is broken: {fault}"))
        except StateFault:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever this one image brings about, the others are paid for, too
            why = one_line(f"{type(fault).__name__}: {fault}".removesuffix(": "))
            reason = f"image {image.number} could not be brought to its place: {why}"
            results.append(Absent(number=image.number, reason=reason, again=False))
    flush_names(outputs, (result for result in results if isinstance(result, Stored)))
    return results


def _reason(result: Held | Absent) -> str:
    if isinstance(result, Absent):
        return result.reason
    why = "is taken by a file that mjpipe did not write" if result.taken else f"cannot be written: {result.refused}"
    return f"`{result.wanted}` {why}; the image waits in `{result.path}`"
