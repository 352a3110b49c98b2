"""A plan that is made again in a thread beside a run, which goes on meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from mjpipe.domain import Diagnostic, InvalidManifest, JobState, Place, StateFault
from mjpipe.ledger import Writer
from mjpipe.run import Replan, StopReason, WriteBeside
from mjpipe.run.engine import Engine
from mjpipe.run.replanner import Replanner
from tests.ledger.jobs import follow_up, generation
from tests.run.campaign import Campaign, ends, until
from tests.run.service import Service, picture, urls
from tests.run.test_picks_meanwhile import once, slow, taken_over

A, B, C = generation("a"), generation("b"), generation("c")


def held(reached: Callable[[], bool]) -> tuple[Replan, threading.Event]:
    """A replan that begins when something is `reached`, and takes until the event is set or it is abandoned."""
    release, done = threading.Event(), threading.Event()

    def replan(write: WriteBeside) -> bool:
        if done.is_set() or not reached():
            return False
        done.set()
        while not release.wait(0.001):
            write.go_on()
        write(lambda ledger: taken_over(ledger, A, follow_up(A, 1), B, C))
        return True

    return replan, release


def test_tasks_are_submitted_asked_for_and_fetched_while_the_plan_is_made_again(
    campaign: Campaign, service: Service
) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    campaign.replan, release = held(lambda: len(service.inputs) >= 1)
    slow(service, asked=3)

    async def meanwhile(_: Engine) -> None:
        await until(lambda: campaign.states().get("hero/c") is JobState.DONE)
        assert "upscale/a/1" not in campaign.states()
        release.set()

    ending = campaign.run(A, B, C, meanwhile=meanwhile)
    assert ends(ending) == {JobState.DONE: 4}
    assert campaign.notes.lines[-1] == "picks have changed: the plan is made again"


def test_a_person_who_leaves_does_not_wait_for_a_plan_that_is_being_made(campaign: Campaign, service: Service) -> None:
    begun = threading.Event()
    campaign.replan, _ = held(lambda: bool(service.inputs) and not begun.set())  # type: ignore[func-returns-value]

    async def meanwhile(engine: Engine) -> None:
        await until(begun.is_set)
        engine.interrupt()
        engine.interrupt()

    ending = campaign.run(A, meanwhile=meanwhile)
    assert ending.stop is StopReason.INTERRUPTED
    assert list(campaign.states()) == ["hero/a"]


def test_a_run_with_nothing_else_to_do_ends_at_once_when_a_person_asks_for_it(campaign: Campaign) -> None:
    begun = threading.Event()

    def made() -> bool:
        if campaign.record("hero/a").result is not None:
            begun.set()
        return begun.is_set()

    campaign.replan, _ = held(made)

    async def meanwhile(engine: Engine) -> None:
        await until(begun.is_set)
        engine.interrupt()

    ending = campaign.run(A, meanwhile=meanwhile)
    assert (ending.stop, list(campaign.states())) == (StopReason.INTERRUPTED, ["hero/a"])


def test_a_fault_in_the_thread_of_a_replan_stops_the_run(campaign: Campaign, service: Service) -> None:
    def replan(_: WriteBeside) -> bool:
        raise StateFault("the disk is full")

    campaign.replan = replan
    slow(service, asked=50)
    with pytest.raises(StateFault, match="the disk is full"):
        campaign.run(A, B)


def test_what_was_picked_before_the_run_had_nothing_more_to_do_is_carried_out(
    campaign: Campaign, service: Service
) -> None:
    taken = False

    def replan(write: WriteBeside) -> bool:
        nonlocal taken
        if taken or campaign.record("hero/a").result is None:
            return False
        taken = True
        write(lambda ledger: taken_over(ledger, A, follow_up(A, 2)))
        return True

    campaign.replan = replan
    campaign.run(A)
    assert campaign.states() == {"hero/a": JobState.DONE, "upscale/a/2": JobState.DONE}
    assert service.count("submit") == 2


def test_what_is_picked_while_the_last_images_are_downloaded_is_carried_out(
    campaign: Campaign, service: Service
) -> None:
    late = urls("task_1", 4)[3]

    async def image(url: str) -> httpx.Response:
        if url == late:
            await until(lambda: service.count("submit") == 2)
        return picture(url)

    looks = 0

    def picked() -> bool:
        """Some time after the person was first asked what they had picked, with all else done."""
        nonlocal looks
        looks += any(str(call.request.url) == late for call in service.calls)
        return looks > 2

    service.on_image = lambda url, _: image(url)
    campaign.replan = once(picked, A, follow_up(A, 2))
    campaign.run(A, within=20.0)
    assert campaign.states() == {"hero/a": JobState.DONE, "upscale/a/2": JobState.DONE}


def test_what_a_mistake_in_the_picks_has_left_half_planned_is_carried_out(campaign: Campaign, service: Service) -> None:
    """The run changed a job, so that the plan was made again; then a result had come that showed the mistake."""
    taken = False

    def replan(write: WriteBeside) -> bool:
        nonlocal taken
        if taken or campaign.record("hero/a").result is None:
            return False
        taken = True
        write(lambda ledger: taken_over(ledger, A, follow_up(A, 2)))
        place = Place(file="picks.csv", line=2)
        raise InvalidManifest([Diagnostic(place=place, code="MJ061", message="two images with one path")])

    campaign.replan = replan
    ending = campaign.run(A)
    assert (ends(ending), service.count("submit")) == ({JobState.DONE: 2}, 2)


def test_a_look_that_is_abandoned_before_its_thread_begins_ends(campaign: Campaign) -> None:
    looks = 0

    def replan(write: WriteBeside) -> bool:
        nonlocal looks
        looks += 1
        write.go_on()
        return True

    async def settled_and_left() -> int:
        async with Writer(campaign.ledger) as write, campaign.clients() as (client, images):
            replanner = Replanner(campaign.run_state(write, client, images, campaign.settings()), replan)
            settling = asyncio.ensure_future(replanner.settle())
            await asyncio.sleep(0)
            replanner.abandon()
            await replanner.finished()
            await settling
        return replanner.plans

    assert (asyncio.run(settled_and_left()), looks) == (0, 1)
