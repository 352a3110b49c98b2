"""When to ask for a task's status: late enough to be worth a request, early enough not to waste a slot."""

from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt

from mjpipe.contract import Mode, Speed
from mjpipe.domain import JsonObject
from mjpipe.manifest import Polling

ENOUGH = 8
"""Latencies that must be known before they count more than the documented ones."""

SLOWEST = 5 / 3
"""The longest interval once a task may end, in shortest ones: the page recommends 3 s to 5 s."""

LONGEST = 20.0
"""The longest time without a poll, whatever was learned, in shortest intervals: a minute by the documented ones."""

LATENCY_BOUNDS = (1e-3, 86_400.0)
"""Seconds. Outside of them the arithmetic below would overflow."""

FAR_TAIL = 30.0
"""Standard deviations beyond which almost nothing survives; floats underflow near 37."""


def _normal_hazard(z: float) -> float:
    """Of the standard normal distribution."""
    if z > FAR_TAIL:  # both sides of the quotient are too small to divide
        return z
    return exp(-z * z / 2) / (sqrt(2 * pi) * 0.5 * erfc(z / sqrt(2)))


STEPS = tuple((k / 4, _normal_hazard(k / 4)) for k in range(-8, 13))
"""Standard deviations at which the peak of a hazard is searched, with the normal hazard there."""


@dataclass(slots=True)
class Latencies:
    """What is known of how long tasks of one mode and speed take: the mean and spread of the logarithm of seconds."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def learn(self, seconds: float) -> None:
        """One more latency, from acceptance to completion."""
        shortest, longest = LATENCY_BOUNDS
        value = log(min(max(seconds, shortest), longest))
        self.count += 1
        before = value - self.mean
        self.mean += before / self.count
        self.squares += before * (value - self.mean)

    @property
    def spread(self) -> float:
        """Never 0: the next task may differ from all before."""
        return max(0.05, sqrt(self.squares / max(1, self.count - 1)))

    def hazard(self, seconds: float) -> float:
        """How likely a task that has not ended yet is to end now, per second (of a lognormal distribution)."""
        if seconds <= 0:
            return 0.0
        return _normal_hazard((log(seconds) - self.mean) / self.spread) / (seconds * self.spread)

    def peak(self) -> float:
        """The highest hazard before the tail."""
        return max(hazard / exp(self.mean + self.spread * z) for z, hazard in STEPS) / self.spread


def poll_times(request: JsonObject, polling: Polling | None, speed_up: float) -> Polling:
    """First poll (after acceptance) and interval, in seconds: the floors.

    The manifest's, else the earliest that the service recommends for the mode and speed. A sandbox that runs `speed_up`
    times faster than the service is asked that much earlier.
    """
    if polling is not None:
        return polling
    speed = request.get("speed")
    documented = Mode(str(request["mode"])).facts.timing(Speed(str(speed)) if speed else None)
    return Polling(first_after=documented.first_poll / speed_up, interval=documented.interval / speed_up)


def next_poll(
    floors: Polling, *, accepted: float, now: float, asked: bool, latencies: Latencies, wait: float = 0.0
) -> float:
    """When to ask next, by the timer of `accepted` and `now`, in seconds; never sooner than the floors.

    `wait` is what an answer asked for. It is not later than after `LONGEST` intervals, if that is not too soon.

    While little is known of the campaign's own latencies the floors are the times. Then, where tasks like this one
    seldom end, asking waits. The density of polls that costs the fewest requests for the same delay is proportional
    to the square root of the hazard (Keller 1974, optimum checking schedules); the floor is the interval where the
    hazard peaks.
    """
    soonest = max(now + floors.interval if asked else accepted + floors.first_after, now + wait)
    if latencies.count < ENOUGH:
        return soonest
    due = _where_one_poll_is_due(floors.interval, accepted, now, latencies)
    return max(soonest, min(due, now + floors.interval * LONGEST))


def _where_one_poll_is_due(interval: float, accepted: float, now: float, latencies: Latencies) -> float:
    """The moment until which the density of polls, from now on, adds up to one."""
    typical = accepted + exp(latencies.mean)
    latest = max(now + interval * SLOWEST, typical)
    step = max(interval / 4, (latest - now) / 32)
    peak = latencies.peak()
    moment, due = now, 0.0
    while moment < latest and due < 1.0:
        due += step / interval * sqrt(min(1.0, latencies.hazard(moment + step / 2 - accepted) / peak))
        moment += step
    return moment
