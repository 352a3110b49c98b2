"""A follow-up that is sent by URL is paid for only when its image is there."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from mjpipe.domain import JobState, usd
from mjpipe.run import StopReason
from tests.ledger.jobs import generation, generations
from tests.run.campaign import Campaign, ends
from tests.run.service import Answer, Service, enveloped, failed, picture, succeeded, urls
from tests.run.test_follow_ups import by_url

READY, DONE, FAILED = JobState.READY, JobState.DONE, JobState.FAILED
HOUR, DAY = 3600.0, 86_400.0
SOURCE = generation("a")
EDIT = by_url(SOURCE, 2)


def sent_urls(service: Service) -> list[str]:
    return [url for request in service.inputs for url in request.get("image_urls", ())]


def edits_fail(service: Service, code: str) -> None:
    """The first task of an edit does; sources have another URL each time that they are asked for."""

    def status(task: str, times: int) -> Answer:
        if task == "task_2":
            return failed(task, code)
        return succeeded(task, [f"{url}&sent={times}" for url in urls(task)])

    service.on_status = status


@pytest.mark.parametrize("code", ["Upload error", "INVALID_IMAGE_URL", "IMAGE_DOWNLOAD_FAILED"])
def test_a_retry_after_an_image_that_was_not_read_sends_a_fresh_url(
    campaign: Campaign, service: Service, code: str
) -> None:
    edits_fail(service, code)
    assert ends(campaign.run(SOURCE, EDIT)) == {DONE: 1, FAILED: 1}
    campaign.ledger.decisions.retry_failed()
    assert ends(campaign.run()) == {DONE: 2}
    assert [url.rpartition("sent=")[2] for url in sent_urls(service)] == ["1", "2"]


def test_a_retry_whose_image_is_gone_fails_unsent_and_costs_nothing(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: (
        failed(task, "Upload error") if task == "task_2" else succeeded(task, urls(task))
    )
    campaign.run(SOURCE, EDIT)
    service.on_image = lambda _url, _times: httpx.Response(404)
    before = service.count("submit")
    for _ in range(2):
        campaign.ledger.decisions.retry_failed()
        ending = campaign.run()
        record = campaign.record(EDIT.key)
        assert (record.state, record.code, len(record.attempts)) == (FAILED, "source_gone", 1)
        assert (service.count("submit"), ending.balance.at_risk) == (before, usd("0.30"))
    assert record.reason == (
        "image 2 of `hero/a`, which it starts from, is gone: its URL gives no image any more; nothing was sent"
    )
    service.on_image = lambda url, _times: picture(url)
    service.on_status = None
    campaign.ledger.decisions.retry_failed()
    assert ends(campaign.run()) == {DONE: 2}


def test_only_the_jobs_of_the_image_that_is_gone_fail_and_the_others_are_made(
    campaign: Campaign, service: Service
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    campaign.run(SOURCE)
    campaign.clock._begin += 2 * HOUR
    service.on_image = lambda url, _times: httpx.Response(403) if "task_1/2" in url else picture(url)
    campaign.run(SOURCE, *(by_url(SOURCE, number) for number in range(4)), *generations(3))
    assert {key for key, state in campaign.states().items() if state is not DONE} == {EDIT.key}
    assert campaign.record(EDIT.key).code == "source_gone"


def test_a_url_is_checked_once_its_day_is_over_though_it_was_sent_just_now(
    campaign: Campaign, service: Service
) -> None:
    """A run asks for a task that ended two days ago: nobody looked since."""
    ended = datetime.fromtimestamp(campaign.clock() - 2 * DAY, UTC)
    times = {name: round(ended.timestamp() * 1000) for name in ("createTime", "completeTime")}
    service.on_status = lambda task, _times: succeeded(task, urls(task), **times)
    service.on_image = lambda _url, _times: httpx.Response(404)
    campaign.run(SOURCE, EDIT)
    assert (campaign.record(EDIT.key).code, service.count("submit")) == ("source_gone", 1)


@pytest.mark.parametrize("answer", [lambda: enveloped(500), lambda: httpx.Response(502, text="a gateway")])
def test_what_cannot_be_asked_for_is_not_called_gone_and_not_sent(
    campaign: Campaign, service: Service, answer: object
) -> None:
    assert callable(answer)
    campaign.run(SOURCE)
    campaign.clock._begin += 2 * HOUR
    service.on_status = lambda _task, _times: answer()
    service.on_image = lambda _url, _times: httpx.Response(404)
    campaign.run(SOURCE, EDIT)
    assert (campaign.record(EDIT.key).code, service.count("submit")) == ("source_unreachable", 1)


def test_a_key_that_is_refused_while_a_source_is_checked_leaves_the_job_ready(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(SOURCE)
    campaign.clock._begin += 2 * HOUR
    service.on_status = lambda _task, _times: enveloped(401)
    ending = campaign.run(SOURCE, EDIT)
    assert (ending.stop, campaign.states()[EDIT.key]) == (StopReason.NOT_AUTHORISED, READY)
