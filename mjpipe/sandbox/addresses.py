"""The URLs of the sandbox's pictures."""

import re
from urllib.parse import urlsplit

from mjpipe.domain import TaskId
from mjpipe.sandbox.submission import is_loopback
from mjpipe.sandbox.task import Picture

BASE = "/api/v1"
IMAGES = "/sandbox/images"
_IMAGE_PATH = re.compile(rf"{IMAGES}/(?P<task_id>[^/]+)/(?P<index>\d{{1,3}})\.png", re.ASCII)


def image_url(origin: str, picture: Picture, renewal: int = 0) -> str:
    """`origin` is scheme and host, as the client named them. `renewal` counts the earlier URLs that have expired."""
    renewed = f"?renewed={renewal}" if renewal else ""
    return f"{origin}{IMAGES}/{picture.task_id}/{picture.index}.png{renewed}"


def own_picture(origin: str, url: str) -> Picture | None:
    """The picture of this sandbox that a URL names, None for a URL of another host.

    On loopback any port counts: the sandbox may have been restarted since it gave the URL.
    """
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}".lower() != origin.lower() and not is_loopback(url):
        return None
    match = _IMAGE_PATH.fullmatch(parts.path)
    return match and Picture(task_id=TaskId(match["task_id"]), index=int(match["index"]))
