"""What a run does about each way in which a submission can end."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mjpipe.domain import ZERO, JobState, Money, usd
from mjpipe.manifest import Polling
from mjpipe.run import Engine, Stop
from tests.ledger.jobs import generation, generations
from tests.run.campaign import Campaign, QuickClock, ends, until
from tests.run.service import Answer, Service, accepted, enveloped

READY, DONE, FAILED, IN_DOUBT = JobState.READY, JobState.DONE, JobState.FAILED, JobState.IN_DOUBT


def first_then_well(service: Service, *answers: Callable[[], Answer]) -> None:
    """The first submissions are answered so, all others are accepted."""

    def answer(request: dict[str, Any], number: int) -> Answer:
        return answers[number - 1]() if number <= len(answers) else service.accept(request)

    service.on_submit = answer


def always(service: Service, answer: Callable[[], Answer]) -> None:
    service.on_submit = lambda _request, _number: answer()


def broken(error: type[httpx.TransportError]) -> Callable[[], Answer]:
    async def breaking() -> httpx.Response:
        raise error("as the test has it")

    return breaking


def gateway() -> httpx.Response:
    return httpx.Response(504, text="<html>504 Gateway Time-out</html>")


LOST: dict[str, Callable[[], Answer]] = {
    "timed out": broken(httpx.ReadTimeout),
    "broken off": broken(httpx.ReadError),
    "cut while sending": broken(httpx.WriteError),
    "an unreadable 200": lambda: httpx.Response(200, text="<html>welcome to the hotel</html>"),
    "a 200 without a task": lambda: enveloped(200, {}),
    "an undocumented code in a 200": lambda: enveloped(777, {}, status=200),
    "an empty 200": lambda: httpx.Response(200),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_lost_answer_is_in_doubt_and_never_sent_again(
    campaign: Campaign, service: Service, lost: Callable[[], Answer]
) -> None:
    first_then_well(service, lost)
    ending = campaign.run(*generations(3))
    assert (ends(ending), ending.stop) == ({IN_DOUBT: 1, DONE: 2}, None)
    assert (ending.balance.spent, ending.balance.at_risk) == (usd("0.40"), usd("0.20"))
    for _ in range(2):
        campaign.run(*generations(3))
    assert Counter(service.prompts) == {"000": 1, "001": 1, "002": 1}
    (attempt,) = campaign.record("hero/000").attempts
    assert (attempt.money, attempt.outcome, attempt.task) == (Money.AT_RISK, "unknown", None)
    assert attempt.evidence


def test_a_crash_in_the_midst_of_a_submission_leaves_it_in_doubt(campaign: Campaign, service: Service) -> None:
    async def killed() -> httpx.Response:
        raise KeyboardInterrupt

    first_then_well(service, killed)
    with pytest.raises(KeyboardInterrupt):
        campaign.run(generation("a"))
    assert campaign.states() == {"hero/a": JobState.SUBMITTING}
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.prompts) == ({IN_DOUBT: 1}, ["a"])
    assert campaign.record("hero/a").reason == "the program ended before the answer to this submission came"


def test_five_lost_answers_in_a_row_stop_submission(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    always(service, broken(httpx.ReadTimeout))
    ending = campaign.run(*generations(9))
    assert (ending.stop, ends(ending)) == (Stop.DOUBTS, {IN_DOUBT: 5, READY: 4})
    assert campaign.notes.lines[-1] == ("five submissions in a row have an unknown outcome: nothing more is submitted")


def test_a_connection_that_never_came_about_is_tried_again_for_free(campaign: Campaign, service: Service) -> None:
    first_then_well(service, broken(httpx.ConnectError), broken(httpx.ConnectTimeout))
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.balance.committed) == ({DONE: 1}, usd("0.20"))
    assert [attempt.money for attempt in campaign.record("hero/a").attempts] == [Money.FREE, Money.FREE, Money.SPENT]


@pytest.mark.parametrize("code", [429, 500, 502, 503])
@pytest.mark.parametrize("status", ["as its status", "as the code of a 200"])
def test_what_the_service_does_not_accept_is_sent_again_for_free(
    campaign: Campaign, service: Service, code: int, status: str
) -> None:
    first_then_well(service, lambda: enveloped(code, None, status=code if status == "as its status" else 200))
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.balance.committed, service.count("submit")) == ({DONE: 1}, usd("0.20"), 2)


def test_the_time_that_a_429_asks_for_is_waited(campaign: Campaign, service: Service) -> None:
    first_then_well(service, lambda: enveloped(429, None, Retry_After="60"))
    campaign.run(generation("a"))
    first, second = service.times("submit")
    assert second - first >= 60


def test_a_service_that_closes_for_a_day_does_not_hold_up_the_run_for_a_day(
    campaign: Campaign, service: Service
) -> None:
    always(service, lambda: enveloped(429, None, Retry_After="86400"))
    ending = campaign.run(*generations(2))
    assert (ends(ending)[DONE], ending.balance.committed) == (0, ZERO)


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
    ending = campaign.run(*generations(60), within=20)
    assert (ends(ending), ending.stop) == ({DONE: 60}, None)
    assert service.count("submit") < 60 + 60


def test_a_service_that_stays_away_is_given_up_after_a_quarter_of_an_hour_for_free(
    campaign: Campaign, service: Service
) -> None:
    always(service, lambda: enveloped(503))
    ending = campaign.run(generation("a"))
    first, *_, last = service.times("submit")
    assert (ends(ending), ending.balance.committed) == ({FAILED: 1}, ZERO)
    assert 14 * 60 - 60 <= last - first <= 15 * 60 + 60


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


def test_a_gateways_504_is_sent_again_and_the_first_try_stays_at_risk(campaign: Campaign, service: Service) -> None:
    first_then_well(service, gateway, gateway)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit")) == ({DONE: 1}, 3)
    assert (ending.balance.spent, ending.balance.at_risk) == (usd("0.20"), usd("0.40"))


def test_a_gateway_that_never_lets_through_fails_the_job_after_max_attempts(
    campaign: Campaign, service: Service
) -> None:
    always(service, gateway)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit")) == ({FAILED: 1}, 3)
    assert ending.balance.at_risk == usd("0.60")


def test_a_gateways_504_is_in_doubt_when_the_user_wants_it_held(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, hold_on_gateway_timeout=True)
    first_then_well(service, gateway)
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit")) == ({IN_DOUBT: 1}, 1)


@pytest.mark.parametrize(
    ("code", "stop"), [(401, Stop.NOT_AUTHORISED), (402, Stop.OUT_OF_BALANCE), (403, Stop.NOT_AUTHORISED)]
)
def test_a_refused_key_or_an_empty_account_stops_at_once_and_leaves_the_jobs_ready(
    campaign: Campaign, service: Service, code: int, stop: Stop
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=2)
    always(service, lambda: enveloped(code))
    ending = campaign.run(*generations(20))
    assert (ending.stop, ends(ending), ending.balance.committed) == (stop, {READY: 20}, ZERO)
    assert service.count("submit") <= 2
    service.on_submit = None
    assert ends(campaign.run()) == {DONE: 20}


@pytest.mark.parametrize("code", [400, 404, 409, 422])
def test_what_is_refused_fails_for_free_and_is_not_sent_again(campaign: Campaign, service: Service, code: int) -> None:
    first_then_well(service, lambda: enveloped(code, {"error": "the prompt is empty"}))
    ending = campaign.run(*generations(2))
    assert (ends(ending), ending.balance.committed) == ({FAILED: 1, DONE: 1}, usd("0.20"))
    campaign.run(*generations(2))
    assert service.count("submit") == 2
    assert "the prompt is empty" in str(campaign.record("hero/000").reason)


def test_a_redirect_is_not_followed_and_fails_for_free(campaign: Campaign, service: Service) -> None:
    first_then_well(service, lambda: httpx.Response(307, headers={"Location": "https://elsewhere.test/"}))
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.balance.committed, service.count("submit")) == ({FAILED: 1}, ZERO, 1)
    assert {call.request.url.host for call in service.calls} == {"api.test"}


def test_five_refusals_in_a_row_stop_their_node_and_no_other(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)

    def picky(request: dict[str, Any], _number: int) -> Answer:
        return enveloped(400) if request["prompt"].startswith("0") else service.accept(request)

    service.on_submit = picky
    others = [generation(f"other {number}", node="macro") for number in range(3)]
    ending = campaign.run(*generations(9), *others)
    assert ending.counts == {("hero", FAILED): 5, ("hero", READY): 4, ("macro", DONE): 3}
    assert list(ending.stopped_nodes) == ["hero"]
    assert ending.stop is None
    assert "node `hero` is stopped after five failures in a row" in campaign.notes.lines[-1]


def test_a_task_id_that_comes_twice_is_a_doubt_and_the_run_goes_on(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    service.tasks["task_same"] = {"mode": "text-to-image"}
    first_then_well(service, lambda: accepted("task_same"), lambda: accepted("task_same"))
    ending = campaign.run(*generations(3))
    assert (ends(ending), ending.stop) == ({DONE: 2, IN_DOUBT: 1}, None)
    assert (ending.balance.spent, ending.balance.at_risk) == (usd("0.40"), usd("0.20"))
    assert service.count("submit") == 3


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
    campaign.run(*generations(12), polling=Polling(first_after=0.5, interval=0.5))
    moments = sorted(call.at for call in service.calls if call.kind != "image")
    assert len(moments) == 24
    # On this clock two milliseconds of the loop's are 0.04 s.
    assert min(beyond - first for first, beyond in zip(moments, moments[5:], strict=False)) > 0.8


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
