"""When a task is asked for: never sooner than the floors, and not for ever later."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.contract import Mode, Speed
from mjpipe.manifest import Polling
from mjpipe.run.policies.poll_times import LONGEST, SLOWEST, Latencies, next_poll, poll_times

NOW = 1_800_000_000.0


def learned(*seconds: float) -> Latencies:
    latencies = Latencies()
    for one in seconds:
        latencies.learn(one)
    return latencies


@pytest.mark.parametrize(
    ("mode", "speed"),
    [
        *((Mode.TEXT_TO_IMAGE, speed) for speed in Speed),
        *((mode, None) for mode in (Mode.VARY, Mode.UPSCALE, Mode.REROLL, Mode.ENHANCE)),
        (Mode.IMAGE_EDIT, Speed.TURBO),
    ],
)
def test_without_settings_the_documented_times_are_the_floors(mode: Mode, speed: Speed | None) -> None:
    request = {"mode": mode} if speed is None else {"mode": mode, "speed": speed}
    documented = mode.facts.timing(speed)
    assert poll_times(request, None, 1.0) == Polling(first_after=documented.first_poll, interval=documented.interval)


def test_the_manifests_times_replace_the_documented_ones() -> None:
    own = Polling(first_after=0.5, interval=0.25)
    assert poll_times({"mode": "vary"}, own, 1.0) == own


def test_a_sandbox_that_runs_faster_is_asked_that_much_sooner() -> None:
    assert poll_times({"mode": "vary"}, None, 100.0) == Polling(first_after=0.15, interval=0.03)


def test_with_nothing_learned_the_floors_are_the_times() -> None:
    floors = Polling(first_after=20, interval=3)
    first = next_poll(floors, accepted=NOW, now=NOW + 1, asked=False, latencies=Latencies())
    later = next_poll(floors, accepted=NOW, now=NOW + 21, asked=True, latencies=Latencies())
    assert (first, later) == (NOW + 20, NOW + 24)


SECONDS = st.floats(0.001, 10_000, allow_nan=False) | st.floats(allow_nan=False)
"""Also such as no task can take: the service's clock may be anything."""


@given(
    first_after=st.floats(0, 120),
    interval=st.floats(0.01, 60),
    age=st.floats(0, 100_000),
    asked=st.booleans(),
    wait=st.floats(0, 600),
    latencies=st.lists(SECONDS, max_size=40),
)
def test_whatever_was_learned_a_task_is_never_asked_for_too_soon_nor_forgotten(
    *, first_after: float, interval: float, age: float, asked: bool, wait: float, latencies: list[float]
) -> None:
    accepted, now = NOW - age, NOW
    floors = Polling(first_after=first_after, interval=interval)
    known = learned(*latencies)
    due = next_poll(floors, accepted=accepted, now=now, asked=asked, latencies=known, wait=wait)
    soonest = max(now + interval if asked else accepted + first_after, now + wait)
    typical = accepted + math.exp(known.mean)
    sane = min(max(typical + interval, now + interval * (SLOWEST + 1)), now + interval * LONGEST)
    assert soonest <= due <= max(soonest, sane) * (1 + 1e-9)


def test_tasks_that_always_take_a_minute_are_not_asked_for_every_three_seconds_from_the_twentieth_on() -> None:
    floors, latencies = Polling(first_after=20, interval=3), learned(*[58.0, 59.0, 60.0, 61.0, 62.0] * 8)
    moments: list[float] = []
    now = NOW
    while now < NOW + 60:
        now = next_poll(floors, accepted=NOW, now=now, asked=bool(moments), latencies=latencies)
        moments.append(now - NOW)
    assert len(moments) <= 5
    assert 60 <= moments[-1] <= 66


def test_what_was_learned_says_the_same_in_any_order() -> None:
    forth, back = learned(1, 20, 40, 90), learned(90, 40, 20, 1)
    assert (forth.mean, forth.spread) == pytest.approx((back.mean, back.spread))


@pytest.mark.parametrize("latency", [0.001, 30.0])
def test_a_task_that_is_far_slower_than_all_before_is_still_asked_for(latency: float) -> None:
    known = learned(*[latency] * 8)
    late = (latency * math.exp(known.spread * deviations / 10) for deviations in range(1000))
    assert all(0 <= known.hazard(seconds) < math.inf for seconds in late)
