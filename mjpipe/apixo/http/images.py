"""Downloads of images, whole or not at all. The key is never sent."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from mjpipe.apixo.download import Fetched, ImageFault, Remedy
from mjpipe.apixo.http.content import BadCompression, is_compressed, pieces
from mjpipe.apixo.http.retry_after import retry_after_seconds
from mjpipe.apixo.http.wire import Wire
from mjpipe.domain import StateFault, fault_text, one_line, reason_of

MAX_BYTES = 256 * 1024 * 1024
IN_MEMORY = 1024 * 1024
"""Bytes: more than a small picture has, and little enough for a few dozen at a time."""
MAX_REDIRECTS = 5

OK = 200
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429})
"""4xx that say nothing about the URL; every other says that there is no image at it, or no longer one."""
HEADERS = httpx.Headers({"Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity", "User-Agent": "mjpipe"})


class ImageHosts:
    """The hosts of result images.

        async with ImageHosts() as images:
            fetched = await images.fetch(url, to=part)

    Follows redirects. The caller bounds the number of downloads and repeats them. In seconds: `connect_timeout` bounds
    the time until there is a connection, `read_timeout` the silence between two pieces, both together the time until
    all headers have come, and `timeout` the whole download, redirects included. `max_bytes` bounds the decompressed
    image. Up to `in_memory` bytes it is not written to a file. A given `transport` is not closed.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 30.0,
        timeout: float = 600.0,
        max_bytes: int = MAX_BYTES,
        in_memory: int = IN_MEMORY,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._transport = transport or Wire()
        self._closes = transport is None
        self._timeouts = {
            "connect": connect_timeout,
            "pool": connect_timeout,
            "read": read_timeout,
            "write": read_timeout,
        }
        self._answer_within = connect_timeout + read_timeout
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._in_memory = in_memory
        self._now = now

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._closes:
            await self._transport.aclose()

    async def fetch(self, url: str, to: Path) -> Fetched:
        """The image at `url`. A large one is streamed into the file `to`, which is overwritten and not flushed; a small
        one stays in memory, so that the caller can write many of them off the loop.

        The content is not checked. Raises ImageFault, or StateFault when the disk refuses; then, and when the call is
        cancelled, `to` is removed.
        """
        with PartialDownload(to, in_memory=self._in_memory) as part, _image_faults(url):
            content_type = await self._download(url, part)
        return Fetched(size=part.size, sha256=part.sha256, content=part.content, content_type=content_type)

    async def look(self, url: str) -> None:
        """Raises ImageFault when the image is not there. Its content is not read."""
        with _image_faults(url):
            await self._download(url, None)

    async def _download(self, url: str, part: "PartialDownload | None") -> str | None:
        """The content type. Without a part only the headers are read."""
        address, now = _address(url), asyncio.get_running_loop().time
        end = now() + self._timeout
        try:
            async with asyncio.timeout(None) as bound:
                for _ in range(MAX_REDIRECTS + 1):
                    request = httpx.Request("GET", address, headers=HEADERS, extensions={"timeout": self._timeouts})
                    bound.reschedule(min(end, now() + self._answer_within))
                    response = await self._transport.handle_async_request(request)
                    bound.reschedule(end)
                    try:
                        if response.status_code not in REDIRECTS:
                            return await self._read(address, response, part)
                        address = _target(address, response)
                    finally:
                        await response.aclose()
        except TimeoutError:
            if not bound.expired():
                raise
            late = f"{_shown(url)} takes longer than {self._timeout:g} s"
            if bound.when() != end:
                late = f"{_shown(address)} did not answer within {self._answer_within:g} s"
            raise ImageFault(late, remedy=Remedy.RETRY) from None
        raise ImageFault(f"{_shown(address)} is one redirect too many", remedy=Remedy.REFRESH)

    async def _read(self, address: httpx.URL, response: httpx.Response, part: "PartialDownload | None") -> str | None:
        self._check(address, response)
        if part is not None:
            await self._receive(address, response, part)
        content_type: str | None = response.headers.get("Content-Type")
        return content_type

    def _check(self, address: httpx.URL, response: httpx.Response) -> None:
        status = response.status_code
        if status == OK:
            return
        gone = 400 <= status < 500 and status not in PASSING  # noqa: PLR2004 - HTTP's class needs no name
        raise ImageFault(
            f"{_shown(address)} answered {status}",
            remedy=Remedy.REFRESH if gone else Remedy.RETRY,
            status=status,
            retry_after=retry_after_seconds(response.headers.get("Retry-After"), now=self._now()),
        )

    async def _receive(self, address: httpx.URL, response: httpx.Response, part: "PartialDownload") -> None:
        announced = _announced(response)
        if (announced or 0) > self._max_bytes:
            raise self._too_large(address)
        try:
            async for piece in pieces(response):
                part.write(piece)
                if part.size > self._max_bytes:
                    raise self._too_large(address)
        except BadCompression as fault:
            raise ImageFault(f"{_shown(address)} could not be decompressed: {fault}", remedy=Remedy.RETRY) from fault
        if part.size == 0 or announced not in (None, part.size):
            whole = "an image" if announced is None else f"{announced} bytes"
            raise ImageFault(f"{_shown(address)} gave {part.size} bytes of {whole}", remedy=Remedy.RETRY)

    def _too_large(self, address: httpx.URL) -> ImageFault:
        return ImageFault(f"{_shown(address)} has more than {self._max_bytes} bytes", remedy=Remedy.NONE)


