"""The result of a download: an image, or why there is none."""

from dataclasses import dataclass, field
from enum import StrEnum

from mjpipe.domain import MjpipeError


class Remedy(StrEnum):
    """What may help after a failed download."""

    REFRESH = "refresh"
    """another URL, from the status call: this one has expired or is gone"""
    RETRY = "retry"
    """the same URL, later"""
    NONE = "none"
    """a person: neither will help"""


class ImageFault(MjpipeError):
    """An image did not come, or not whole; nothing is left on disk.

    `status` is the HTTP status, None when there was no answer; `retry_after` the seconds that the host asked to wait.
    """

    def __init__(
        self, message: str, *, remedy: Remedy, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.status = status
        self.gone = remedy is Remedy.REFRESH and status is not None
        """Whether the host has answered that there is no image at this URL, or no longer one."""
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """`sha256` is lower-case hex. `content` is None for a large image, which is in the file. `content_type` is what the
    host says it is, None when it did not say.
    """

    size: int
    sha256: str
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
