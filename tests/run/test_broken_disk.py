"""A disk that is full, or refuses: nothing is sent without a record, and no paid task is forgotten."""

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mjpipe.domain import ZERO, Job, JobState, StateFault, usd
from mjpipe.ledger import Ledger
from mjpipe.run.engine import Engine
from tests.ledger.jobs import adopt, generation, generations
from tests.run.campaign import Campaign, ends, until
from tests.run.service import Answer, Service, picture

DONE, SUBMITTED = JobState.DONE, JobState.SUBMITTED


def full(ledger: Ledger) -> None:
    """From now on the ledger's file cannot grow, as on a full disk."""
    ledger.connection.execute("PRAGMA max_page_count = 1")


def roomy(ledger: Ledger) -> None:
    ledger.connection.execute("PRAGMA max_page_count = 1000000")


def big(number: int) -> Job:
    """Its intent needs a page of its own."""
    return generation(f"{number}", prompt=f"{number}" + "x" * 5000)


def test_a_disk_that_is_full_before_the_intent_sends_nothing(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    adopt(campaign.ledger, generation("a"), *map(big, range(3)))
    full(campaign.ledger)
    with pytest.raises(StateFault, match=r"the state in .* cannot be used: database or disk is full"):
        campaign.run()
    assert service.count("submit") == 1
    roomy(campaign.ledger)
    assert ends(campaign.run()) == {DONE: 4}
    assert service.count("submit") == 4


def test_a_task_that_cannot_be_recorded_is_printed_so_that_it_is_not_lost(campaign: Campaign, service: Service) -> None:
    def then_full(request: dict[str, Any], _number: int) -> httpx.Response:
        refuse_writes(campaign.ledger)
        return service.accept(request)

    service.on_submit = then_full
    with pytest.raises(StateFault, match="`hero/000` was accepted as task `task_1`, which could not be recorded"):
        campaign.run(*generations(1))
    assert "write this down: `hero/000` is task `task_1`" in campaign.notes.lines
    allow_writes(campaign.ledger)
    assert ends(campaign.run()) == {JobState.IN_DOUBT: 1}
    assert service.count("submit") == 1


def test_a_ledger_that_falters_for_a_moment_loses_no_task_and_the_run_goes_on(
    campaign: Campaign, service: Service
) -> None:
    def then_refused(request: dict[str, Any], number: int) -> Answer:
        if number == 1:
            refuse_writes(campaign.ledger)
            return mended(request)
        return service.accept(request)

    async def mended(request: dict[str, Any]) -> httpx.Response:
        asyncio.get_running_loop().call_later(0.0005, allow_writes, campaign.ledger)
        return service.accept(request)

    campaign.limits = replace(campaign.limits, concurrency=1)
    service.on_submit = then_refused
    ending = campaign.run(*generations(3))
    assert campaign.record("hero/000").state is DONE
    assert (ending.stop, ends(ending)) == (None, {DONE: 3})


def refuse_writes(ledger: Ledger) -> None:
    """The database refuses every change, as a read-only file system does."""
    ledger.connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_UPDATE else sqlite3.SQLITE_OK
    )


def allow_writes(ledger: Ledger) -> None:
    ledger.connection.set_authorizer(None)


@pytest.mark.parametrize("before", ["ctrl-c", "budget"])
def test_a_fault_behind_another_reason_to_stop_ends_the_run(campaign: Campaign, service: Service, before: str) -> None:
    async def beside(engine: Engine) -> None:
        if before == "ctrl-c":
            await until(lambda: len(service.inputs) == 2)
            engine.interrupt()

    def status(task: str, _times: int) -> httpx.Response:
        refuse_writes(campaign.ledger)
        return service.succeed(task)

    service.on_status = status
    with pytest.raises(StateFault):
        campaign.run(*generations(2 if before == "ctrl-c" else 4), budget=usd("0.40"), meanwhile=beside)
    allow_writes(campaign.ledger)
    service.on_status = None
    campaign.run(budget=usd("0.40"))
    assert (campaign.ledger.balance().spent, service.count("submit")) == (usd("0.40"), 2)
    assert campaign.ledger.balance().reserved == ZERO


def test_a_broken_output_disk_does_not_lose_the_tasks_of_submissions_on_the_wire(
    campaign: Campaign, service: Service
) -> None:
    broken = asyncio.Event()

    async def answered_late(request: dict[str, Any]) -> httpx.Response:
        await broken.wait()
        await asyncio.sleep(0.2)
        return service.accept(request)

    service.on_submit = lambda request, number: service.accept(request) if number == 1 else answered_late(request)

    def image(url: str, _times: int) -> httpx.Response:
        broken.set()
        return picture(url)

    service.on_image = image
    long = generation("0")._replace(paths=tuple("x" * 300 + str(number) for number in range(4)))
    campaign.held.write_bytes(b"no folder")  # so that an image whose name is refused cannot even wait
    with pytest.raises(StateFault, match="file exists"):
        campaign.run(long, *generations(2))
    assert set(campaign.states().values()) == {JobState.SUCCEEDED, SUBMITTED}
