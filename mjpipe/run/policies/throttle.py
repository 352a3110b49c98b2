"""How many tasks may be in flight: fewer when the service says that it is too much, more again when it is not."""

from math import inf

from mjpipe.run.policies.job_decisions import PATIENCE

CUT = 0.7
"""What a 429 leaves of the concurrency."""


class Throttle:
    """Additive increase, multiplicative decrease, between 1 and the user's own limit. Times are those of a timer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = float(most)
        self._cut_at = -inf
        self._closed_until = 0.0

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    def closed_for(self, now: float) -> float:
        """Seconds for which the service asked to submit nothing, 0 when there is no need to wait."""
        return max(0.0, self._closed_until - now)

    def too_many(self, *, sent: float, now: float, retry_after: float | None) -> None:
        """The service refused a request that was `sent` then. One from before the last cut cuts nothing more."""
        self._closed_until = max(self._closed_until, now + min(retry_after or 0.0, PATIENCE))
        if sent > self._cut_at:
            self._allowed = max(1.0, self._allowed * CUT)
            self._cut_at = now

    def accepted(self) -> None:
        """A task was accepted. As many of them as are allowed at once raise the limit by one."""
        self._allowed = min(float(self._most), self._allowed + 1.0 / self._allowed)
