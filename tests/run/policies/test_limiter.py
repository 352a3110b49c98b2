"""Requests per second, and tasks in flight."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.run.policies.limiter import Limiter
from mjpipe.run.policies.throttle import Throttle


class Clock:
    """Time that passes when somebody sleeps, and when a test sets it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await everybody()
        self.now += seconds


async def everybody() -> None:
    """Whoever can go on at this moment does."""
    for _ in range(10):
        await asyncio.sleep(0)


def started(rate: float, arrivals: Sequence[tuple[float, bool]]) -> list[tuple[float, bool]]:
    """When each request started, and whether it was urgent. `arrivals` are pauses before each, in seconds."""

    async def whole() -> list[tuple[float, bool]]:
        clock = Clock()
        limiter = Limiter(rate, timer=clock, sleep=clock.sleep)
        starts: list[tuple[float, bool]] = []

        async def request(*, urgent: bool) -> None:
            await limiter.acquire(urgent=urgent)
            starts.append((clock.now, urgent))

        requests = []
        for pause, urgent in arrivals:
            if pause:
                await clock.sleep(pause)
            requests.append(asyncio.ensure_future(request(urgent=urgent)))
        async with asyncio.timeout(10):
            await asyncio.gather(*requests)
        return starts

    return asyncio.run(whole())


@given(
    rate=st.sampled_from([0.2, 0.5, 1.0, 1.5, 3.0, 10.0, 25.0]),
    arrivals=st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 2.0]), st.booleans()), max_size=60),
)
@settings(max_examples=100, deadline=None)
def test_the_rate_is_never_exceeded(rate: float, arrivals: list[tuple[float, bool]]) -> None:
    """As many as come in a second start in no shorter time than they have at that rate."""
    moments = [moment for moment, _ in started(rate, arrivals)]
    assert len(moments) == len(arrivals)
    most = max(1, int(rate))
    for first, beyond in zip(moments, moments[most:], strict=False):
        assert beyond - first >= most / rate * (1 - 1e-6)


def test_what_the_rate_allows_is_not_held_back() -> None:
    moments = [moment for moment, _ in started(10.0, [(0.0, True)] * 100)]
    assert moments[-1] - moments[0] == pytest.approx(9, abs=0.2)


def test_urgent_requests_go_first_and_the_others_in_order() -> None:
    arrivals = [(0.0, False)] * 5 + [(0.0, True)] * 3
    assert [urgent for _, urgent in started(1.0, arrivals)] == [False, True, True, True, False, False, False, False]


def test_one_that_gave_up_waiting_leaves_its_turn_to_the_others() -> None:
    async def whole() -> list[float]:
        clock = Clock()
        limiter = Limiter(1.0, timer=clock, sleep=clock.sleep)
        await limiter.acquire()
        impatient, patient = (asyncio.ensure_future(limiter.acquire()) for _ in range(2))
        impatient.cancel()
        begun = clock.now
        await patient
        return [clock.now - begun]

    assert asyncio.run(whole()) == [pytest.approx(1.0, abs=0.01)]


def test_what_was_taken_and_not_used_can_be_used() -> None:
    clock = Clock()
    limiter = Limiter(10.0, timer=clock, sleep=clock.sleep)
    assert limiter.take(50) == 10
    limiter.give_back(4)
    assert limiter.take(50) == 4


def test_a_429_cuts_the_tasks_in_flight_once_for_all_that_were_sent_before() -> None:
    throttle = Throttle(10)
    for sent in (1.0, 2.0, 3.0):
        throttle.too_many(sent=sent, now=5.0, retry_after=None)
    assert throttle.allowed == 7
    throttle.too_many(sent=6.0, now=7.0, retry_after=None)
    assert throttle.allowed == 4


def test_one_task_is_always_allowed_and_the_users_bound_is_never_exceeded() -> None:
    throttle = Throttle(8)
    for moment in range(1, 50):
        throttle.too_many(sent=float(moment), now=float(moment), retry_after=None)
    assert throttle.allowed == 1
    climbed = []
    for _ in range(60):
        throttle.accepted()
        climbed.append(throttle.allowed)
    assert climbed == sorted(climbed)
    assert (climbed[-1], max(climbed)) == (8, 8)


def test_a_bound_of_one_stays_one() -> None:
    throttle = Throttle(1)
    throttle.too_many(sent=1.0, now=1.0, retry_after=None)
    assert throttle.allowed == 1


@pytest.mark.parametrize(("retry_after", "closed"), [(None, 100.0), (30.0, 130.0), (86_400.0, 1000.0)])
def test_submission_is_closed_for_as_long_as_the_service_asks_within_reason(
    retry_after: float | None, closed: float
) -> None:
    throttle = Throttle(8)
    throttle.too_many(sent=99.0, now=100.0, retry_after=retry_after)
    assert throttle.closed_for(100.0) == closed - 100.0
    throttle.too_many(sent=99.0, now=100.0, retry_after=None)
    assert throttle.closed_for(100.0) == closed - 100.0
    assert throttle.closed_for(closed) == 0
