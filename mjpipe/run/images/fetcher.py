"""Fetching images to disk, with a limit of its own: a download never takes a submission's slot."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mjpipe.apixo import Fetched, ImageFault, Remedy, backoff
from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import EXTENSION, IMAGES_GONE, JobState, StateFault, fault_text, one_line
from mjpipe.ledger import ImageToFetch, Ledger, Stored, ToFetch
from mjpipe.run.images.displaced import DisplacedImages, read_displaced
from mjpipe.run.images.image_files import ORPHANS, Displaced, flush_names, place, planned_path, what_stands_at
from mjpipe.run.images.path_locks import PathLocks
from mjpipe.run.images.result_urls import present_url, urls_now
from mjpipe.run.images.whole_images import BrokenImage
from mjpipe.run.policies.job_decisions import are_gone
from mjpipe.run.releasing import Released, release_followers
from mjpipe.run.run_settings import RunSettings
from mjpipe.run.run_state import RunState

LONGEST_WAIT = 60.0
"""Seconds that an image host can delay the next try of a download."""

NAMED = 3
"""Jobs whose images are gone and that are shown at once."""

TRIES = 5
"""Per image and run; the next run tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """An image on its way to `path`, or to `waiting` when that place is taken."""

    number: int
    path: str
    waiting: Path
    part: Path
    fetched: Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDownload:
    """An image that did not come, or came broken. `again` says whether another try may help, after `wait` seconds."""

    number: int
    reason: str
    """what stands behind `image 1` or `images 0, 1`"""
    again: bool = True
    wait: float = 0.0
    url: str | None = None
    """the URL at which, by its host's answer, there is no image or no longer one"""
    gone: bool = False
    """whether there is no other URL, and this one is past its documented lifetime"""


_Result = Stored | Displaced | FailedDownload


