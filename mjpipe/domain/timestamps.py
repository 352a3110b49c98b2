"""Times as text, always UTC; the ledger keeps them as seconds since the epoch."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=64)
def iso(moment: float | None) -> str | None:
    """`2026-11-22T21:05:03.250Z`"""
    if moment is None:
        return None
    return f"{datetime.fromtimestamp(moment, UTC).isoformat(timespec='milliseconds')[:-6]}Z"  # in place of +00:00


def clock_text(moment: float) -> str:
    """`2026-11-22 21:05:03Z`, for people."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}Z"
