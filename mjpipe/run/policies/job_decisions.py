"""What the service's answers mean for a job: decisions without effects."""

from collections.abc import Callable
from dataclasses import dataclass

from mjpipe.apixo import backoff
from mjpipe.contract import fail_code
from mjpipe.domain import (
    GatewayFault,
    JobState,
    Money,
    NotAccepted,
    NotAuthorised,
    OutOfBalance,
    Refused,
    ServiceError,
    Unknown,
)
from mjpipe.ledger import Verdict
from mjpipe.manifest import Limits
from mjpipe.run.run_settings import StopReason

PATIENCE = 15 * 60.0
"""Seconds for which a run goes on submitting a job that the service does not accept, not counting the time that the
service asks for. No wait within a run is longer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDecision:
    """What becomes of the job, of its reserved price, and of the run (None: it goes on).

    `closed_for` is how many seconds the service asked to wait, when a run does not wait that long. A 429 is about the
    key or the account: until then it would refuse everything else, too.
    """

    verdict: Verdict
    money: Money
    stop: StopReason | None = None
    closed_for: float | None = None


def after_fault(
    fault: ServiceError,
    *,
    number: int,
    failures: int,
    held_since: float | None,
    limits: Limits,
    elapsed: float,
    random: Callable[[], float],
) -> JobDecision:
    """What to do after a submission without a taskId (docs/architecture.md, Promises).

    `number` counts the job's attempts from 1, `failures` those before this one that count against max_attempts.
    `held_since` is when the service first did not accept the job, plus all the time that it asked to wait since; None
    when this is the first time. `elapsed` is now. Both are seconds since the run began.
    """
    reason = str(fault)
    code = fault.code or (None if fault.status is None else f"http_{fault.status}")
    wait = backoff(number, retry_after=fault.retry_after, random=random)
    asked = fault.retry_after or 0.0
    stop, closed_for = (StopReason.ASKED_TO_WAIT, asked) if asked > PATIENCE else (None, None)
    held_since = elapsed if held_since is None else held_since
    match fault:
        case NotAuthorised():
            return JobDecision(verdict=Verdict(state=JobState.READY), money=Money.FREE, stop=StopReason.NOT_AUTHORISED)
        case OutOfBalance():
            return JobDecision(verdict=Verdict(state=JobState.READY), money=Money.FREE, stop=StopReason.OUT_OF_BALANCE)
        case Refused():
            return JobDecision(verdict=Verdict(state=JobState.FAILED, reason=reason, code=code), money=Money.FREE)
        case NotAccepted() if stop is not None:
            verdict = Verdict(state=JobState.READY, reason=reason, code=code)
            return JobDecision(verdict=verdict, money=Money.FREE, stop=stop, closed_for=closed_for)
        case NotAccepted() if elapsed - held_since + wait - asked <= PATIENCE:
            verdict = Verdict(state=JobState.READY, not_before=elapsed + wait, held_since=held_since + asked)
            return JobDecision(verdict=verdict, money=Money.FREE)
        case NotAccepted():
            reason = f"not accepted within {PATIENCE / 60:.0f} minutes; last: {reason}"
            return JobDecision(verdict=Verdict(state=JobState.FAILED, reason=reason, code=code), money=Money.FREE)
        case GatewayFault():
            if limits.hold_on_gateway_timeout:
                verdict = Verdict(state=JobState.IN_DOUBT, reason=reason, code=code)
            elif failures + 1 < limits.max_attempts:
                again = elapsed + min(wait, PATIENCE)
                verdict = Verdict(
                    state=JobState.READY, reason=reason, code=code, counts_as_failure=True, not_before=again
                )
            else:
                verdict = Verdict(state=JobState.FAILED, reason=reason, code=code, counts_as_failure=True)
            return JobDecision(verdict=verdict, money=Money.AT_RISK, stop=stop, closed_for=closed_for)
        case Unknown() | _:
            return JobDecision(verdict=Verdict(state=JobState.IN_DOUBT, reason=reason, code=code), money=Money.AT_RISK)


def after_task_failure(
    code: str,
    message: str,
    *,
    failures: int,
    limits: Limits,
    elapsed: float,
    random: Callable[[], float],
) -> JobDecision:
    """What to do after an accepted task has failed.

    No page says whether a failed task is billed, so its price stays at risk. Only codes documented as retryable get
    another attempt. `elapsed` is seconds since the run began.
    """
    known = fail_code(code)
    reason = f"{known.meaning}: {message}" if message else known.meaning
    if known.retryable and failures + 1 < limits.max_attempts:
        again = elapsed + backoff(failures + 1, retry_after=None, random=random)
        verdict = Verdict(state=JobState.READY, reason=reason, code=code, counts_as_failure=True, not_before=again)
    else:
        verdict = Verdict(state=JobState.FAILED, reason=reason, code=code, counts_as_failure=True)
    stop = StopReason.OUT_OF_BALANCE if known.stops else None
    return JobDecision(verdict=verdict, money=Money.AT_RISK, stop=stop)


def are_gone(*, refused: bool, answered: bool, renewed: bool, age: float, lifetime: float) -> bool:
    """Whether images can no longer be fetched, so that asking again is useless.

    `refused`: their hosts answered that there is no image at the URLs. `answered`: the service has named URLs since.
    `renewed`: these are others, which were not tried yet. `age` is how long ago the task ended, `lifetime` how long its
    URLs work by the documentation, both in seconds. A host that refuses a URL before that has a fault.
    """
    return refused and answered and not renewed and age > lifetime


class CircuitBreakers:
    """Stops a node, or the run, after five bad ends in a row: nobody shall pay for one mistake 500 times."""

    IN_A_ROW = 5

    def __init__(self) -> None:
        self.stopped: dict[str, str] = {}
        """Stopped nodes, with the reason of their last failure."""
        self._failures: dict[str, tuple[str, int]] = {}
        self._unknown = 0

    def note_known_outcome(self) -> None:
        """A submission was accepted, or certainly was not."""
        self._unknown = 0

    def note_success(self, node: str) -> None:
        self._failures.pop(node, None)

    def note_bad_end(self, node: str, verdict: Verdict) -> StopReason | None:
        """A job came to a bad end. Returns a reason when all submission has to stop."""
        if verdict.state is JobState.IN_DOUBT:
            self._unknown += 1
            return StopReason.DOUBTS if self._unknown >= self.IN_A_ROW else None
        if verdict.state is JobState.FAILED:
            code = verdict.code or ""
            before, times = self._failures.get(node, (code, 0))
            times = times + 1 if before == code else 1
            self._failures[node] = (code, times)
            if times >= self.IN_A_ROW:
                self.stopped[node] = verdict.reason or code
        return None
