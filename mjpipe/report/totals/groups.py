"""Jobs that have something in common: how many there are, where they stand, and their money."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mjpipe.domain import Amount, JobState, Json, Money
from mjpipe.ledger import AttemptSum, JobSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`jobs` has every state. `planned` adds up the jobs' own prices, without orphans and jobs that wait for a person's
    picks; the other amounts add up attempts. `images` counts files on disk.
    """

    jobs: Mapping[JobState, int]
    planned: Amount
    spent: Amount
    reserved: Amount
    at_risk: Amount
    attempts: int
    images: int

    @property
    def total(self) -> int:
        return sum(self.jobs.values())


class GroupBuilder:
    """Builds a group from sums of the ledger."""

    def __init__(self) -> None:
        self._jobs: Counter[JobState] = Counter()
        self._planned = Amount()
        self._money = dict.fromkeys(Money, Amount())
        self._attempts = 0
        self._images = 0

    def add_jobs(self, jobs: JobSum) -> None:
        self._jobs[jobs.group.state] += jobs.jobs
        if jobs.group.wanted and jobs.group.state is not JobState.UNPICKED:
            self._planned += Amount(usd=jobs.usd, priced=jobs.priced, unpriced=jobs.jobs - jobs.priced)

    def add_attempts(self, attempts: AttemptSum) -> None:
        self._money[attempts.money] += amount_of(attempts)
        self._attempts += attempts.attempts
        self._images += attempts.images

    @property
    def group(self) -> Group:
        return Group(
            jobs={state: self._jobs[state] for state in JobState},
            planned=self._planned,
            spent=self._money[Money.SPENT],
            reserved=self._money[Money.RESERVED],
            at_risk=self._money[Money.AT_RISK],
            attempts=self._attempts,
            images=self._images,
        )


def amount_of(attempts: AttemptSum) -> Amount:
    return Amount(usd=attempts.usd, priced=attempts.priced, unpriced=attempts.attempts - attempts.priced)


def job_counts(jobs: Mapping[JobState, int]) -> dict[str, Json]:
    """`total`, and each state, those without a job too."""
    return {"total": sum(jobs.values()), **{state: jobs.get(state, 0) for state in JobState}}
