"""Nothing is sent beyond the budget, whatever the service does."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjpipe.domain import JobState, from_micros, usd
from mjpipe.ledger import Ledger
from mjpipe.run import StopReason
from tests.ledger.jobs import generation, generations
from tests.run.campaign import Campaign, QuickClock, ends
from tests.run.service import Answer, Service, enveloped, failed, processing

READY, DONE = JobState.READY, JobState.DONE


def test_nothing_beyond_the_budget_is_sent_and_what_is_in_flight_is_fetched(
    campaign: Campaign, service: Service
) -> None:
    ending = campaign.run(*generations(10), budget=usd("0.75"))
    assert (ending.stop, ends(ending), service.count("submit")) == (StopReason.BUDGET, {DONE: 3, READY: 7}, 3)
    assert ending.balance.committed == usd("0.60")
    assert campaign.notes.lines == ["the budget leaves no room for `hero/003`: nothing more is submitted"]
    again = campaign.run(budget=usd("0.75"))
    assert (again.stop, service.count("submit")) == (StopReason.BUDGET, 3)
    assert ends(campaign.run(budget=usd("2.00"))) == {DONE: 10}


def test_a_cap_stops_a_run_as_a_budget_does(campaign: Campaign, service: Service) -> None:
    ending = campaign.run(*generations(10), cap=usd("0.40"))
    assert (ending.stop, service.count("submit")) == (StopReason.AGREED, 2)
    assert campaign.notes.lines == ["the amount agreed to leaves no room for `hero/002`: nothing more is submitted"]


def test_a_budget_that_fits_exactly_does_not_stop_the_run(campaign: Campaign) -> None:
    ending = campaign.run(*generations(3), budget=usd("0.60"))
    assert (ending.stop, ends(ending)) == (None, {DONE: 3})


def test_unpriced_jobs_wait_under_a_budget_and_the_run_ends(campaign: Campaign, service: Service) -> None:
    unpriced = generation("x")._replace(price=None)
    ending = campaign.run(unpriced, *generations(1), budget=usd("9"))
    assert (ending.stop, ends(ending)) == (None, {DONE: 1, READY: 1})
    assert service.prompts == ["000"]


ANSWERS = ["well", "429", "504", "400", "lost", "fails for good", "fails for now", "slow"]


@given(answers=st.lists(st.sampled_from(ANSWERS), min_size=4, max_size=12), budget=st.integers(0, 20), data=st.data())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_the_service_does_the_budget_holds(
    tmp_path_factory: pytest.TempPathFactory, answers: list[str], budget: int, data: st.DataObject
) -> None:
    """Even if every request that might have been billed was billed."""
    clock = QuickClock()
    folder = tmp_path_factory.mktemp("campaign")
    service = Service(clock)
    with_ledger = Ledger.open(folder / "ledger.sqlite")
    campaign = Campaign(folder=folder, ledger=with_ledger, service=service, clock=clock)
    campaign.limits = replace(campaign.limits, concurrency=data.draw(st.integers(1, 5)), task_timeout=30.0)
    fates: dict[str, str] = {}
    perhaps_billed = 0

    async def lost() -> httpx.Response:
        raise httpx.ReadTimeout("as the test has it")

    def submit(request: dict[str, Any], number: int) -> Answer:
        nonlocal perhaps_billed
        answer = answers[number % len(answers)]
        if answer in ("429", "400"):
            return enveloped(int(answer))
        perhaps_billed += 1
        if answer == "504":
            return httpx.Response(504)
        if answer == "lost":
            return lost()
        accepted = service.accept(request)
        fates[f"task_{len(service.tasks)}"] = answer
        return accepted

    def status(task: str, _times: int) -> Answer:
        match fates[task]:
            case "fails for good":
                return failed(task, "PromptInvalid")
            case "fails for now":
                return failed(task, "Task TimeOut")
            case "slow":
                return processing(task)
        return service.succeed(task)

    service.on_submit, service.on_status = submit, status
    bound = from_micros(budget * 100_000)
    for _ in range(2):
        ending = campaign.run(*generations(6), budget=bound)
        assert perhaps_billed * usd("0.20") <= ending.balance.committed <= bound
    with_ledger.close()
