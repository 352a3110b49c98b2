"""Why jobs are not done: jobs that failed for one cause are counted together, though their reasons differ in names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mjpipe.contract import IMAGE_NOT_READ
from mjpipe.domain import Amount, JobKey, JobState, JsonObject, Money, RunningAmount, one_line
from mjpipe.ledger import JobRecord, Records
from mjpipe.report.advice.remedies import remedy

KEYS = 5
"""How many jobs of a cause are named."""

MOST = 100
"""The number of causes that are kept apart: reasons quote the service, and memory must not grow with them."""

OTHER_REASONS = "for other reasons"

_ENDED = (JobState.FAILED, JobState.IN_DOUBT, JobState.SKIPPED)

MAY_NEED_ATTENTION = (*_ENDED, JobState.SUCCEEDED)
"""The states of jobs among which those of `needs_attention` are."""

_NAMES = re.compile(
    r"""(https?://\S+ | `[^`]*` | "[^"]*" | \btask_\w+ | \b[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]+)*\b | \d+(?:\.\d+)*)""",
    re.VERBOSE,
)
"""What differs between two reasons of one cause: URLs, quoted names, ids, numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCause:
    """Jobs in one state for one reason, with the first `keys` of them, in the order of the plan.

    A succeeded job is here when images of it could not be brought to their places. In `reason`, `…` replaces what
    differs between the jobs' own reasons. `at_risk` adds up these jobs' attempts, `again` what a retry would
    add to that, for jobs whose images the service could not read.
    """

    state: JobState
    code: str
    reason: str
    jobs: int
    keys: tuple[JobKey, ...]
    at_risk: Amount
    again: Amount
    advice: str

    @property
    def as_json(self) -> JsonObject:
        """What JSON documents say of it, but for money and advice."""
        return {
            "state": self.state,
            "code": self.code or None,
            "reason": self.reason,
            "jobs": self.jobs,
            "keys": list(self.keys),
        }


@dataclass(slots=True)
class _CauseBuilder:
    parts: list[str]
    """of the reason: at odd places what differs between jobs"""
    jobs: int = 0
    keys: list[JobKey] = field(default_factory=list)
    at_risk: RunningAmount = field(default_factory=RunningAmount)
    again: RunningAmount = field(default_factory=RunningAmount)

    def add(self, job: JobRecord, parts: list[str]) -> None:
        self.jobs += 1
        if len(self.keys) < KEYS:
            self.keys.append(job.key)
        self.parts = [ours if ours == theirs else "…" for ours, theirs in zip(self.parts, parts, strict=True)]
        if job.code in IMAGE_NOT_READ:
            self.again.add(job.price)
        for attempt in job.attempts:
            if attempt.money is Money.AT_RISK:
                self.at_risk.add(attempt.price)


class FailureCauses:
    """Groups jobs by cause."""

    def __init__(self) -> None:
        self._causes: dict[tuple[JobState, str, tuple[str, ...]], _CauseBuilder] = {}

    def add(self, job: JobRecord) -> None:
        """Adds a wanted job; one that needs no attention is ignored."""
        if not needs_attention(job):
            return
        code = one_line(job.code or "", 100)
        parts = _NAMES.split(one_line(job.reason or ""))
        cause = (job.state, code, tuple(parts[::2]))
        if cause not in self._causes and len(self._causes) >= MOST:
            cause, parts = (job.state, "", (OTHER_REASONS,)), [OTHER_REASONS]
        self._causes.setdefault(cause, _CauseBuilder(parts)).add(job, parts)

    def __iter__(self) -> Iterator[FailureCause]:
        """The causes, that of the most jobs first."""
        for (state, code, _), cause in sorted(self._causes.items(), key=lambda item: -item[1].jobs):
            yield FailureCause(
                state=state,
                code=code,
                reason="".join(cause.parts),
                jobs=cause.jobs,
                keys=tuple(cause.keys),
                at_risk=cause.at_risk.amount,
                again=cause.again.amount,
                advice=remedy(state, code),
            )


def failure_causes(records: Records) -> tuple[FailureCause, ...]:
    """The causes for which wanted jobs are not done, that of the most jobs first."""
    causes = FailureCauses()
    for job in records.jobs(*MAY_NEED_ATTENTION):
        if job.wanted:
            causes.add(job)
    return tuple(causes)


def needs_attention(job: JobRecord) -> bool:
    """Whether a run has given up the job, or cannot put its images where they belong."""
    return job.state in _ENDED or (job.state is JobState.SUCCEEDED and job.reason is not None)
