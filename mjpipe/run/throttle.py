"""How many tasks may be in flight: fewer when the service says that it is too much, more again when it is not."""

from mjpipe.run.outcomes import PATIENCE

CUT = 0.7
"""What a 429 leaves of the concurrency."""


class Throttle:
    """Additive increase, multiplicative decrease, between 1 and the user's own bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = float(most)
        self._cut_at = 0.0
        self._closed_until = 0.0

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    def closed_for(self, now: float) -> float:
        """Seconds for which nothing is to be submitted, because the service asked for it; 0 when it may be."""
        left = self._closed_until - now
        return left if 0 < left <= PATIENCE else 0.0  # more than that: the clock was set back

    def too_many(self, *, sent: float, now: float, retry_after: float | None) -> None:
        """The service refused a request that was `sent` then. Those sent before the last cut are its echo."""
        self._closed_until = now + max(self.closed_for(now), min(retry_after or 0.0, PATIENCE))
        if not sent <= self._cut_at <= now:
            self._allowed = max(1.0, self._allowed * CUT)
            self._cut_at = now

    def accepted(self) -> None:
        """One more was taken; as many as are allowed raise the bound by one."""
        self._allowed = min(float(self._most), self._allowed + 1.0 / self._allowed)