@contextmanager
def _image_faults(url: str) -> Iterator[None]:
    """Turns every error inside into an ImageFault, except the disk's StateFault.

    Not only httpx's errors: the URL comes from the service, and may be of any kind.
    """
    try:
        yield
    except (ImageFault, StateFault):
        raise
    except Exception as error:
        seen = one_line(fault_text(error))
        raise ImageFault(f"{_shown(url)} did not come: {seen}", remedy=Remedy.RETRY) from error


class PartialDownload:
    """An image on its way, first in memory and then in a file, with its size and SHA-256 so far. The file is removed
    when the download fails.

    Raises StateFault when the disk refuses.
    """

    def __init__(self, path: Path, *, in_memory: int) -> None:
        self._path = path
        self._in_memory = in_memory
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._file: BufferedWriter | None = None
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def write(self, piece: bytes) -> None:
        self._digest.update(piece)
        self.size += len(piece)
        if self.size <= self._in_memory:
            self._pieces.append(piece)
            return
        try:
            if self._file is None:
                self._file = self._path.open("wb")
                self._file.writelines(self._pieces)
                self._pieces.clear()
            self._file.write(piece)
        except OSError as error:
            raise self._fault(error) from error

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def content(self) -> bytes | None:
        """All of it, None when it is in the file."""
        return b"".join(self._pieces) if self._file is None else None

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            self._file.close()  # writes what is still buffered
        except OSError as error:
            self._path.unlink(missing_ok=True)
            raise self._fault(error) from error
        if exc_type is not None:
            self._path.unlink(missing_ok=True)

    def _fault(self, error: OSError) -> StateFault:
        return StateFault(f"`{self._path}` cannot be written: {reason_of(error)}")


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ImageFault(f"`{one_line(url)}` is not a URL: {error}", remedy=Remedy.REFRESH) from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ImageFault(f"`{one_line(url)}` is not a web address", remedy=Remedy.REFRESH)
    return address


def _target(address: httpx.URL, response: httpx.Response) -> httpx.URL:
    location = response.headers.get("Location")
    if not location:
        raise ImageFault(f"{_shown(address)} redirects to nowhere", remedy=Remedy.RETRY, status=response.status_code)
    try:
        return _address(str(address.join(location)))
    except httpx.InvalidURL as error:
        raise ImageFault(f"{_shown(address)} redirects to no URL: {error}", remedy=Remedy.REFRESH) from error


def _announced(response: httpx.Response) -> int | None:
    """The length that the host announced, None when it did not, or when it compressed the content unasked."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and not is_compressed(response) else None


def _shown(address: httpx.URL | str) -> str:
    """Without its query, which may hold a signature."""
    return f"`{one_line(str(address).partition('?')[0])}`"