class Fetcher:
    """Brings the images of tasks to their places. A job is done when all images of its result are there.

    Of an attempt that waits only its number in the ledger is kept, so that there may be many.
    """

    def __init__(self, run: RunState) -> None:
        self._run = run
        self._bound = asyncio.Semaphore(run.settings.limits.downloads)
        self._waiting: deque[int] = deque()
        self._serving = 0
        self._locks = PathLocks(run)
        self._displaced = DisplacedImages(run.settings.held)
        self.fetching: set[asyncio.Future[Any]] = set()
        self.incomplete: dict[str, str] = {}
        """Keys of jobs with an image that could not be brought to its place, and the reason."""
        self.in_the_way: list[Path] = []
        """Files in the places of images that mjpipe did not write."""
        self._gone = 0
        """Jobs of the manifest whose images the service no longer has."""

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._serving)

    def add(self, attempt: int) -> None:
        self._waiting.append(attempt)
        if self._serving < self._run.settings.limits.downloads:
            self._serving += 1
            self._run.spawn(self._serve(), self.fetching)

    async def _serve(self) -> None:
        try:
            while self._waiting:
                await self._serve_one(self._waiting.popleft())
        finally:
            # Counted here and not by who has ended: in between, a job could be added that nobody serves.
            self._serving -= 1
            self._run.wake()

    async def _serve_one(self, attempt: int) -> None:
        job = await self._run.write(lambda ledger: ledger.images.to_fetch_of(attempt))
        async with self._locks.holding(job):
            await self._fetch(job)

    async def _fetch(self, job: ToFetch) -> None:
        run = self._run
        results = await self._results(job)
        stored = [result for result in results if isinstance(result, Stored)]
        others = [result for result in results if not isinstance(result, Stored)]
        reason, code = "; ".join(_reasons(others)) or None, _code(others)

        def record(ledger: Ledger) -> tuple[JobState | None, list[str], Released]:
            state = ledger.files.record_fetched(job.job, job.attempt, stored, run.clock(), reason, code)
            if state is not JobState.FAILED:
                return state, [], Released()
            return state, ledger.follow_ups.wait_again(job.job), release_followers(ledger, job.job)

        state, stopped, released = await run.write(record)
        if state is not None:
            run.moved(job.node, JobState.SUCCEEDED, state)
        for node in stopped:
            run.moved(node, JobState.READY, JobState.WAITING)
        for node, before, after in released.moves:
            run.moved(node, before, after)
        if reason is None:
            return
        if code == IMAGES_GONE:
            self._note_gone(job, reason)
            return
        self.incomplete[job.key] = reason
        taken = (result.wanted for result in others if isinstance(result, Displaced) and result.taken)
        self.in_the_way += [what_stands_at(run.settings.outputs, path) for path in taken]
        run.progress.note(f"`{job.key}` is paid but not complete on disk: {reason}")

    def _note_gone(self, job: ToFetch, reason: str) -> None:
        """All of them may be gone when a state is made again after a day: the first few are shown."""
        self._gone += job.wanted
        if not job.wanted:
            self._run.note_once("images that the manifest does not use are gone: the service no longer has them")
        elif self._gone <= NAMED:
            self._run.progress.note(f"`{job.key}` is paid, and images of it are gone: {reason}")
        else:
            self._run.note_once("images of more jobs are gone; the report below counts them")

    async def _results(self, job: ToFetch) -> list[_Result]:
        """The result of each image, after as many tries as it is worth."""
        run = self._run
        images, nowhere = await self._with_urls(job)
        results: dict[int, _Result] = {absent.number: absent for absent in nowhere}
        for attempt in range(1, TRIES + 1):
            results |= {result.number: result for result in await self._try(job, images)}
            again = [result for result in results.values() if isinstance(result, FailedDownload) and result.again]
            if not again:
                break
            if not all(absent.url and self._is_old(job) for absent in again):
                if attempt == TRIES:
                    break
                wait = max(absent.wait for absent in again)
                await run.sleep(backoff(attempt, retry_after=wait, random=run.random) / run.speed_up)
            # Also for faults that a later try might fix: a sandbox that was started again has another port.
            urls = await urls_now(self._run, job.task)
            results |= {
                absent.number: replace(absent, again=False, gone=True)
                for absent in again
                if self._is_gone(job, absent, urls, last=attempt == TRIES)
            }
            images = [_renewed(image, urls) for image in images if _is_to_try(results[image.number])]
        return list(results.values())

    async def _with_urls(self, job: ToFetch) -> tuple[Sequence[ImageToFetch], Sequence[FailedDownload]]:
        """The images to download, and those without a URL. Those of a task that was recovered have none on record: the
        service is asked for them.
        """
        if all(image.url for image in job.images):
            return job.images, ()
        run = self._run
        urls = await urls_now(run, job.task)
        if urls:
            await run.write(lambda ledger: ledger.results.record_urls(job.attempt, urls, run.clock()))
        images = [_renewed(image, urls) for image in job.images]
        nowhere = [_nowhere(image.number, answered=urls is not None) for image in images if not image.url]
        return [image for image in images if image.url], nowhere

    def _is_old(self, job: ToFetch) -> bool:
        return self._run.clock() - job.ended > RESULT_URL_LIFETIME / self._run.speed_up

    def _is_gone(self, job: ToFetch, absent: FailedDownload, urls: Sequence[str] | None, *, last: bool) -> bool:
        run = self._run
        named = absent.url and present_url(urls, absent.number, absent.url)
        return are_gone(
            refused=absent.url is not None,
            answered=urls is not None,
            renewed=named != absent.url and not last,
            age=run.clock() - job.ended,
            lifetime=RESULT_URL_LIFETIME / run.speed_up,
        )

    async def _try(self, job: ToFetch, images: Sequence[ImageToFetch]) -> list[_Result]:
        """All of them at once, and then together to their places: one step aside from the event loop for a job."""
        downloads = await asyncio.gather(*(self._download(job, image) for image in images))
        arrived = [download for download in downloads if isinstance(download, Downloaded)]
        placed = await asyncio.to_thread(_placed, arrived, self._run.settings)
        return [*placed, *(download for download in downloads if isinstance(download, FailedDownload))]

    async def _download(self, job: ToFetch, image: ImageToFetch) -> Downloaded | FailedDownload:
        run, number = self._run, image.number
        path = planned_path(job.paths, number)
        if not job.wanted:  # what took its place in the manifest has its path, too
            path = f"{ORPHANS}/{path}".replace(EXTENSION, f"{job.attempt}.{EXTENSION}")
        waiting = self._displaced.name(job.task, number)
        part = self._displaced.take(job.task, number)
        if part is not None and (fetched := await asyncio.to_thread(read_displaced, part)) is not None:
            return Downloaded(number=number, path=path, waiting=waiting, part=part, fetched=fetched)
        part = run.settings.incoming / f"{job.attempt}-{number}.part"
        async with self._bound:
            try:
                fetched = await run.images.fetch(image.url, part)
            except ImageFault as fault:
                return FailedDownload(
                    number=number,
                    reason=f"could not be fetched: {fault}",
                    again=fault.remedy is not Remedy.NONE,
                    url=image.url if fault.gone else None,
                    wait=min(fault.retry_after or 0.0, LONGEST_WAIT),
                )
        return Downloaded(number=number, path=path, waiting=waiting, part=part, fetched=fetched)


