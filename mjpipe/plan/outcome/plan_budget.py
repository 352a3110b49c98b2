"""How much of a plan its budget holds."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mjpipe.domain import ZERO, Job, JobState, Standing, Usd

_MADE_FIRST = (JobState.READY, JobState.WAITING, JobState.FAILED)
"""Where the source of a job may stand that a run makes before the job; a failed one is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBudget:
    """What the budget holds of the jobs to submit, if each job ends before the next begins.

    `left` is what the campaign may still spend. The first `fits` jobs of the queue cost `fits_usd` together; `waits`
    counts the others. `waits_unpriced` are the jobs that wait under any budget, because they, or jobs that they follow
    from, have no documented price. `exact` says that another order would change nothing.
    """

    left: Usd
    fits: int
    fits_usd: Usd
    exact: bool
    waits: int
    waits_unpriced: int


class BudgetQueue:
    """Keeps the prices of the jobs to submit in the order in which a run submits them: the deepest of the ready jobs
    first, each with what follows from it, and in the order of the plan among jobs of one depth.
    """

    def __init__(self) -> None:
        self._prices: dict[Usd, int] = {}
        self._by_depth: dict[int, array[int]] = {}
        """indexes into the prices, by the depth of the job that the run begins with"""
        self._unpriced = 0

    def add(self, job: Job, standing: Standing) -> None:
        """A job that would be submitted. Jobs are added in the order of the plan."""
        price = job.price
        unpriced = price is None
        while standing.state is JobState.WAITING and standing.waits_for is not None:
            source, source_standing = standing.waits_for
            if source_standing.state not in _MADE_FIRST or source_standing.images_gone:
                break
            job, standing = source, source_standing
            unpriced = unpriced or job.price is None
        if unpriced or price is None:
            self._unpriced += 1
            return
        index = self._prices.setdefault(price, len(self._prices))
        if job.depth not in self._by_depth:
            self._by_depth[job.depth] = array("L")
        self._by_depth[job.depth].append(index)

    def under(self, left: Usd) -> PlanBudget:
        """What `left` dollars hold. The first job that does not fit ends a run's submissions."""
        jobs = sum(map(len, self._by_depth.values()))
        whole = self._whole()
        fits, fits_usd = (jobs, whole) if whole <= left else self._first(left)
        return PlanBudget(
            left=left,
            fits=fits,
            fits_usd=fits_usd,
            exact=fits == jobs or len(self._prices) == 1,
            waits=jobs - fits,
            waits_unpriced=self._unpriced,
        )

    def _whole(self) -> Usd:
        counts = Counter[int]()
        for prices in self._by_depth.values():
            counts.update(prices)
        return Usd(sum((price * counts[index] for price, index in self._prices.items()), ZERO))

    def _first(self, left: Usd) -> tuple[int, Usd]:
        fits, fits_usd = 0, ZERO
        for price in self._in_order():
            if fits_usd + price > left:
                break
            fits, fits_usd = fits + 1, Usd(fits_usd + price)
        return fits, fits_usd

    def _in_order(self) -> Iterator[Usd]:
        prices = [*self._prices]
        for depth in sorted(self._by_depth, reverse=True):
            yield from (prices[index] for index in self._by_depth[depth])
