"""Images are fetched until they are whole and in their places; nothing about them ever leads to a new submission."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mjpipe.domain import EXTENSION, JobState, usd
from mjpipe.ledger import Ledger, Writer
from mjpipe.run.images.fetcher import Fetcher
from mjpipe.run.run_settings import StopReason
from tests.ledger.jobs import adopt, generation
from tests.ledger.jobs import submit as submit_all
from tests.ledger.jobs import succeed as succeed_all
from tests.run.campaign import Campaign, Notes, ends, until
from tests.run.service import Answer, Service, enveloped, picture, png, succeeded, urls

DONE, SUCCEEDED = JobState.DONE, JobState.SUCCEEDED


async def broken_off() -> httpx.Response:
    raise httpx.ReadError("as the test has it")


class HalfAnImage(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield png("x")[:40]
        raise httpx.RemoteProtocolError("as the test has it")


FAILURES: dict[str, Callable[[], Answer]] = {
    "broken off": broken_off,
    "broken off in its midst": lambda: httpx.Response(200, stream=HalfAnImage()),
    "shorter than announced": lambda: httpx.Response(200, content=png("x")[:40], headers={"Content-Length": "79"}),
    "empty": lambda: httpx.Response(200),
    "half an image": lambda: httpx.Response(200, content=png("x")[:50]),
    "a page": lambda: httpx.Response(200, text="<html>please wait</html>"),
    "not there yet": lambda: httpx.Response(404),
    "expired": lambda: httpx.Response(403),
    "too many requests": lambda: httpx.Response(429, headers={"Retry-After": "7"}),
    "a server error": lambda: httpx.Response(500),
    "a redirect to nowhere": lambda: httpx.Response(302),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_download_that_breaks_is_fetched_again_and_nothing_is_submitted_again(
    campaign: Campaign, service: Service, failure: Callable[[], Answer]
) -> None:
    service.on_image = lambda url, times: failure() if times <= 2 else picture(url)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit"), ending.balance.committed) == ({DONE: 1}, 1, usd("0.20"))
    assert campaign.files() == {f"hero/a-{number}.png" for number in range(4)}
    assert campaign.files_are_as_recorded()


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_an_image_that_does_not_come_is_reported_and_the_next_run_fetches_it(
    campaign: Campaign, service: Service, failure: Callable[[], Answer]
) -> None:
    service.on_image = lambda url, _times: failure() if "/2.png" in url else picture(url)
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), set(ending.incomplete)) == ({SUCCEEDED: 2}, {"hero/a", "hero/b"})
    assert "image 2" in ending.incomplete["hero/a"]
    assert campaign.files() == {f"hero/{name}-{number}.png" for name in "ab" for number in (0, 1, 3)}
    service.on_image = None
    before = service.count("image")
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), service.count("submit"), service.count("image")) == ({DONE: 2}, 2, before + 2)
    assert campaign.record("hero/a").reason is None


def test_an_expired_url_is_refreshed_by_asking_for_the_task(campaign: Campaign, service: Service) -> None:
    def status(task: str, times: int) -> httpx.Response:
        return succeeded(task, [f"{url}&asked={times}" for url in urls(task)])

    service.on_status = status
    service.on_image = lambda url, _times: httpx.Response(403) if "asked=1" in url else picture(url)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit")) == ({DONE: 1}, 1)


def test_a_key_that_is_refused_while_urls_are_asked_for_again_stops_the_run_and_not_the_download(
    campaign: Campaign, service: Service
) -> None:
    service.on_status = lambda task, times: service.succeed(task) if times == 1 else enveloped(401)
    service.on_image = lambda url, times: httpx.Response(403) if times == 1 else picture(url)
    ending = campaign.run(generation("a"))
    assert (ending.stop, ends(ending)) == (StopReason.NOT_AUTHORISED, {DONE: 1})


@pytest.mark.parametrize("silent", ["an error", "no results", "fewer images"])
def test_a_service_that_gives_no_new_url_is_no_reason_to_give_up_the_old_one(
    campaign: Campaign, service: Service, silent: str
) -> None:
    answers: dict[str, Callable[[str], httpx.Response]] = {
        "an error": lambda _task: enveloped(500),
        "no results": lambda task: enveloped(200, {"taskId": task, "state": "success"}),
        "fewer images": lambda task: succeeded(task, urls(task, 1)),
    }
    service.on_status = lambda task, times: service.succeed(task) if times == 1 else answers[silent](task)
    service.on_image = lambda url, times: httpx.Response(500) if times <= 2 else picture(url)
    assert ends(campaign.run(generation("a"))) == {DONE: 1}


def test_a_host_that_asks_to_wait_for_a_day_holds_nothing_up(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, downloads=1)
    service.on_image = lambda url, _times: (
        httpx.Response(503, headers={"Retry-After": "86400"}) if "task_1/" in url else picture(url)
    )
    ending = campaign.run(generation("a"), generation("b"))
    assert ends(ending) == {SUCCEEDED: 1, DONE: 1}


def test_what_was_on_disk_already_is_not_fetched_again_after_a_kill(campaign: Campaign, service: Service) -> None:
    """Killed between the file and its record: the same content is taken for ours."""
    adopt(campaign.ledger, generation("a"))
    (task,) = submit_all(campaign.ledger)
    succeed_all(campaign.ledger, task)
    (campaign.outputs / "hero").mkdir(parents=True)
    for number in range(4):
        content = png(f"https://images.test/{task.task}/{number}")
        (campaign.outputs / "hero" / f"a-{number}.png").write_bytes(content)
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.incomplete, service.count("submit")) == ({DONE: 1}, {}, 0)


def test_a_file_of_somebody_else_keeps_its_place_and_the_job_says_so(campaign: Campaign, service: Service) -> None:
    (campaign.outputs / "hero").mkdir(parents=True)
    mine = campaign.outputs / "hero" / "a-1.png"
    mine.write_bytes(b"mine")
    ending = campaign.run(generation("a"))
    assert mine.read_bytes() == b"mine"
    assert ends(ending) == {SUCCEEDED: 1}
    (held,) = campaign.held.iterdir()
    assert held.read_bytes() == png(urls("task_1")[1])
    assert ending.incomplete["hero/a"] == (f"`hero/a-1.png` is taken by a file of yours; the image waits in `{held}`")


@pytest.fixture
def holding(campaign: Campaign) -> Path:
    """A file of somebody else at `hero/a-1.png`, whose image has been held since a first run."""
    (campaign.outputs / "hero").mkdir(parents=True)
    mine = campaign.outputs / "hero" / "a-1.png"
    mine.write_bytes(b"mine")
    campaign.run(generation("a"))
    return mine


def test_an_image_that_waits_takes_its_place_without_the_service(
    campaign: Campaign, service: Service, holding: Path
) -> None:
    calls = len(service.calls)
    for _ in range(2):  # its place is taken still
        assert ends(campaign.run(generation("a"))) == {SUCCEEDED: 1}
        assert (len([*campaign.held.iterdir()]), holding.read_bytes()) == (1, b"mine")
    holding.unlink()
    assert ends(campaign.run(generation("a"))) == {DONE: 1}
    assert (holding.read_bytes(), len(service.calls)) == (png(urls("task_1")[1]), calls)
    assert [*campaign.held.iterdir()] == []


@pytest.mark.parametrize("spoil", [Path.unlink, lambda held: held.write_bytes(png("of somebody"))])
def test_an_image_that_no_longer_waits_as_it_came_is_fetched_again(
    campaign: Campaign, service: Service, holding: Path, spoil: Callable[[Path], object]
) -> None:
    (held,) = campaign.held.iterdir()
    spoil(held)
    holding.unlink()
    assert ends(campaign.run(generation("a"))) == {DONE: 1}
    assert (holding.read_bytes(), service.count("image")) == (png(urls("task_1")[1]), 5)
    assert campaign.files_are_as_recorded()


def test_more_images_than_planned_are_kept_beside_the_last(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: succeeded(task, urls(task, 6))
    ending = campaign.run(generation("a"))
    assert ends(ending) == {DONE: 1}
    assert campaign.files() == {
        *(f"hero/a-{number}.png" for number in range(4)),
        "hero/a-3-extra4.png",
        "hero/a-3-extra5.png",
    }


def test_a_download_never_holds_a_slot_of_a_submission(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1, downloads=1)
    all_sent = asyncio.Event()

    async def late(url: str) -> httpx.Response:
        await all_sent.wait()
        return picture(url)

    def accept(request: dict[str, object], number: int) -> Answer:
        if number == 3:
            all_sent.set()
        return service.accept(request)

    service.on_submit, service.on_image = accept, lambda url, _times: late(url)
    assert ends(campaign.run(*(generation(name) for name in "abc"))) == {DONE: 3}


def test_no_more_downloads_go_on_than_the_user_allows(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, downloads=3)
    going = most = 0

    async def slow(url: str) -> httpx.Response:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await asyncio.sleep(0.002)
        going -= 1
        return picture(url)

    service.on_image = lambda url, _times: slow(url)
    assert ends(campaign.run(*(generation(name) for name in "abcdef"))) == {DONE: 6}
    assert most == 3


def test_a_job_that_is_added_while_the_last_download_ends_is_fetched_too(campaign: Campaign) -> None:
    """One group commit may resolve the end of one job's download and the success of another job."""
    adopt(campaign.ledger, generation("a"), generation("b"))
    first, second = submit_all(campaign.ledger)
    for task in (first, second):
        succeed_all(campaign.ledger, task)
    campaign.limits = replace(campaign.limits, downloads=1)

    async def whole() -> None:
        settings = campaign.settings()
        settings.incoming.mkdir(parents=True)
        async with campaign.clients() as (client, images), Writer(campaign.ledger) as write:
            run = campaign.run_state(write, client, images, settings)
            fetcher = Fetcher(run)
            fetcher.add(first.job)
            await run.wait(None)  # woken in the very moment in which the server of the first job ends
            fetcher.add(second.job)
            async with asyncio.timeout(5):
                await until(lambda: not fetcher.busy)

    asyncio.run(whole())
    assert campaign.states() == {"hero/a": DONE, "hero/b": DONE}


