"""Downloads: whole or not at all, without the key, with the remedy when they fail."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mjpipe.apixo import Fetched, ImageFault, Remedy
from mjpipe.apixo.http import ImageHosts
from mjpipe.domain import StateFault
from tests.apixo.loopback import COMPRESSED_ZEROS, CUT, RESET, SILENCE, TRICKLE, answering, http, unused_port
from tests.apixo.memory import held

pytestmark = pytest.mark.anyio

PICTURE = bytes(range(256)) * 80
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "image.part"


def images(handler: Handler, **options: Any) -> ImageHosts:
    return ImageHosts(transport=httpx.MockTransport(handler), now=lambda: NOW, **{"in_memory": 0, **options})


async def fault_of(call: Any) -> ImageFault:
    with pytest.raises(ImageFault) as caught:
        await call
    return caught.value


async def test_an_image_comes_to_disk_as_it_was_sent(part: Path) -> None:
    async with answering(http(200, PICTURE, Content_Type="image/png")) as host, ImageHosts(in_memory=0) as fetching:
        fetched = await fetching.fetch(f"{host.url}/a%20b%7E/1.png?sig=a%2Bb%3D%2d", to=part)
    assert fetched == Fetched(size=20480, sha256=hashlib.sha256(PICTURE).hexdigest(), content_type="image/png")
    assert part.read_bytes() == PICTURE
    assert host.lines == ["GET /a%20b%7E/1.png?sig=a%2Bb%3D%2d HTTP/1.1"]
    assert b"authorization" not in host.requests[0].lower()


async def test_a_small_image_is_handed_over_without_touching_the_disk(tmp_path: Path) -> None:
    fetching = images(lambda _: httpx.Response(200, content=PICTURE), in_memory=len(PICTURE))
    fetched = await fetching.fetch("https://x.example/1.png", to=tmp_path / "no folder" / "1.part")
    assert fetched == Fetched(size=20480, sha256=hashlib.sha256(PICTURE).hexdigest(), content=PICTURE)


async def test_a_look_reads_the_head_of_the_answer_and_no_more() -> None:
    class Unread(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            raise AssertionError("the body was read")
            yield b""

    await images(lambda _: httpx.Response(200, stream=Unread())).look("https://x.example/1.png")


@pytest.mark.parametrize(("status", "remedy"), [(403, Remedy.REFRESH), (404, Remedy.REFRESH), (503, Remedy.RETRY)])
async def test_a_look_says_what_may_help_as_a_download_does(status: int, remedy: Remedy) -> None:
    fault = await fault_of(images(lambda _: httpx.Response(status)).look("https://x.example/1.png"))
    assert (fault.status, fault.remedy) == (status, remedy)


async def test_an_image_that_turns_out_large_is_in_the_file_whole(part: Path) -> None:
    class Pieces(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for start in range(0, len(PICTURE), 1000):
                yield PICTURE[start : start + 1000]

    fetching = images(lambda _: httpx.Response(200, stream=Pieces()), in_memory=len(PICTURE) - 1)
    fetched = await fetching.fetch("https://x.example/1.png", to=part)
    assert fetched == Fetched(size=20480, sha256=hashlib.sha256(PICTURE).hexdigest())
    assert part.read_bytes() == PICTURE


async def test_what_was_there_before_is_written_again(part: Path) -> None:
    part.write_bytes(PICTURE * 2)
    await images(lambda _: httpx.Response(200, content=PICTURE)).fetch("https://x.example/1.png", to=part)
    assert part.read_bytes() == PICTURE


async def test_a_redirect_is_followed(part: Path) -> None:
    async with (
        answering(http(200, PICTURE)) as there,
        answering(http(302, Location=f"{there.url}/2.png")) as here,
        ImageHosts(in_memory=0) as fetching,
    ):
        await fetching.fetch(f"{here.url}/1.png", to=part)
    assert part.read_bytes() == PICTURE
    assert there.lines == ["GET /2.png HTTP/1.1"]


async def test_a_redirect_may_be_relative(part: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/old/1.png":
            return httpx.Response(301, headers={"Location": "../new/1.png?x=1"})
        assert str(request.url) == "https://x.example/new/1.png?x=1"
        return httpx.Response(200, content=PICTURE)

    await images(handler).fetch("https://x.example/old/1.png", to=part)
    assert part.read_bytes() == PICTURE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_url_that_expired_wants_a_fresh_one(status: int, part: Path) -> None:
    fault = await fault_of(images(lambda _: httpx.Response(status)).fetch("https://x.example/1.png?sig=s", to=part))
    assert (str(fault), fault.remedy, fault.status) == (
        f"`https://x.example/1.png` answered {status}",
        Remedy.REFRESH,
        status,
    )
    assert not part.exists()


@pytest.mark.parametrize("status", [204, 206, 304, 408, 429, 500, 502, 503, 504])
async def test_a_host_that_is_not_well_wants_time(status: int, part: Path) -> None:
    ill = images(lambda _: httpx.Response(status, headers={"Retry-After": "7"}))
    fault = await fault_of(ill.fetch("https://x.example/1.png", to=part))
    assert (fault.remedy, fault.status, fault.retry_after) == (Remedy.RETRY, status, 7.0)
    assert not part.exists()


BROKEN = {
    "cut": CUT,
    "reset": RESET,
    "cut in the body": http(200, PICTURE)[:-1],
    "cut in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "empty": http(200),
    "silence": SILENCE,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_an_image_that_does_not_come_whole_leaves_nothing_and_is_worth_another_try(
    broken: bytes, part: Path
) -> None:
    async with answering(broken, then_close=True) as host, ImageHosts(read_timeout=0.2) as fetching:
        fault = await fault_of(fetching.fetch(f"{host.url}/1.png", to=part))
    assert fault.remedy is Remedy.RETRY
    assert not part.exists()


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip"])
async def test_an_image_that_would_fill_the_memory_or_the_disk_is_not_decompressed_to_its_end(
    coding: str, part: Path
) -> None:
    compressed = COMPRESSED_ZEROS if coding == "gzip" else gzip.compress(COMPRESSED_ZEROS)
    async with (
        answering(http(200, compressed, Content_Encoding=coding)) as host,
        ImageHosts(max_bytes=1_000_000) as fetching,
    ):
        with held() as memory:
            if coding == "gzip":
                fault = await fault_of(fetching.fetch(f"{host.url}/1.png", to=part))
                assert (str(fault), fault.remedy) == (f"`{host.url}/1.png` has more than 1000000 bytes", Remedy.NONE)
            else:  # as it came: no image, which shows when it is decoded
                assert (await fetching.fetch(f"{host.url}/1.png", to=part)).size == len(compressed)
    assert memory.most < 8_000_000
    assert not part.exists()


async def test_an_image_that_was_compressed_unasked_is_decompressed(part: Path) -> None:
    async with answering(http(200, gzip.compress(PICTURE), Content_Encoding="gzip")) as host, ImageHosts() as fetching:
        assert (await fetching.fetch(f"{host.url}/1.png", to=part)).content == PICTURE


@pytest.mark.parametrize("content", [gzip.compress(PICTURE)[:-1], b"not compressed"], ids=["cut", "not compressed"])
async def test_an_image_that_cannot_be_decompressed_is_worth_another_try(content: bytes, part: Path) -> None:
    async with answering(http(200, content, Content_Encoding="gzip")) as host, ImageHosts() as fetching:
        fault = await fault_of(fetching.fetch(f"{host.url}/1.png", to=part))
    assert str(fault).startswith(f"`{host.url}/1.png` could not be decompressed: ")
    assert fault.remedy is Remedy.RETRY


async def test_a_host_whose_headers_never_end_is_given_up(part: Path) -> None:
    async with answering(TRICKLE) as host, ImageHosts(connect_timeout=0.1, read_timeout=0.2) as fetching:
        fault = await fault_of(fetching.fetch(f"{host.url}/1.png", to=part))
    assert (str(fault), fault.remedy) == (f"`{host.url}/1.png` did not answer within 0.3 s", Remedy.RETRY)
    assert not part.exists()


async def test_redirects_take_from_the_time_of_the_whole_download(part: Path) -> None:
    async with (
        answering(TRICKLE) as there,
        answering(http(302, Location=f"{there.url}/2.png")) as here,
        ImageHosts(timeout=0.3) as fetching,
    ):
        fault = await fault_of(fetching.fetch(f"{here.url}/1.png", to=part))
    assert (str(fault), there.lines) == (f"`{here.url}/1.png` takes longer than 0.3 s", ["GET /2.png HTTP/1.1"])


async def test_a_length_that_was_announced_is_checked_whatever_the_transport(part: Path) -> None:
    short = images(lambda _: httpx.Response(200, content=b"four", headers={"Content-Length": "5"}))
    fault = await fault_of(short.fetch("https://x.example/1.png", to=part))
    assert (str(fault), fault.remedy) == ("`https://x.example/1.png` gave 4 bytes of 5 bytes", Remedy.RETRY)


async def test_a_host_that_cannot_be_reached_is_worth_another_try(part: Path) -> None:
    async with ImageHosts(in_memory=0) as fetching:
        fault = await fault_of(fetching.fetch(f"http://127.0.0.1:{unused_port()}/1.png", to=part))
    assert fault.remedy is Remedy.RETRY


async def test_a_download_that_drips_is_given_up(part: Path) -> None:
    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.005)
                yield b"x"

    slow = images(lambda _: httpx.Response(200, stream=Dripping()), timeout=0.05)
    fault = await fault_of(slow.fetch("https://x.example/1.png?sig=s", to=part))
    assert (str(fault), fault.remedy) == ("`https://x.example/1.png` takes longer than 0.05 s", Remedy.RETRY)
    assert not part.exists()


@pytest.mark.parametrize(("headers", "pieces"), [({}, 3), ({"Content-Length": "11"}, 0)])
async def test_an_image_beyond_the_bound_is_not_kept(headers: dict[str, str], pieces: int, part: Path) -> None:
    class Long(httpx.AsyncByteStream):
        given = 0

        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                self.given += 1
                yield b"12345"

    stream = Long()
    large = images(lambda _: httpx.Response(200, headers=headers, stream=stream), max_bytes=10)
    fault = await fault_of(large.fetch("https://x.example/1.png", to=part))
    assert (str(fault), fault.remedy) == ("`https://x.example/1.png` has more than 10 bytes", Remedy.NONE)
    assert stream.given == pieces
    assert not part.exists()


@pytest.mark.parametrize(
    "url", ["", "1.png", "file:///etc/passwd", "ftp://x.example/1.png", "https://", "https://x:y/"]
)
async def test_what_is_no_web_address_is_not_asked_for(url: str, part: Path) -> None:
    assert (await fault_of(images(lambda _: httpx.Response(200)).fetch(url, to=part))).remedy is Remedy.REFRESH


@pytest.mark.parametrize(
    ("location", "remedy"),
    [
        ("https://x.example/1.png", Remedy.REFRESH),
        ("file:///etc/passwd", Remedy.REFRESH),
        ("https://x:y/", Remedy.REFRESH),
        ("", Remedy.RETRY),
    ],
)
async def test_a_redirect_that_leads_nowhere_ends(location: str, remedy: Remedy, part: Path) -> None:
    lost = images(lambda _: httpx.Response(302, headers={"Location": location}))
    assert (await fault_of(lost.fetch("https://x.example/1.png", to=part))).remedy is remedy


async def test_a_disk_that_refuses_is_no_fault_of_the_image(tmp_path: Path) -> None:
    fetching = images(lambda _: httpx.Response(200, content=PICTURE))
    with pytest.raises(StateFault, match=r"missing/1.part` cannot be written: no such file or directory"):
        await fetching.fetch("https://x.example/1.png", to=tmp_path / "missing" / "1.part")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
@pytest.mark.parametrize("size", [10, 10_000_000])
async def test_a_full_disk_is_no_fault_of_the_image(size: int, part: Path) -> None:
    part.symlink_to("/dev/full")
    fetching = images(lambda _: httpx.Response(200, content=b"x" * size))
    with pytest.raises(StateFault, match="cannot be written: no space left on device"):
        await fetching.fetch("https://x.example/1.png", to=part)
    assert not part.is_symlink()


async def test_a_cancelled_download_leaves_nothing(part: Path) -> None:
    async with answering(SILENCE) as host, ImageHosts(in_memory=0) as fetching:
        task = asyncio.create_task(fetching.fetch(f"{host.url}/1.png", to=part))
        await host.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not part.exists()
