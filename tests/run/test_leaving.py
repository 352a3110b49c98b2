"""A person leaves: once to finish what is in flight, twice to go at once."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from mjpipe.apixo.http import Client, ImageHosts
from mjpipe.domain import ZERO, JobState
from mjpipe.run import Ending, StopReason, begin_work
from mjpipe.run.engine import Engine
from tests.ledger.jobs import adopt, follow_up, generation, generations
from tests.run.campaign import Campaign, ends, until
from tests.run.service import Service, processing

READY, DONE, SUBMITTING, SUBMITTED = JobState.READY, JobState.DONE, JobState.SUBMITTING, JobState.SUBMITTED


def interrupting(when: Callable[[], bool], times: int = 1) -> Callable[[Engine], Any]:
    async def beside(engine: Engine) -> None:
        await until(when)
        for _ in range(times):
            engine.interrupt()

    return beside


def test_after_one_ctrl_c_nothing_is_submitted_and_what_is_in_flight_is_fetched(
    campaign: Campaign, service: Service
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=2)
    source = generation("first")
    ending = campaign.run(
        source, follow_up(source, 0), *generations(10), meanwhile=interrupting(lambda: len(service.inputs) >= 2)
    )
    assert (ending.stop, service.count("submit")) == (StopReason.INTERRUPTED, 2)
    assert ends(ending) == {DONE: 2, READY: 10}
    assert ends(campaign.run()) == {DONE: 12}
    assert service.count("submit") == 12


def test_ctrl_c_before_the_run_has_begun_submits_nothing(campaign: Campaign, service: Service) -> None:
    async def at_once(engine: Engine) -> None:
        engine.interrupt()

    ending = campaign.run(*generations(3), meanwhile=at_once)
    assert (ending.stop, ends(ending), service.calls) == (StopReason.INTERRUPTED, {READY: 3}, [])


def test_after_two_ctrl_c_the_run_leaves_and_the_next_one_fetches_what_is_in_flight(
    campaign: Campaign, service: Service
) -> None:
    service.on_status = lambda task, _times: processing(task)
    ending = campaign.run(*generations(3), meanwhile=interrupting(lambda: service.count("status") >= 3, times=2))
    assert (ending.stop, ends(ending), service.count("submit")) == (StopReason.INTERRUPTED, {SUBMITTED: 3}, 3)
    service.on_status = None
    assert ends(campaign.run()) == {DONE: 3}
    assert service.count("submit") == 3


def test_two_ctrl_c_leave_downloads_for_the_next_run(campaign: Campaign, service: Service) -> None:
    async def never() -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    service.on_image = lambda _url, _times: never()
    ending = campaign.run(*generations(2), meanwhile=interrupting(lambda: service.count("image") == 8, times=2))
    assert ends(ending) == {JobState.SUCCEEDED: 2}
    service.on_image = None
    assert ends(campaign.run()) == {DONE: 2}


def test_submissions_on_the_wire_have_a_moment_to_be_answered_after_two_ctrl_c(
    campaign: Campaign, service: Service
) -> None:
    left = asyncio.Event()

    async def answered_late(request: dict[str, Any]) -> httpx.Response:
        await left.wait()
        await asyncio.sleep(0.05)
        return service.accept(request)

    async def leave(engine: Engine) -> None:
        await until(lambda: len(service.inputs) == 3)
        engine.interrupt()
        engine.interrupt()
        left.set()

    service.on_submit = lambda request, _number: answered_late(request)
    ending = campaign.run(*generations(3), meanwhile=leave)
    assert ends(ending) == {SUBMITTED: 3}


def test_an_answer_that_does_not_come_holds_a_leaving_person_up_for_five_seconds(
    campaign: Campaign, service: Service
) -> None:
    async def never() -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    service.on_submit = lambda _request, _number: never()
    begun = time.monotonic()
    ending = campaign.run(*generations(1), meanwhile=interrupting(lambda: len(service.inputs) == 1, times=2))
    assert ends(ending) == {SUBMITTING: 1}
    assert time.monotonic() - begun >= 4.9
    service.on_submit = None
    assert ends(campaign.run()) == {JobState.IN_DOUBT: 1}
    assert service.count("submit") == 1


def test_submissions_that_have_no_connection_after_two_ctrl_c_are_free_and_none_is_in_doubt(campaign: Campaign) -> None:
    hellos: list[bytes] = []

    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hellos.append(await reader.read(65536))
        await reader.read()
        writer.close()

    async def whole() -> Ending:
        async with await asyncio.start_server(no_tls, "127.0.0.1", 0) as server, ImageHosts() as images:
            port = server.sockets[0].getsockname()[1]
            async with Client(base_url=f"https://127.0.0.1:{port}", api_key="a-key") as client:
                settings = campaign.settings()
                engine = campaign.engine(client, images, settings)
                leaving = asyncio.create_task(interrupting(lambda: len(hellos) == 3, times=2)(engine))
                with begin_work(campaign.ledger, settings, campaign.notes, now=campaign.clock()) as work:
                    ending = await engine.run(work)
                await leaving
                return ending

    adopt(campaign.ledger, *generations(3))
    ending = asyncio.run(whole())
    assert (ending.stop, ends(ending), ending.balance.at_risk) == (StopReason.INTERRUPTED, {READY: 3}, ZERO)
    assert ends(campaign.run()) == {DONE: 3}


def test_two_ctrl_c_while_intents_are_being_written_leave_no_job_in_doubt(campaign: Campaign) -> None:
    """What is on record as intended is also sent, however quickly somebody wants to leave."""
    writing, go = threading.Event(), threading.Event()

    def stuck(statement: str) -> None:
        if statement.startswith("INSERT INTO attempts"):
            writing.set()
            go.wait(10)

    async def leave(engine: Engine) -> None:
        await asyncio.to_thread(writing.wait, 10)
        engine.interrupt()
        engine.interrupt()
        await asyncio.sleep(0.01)
        go.set()

    campaign.ledger.connection.set_trace_callback(stuck)
    ending = campaign.run(*generations(3), meanwhile=leave)
    assert writing.is_set()
    assert ends(ending) == {SUBMITTED: 3}
    assert ends(campaign.run()) == {DONE: 3}