def test_two_campaigns_that_share_an_output_folder_do_not_mix_their_pictures(
    campaign: Campaign, service: Service
) -> None:
    """Both count their attempts from one, and one begins and ends while the other is in the midst of a download."""
    ledger = Ledger.open(campaign.folder / "other" / "ledger.sqlite")
    other = replace(campaign, ledger=ledger, service=Service(campaign.clock), notes=Notes())
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(url: str) -> httpx.Response:
        begun.set()
        await go_on.wait()
        return picture(url)

    service.on_image = lambda url, _times: slow(url)
    other.service.on_image = lambda url, _times: picture(url.replace("images", "others"))
    adopt(campaign.ledger, generation("a"))
    adopt(other.ledger, generation("b"))

    async def both() -> None:
        first = asyncio.ensure_future(campaign.carry_out(campaign.settings()))
        await begun.wait()
        settings = other.settings()
        await other.carry_out(replace(settings, workshop=settings.workshop.with_name(".other-workshop")))
        go_on.set()
        await first

    asyncio.run(both())
    assert campaign.states() | other.states() == {"hero/a": DONE, "hero/b": DONE}
    assert campaign.files_are_as_recorded()
    assert other.files_are_as_recorded()
    ledger.close()


def phone_picture(url: str) -> bytes:
    """What Pillow calls MPO: a JPEG with a further picture behind the first."""
    file, second = io.BytesIO(), Image.new("RGB", (8, 8), "red")
    Image.open(io.BytesIO(png(url))).save(file, "MPO", save_all=True, append_images=[second])
    return file.getvalue()


