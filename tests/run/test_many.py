"""A thousand jobs, two hundred at a time."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx

from mjpipe.domain import JobState, usd
from tests.ledger.jobs import follow_up, generations
from tests.run.campaign import Campaign, ends
from tests.run.service import Answer, Service, enveloped

DONE = JobState.DONE


def test_a_thousand_jobs_are_made_two_hundred_at_a_time_and_each_once(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=200, requests_per_second=1e6)
    most = 0

    def status(task: str, _times: int) -> httpx.Response:
        nonlocal most
        most = max(most, len(service.tasks) - len(over))
        over.add(task)
        return service.succeed(task)

    over: set[str] = set()
    service.on_status = status
    heroes = generations(500)
    jobs = [job for hero in heroes for job in (hero, follow_up(hero, 2, price=usd("0.30")))]
    ending = campaign.run(*jobs, budget=usd("250.00"), within=60)
    assert (ends(ending), ending.balance.spent) == ({DONE: 1000}, usd("250.00"))
    assert set(Counter(map(str, service.inputs)).values()) == {1}
    assert most <= 200
    assert len(campaign.files()) == 500 * 5
    assert campaign.files_are_as_recorded()


def test_a_thousand_jobs_in_a_storm_are_billed_within_the_budget(campaign: Campaign, service: Service) -> None:
    """A third of the answers of a busy service are none; what may have been billed is counted."""
    campaign.limits = replace(campaign.limits, concurrency=200, requests_per_second=1e6)
    chance = random.Random(3)
    billed = 0

    async def lost() -> httpx.Response:
        await asyncio.sleep(0)
        raise httpx.ReadError("as the test has it")

    def submit(request: dict[str, Any], _number: int) -> Answer:
        nonlocal billed
        fate = chance.choice(["well", "well", "well", "well", "429", "504", "lost"])
        if fate == "429":
            return enveloped(429)
        billed += 1
        if fate == "504":
            return httpx.Response(504)
        return service.accept(request) if fate == "well" else lost()

    service.on_submit = submit
    ending = campaign.run(*generations(1000), budget=usd("60.00"), within=60)
    assert billed * usd("0.20") == ending.balance.committed <= usd("60.00")
    again = campaign.run(budget=usd("60.00"), within=60)
    assert billed * usd("0.20") == again.balance.committed <= usd("60.00")
    assert campaign.files_are_as_recorded()
