"""Makes a task of a submission: finds the image that it starts from, here or on another host."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import httpx

from mjpipe.contract import TaskState
from mjpipe.domain import TaskId
from mjpipe.pricing import load_prices
from mjpipe.sandbox.addresses import own_picture
from mjpipe.sandbox.pictures import readable_photo
from mjpipe.sandbox.settings import Settings
from mjpipe.sandbox.store import Store
from mjpipe.sandbox.submission import Submission
from mjpipe.sandbox.task import Picture, Task, TaskFault, check_source, new_task, with_fault

_PHOTO_BYTES = 20_000_000
UNREADABLE = TaskFault(code="Upload error", message="Image upload or image size validation failed")


class Acceptance:
    """`client` fetches source images, when the settings allow it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        task_id: Callable[[], TaskId],
        client: Callable[[], httpx.AsyncClient],
    ) -> None:
        self._settings = settings
        self._store = store
        self._task_id = task_id
        self._client = client
        self._prices = load_prices()

    async def task_of(self, submission: Submission, *, origin: str, now: int) -> Task:
        """The task that the submission would become; nothing is stored or charged yet.

        Raises Refusal (400) when it cannot follow its source. A source image that cannot be read makes a task that
        will fail.
        """
        source: Task | None = None
        picture: Picture | None = None
        if not submission.mode.facts.sent_by_url:
            source = check_source(submission, self._store.task(submission.source_id), now)
            picture = Picture(task_id=source.id, index=submission.image_index or 0)
        elif submission.base_url is not None:
            picture = own_picture(origin, submission.base_url)
            source = self._store.task(picture.task_id) if picture else None
        shown = picture is None or is_available(source, picture, now)
        task = new_task(
            submission,
            source if shown else None,
            picture if shown else None,
            task_id=self._task_id(),
            now=now,
            speed_up=self._settings.speed_up,
            prices=self._prices,
            origin=origin,
        )
        if not shown:
            return with_fault(task, UNREADABLE)
        if picture is None and submission.base_url is not None and self._settings.fetch_images:
            content = await self._fetched(submission.base_url)
            if content is None:
                return with_fault(task, UNREADABLE)
            return replace(task, photo=self._store.keep_photo(content))
        return task

    async def _fetched(self, url: str) -> bytes | None:
        """The image at a URL; None when it cannot be read."""
        content = b""
        try:
            asked = self._client().stream("GET", url, headers={"Accept-Encoding": "identity"}, follow_redirects=True)
            async with asked as answer:
                if not answer.is_success or answer.headers.get("Content-Encoding", "identity") != "identity":
                    return None  # compressed although we asked for identity: one chunk could unpack to any size
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > _PHOTO_BYTES:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return content if await asyncio.to_thread(readable_photo, content) else None


def is_available(task: Task | None, picture: Picture, now: int) -> bool:
    """Whether the picture can be fetched."""
    return task is not None and task.state(now) is TaskState.SUCCESS and 0 <= picture.index < task.images
