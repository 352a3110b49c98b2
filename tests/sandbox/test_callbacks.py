import asyncio
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mjpipe.sandbox.callbacks import redelivery_delay
from tests.sandbox.door import START, Clock, Door, faults, sandbox

DRAWN = {"mode": "text-to-image", "prompt": "a teapot"}
HOOK = {"request_type": "callback", "callback_url": "https://example.com/hooks/7"}


class World:
    """Receives webhooks, and moves the sandbox's clock when the sandbox waits."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.answers: list[int | Exception] = []
        self.received: list[tuple[float, Any]] = []

    async def receive(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        assert str(request.url) == HOOK["callback_url"]
        self.received.append((round(self.clock.now - START, 3), json.loads(request.content)))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    async def sleep(self, seconds: float) -> None:
        due = self.clock.now + seconds
        while self.clock.now < due:  # noqa: ASYNC110 - a clock that is moved by hand has no event
            await asyncio.sleep(0)

    def opened(self, state: Path, **settings: Any) -> AbstractContextManager[Door]:
        transport = httpx.MockTransport(self.receive)
        return sandbox(state, clock=self.clock, sleep=self.sleep, transport=transport, **settings)

    def pass_time(self, door: Door, seconds: float, step: float = 1) -> None:
        for _ in range(round(seconds / step)):
            self.clock.now += step
            door.wait()


@pytest.fixture
def world() -> World:
    return World()


def times(world: World) -> list[float]:
    return [at for at, _ in world.received]


def test_a_finished_task_is_reported_once_with_what_the_status_says(world: World, tmp_path: Path) -> None:
    with world.opened(tmp_path) as door:
        task_id = door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 400)
        assert [payload for _, payload in world.received] == [
            {"code": 200, "message": "success", "data": door.status(task_id)}
        ]
        assert 30 <= times(world)[0] <= 46
        assert door.bill()["tasks"][0]["callback"] == {"host": "https://example.com", "tries": 1, "settled": True}


def test_the_delays_of_redelivery_grow_from_half_a_minute() -> None:
    assert [redelivery_delay(tries) for tries in (1, 2, 3)] == [30, 60, 120]


def test_a_webhook_that_is_not_taken_is_delivered_three_times_more(world: World, tmp_path: Path) -> None:
    world.answers = [500, httpx.ConnectError("refused"), 204, 302]
    with world.opened(tmp_path) as door:
        door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 1000)
        first = times(world)[0]
        assert times(world) == pytest.approx([first, first + 30, first + 90, first + 210], abs=4)
        assert door.bill()["tasks"][0]["callback"]["tries"] == 4
        assert door.bill()["tasks"][0]["callback"]["settled"] is True


def test_redelivery_is_sped_up_with_everything_else(world: World, tmp_path: Path) -> None:
    world.answers = [500]
    with world.opened(tmp_path, speed_up=10) as door:
        door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 20, step=0.1)
        first = times(world)[0]
        assert times(world) == pytest.approx([first, first + 3], abs=0.3)


def test_what_was_owed_is_delivered_after_a_restart(world: World, tmp_path: Path) -> None:
    with world.opened(tmp_path) as door:
        door.accepted(HOOK, **DRAWN)
        world.answers = [500]
        world.pass_time(door, 50)
        assert len(world.received) == 1
    with world.opened(tmp_path) as door:
        world.pass_time(door, 50)
        assert len(world.received) == 2
    with world.opened(tmp_path) as door:
        world.pass_time(door, 500)
        assert len(world.received) == 2


def fault(do: str, more: str = "") -> str:
    return f"faults: 1\nrules:\n  - {{at: callback, do: {do}, nth: 1{more}}}\n"


def said(world: World) -> list[str]:
    return [payload["data"]["taskId"] for _, payload in world.received]


def test_a_webhook_can_be_lost_and_another_come_twice(world: World, tmp_path: Path) -> None:
    rules = "faults: 1\nrules: [{at: callback, do: lost, each: 1, prompt: pot}, {at: callback, do: double, each: 1}]\n"
    with world.opened(tmp_path, faults=faults(tmp_path, rules)) as door:
        door.accepted(HOOK, **DRAWN)
        door.accepted(HOOK, mode="text-to-image", prompt="a lamp")
        world.pass_time(door, 500)
        assert said(world) == ["task_2", "task_2"]


def test_an_out_of_order_webhook_comes_after_a_later_tasks(world: World, tmp_path: Path) -> None:
    with world.opened(tmp_path, faults=faults(tmp_path, fault("out_of_order"))) as door:
        door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 15)
        door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 100)
        assert said(world) == ["task_2", "task_1"]


def test_a_late_webhook_is_late(world: World, tmp_path: Path) -> None:
    with world.opened(tmp_path, faults=faults(tmp_path, fault("late", ", seconds: 40"))) as door:
        door.accepted(HOOK, **DRAWN)
        world.pass_time(door, 100)
        assert 70 <= times(world)[0] <= 88
