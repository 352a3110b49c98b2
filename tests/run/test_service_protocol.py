"""A run against a service and an image source that are nothing but their protocols."""

import asyncio
import hashlib
import json
from pathlib import Path

from mjpipe.apixo import Accepted, Fetched, ImageFault, Remedy, TaskStatus
from mjpipe.contract import TaskState
from mjpipe.domain import JobState, NotAccepted, TaskId
from mjpipe.run import Ending, begin_work
from mjpipe.run.service import ImageSource, Service
from tests.ledger.jobs import adopt, generation
from tests.run.campaign import Campaign, ends
from tests.run.service import png


class SmallService(Service):
    """Accepts nothing at first, then everything; each task has one image."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.refused = False

    async def submit(self, body: bytes) -> Accepted:
        if not self.refused:
            self.refused = True
            raise NotAccepted("not yet")
        self.prompts.append(json.loads(body)["input"]["prompt"])
        return Accepted(task_id=TaskId(f"task_{len(self.prompts)}"))

    async def status(self, task_id: str) -> TaskStatus:
        return TaskStatus(state=TaskState.SUCCESS, image_urls=(task_id,))


class SmallSource(ImageSource):
    """Gives an image when it is asked for the second time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, url: str, to: Path) -> Fetched:  # noqa: ARG002 - small enough for memory
        self.asked.append(url)
        if self.asked.count(url) == 1:
            raise ImageFault("not yet", remedy=Remedy.RETRY)
        content = png(url)
        return Fetched(size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content)

    async def look(self, url: str) -> None:
        pass


def test_a_run_needs_no_more_of_a_service_than_its_protocol(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"), generation("b"))
    service, images, settings = SmallService(), SmallSource(), campaign.settings()

    async def whole() -> Ending:
        with begin_work(campaign.ledger, settings, campaign.notes, now=campaign.clock()) as work:
            return await campaign.engine(service, images, settings).run(work)

    assert ends(asyncio.run(whole())) == {JobState.DONE: 2}
    assert sorted(service.prompts) == ["a", "b"]
    assert sorted(images.asked) == ["task_1", "task_1", "task_2", "task_2"]
    assert campaign.files_are_as_recorded()
