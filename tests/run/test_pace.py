"""How fast and how often a run submits: slots, rate, patience with a service that does not accept."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from mjpipe.domain import ZERO, JobState
from mjpipe.manifest import Polling
from mjpipe.run import StopReason
from mjpipe.run.engine import Engine
from mjpipe.run.policies.job_decisions import PATIENCE
from tests.ledger.jobs import generation, generations
from tests.run.campaign import Campaign, QuickClock, ends, until
from tests.run.service import Answer, Service, always, enveloped, first_then_well, processing

READY, DONE, FAILED, IN_DOUBT = JobState.READY, JobState.DONE, JobState.FAILED, JobState.IN_DOUBT


def test_the_time_that_a_429_asks_for_is_waited(campaign: Campaign, service: Service) -> None:
    first_then_well(service, lambda: enveloped(429, None, Retry_After="60"))
    campaign.run(generation("a"))
    first, second = service.times("submit")
    assert second - first >= 60


DAY = 86_400.0


def closing(code: int, how: str) -> Callable[[], Answer]:
    """Asks to wait for a day, in seconds or by a date."""
    # The client reads a date by the real clock, which the campaign's is not.
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=DAY), usegmt=True)
    return lambda: enveloped(code, None, Retry_After=date if how == "a date" else f"{DAY:.0f}")


@pytest.mark.parametrize("how", ["seconds", "a date"])
@pytest.mark.parametrize("code", [429, 503])
def test_a_service_that_closes_for_a_day_ends_the_run_and_the_jobs_stay_ready(
    campaign: Campaign, service: Service, code: int, how: str
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=2)
    first_then_well(service, lambda: service.accept({"mode": "text-to-image"}), closing(code, how))
    asked_at = campaign.clock()
    ending = campaign.run(*generations(20))
    assert (ending.stop, ends(ending)[READY] >= 18, ends(ending)[FAILED]) == (StopReason.ASKED_TO_WAIT, True, 0)
    assert (ends(ending)[DONE], service.count("submit") <= 4) == (20 - ends(ending)[READY], True)
    assert ending.closed_until is not None
    assert ending.closed_until >= asked_at + DAY


def test_a_run_before_the_time_that_the_service_asked_for_submits_nothing_and_fetches_what_is_in_flight(
    campaign: Campaign, service: Service
) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: processing(task)
    campaign.run(generation("early"))
    first_then_well(service, closing(429, "seconds"), closing(429, "seconds"))
    service.inputs.clear()
    service.on_status = None
    campaign.run(generation("early"), generation("late"))
    service.inputs.clear()
    ending = campaign.run()
    assert (campaign.states(), service.prompts) == ({"hero/early": DONE, "hero/late": READY}, [])
    assert ending.stop is StopReason.ASKED_TO_WAIT


@pytest.mark.parametrize("how", ["the time has come", "--now"])
def test_the_jobs_that_a_closed_service_left_ready_are_made_later(
    campaign: Campaign, service: Service, how: str
) -> None:
    first_then_well(service, closing(429, "seconds"))
    campaign.run(generation("a"))
    if how == "--now":
        campaign.now = True
    else:
        campaign.clock._begin += DAY
    ending = campaign.run()
    assert (ends(ending), ending.stop, ending.closed_until) == ({DONE: 1}, None, None)


def test_the_time_that_the_service_asks_for_is_not_its_jobs_failure(campaign: Campaign, service: Service) -> None:
    """Three times ten minutes are more than a run's own patience."""
    first_then_well(service, *[lambda: enveloped(503, None, Retry_After="600")] * 3)
    assert ends(campaign.run(generation("a"))) == {DONE: 1}


def test_a_run_does_not_wait_for_a_service_to_open_when_nothing_is_left_to_submit(
    campaign: Campaign, service: Service
) -> None:
    """The last job is given up by an answer that closes the service: what else could be sent when it opens?"""
    began, waits = campaign.clock(), list[tuple[int, float]]()

    class Recording(QuickClock):
        async def sleep(self, seconds: float) -> None:
            waits.append((service.count("submit"), seconds))
            await super().sleep(seconds)

    def decline(_request: object, _number: int) -> Answer:
        late = service.clock() - began > PATIENCE - 30
        return enveloped(429, None, Retry_After="800") if late else enveloped(429)

    campaign.clock = service.clock = Recording()
    service.on_submit = decline
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.stop) == ({FAILED: 1}, None)
    assert [seconds for sent, seconds in waits if sent == service.count("submit") and seconds > 60] == []


