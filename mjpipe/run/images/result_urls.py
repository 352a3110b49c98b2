"""The current URLs of a task's images: the service may name others than before."""

from collections.abc import Sequence

from mjpipe.apixo import TaskNotFound
from mjpipe.domain import NotAuthorised, ServiceError, TaskId
from mjpipe.run.run_settings import StopReason
from mjpipe.run.run_state import RunState


async def urls_now(run: RunState, task: TaskId) -> Sequence[str] | None:
    """The URLs that the service names now, which may be none; None when it does not say.

    A refused key stops submission.
    """
    try:
        await run.limiter.acquire()
        return (await run.service.status(task)).image_urls or ()
    except TaskNotFound:
        return ()
    except NotAuthorised:
        run.stop_submitting(StopReason.NOT_AUTHORISED)
        return None
    except ServiceError:
        return None


def present_url(urls: Sequence[str] | None, number: int, before: str) -> str:
    """The URL of one image; the one `before` when the service names none."""
    return urls[number] if urls and number < len(urls) else before
