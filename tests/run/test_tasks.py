"""What a run does with tasks that it is in charge of: slow ones, failed ones, and those of an earlier run."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import httpx
import pytest

from mjpipe.contract import Mode, Speed
from mjpipe.domain import ZERO, JobKey, JobState, Money, TaskId, usd
from mjpipe.manifest import Polling
from mjpipe.run import StopReason
from mjpipe.run.engine import Engine
from tests.ledger.jobs import adopt, follow_up, generation, generations, intend, submit
from tests.run.campaign import Campaign, QuickClock, ends, until
from tests.run.service import Answer, Service, enveloped, failed, processing, succeeded

DONE, FAILED, SUBMITTED, READY = JobState.DONE, JobState.FAILED, JobState.SUBMITTED, JobState.READY


async def broken_off() -> httpx.Response:
    raise httpx.ReadError("as the test has it")


def first_then_success(service: Service, *answers: Callable[[str], Answer]) -> None:
    """Of each task the first answers are these, then it has succeeded."""

    def answer(task: str, times: int) -> Answer:
        return answers[times - 1](task) if times <= len(answers) else service.succeed(task)

    service.on_status = answer


NOT_YET: dict[str, Callable[[str], Answer]] = {
    "pending": lambda task: enveloped(200, {"taskId": task, "state": "pending"}),
    "processing": processing,
    "a state that no page knows": lambda task: enveloped(200, {"taskId": task, "state": "queued"}),
    "a success without results": lambda task: enveloped(200, {"taskId": task, "state": "success"}),
    "a success with no image": lambda task: succeeded(task, []),
    "a success with unreadable results": lambda task: enveloped(
        200, {"taskId": task, "state": "success", "resultJson": "{"}
    ),
    "an unknown task": lambda _task: enveloped(404),
    "another task": lambda _task: processing("task_of_somebody_else"),
    "too many requests": lambda _task: enveloped(429),
    "a server error": lambda _task: enveloped(500),
    "a gateway": lambda _task: httpx.Response(504, text="<html>"),
    "a broken connection": lambda _task: broken_off(),
    "an empty account": lambda _task: enveloped(402),
    "nonsense": lambda _task: httpx.Response(200, text="<html>"),
}


@pytest.mark.parametrize("answer", NOT_YET.values(), ids=NOT_YET)
def test_what_is_no_end_is_asked_again(campaign: Campaign, service: Service, answer: Callable[[str], Answer]) -> None:
    first_then_success(service, answer, answer)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit"), service.count("status")) == ({DONE: 1}, 1, 3)


@pytest.mark.parametrize("answer", NOT_YET.values(), ids=NOT_YET)
def test_a_task_past_its_deadline_stays_submitted_and_the_next_run_asks_again(
    campaign: Campaign, service: Service, answer: Callable[[str], Answer]
) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: answer(task)
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.late, ending.stop) == ({SUBMITTED: 1}, frozenset({"hero/a"}), None)
    assert ending.balance.reserved == usd("0.20")
    service.on_status = None
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.late, service.count("submit")) == ({DONE: 1}, frozenset(), 1)


def test_a_network_that_is_away_counts_only_half_against_the_deadline(campaign: Campaign, service: Service) -> None:
    """Whether the task is slow cannot be known while nobody answers."""
    campaign.limits = replace(campaign.limits, task_timeout=200.0)
    begun = campaign.clock()
    service.on_status = lambda task, _times: broken_off() if campaign.clock() < begun + 300 else service.succeed(task)
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.late) == ({DONE: 1}, frozenset())


def test_a_slow_task_gives_up_its_slot_when_it_is_late(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0, concurrency=1)
    service.on_status = lambda task, _times: processing(task) if task == "task_1" else service.succeed(task)
    ending = campaign.run(generation("a"), generation("b"))
    assert ends(ending) == {SUBMITTED: 1, DONE: 1}


def test_polls_come_never_sooner_than_the_service_recommends(campaign: Campaign, service: Service) -> None:
    first_then_success(service, *[processing] * 5)
    source = generation("a")
    campaign.run(source, follow_up(source, 0), generation("b"))
    accepted_at = {
        str(attempt.task): (attempt.answered or 0.0, record.request)
        for record in campaign.records()
        for attempt in record.attempts
    }
    for task, (accepted, request) in accepted_at.items():
        speed = request.get("speed")
        floors = Mode(str(request["mode"])).facts.timing(Speed(str(speed)) if speed else None)
        moments = [call.at for call in service.calls if call.request.url.params.get("taskId") == task]
        assert len(moments) == 6
        assert moments[0] >= accepted + floors.first_poll
        for before, after in pairwise(moments):
            assert after >= before + floors.interval


def test_a_run_that_is_started_again_at_once_does_not_ask_sooner(campaign: Campaign, service: Service) -> None:
    adopt(campaign.ledger, generation("a"))
    service.tasks["task_1"] = {"mode": "text-to-image"}
    accepted = campaign.clock()
    submit(campaign.ledger, now=accepted)
    campaign.run(generation("a"))
    assert service.times("status")[0] >= accepted + 20


def test_the_manifests_own_poll_times_are_kept(campaign: Campaign, service: Service) -> None:
    first_then_success(service, processing)
    campaign.run(generation("a"), polling=Polling(first_after=100.0, interval=50.0))
    (attempt,) = campaign.record("hero/a").attempts
    first, second = service.times("status")
    assert first - (attempt.answered or 0.0) >= 100
    assert second - first >= 50


def test_a_status_that_asks_to_wait_for_a_day_is_asked_within_reason(campaign: Campaign, service: Service) -> None:
    first_then_success(service, lambda _task: enveloped(429, None, Retry_After="86400"))
    assert ends(campaign.run(generation("a"))) == {DONE: 1}


RETRYABLE = ["Website TimeOut", "Task TimeOut", "RateLimitExceeded", "GENERATION_FAILED"]
FINAL = ["PromptInvalid", "SensitiveContentDetected", "Upload error", "something that no page knows"]


@pytest.mark.parametrize("code", RETRYABLE)
def test_a_failure_that_is_worth_it_makes_a_new_attempt(campaign: Campaign, service: Service, code: str) -> None:
    service.on_status = lambda task, _times: failed(task, code) if task == "task_1" else service.succeed(task)
    ending = campaign.run(generation("a"))
    first, second = campaign.record("hero/a").attempts
    assert (ends(ending), service.count("submit")) == ({DONE: 1}, 2)
    assert (first.money, first.fail_code, second.money) == (Money.AT_RISK, code, Money.SPENT)
    assert first.body == second.body
    assert ending.balance.committed == usd("0.40")


@pytest.mark.parametrize("code", FINAL)
def test_any_other_failure_is_final_and_the_next_run_leaves_it_alone(
    campaign: Campaign, service: Service, code: str
) -> None:
    service.on_status = lambda task, _times: failed(task, code, "look at it")
    for _ in range(2):
        ending = campaign.run(generation("a"))
        assert (ends(ending), service.count("submit")) == ({FAILED: 1}, 1)
    record = campaign.record("hero/a")
    assert (record.code, ending.balance.at_risk) == (code, usd("0.20"))
    assert "look at it" in str(record.reason)


def test_a_failure_without_a_code_is_final(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: enveloped(200, {"taskId": task, "state": "failed"})
    assert ends(campaign.run(generation("a"))) == {FAILED: 1}
    assert service.count("submit") == 1


def test_a_task_that_always_fails_is_paid_for_at_most_max_attempts_times(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: failed(task, "Task TimeOut")
    for _ in range(2):
        ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit")) == ({FAILED: 1}, 3)
    assert ending.balance.at_risk == usd("0.60")


def test_gateways_and_failures_share_the_attempts_of_a_job(campaign: Campaign, service: Service) -> None:
    def submitted(request: dict[str, Any], number: int) -> Answer:
        return httpx.Response(504) if number == 2 else service.accept(request)

    service.on_submit = submitted
    service.on_status = lambda task, _times: failed(task, "Task TimeOut")
    assert ends(campaign.run(generation("a"))) == {FAILED: 1}
    assert service.count("submit") == 3


def test_an_account_without_credit_stops_the_run(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    service.on_status = lambda task, _times: failed(task, "INSUFFICIENT_CREDITS")
    ending = campaign.run(generation("a"), generation("b"))
    assert (ending.stop, service.count("submit")) == (StopReason.OUT_OF_BALANCE, 1)


def test_a_key_that_is_refused_while_polling_leaves_the_tasks_for_the_next_run(
    campaign: Campaign, service: Service
) -> None:
    service.on_status = lambda _task, _times: enveloped(401)
    ending = campaign.run(generation("a"), generation("b"))
    assert (ending.stop, ends(ending)) == (StopReason.NOT_AUTHORISED, {SUBMITTED: 2})
    service.on_status = None
    assert ends(campaign.run()) == {DONE: 2}
    assert service.count("submit") == 2


def test_what_was_on_its_way_when_the_last_run_was_killed_is_taken_up(campaign: Campaign, service: Service) -> None:
    """One task in flight, one submission whose answer nobody heard, one job not begun."""
    flying, lost, ready = (generation(name) for name in "abc")
    adopt(campaign.ledger, flying)
    service.tasks["task_1"] = {"mode": "text-to-image"}
    submit(campaign.ledger, now=campaign.clock())
    adopt(campaign.ledger, flying, lost, ready)
    intend(campaign.ledger, limit=1, now=campaign.clock())
    ending = campaign.run(flying, lost, ready)
    assert (ends(ending), service.prompts) == ({DONE: 2, JobState.IN_DOUBT: 1}, ["c"])
    assert (ending.balance.spent, ending.balance.at_risk, ending.balance.reserved) == (usd("0.40"), usd("0.20"), ZERO)


def test_a_laptop_that_slept_does_not_give_up_on_its_tasks_at_the_first_broken_connection(
    campaign: Campaign, service: Service
) -> None:
    """It sleeps for a night while two tasks are in flight; when it wakes, the network is not there yet."""
    slept = False

    def answer(task: str, times: int) -> Answer:
        nonlocal slept
        if not slept:
            slept = True
            campaign.clock._begin += 8 * 3600
        return broken_off() if times <= 2 else service.succeed(task)

    service.on_status = answer
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), ending.late) == ({DONE: 2}, frozenset())


@pytest.mark.parametrize(("known", "notes"), [(False, 1), (True, 0)])
def test_a_task_that_a_person_named_and_the_service_does_not_know_may_be_a_mistake(
    campaign: Campaign, service: Service, notes: int, *, known: bool
) -> None:
    """It is not known to be one when the service has answered for the task once."""
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_submit = lambda _request, _number: broken_off()
    campaign.run(generation("a"))
    campaign.ledger.decisions.resolve_as_task(JobKey("hero/a"), TaskId("task_fuond"), campaign.clock())
    campaign.notes.lines.clear()
    service.on_status = lambda task, times: processing(task) if known and times == 1 else enveloped(404)
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.late) == ({SUBMITTED: 1}, frozenset({"hero/a"}))
    note = (
        "the service knows nothing of `task_fuond`, named as the task of `hero/a`; "
        "if the id is wrong: mjpipe resolve M hero/a --task-id ID, or --not-sent"
    )
    assert campaign.notes.lines == [note] * notes


def test_a_clock_that_is_set_back_does_not_silence_the_polls(campaign: Campaign, service: Service) -> None:
    """By a day, when the upscale is asked for, while the generation's turn is still to come."""

    def answer(task: str, _times: int) -> Answer:
        if service.tasks[task]["mode"] == "upscale":
            campaign.clock._begin -= 24 * 3600
        return service.succeed(task)

    source = generation("a")
    campaign.run(source)
    service.on_status = answer
    assert ends(campaign.run(source, follow_up(source, 0), generation("b"))) == {DONE: 3}


