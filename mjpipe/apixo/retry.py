"""When to try again, as pure decisions."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BASE = 1.0
CAP = 60.0
"""Seconds."""


def backoff(attempt: int, *, retry_after: float | None, random: Callable[[], float]) -> float:
    """Seconds to wait after the `attempt`-th try (from 1): full jitter, doubling from 1 s to at most 60 s.

    `retry_after` is what the service asked for, None when it did not say; the jitter comes on top of it, so that the
    many who got the same answer do not come back together. `random` gives a number in [0, 1).
    """
    doublings = min(attempt - 1, 30)  # beyond, the cap has long been reached, and a float would overflow
    return (retry_after or 0.0) + random() * min(CAP, BASE * 2.0**doublings)


def retry_after_seconds(header: str | None, *, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, never negative; None without one or when it makes no sense."""
    if header is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", header.strip(), re.ASCII):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    # A date in `-0000` comes without a zone and means UTC.
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
