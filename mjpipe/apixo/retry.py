"""How long to wait before the next try."""

from collections.abc import Callable

BASE = 1.0
CAP = 60.0
"""Seconds."""


def backoff(attempt: int, *, retry_after: float | None, random: Callable[[], float]) -> float:
    """Seconds to wait after the `attempt`-th try (from 1): full jitter, doubling from 1 s to at most 60 s.

    `retry_after` is what the service asked for, None when it did not say. The jitter is added to it, so that clients
    with the same answer do not all come back at once. `random` gives a number in [0, 1).
    """
    doublings = min(attempt - 1, 30)  # beyond, the cap has long been reached, and a float would overflow
    return (retry_after or 0.0) + random() * min(CAP, BASE * 2.0**doublings)
