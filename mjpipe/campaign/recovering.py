"""Recovering into a ledger what is known from outside of it, so that the plan finds it there."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mjpipe.campaign.adoption_result import AdoptionResult
from mjpipe.campaign.evidence import Evidence, OtherState, completed, gather
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import Job, JobKey, TaskId
from mjpipe.ledger import Ledger, NewBindings, Reader
from mjpipe.ledger.receipts import RecordedAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """`attempts` are the ids of those that were recorded or changed. `left` could not be, for the reasons given.
    `missing` are the paths of images that were on disk and are not.
    """

    attempts: tuple[int, ...] = ()
    left: tuple[tuple[RecordedAttempt, str], ...] = ()
    missing: tuple[str, ...] = ()


def recover_known(
    campaign: Campaign,
    ledger: Ledger,
    host: str,
    *,
    outputs: Path | None,
    also: OtherState | None = None,
    evidence: Evidence | None = None,
) -> Recovery:
    """Records all that is known beside the ledger, and what `also` knows, as jobs that no plan asks for: the next plan
    that is adopted claims them.

    Images are looked for below `outputs`; without it all that were placed count as there. Receipts that have nothing
    more to say are not read again. `evidence` is what was gathered already; None has it gathered.
    """
    evidence = evidence or gather(campaign, ledger, host, with_requests=outputs is not None)
    also = also or OtherState()
    bindings = NewBindings(
        nodes={**evidence.first_names, **also.bindings.nodes}, picks={**evidence.picked, **also.bindings.picks}
    )
    found = _once(ledger.tasks.unknown_attempts(also.attempts), [*evidence.attempts, *evidence.set_aside])
    recovery = _Recovering(campaign, ledger, host, outputs, bindings).all(found)
    if outputs is not None and (seen := evidence.seen_by(ledger)) is not None:
        ledger.receipt_files.remember_all(seen)
    return recovery


def _once(first: Sequence[RecordedAttempt], then: Sequence[RecordedAttempt]) -> list[RecordedAttempt]:
    """What another state knows says all, so the same attempts of receipts are left out; unless these set it aside."""
    aside = {attempt.uid for attempt in then if attempt.set_aside}
    first = [attempt for attempt in first if attempt.uid not in aside]
    uids, tasks = {attempt.uid for attempt in first}, {attempt.task for attempt in first if attempt.task is not None}
    return [*first, *(attempt for attempt in then if attempt.uid not in uids and attempt.task not in tasks)]


@contextmanager
def as_recovered(
    campaign: Campaign, ledger: Reader, host: str, evidence: Evidence
) -> Iterator[tuple[Ledger, Recovery]]:
    """A copy of the ledger into which the `evidence` was recovered; nothing else is written."""
    with closing(Ledger.copy_of(ledger)) as copy:
        yield copy, recover_known(campaign, copy, host, outputs=None, evidence=evidence)


def result_of(ledger: Ledger, recovery: Recovery) -> AdoptionResult:
    """What came of it, once a plan was adopted."""
    return AdoptionResult(attempts=ledger.recovered_as(recovery.attempts), left=recovery.left, missing=recovery.missing)


class _Recovering:
    """Records what has a fingerprint. What is known by its key alone gets the rest from the plan, which shows more of
    the jobs each time that a source of theirs has been recorded.
    """

    def __init__(
        self, campaign: Campaign, ledger: Ledger, host: str, outputs: Path | None, bindings: NewBindings
    ) -> None:
        self._campaign = campaign
        self._ledger = ledger
        self._host = host
        self._outputs = outputs
        self._bindings = bindings

    def all(self, attempts: Sequence[RecordedAttempt]) -> Recovery:
        by_key = [attempt for attempt in attempts if attempt.fingerprint is None]
        recovery = self._recover([attempt for attempt in attempts if attempt.fingerprint is not None])
        while by_key:
            planned = self._completed(by_key)
            if not planned:
                break
            by_key = [attempt for attempt in by_key if attempt.task not in planned]
            recovery = _both(recovery, self._recover([*planned.values()]))
        unplanned = tuple((attempt, "the plan has no job of this key") for attempt in by_key)
        return replace(recovery, left=(*recovery.left, *unplanned))

    def _recover(self, attempts: Sequence[RecordedAttempt]) -> Recovery:
        if not attempts:
            return Recovery()
        recovered = self._ledger.recover(
            attempts,
            now=time.time(),
            outputs=self._outputs,
            host=self._host,
            picked=frozenset(line.task for line in self._campaign.picks.lines if line.task is not None),
            bindings=self._bindings,
        )
        return Recovery(attempts=recovered.attempts, left=recovered.left, missing=recovered.missing)

    def _completed(self, attempts: Sequence[RecordedAttempt]) -> dict[TaskId | None, RecordedAttempt]:
        """By their tasks, those whose jobs the plan has and whose sources are on record."""
        planned = self._planned({attempt.key for attempt in attempts})
        return {
            attempt.task: completed(attempt, *planned[attempt.key]) for attempt in attempts if attempt.key in planned
        }

    def _planned(self, keys: set[JobKey]) -> Mapping[JobKey, tuple[Job, TaskId | None]]:
        """The jobs of these keys, with the tasks of their sources."""
        found: dict[JobKey, tuple[Job, TaskId | None]] = {}
        tasks: list[TaskId | None] = []
        """of the jobs that the present one comes from"""

        def take(jobs: Sequence[Job]) -> None:
            for job in jobs:
                of = tasks[job.depth - 1] if job.depth else None
                tasks[job.depth :] = [self._ledger.tasks.of_job(job.key, job.fingerprint, of)]
                if job.key in keys and not job.possible_jobs and (job.source is None or of is not None):
                    found[job.key] = job, of

        self._campaign.expand(self._ledger, take)
        return found


def _both(first: Recovery, second: Recovery) -> Recovery:
    return Recovery(
        attempts=(*first.attempts, *second.attempts),
        left=(*first.left, *second.left),
        missing=(*first.missing, *second.missing),
    )
