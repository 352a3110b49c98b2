"""How long tasks take and when to ask (seed page, Latency and polling). All in seconds."""

from dataclasses import dataclass
from enum import StrEnum

from mjpipe.contract.speeds import Speed


class Latency(StrEnum):
    """What the time of a task depends on."""

    BY_SPEED = "by speed"
    FOLLOW_UP = "follow-up"
    """one range for all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`shortest` to `longest` is the typical generation time; `first_poll` and `interval` are the shortest
    recommended waits before a poll.
    """

    shortest: float
    longest: float
    first_poll: float
    interval: float

    @property
    def typical(self) -> float:
        return (self.shortest + self.longest) / 2


_INTERVAL = 3.0
"""The page recommends 3 to 5."""

_TURBO = Timing(shortest=15, longest=25, first_poll=20, interval=_INTERVAL)
_FAST = Timing(shortest=30, longest=45, first_poll=20, interval=_INTERVAL)
_FOLLOW_UP = Timing(shortest=15, longest=60, first_poll=15, interval=_INTERVAL)


def timing(latency: Latency, speed: Speed | None) -> Timing:
    """The documented timing of a task. Draft and image-edit have none, and count as fast; so does no speed."""
    if latency is Latency.FOLLOW_UP:
        return _FOLLOW_UP
    return _TURBO if speed is Speed.TURBO else _FAST


WEBHOOK_ANSWER = 30.0
"""Seconds in which the receiver of a webhook must have answered 200 (API notes, webhooks)."""

REDELIVERIES = 3
FIRST_REDELIVERY = 30.0
"""A webhook that was not answered is delivered again, at most REDELIVERIES times: first after about so many seconds,
then after longer and longer pauses (API notes, webhooks)."""

RESULT_URL_LIFETIME = 24 * 60 * 60.0
"""Seconds after its task for which a result URL works (API notes, response-format). No page says that the status call
gives fresh ones later."""
