"""Jobs that have something in common: how many there are, where they stand, and their money."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mjpipe.domain import JobState, Money
from mjpipe.ledger import JobRecord
from mjpipe.report.amounts import Adding, Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`jobs` has every state. `planned` adds up the jobs' own prices, without those of orphans and of jobs that stand
    for a person's picks; the other amounts add up attempts. `images` counts files on disk.
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


class Gathering:
    """A group in the making."""

    def __init__(self) -> None:
        self._jobs: Counter[JobState] = Counter()
        self._planned = Adding()
        self._money = {money: Adding() for money in Money}
        self._attempts = 0
        self._images = 0

    def add(self, job: JobRecord) -> None:
        self._jobs[job.state] += 1
        if job.wanted and job.state is not JobState.UNPICKED:
            self._planned.add(job.price)
        for attempt in job.attempts:
            self._attempts += 1
            self._money[attempt.money].add(attempt.price)
            self._images += sum(image.path is not None for image in attempt.images)

    @property
    def group(self) -> Group:
        return Group(
            jobs={state: self._jobs[state] for state in JobState},
            planned=self._planned.amount,
            spent=self._money[Money.SPENT].amount,
            reserved=self._money[Money.RESERVED].amount,
            at_risk=self._money[Money.AT_RISK].amount,
            attempts=self._attempts,
            images=self._images,
        )