def test_an_image_that_cannot_be_taken_stops_no_other_one(campaign: Campaign, service: Service) -> None:
    odd: dict[str, Callable[[str], bytes]] = {
        "0": phone_picture,
        "1": lambda _url: b"\x00\x00\x00\x0cJXL \r\n\x87\n what no reader here knows",
        "2": lambda url: png(url).replace(b"IDAT", b"IDOT"),
        "3": png,
    }
    service.on_image = lambda url, _times: httpx.Response(200, content=odd[url.split("/")[-1][0]](url))
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), service.count("submit")) == ({SUCCEEDED: 2}, 2)
    assert campaign.files() == {f"hero/{name}-{image}" for name in "ab" for image in ("0.jpg", "3.png")}
    assert campaign.files_are_as_recorded()
    reason = ending.incomplete["hero/a"]
    assert reason == "images 1, 2 came broken: it is not an image of a known format"
    assert (campaign.record("hero/a").reason, set(ending.incomplete)) == (reason, {"hero/a", "hero/b"})


def test_an_image_of_a_format_that_nobody_here_knows_is_kept_as_it_came(campaign: Campaign, service: Service) -> None:
    strange = b"\x00\x00\x00\x0cJXL \r\n\x87\n what no reader here knows"
    as_image, as_page = {"Content-Type": "image/jxl"}, {"Content-Type": "text/html"}
    service.on_image = lambda url, _times: (
        picture(url)
        if url.split("/")[-1][0] > "1"
        else httpx.Response(200, content=strange, headers=as_image if url.split("/")[-1][0] == "0" else as_page)
    )
    ending = campaign.run(generation("a"))
    (kept,) = (campaign.held.parent / "unreadable").iterdir()
    assert kept.read_bytes() == strange
    words = "it is not an image of a known format"
    assert ending.incomplete["hero/a"] == (
        f"image 0 came broken: {words}; what came is kept in `{kept}`; image 1 came broken: {words}"
    )
    campaign.run(generation("a"))
    assert [*kept.parent.iterdir()] == [kept]


def test_an_image_whose_name_the_file_system_refuses_waits_and_stops_no_other_one(campaign: Campaign) -> None:
    paths = ("x" * 300, *(f"hero/a-{number}.{EXTENSION}" for number in (1, 2, 3)))
    ending = campaign.run(generation("a")._replace(paths=paths), generation("b"))
    assert campaign.states() == {"hero/a": SUCCEEDED, "hero/b": DONE}
    (waiting,) = campaign.held.iterdir()
    assert ending.incomplete == {
        "hero/a": f"`{'x' * 300}` cannot be written: file name too long; the image waits in `{waiting}`"
    }
    assert ends(campaign.run(generation("a"), generation("b"))) == {DONE: 2}
    assert (campaign.files_are_as_recorded(), [*campaign.held.iterdir()]) == (True, [])


def test_nothing_of_a_download_is_left_behind(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda url, times: httpx.Response(500) if times == 1 else picture(url)
    campaign.run(generation("a"))
    assert {path.name for path in campaign.outputs.rglob("*") if path.is_dir()} == {"hero"}
