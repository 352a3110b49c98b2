"""Images whose URLs have expired: fetched while the service has them, and then a failure with a name of its own."""

import httpx
import pytest

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import IMAGES_GONE, JobState, usd
from mjpipe.run.policies.job_decisions import are_gone
from tests.ledger.jobs import follow_up, generation
from tests.run.campaign import START, Campaign, QuickClock, ends
from tests.run.service import Service, enveloped, picture, succeeded, urls
from tests.run.test_follow_ups import by_url

DONE, FAILED, SUCCEEDED = JobState.DONE, JobState.FAILED, JobState.SUCCEEDED
HOUR = 3600.0


def later(campaign: Campaign, hours: float) -> None:
    campaign.clock = QuickClock(START + hours * HOUR)


def expire(service: Service) -> None:
    service.on_image = lambda _url, _times: httpx.Response(403)


def delete(campaign: Campaign, *names: str) -> None:
    for name in names:
        (campaign.outputs / "hero" / name).unlink()


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ({}, True),
        ({"refused": False}, False),
        ({"answered": False}, False),
        ({"renewed": True}, False),
        ({"age": RESULT_URL_LIFETIME}, False),
    ],
)
def test_images_are_gone_when_nothing_is_left_to_ask(what: dict[str, bool], *, gone: bool) -> None:
    usual = {"refused": True, "answered": True, "renewed": False, "age": RESULT_URL_LIFETIME + 1}
    assert are_gone(**{**usual, **what, "lifetime": RESULT_URL_LIFETIME}) is gone  # type: ignore[arg-type]  # by name


def test_a_job_whose_images_are_gone_fails_once_and_keeps_its_price(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"), generation("b"))
    delete(campaign, "a-0.png", "a-1.png")
    expire(service)
    later(campaign, 25)
    ending = campaign.run(generation("a"), generation("b"))
    assert (campaign.states(), ending.incomplete) == ({"hero/a": FAILED, "hero/b": DONE}, {})
    assert (service.count("submit"), ending.balance.spent) == (2, usd("0.40"))
    record = campaign.record("hero/a")
    refused = "could not be fetched: `https://images.test/task_1/{0}.png` answered 403"
    assert record.code == IMAGES_GONE
    assert record.reason == "; ".join(f"image {number} {refused.format(number)}" for number in (0, 1))
    assert [image.path for image in record.images] == [None, None, "hero/a-2.png", "hero/a-3.png"]
    calls = len(service.calls)
    assert ends(campaign.run(generation("a"), generation("b"))) == {FAILED: 1, DONE: 1}
    assert len(service.calls) == calls, "it is not asked for again"


def test_images_of_a_younger_task_are_asked_for_again_by_the_next_run(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    delete(campaign, "a-0.png")
    expire(service)
    later(campaign, 23)
    assert ends(campaign.run(generation("a"))) == {SUCCEEDED: 1}
    service.on_image = None
    assert ends(campaign.run(generation("a"))) == {DONE: 1}


@pytest.mark.parametrize("answer", ["none", "another URL"])
def test_an_old_image_is_not_given_up_while_the_service_may_have_it(
    campaign: Campaign, service: Service, answer: str
) -> None:
    campaign.run(generation("a"))
    delete(campaign, "a-0.png")
    service.on_image = lambda url, _times: picture(url) if "fresh" in url else httpx.Response(410)
    service.on_status = lambda task, _times: (
        enveloped(500) if answer == "none" else succeeded(task, [f"{url}&fresh" for url in urls(task)])
    )
    later(campaign, 99)
    ending = campaign.run(generation("a"))
    assert ends(ending) == ({SUCCEEDED: 1} if answer == "none" else {DONE: 1})


def test_a_task_that_the_service_has_forgotten_has_no_images(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    delete(campaign, "a-0.png")
    expire(service)
    service.on_status = lambda _task, _times: enveloped(404)
    later(campaign, 99)
    assert ends(campaign.run(generation("a"))) == {FAILED: 1}


def test_a_job_that_failed_so_is_fetched_again_when_asked_and_never_sent(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    delete(campaign, "a-0.png")
    expire(service)
    later(campaign, 25)
    campaign.run(generation("a"))
    assert campaign.ledger.decisions.retry_failed() == 1
    assert ends(campaign.run(generation("a"))) == {FAILED: 1}
    service.on_image = None
    campaign.ledger.decisions.retry_failed()
    assert ends(campaign.run(generation("a"))) == {DONE: 1}
    assert (service.count("submit"), campaign.files_are_as_recorded()) == (1, True)


def test_what_starts_from_the_task_is_made_and_what_would_send_a_dead_url_is_not(
    campaign: Campaign, service: Service
) -> None:
    source = generation("a")
    campaign.run(source)
    delete(campaign, "a-0.png")
    expire(service)
    later(campaign, 25)
    campaign.run(source)
    service.on_image = lambda url, _times: httpx.Response(403) if "task_1/" in url else picture(url)
    campaign.run(source, follow_up(source, 0), by_url(source, 0, "image-edit"))
    assert campaign.states() == {"hero/a": FAILED, "upscale/a/0": DONE, "image-edit/a/0": FAILED}
    assert (service.prompts, campaign.record("image-edit/a/0").code) == (["a", "upscale"], "source_gone")


def test_images_that_are_gone_of_an_orphan_are_asked_for_once(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda _url, _times: httpx.Response(500)
    campaign.run(generation("a"), generation("b"))
    expire(service)
    later(campaign, 25)
    campaign.run(generation("b"))
    calls = len(service.calls)
    campaign.run(generation("b"))
    assert len(service.calls) == calls
