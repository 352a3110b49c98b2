"""What a run needs of the service and of the hosts of its images; `mjpipe.apixo.http` has both."""

from pathlib import Path
from typing import Protocol

from mjpipe.apixo import Accepted, Fetched, TaskStatus


class Service(Protocol):
    """Each call is one request, which is never repeated here. What an error means for the money is in
    `mjpipe.domain.errors`.
    """

    async def submit(self, body: bytes) -> Accepted:
        """Sends `body` once, exactly as it is.

        Raises Refused, NotAuthorised, OutOfBalance, NotAccepted or GatewayFault, and Unknown when it may have been
        accepted: also after any unforeseen error. A call that is cancelled before anything can have been sent raises
        NotAccepted.
        """

    async def status(self, task_id: str) -> TaskStatus:
        """Where a task stands. Costs nothing, so it may be asked again whatever this raises.

        Raises TaskNotFound for an unknown task, else what `submit` raises.
        """


class ImageSource(Protocol):
    async def fetch(self, url: str, to: Path) -> Fetched:
        """The image at `url`: a small one in memory, a large one in the file `to`.

        Raises ImageFault, which says what may help, and StateFault when the disk refuses; then nothing is left in `to`.
        """

    async def look(self, url: str) -> None:
        """Raises ImageFault when the image is not there; reads nothing of it."""