def _nowhere(number: int, *, answered: bool) -> FailedDownload:
    said = "the service names no URL any more" if answered else "the service did not name a URL"
    return FailedDownload(number=number, reason=f"could not be fetched: {said}", again=False, gone=answered)


def _is_to_try(result: _Result) -> bool:
    return isinstance(result, FailedDownload) and result.again


def _renewed(image: ImageToFetch, urls: Sequence[str] | None) -> ImageToFetch:
    return ImageToFetch(number=image.number, url=present_url(urls, image.number, image.url))


def _placed(arrived: Sequence[Downloaded], settings: RunSettings) -> list[_Result]:
    results = list[_Result]()
    for image in arrived:
        try:
            results.append(
                place(
                    image.part,
                    image.fetched,
                    settings.outputs,
                    image.path,
                    number=image.number,
                    waiting=image.waiting,
                    replaceable=settings.replaceable,
                )
            )
        except BrokenImage as fault:
            results.append(FailedDownload(number=image.number, reason=f"came broken: {fault}"))
        except StateFault:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever this one image brings about, the others are paid for, too
            why = one_line(fault_text(fault))
            reason = f"could not be brought to its place: {why}"
            results.append(FailedDownload(number=image.number, reason=reason, again=False))
    flush_names(settings.outputs, (result for result in results if isinstance(result, Stored)))
    return results


def _reasons(others: Sequence[Displaced | FailedDownload]) -> Iterator[str]:
    """Each once, with the images that it is about."""
    failed: dict[str, list[int]] = {}
    for result in others:
        if isinstance(result, FailedDownload):
            failed.setdefault(result.reason, []).append(result.number)
    for reason, numbers in failed.items():
        named = ", ".join(map(str, sorted(numbers)))
        yield f"{'image' if len(numbers) == 1 else 'images'} {named} {reason}"
    yield from dict.fromkeys(_displaced(result) for result in others if isinstance(result, Displaced))


def _displaced(result: Displaced) -> str:
    why = "is taken by a file of yours" if result.taken else f"cannot be written: {result.refused}"
    return f"`{result.wanted}` {why}; the image waits in `{result.path}`"


def _code(others: Sequence[Displaced | FailedDownload]) -> str | None:
    """Why images are not in their places, for machines; None for a reason that needs no code, and for several."""
    codes = {_code_of(result) for result in others}
    return codes.pop() if len(codes) == 1 else None


def _code_of(result: Displaced | FailedDownload) -> str | None:
    if isinstance(result, Displaced):
        return "place_taken" if result.taken else "name_refused"
    return IMAGES_GONE if result.gone else None
