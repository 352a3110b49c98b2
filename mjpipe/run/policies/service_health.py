"""What a run shows while the service cannot be reached or accepts nothing: one line, and one when it is over."""

from enum import Enum, auto

from mjpipe.domain import GatewayFault, NotAccepted, ServiceError, Unknown

QUIET = 30.0
"""Seconds without a fault after which an answer means that it is over; also between two lines about the same fault, so
that one which comes and goes is not shown for each job.
"""


class RequestKind(Enum):
    """Which of the service's calls was made."""

    SUBMISSION = auto()
    STATUS = auto()


class ServiceHealth:
    """Times are seconds since the run began."""

    def __init__(self) -> None:
        self.present: str | None = None
        """The fault that was shown, None when there was none or its end was shown."""
        self._well = False
        """Whether the same call has succeeded since, though not yet for long enough to show it."""
        self._asked: RequestKind | None = None
        """The call that the fault was an answer to, None when there was no answer at all."""
        self._last = 0.0
        self._said: dict[str, float] = {}

    @property
    def trouble(self) -> str | None:
        """What keeps the run waiting, None when the last call succeeded."""
        return None if self._well else self.present

    def line_about_fault(self, fault: ServiceError, asked: RequestKind, *, now: float) -> str | None:
        """The line to show about a fault after which the run asks again, None for nothing."""
        if not isinstance(fault, NotAccepted | GatewayFault | Unknown):
            return self.line_about_answer(asked, now=now) if self._asked is None else None
        reason = str(fault)
        self._last, self._well = now, False
        if reason == self.present or now - self._said.get(reason, -QUIET) < QUIET:
            return None
        self.present, self._asked, self._said[reason] = reason, None if fault.status is None else asked, now
        return f"waiting: {reason}"

    def line_about_answer(self, asked: RequestKind, *, now: float) -> str | None:
        """The line to show about a call that succeeded, None for nothing."""
        if self.present is None:
            return None
        if self._asked is not None and asked is not self._asked:
            return None
        self._well = True
        if self._asked is not None and now - self._last < QUIET:
            return None
        line = "the service answers again" if self._asked is None else "the service answers as it should again"
        self.present = self._asked = None
        return line
