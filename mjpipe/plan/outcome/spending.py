"""What a person is asked to spend on a plan."""

from dataclasses import dataclass
from typing import Self

from mjpipe.domain import ZERO, Usd, counted, dollars
from mjpipe.plan.outcome.summary import PlanSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a run spends at once, and what later picks could add: dollars, and jobs without a documented price.

    `exact` says that it spends all of `now`, and not only up to it. `all_that_is_left` says that later picks could cost
    more than `later`, which is all that the budget then leaves.
    """

    now: Usd
    later: Usd
    unpriced_now: int = 0
    unpriced_later: int = 0
    exact: bool = True
    all_that_is_left: bool = False

    @classmethod
    def of(cls, summary: PlanSummary) -> Self | None:
        """None if nothing could be submitted. Under a budget, jobs without a price wait."""
        tally, budget = summary.tally, summary.budget
        possible = Usd(summary.high - summary.low)
        if budget is None:
            return cls(
                now=summary.low,
                later=possible,
                unpriced_now=tally.unpriced_jobs,
                unpriced_later=tally.possible_unpriced,
            )
        if not budget.fits:
            return None
        now = budget.fits_usd if budget.exact else budget.left
        left = Usd(budget.left - now)
        return cls(now=now, later=min(possible, left), exact=budget.exact, all_that_is_left=possible > left > ZERO)

    @property
    def usd(self) -> Usd:
        return Usd(self.now + self.later)

    @property
    def unpriced(self) -> int:
        return self.unpriced_now + self.unpriced_later

    @property
    def question(self) -> str:
        """`Spend $168.10 now? (Later picks: up to the $231.40 left in the budget.)`"""
        make = f", and make {_unpriced_jobs(self.unpriced_now)}" if self.unpriced_now else ""
        first = (
            f"Spend {dollars(self.now)} now{make}?"
            if self.exact
            else f"Spend up to {dollars(self.now)}, what is left in the budget?"
        )
        later = self._later
        return f"{first} (Later picks: {later}.)" if later else first

    @property
    def _later(self) -> str:
        if self.all_that_is_left:
            return f"up to the {dollars(self.later)} left in the budget"
        usd = f"up to {dollars(self.later)} more" if self.later else ""
        unpriced = f"up to {_unpriced_jobs(self.unpriced_later)}" if self.unpriced_later else ""
        return ", and ".join(filter(None, [usd, unpriced]))


def _unpriced_jobs(count: int) -> str:
    return f"{counted(count, 'job')} whose price is not documented"
