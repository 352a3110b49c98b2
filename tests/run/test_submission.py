"""What a run does about each way in which a submission can end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mjpipe.domain import ZERO, JobState, Money, usd
from mjpipe.run import StopReason
from tests.ledger.jobs import generation, generations
from tests.run.campaign import Campaign, ends
from tests.run.service import ORIGIN, Answer, Service, accepted, always, enveloped, first_then_well

READY, DONE, FAILED, IN_DOUBT = JobState.READY, JobState.DONE, JobState.FAILED, JobState.IN_DOUBT


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
    "half an emoji for a task": lambda: enveloped(200, {"taskId": "task_\ud83d"}),
    "a task that no URL can name": lambda: accepted("x" * 10_000),
    "white space for a task": lambda: accepted(" \t"),
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
    assert (ending.stop, ends(ending)) == (StopReason.DOUBTS, {IN_DOUBT: 5, READY: 4})
    assert campaign.notes.lines[-1] == ("five submissions in a row have an unknown outcome: nothing more is submitted")


BETWEEN: dict[str, tuple[Callable[[], Answer], StopReason | None, int]] = {
    "a refusal": (lambda: enveloped(400), None, 8),
    "one that was not accepted": (lambda: enveloped(503), None, 8),
    "one that was never sent": (broken(httpx.ConnectError), None, 8),
    "a gateway, which knows nothing": (gateway, StopReason.DOUBTS, 5),
}


@pytest.mark.parametrize(("answer", "stop", "doubts"), BETWEEN.values(), ids=BETWEEN)
def test_lost_answers_with_a_known_outcome_between_them_are_not_in_a_row(
    campaign: Campaign, service: Service, answer: Callable[[], Answer], stop: StopReason | None, doubts: int
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    lost = [broken(httpx.ReadTimeout)] * 4
    first_then_well(service, *lost, answer, *lost)
    ending = campaign.run(*generations(9))
    assert (ending.stop, ends(ending)[IN_DOUBT]) == (stop, doubts)


def test_a_403_about_the_content_of_one_prompt_fails_that_job_alone_and_for_free(
    campaign: Campaign, service: Service
) -> None:
    first_then_well(service, lambda: enveloped(403, message="Content violates policy"))
    ending = campaign.run(*generations(3))
    assert (ends(ending), ending.stop, ending.balance.committed) == ({FAILED: 1, DONE: 2}, None, usd("0.40"))
    record = campaign.record("hero/000")
    assert record.reason == "the service answered 403 (content or policy): Content violates policy"
    assert [attempt.money for attempt in record.attempts] == [Money.FREE]


def test_a_400_that_speaks_of_missing_credits_stops_and_leaves_the_jobs_ready(
    campaign: Campaign, service: Service
) -> None:
    always(service, lambda: enveloped(400, message="Insufficient credits"))
    ending = campaign.run(*generations(3))
    assert (ends(ending), ending.stop, ending.balance.committed) == ({READY: 3}, StopReason.OUT_OF_BALANCE, ZERO)


def test_an_address_where_nothing_is_stops_the_node_after_five_and_says_so(
    campaign: Campaign, service: Service
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    always(service, lambda: httpx.Response(404, text="<html>Not Found</html>"))
    ending = campaign.run(*generations(9))
    assert (ends(ending), ending.balance.committed) == ({FAILED: 5, READY: 4}, ZERO)
    nothing = f"there is nothing at `{ORIGIN}/api/v1/generateTask/midjourney`: 404; check APIXO_BASE_URL"
    assert ending.stopped_nodes == {"hero": nothing}


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
    ("code", "stop"),
    [(401, StopReason.NOT_AUTHORISED), (402, StopReason.OUT_OF_BALANCE), (403, StopReason.NOT_AUTHORISED)],
)
def test_a_refused_key_or_an_empty_account_stops_at_once_and_leaves_the_jobs_ready(
    campaign: Campaign, service: Service, code: int, stop: StopReason
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