def test_a_service_that_takes_two_tasks_at_a_time_makes_the_whole_campaign(
    campaign: Campaign, service: Service
) -> None:
    """Each task takes half a minute; what is too much is answered 429, as the page says."""
    ends_at: list[float] = []

    def two_at_a_time(request: dict[str, Any], _number: int) -> Answer:
        ends_at[:] = [moment for moment in ends_at if moment > service.clock()]
        if len(ends_at) >= 2:
            return enveloped(429)
        ends_at.append(service.clock() + 30)
        return service.accept(request)

    service.on_submit = two_at_a_time
    ending = campaign.run(*generations(60))
    assert (ends(ending), ending.stop) == ({DONE: 60}, None)
    assert service.count("submit") < 60 + 60


def test_a_service_that_stays_away_is_given_up_after_a_quarter_of_an_hour_for_free(
    campaign: Campaign, service: Service
) -> None:
    always(service, lambda: enveloped(503))
    ending = campaign.run(generation("a"))
    first, *_, last = service.times("submit")
    assert (ends(ending), ending.balance.committed) == ({FAILED: 1}, ZERO)
    assert last - first >= 13 * 60


@pytest.mark.parametrize("before", [429, 402, 401, 504])
def test_patience_begins_anew_with_each_run(campaign: Campaign, service: Service, before: int) -> None:
    """A run that met `before` yesterday has not been waiting ever since."""

    async def leave(engine: Any) -> None:
        await until(lambda: bool(service.inputs))
        engine.interrupt()

    always(service, lambda: enveloped(before))
    campaign.run(generation("a"), meanwhile=leave)
    campaign.clock._begin += 24 * 3600
    service.inputs.clear()
    first_then_well(service, lambda: enveloped(503))
    assert ends(campaign.run(generation("a"))) == {DONE: 1}


def test_no_more_tasks_are_in_flight_than_the_user_allows(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=3)
    flying: set[str] = set()
    most = 0

    def accept(request: dict[str, Any], _number: int) -> Answer:
        nonlocal most
        answer = service.accept(request)
        flying.add(answer.json()["data"]["taskId"])
        most = max(most, len(flying))
        return answer

    def end(task: str, _times: int) -> Answer:
        flying.discard(task)
        return service.succeed(task)

    service.on_submit, service.on_status = accept, end
    campaign.run(*generations(12))
    assert most == 3


def test_no_more_intents_are_on_record_than_there_are_free_slots(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=2)
    under_way: list[int] = []

    async def look(request: dict[str, Any]) -> httpx.Response:
        await asyncio.sleep(0.005)
        counts = Counter(campaign.states().values())
        under_way.append(counts[JobState.SUBMITTING] + counts[JobState.SUBMITTED])
        return service.accept(request)

    service.on_submit = lambda request, _number: look(request)
    campaign.run(*generations(6))
    assert max(under_way) == 2


def test_requests_keep_the_rate_even_when_all_at_once_are_due(campaign: Campaign, service: Service) -> None:
    campaign.clock = service.clock = QuickClock(faster=20)
    campaign.limits = replace(campaign.limits, concurrency=50, requests_per_second=5.0)
    began = campaign.clock()
    campaign.run(*generations(12), polling=Polling(first_after=0.5, interval=0.5))
    moments = sorted(call.at - began for call in service.calls if call.kind != "image")
    assert len(moments) == 24
    # Five in the first second, five in the next, however slow the machine (`test_limiter` has every window).
    assert [moment for number, moment in enumerate(moments) if moment < number // 5] == []


def test_while_a_service_asks_to_wait_no_other_job_is_sent(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    first_then_well(service, lambda: enveloped(429, None, Retry_After="100"))
    campaign.run(*generations(3))
    first, second, *_ = service.times("submit")
    assert second - first >= 100


def test_a_submission_that_was_waiting_for_its_turn_when_the_run_was_stopped_is_not_sent(
    campaign: Campaign, service: Service
) -> None:
    armed, writing, go_on = threading.Event(), threading.Event(), threading.Event()

    def stuck(statement: str) -> None:
        if armed.is_set() and statement == "BEGIN IMMEDIATE":
            armed.clear()
            writing.set()
            go_on.wait(10)

    async def stop(engine: Engine) -> None:
        await asyncio.to_thread(writing.wait, 10)
        await asyncio.sleep(0.05)  # the next submission asks the ledger for its intent
        engine.interrupt()
        go_on.set()

    def accept(request: dict[str, Any], _number: int) -> Answer:
        armed.set()
        return service.accept(request)

    campaign.ledger.connection.set_trace_callback(stuck)
    campaign.limits = replace(campaign.limits, requests_per_second=1.0)
    service.on_submit = accept
    ending = campaign.run(*generations(2), meanwhile=stop)
    assert (ends(ending), service.count("submit")) == ({DONE: 1, READY: 1}, 1)
