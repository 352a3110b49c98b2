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
        self.closed_until = 0.0
        """No submission before this time, in seconds since the epoch: the service asked for it."""

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    def too_many(self, *, sent: float, now: float, retry_after: float | None) -> None:
        """The service refused a request that was `sent` then. Those sent before the last cut are its echo."""
        self.closed_until = max(self.closed_until, now + min(retry_after or 0.0, PATIENCE))
        if sent > self._cut_at:
            self._allowed = max(1.0, self._allowed * CUT)
            self._cut_at = now

    def accepted(self) -> None:
        """One more was taken; as many as are allowed raise the bound by one."""
        self._allowed = min(float(self._most), self._allowed + 1.0 / self._allowed)
