"""What the service's answers mean for a job: decisions, without effects."""

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
"""Seconds for which a job is submitted again and again to a service that does not accept it, without the time that the
service asks for; no wait within a run is longer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDecision:
    """What becomes of the job, of the price that was reserved for it, and of the run (None: it goes on).

    `closed_for` is for how many seconds the service asked to wait, when that is more than a run waits: a 429 is about
    the key or the account, and what is sent meanwhile would only be declined, too.
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
    """What a submission means that brought no taskId (docs/architecture.md, Promises).

    `number` counts the job's attempts from 1, `failures` those before this one that count against max_attempts;
    `held_since` is since when the service has not been accepting the job (None: this is the first time), put off by
    what the service itself asked to wait; `elapsed` is what time it is; both in seconds since the run began.
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
    """What it means that an accepted task failed.

    No document says whether a failed task is billed, so its price stays at risk. Only a code that the documents call
    retryable is worth a new attempt. `elapsed` is in seconds since the run began.
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
    """Whether images that did not come can no longer be fetched: then nothing is to be gained by asking again.

    `refused` says that their hosts have answered that the URLs give no image, `answered` that the service itself has
    said since what the URLs are, `renewed` that it has named others that were not tried yet. `age` is how long ago
    their task ended, `lifetime` for how long the service documents that its URLs work, both in seconds: before that,
    a host that refuses one is a host that is ill.
    """
    return refused and answered and not renewed and age > lifetime


class CircuitBreakers:
    """Counts what goes wrong in a row, to stop before a mistake is paid for five hundred times."""

    IN_A_ROW = 5

    def __init__(self) -> None:
        self.stopped: dict[str, str] = {}
        """Nodes that are stopped, with the reason of their last failure."""
        self._failures: dict[str, tuple[str, int]] = {}
        self._unknown = 0

    def answered(self) -> None:
        """A submission came to an end that is known: it was accepted, or certainly was not."""
        self._unknown = 0

    def succeeded(self, node: str) -> None:
        self._failures.pop(node, None)

    def settled(self, node: str, verdict: Verdict) -> StopReason | None:
        """Takes note of a job that came to a bad end; says when submission as a whole must stop."""
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