HOUR = 3_600_000
"""Milliseconds, as the service counts."""


@pytest.mark.parametrize(
    ("created", "completed"),
    [(0, 500_000 * HOUR), (500_000 * HOUR, 500_001 * HOUR), (HOUR, 0), (0, 10**17), (HOUR, HOUR)],
)
def test_times_that_cannot_be_do_not_silence_the_polls(
    campaign: Campaign, service: Service, created: int, completed: int
) -> None:
    def answer(task: str, times: int) -> Answer:
        return processing(task) if times == 1 else service.succeed(task, createTime=created, completeTime=completed)

    service.on_status = answer
    campaign.clock = service.clock = QuickClock(faster=100)
    ending = campaign.run(*generations(16))
    assert (ends(ending), ending.late) == ({DONE: 16}, frozenset())
    assert service.times("status")[-1] - service.times("submit")[-1] < 60  # 23 by the documented times


def test_asking_goes_on_while_one_answer_does_not_come(campaign: Campaign, service: Service) -> None:
    patience = asyncio.Event()

    async def silent(task: str) -> httpx.Response:
        await patience.wait()
        return service.succeed(task)

    async def release(_engine: Engine) -> None:
        await until(lambda: campaign.states().get("hero/b") is DONE)
        patience.set()

    service.on_status = lambda task, _times: silent(task) if task == "task_1" else service.succeed(task)
    ending = campaign.run(generation("a"), generation("b"), meanwhile=release)
    assert ends(ending) == {DONE: 2}
