"""Counts what a run would do and cost, job by job."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mjpipe.domain import ZERO, Job, JobState, Kind, OrphanTotals, Standing, UsageFault, Usd
from mjpipe.manifest import Manifest, did_you_mean
from mjpipe.plan.inputs.picks import Pick
from mjpipe.plan.outcome.blockers import WHOLE, Blocker, Part
from mjpipe.plan.outcome.estimate import Estimate
from mjpipe.plan.outcome.plan_budget import BudgetQueue, PlanBudget
from mjpipe.plan.outcome.selection.columns import value_of
from mjpipe.plan.outcome.selection.selection import Pair
from mjpipe.plan.safe_names import identifier
from mjpipe.pricing import why_unpriced

NO_ORPHANS = OrphanTotals()

_TO_SUBMIT = (JobState.READY, JobState.WAITING)

_ADOPTED = (JobState.SUBMITTED, JobState.SUCCEEDED, JobState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTally:
    """Jobs and their cost.

    `to_submit` counts the jobs that a run would submit, with followers of sources that it makes too, but without jobs
    behind unmade picks; `reasons` says why, the commonest first. They bring `images`, if each makes all that are
    planned. `behind` counts, by blocker, the jobs that wait for a source, or for picks among its images, that the run
    would not make. `to_pick` counts the other places for picks. `low` is the price of the priced jobs to submit,
    `unpriced_jobs` the number of the others, and `why_unpriced` says why they have no price, the commonest reason
    first. `high` adds all jobs that picks could bring, each counted at the node that would make it: there are
    `possible_jobs`, which bring `possible_images`, and `possible_unpriced` of them have no price. `reused` was paid for
    existing results. `to_adopt` counts the jobs with tasks that the state does not know yet, by the states that they
    have once `mjpipe adopt` has recorded these.
    """

    states: Mapping[JobState, int]
    behind: Mapping[Blocker, int]
    to_pick: int
    to_submit: int
    images: int
    reasons: Mapping[str, int]
    low: Usd
    high: Usd
    unpriced_jobs: int
    why_unpriced: Mapping[str, int]
    possible_jobs: int
    possible_images: int
    possible_unpriced: int
    reused: Usd
    to_adopt: Mapping[JobState, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def most_unpriced(self) -> int:
        """The largest possible number of jobs without a price, whatever is picked."""
        return self.unpriced_jobs + self.possible_unpriced

    @property
    def most_images(self) -> int:
        """The largest possible number of images that jobs bring, whatever is picked."""
        return self.images + self.possible_images


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """What a run would do for one node."""

    name: str
    kind: Kind
    tally: PlanTally


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """What a run would do. `groups` are by the values of the column `by`, in the order in which they came.

    `seconds` is the least time that a run would take, None if it has nothing to do. `orphaned` are the jobs that the
    plan no longer asks for. `closed_until` is the time, in seconds since the epoch, until which the service asked for
    no submissions; None if it did not ask. `budget` is None if the campaign has none.
    `stale_picks` are lines of the picks file that were made for earlier images of planned jobs.
    """

    campaign: str
    tally: PlanTally
    nodes: tuple[NodePlan, ...]
    seconds: float | None
    by: str | None = None
    groups: Mapping[str, PlanTally] = field(default_factory=dict)
    orphaned: OrphanTotals = NO_ORPHANS
    closed_until: float | None = None
    budget: PlanBudget | None = None
    stale_picks: tuple[Pick, ...] = ()

    @property
    def to_submit(self) -> int:
        return self.tally.to_submit

    @property
    def low(self) -> Usd:
        return self.tally.low

    @property
    def high(self) -> Usd:
        return self.tally.high

    @property
    def unpriced_jobs(self) -> int:
        return self.tally.unpriced_jobs

    @property
    def most_unpriced(self) -> int:
        return self.tally.most_unpriced


class _Alike(NamedTuple):
    """The common properties of jobs that are counted together.

    `reason` is why they would be submitted, None if they would not. If they would, `price` is the price of each, and
    `why_unpriced` says why it has none; each brings so many `images`.
    """

    state: JobState
    paid: Usd | None
    blocker: Blocker | None = None
    reason: str | None = None
    price: Usd | None = None
    why_unpriced: str | None = None
    images: int = 0
    to_adopt: bool = False


class _Count:
    """Collects the numbers of a tally."""

    def __init__(self) -> None:
        self._states: Counter[JobState] = Counter()
        self._to_adopt: Counter[JobState] = Counter()
        self._behind: Counter[Blocker] = Counter()
        self._reasons: Counter[str] = Counter()
        self._why_unpriced: Counter[str] = Counter()
        self._low = self._possible = self._reused = ZERO
        self._to_pick = self._images = self._possible_jobs = self._possible_images = self._possible_unpriced = 0

    def add(self, alike: _Alike, jobs: int) -> None:
        self._states[alike.state] += jobs
        if alike.to_adopt:
            self._to_adopt[alike.state] += jobs
        if alike.blocker is not None:
            self._behind[alike.blocker] += jobs
        elif alike.state is JobState.UNPICKED:
            self._to_pick += jobs
        elif alike.reason is not None:
            self._reasons[alike.reason] += jobs
            self._images += alike.images * jobs
            if alike.price is None:
                self._why_unpriced[alike.why_unpriced or ""] += jobs
            else:
                self._low = Usd(self._low + alike.price * jobs)
        if alike.paid is not None:
            self._reused = Usd(self._reused + alike.paid * jobs)

    def add_possible(self, price: Usd | None, jobs: int, *, images: int) -> None:
        """Adds jobs of one price that picks could bring, each with so many `images`."""
        self._possible_jobs += jobs
        self._possible_images += images * jobs
        if price is None:
            self._possible_unpriced += jobs
        else:
            self._possible = Usd(self._possible + price * jobs)

    def tally(self) -> PlanTally:
        return PlanTally(
            states={state: self._states[state] for state in JobState},
            behind={blocker: self._behind[blocker] for blocker in Blocker if self._behind[blocker]},
            to_pick=self._to_pick,
            to_submit=self._reasons.total(),
            images=self._images,
            reasons=_commonest_first(self._reasons),
            low=self._low,
            high=Usd(self._low + self._possible),
            unpriced_jobs=self._why_unpriced.total(),
            why_unpriced=_commonest_first(self._why_unpriced),
            possible_jobs=self._possible_jobs,
            possible_images=self._possible_images,
            possible_unpriced=self._possible_unpriced,
            reused=self._reused,
            to_adopt={state: self._to_adopt[state] for state in _ADOPTED},
        )


def _commonest_first(reasons: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


class PlanCount:
    """Counts the jobs of a `part` of a plan, grouped by the column `by`, without keeping them.

    Call `add` with batches of jobs and their standings, then `finish`.
    """

    def __init__(self, manifest: Manifest, *, part: Part = WHOLE, by: str | None = None) -> None:
        self._manifest = manifest
        self._part = part
        self._by = by
        self._columns: set[str] = set()
        self._groups: dict[str, _Count] = {}
        self._alike: Counter[tuple[str, str, _Alike]] = Counter()
        """by node and group"""
        self._possible: Counter[tuple[str, str, Usd | None]] = Counter()
        """by the node that would make them, group and price"""
        self._estimate = Estimate(manifest)
        self._budget_queue = None if manifest.limits.budget is None else BudgetQueue()

    def add(self, pairs: Iterable[Pair]) -> None:
        for job, standing in pairs:
            group = "" if self._by is None else self._group(job, self._by)
            blocker = None if standing.waits_for is None else self._part.blocker(standing)
            self._alike[job.node, group, self._counted_as(job, standing, blocker)] += 1
            if blocker is None and standing.state is JobState.UNPICKED:
                for node, price in job.possible_jobs:
                    self._possible[node, group, price] += 1

    def _group(self, job: Job, by: str) -> str:
        self._columns.update(job.labels, job.row)
        group = value_of(job, by) or ""
        self._groups.setdefault(group, _Count())
        return group

    def _counted_as(self, job: Job, standing: Standing, blocker: Blocker | None) -> _Alike:
        if blocker is not None or standing.reason is None or standing.state not in _TO_SUBMIT:
            return _Alike(standing.state, standing.paid, blocker, to_adopt=standing.to_adopt)
        self._estimate.add(job)
        if self._budget_queue is not None:
            self._budget_queue.add(job, standing)
        why = why_unpriced(job.request) if job.price is None else None
        return _Alike(standing.state, standing.paid, None, standing.reason, job.price, why, len(job.paths))

    def finish(
        self, *, orphaned: OrphanTotals = NO_ORPHANS, closed_until: float | None = None, committed: Usd = ZERO
    ) -> PlanSummary:
        """The summary of all jobs that were added. Raises UsageFault if none of them has the column `by`.

        `committed` is what a budget has to cover already.
        """
        by, columns = self._by, self._columns
        if by is not None and columns and by not in columns | {identifier(column) for column in columns}:
            raise UsageFault(f"no job has a column or label `{by}`", help=did_you_mean(by, sorted(columns)))
        total = _Count()
        nodes = {name: _Count() for name in self._manifest.nodes}
        for (node, group, alike), jobs in self._alike.items():
            for count in self._counts(total, nodes[node], group):
                count.add(alike, jobs)
        for (node, group, price), jobs in self._possible.items():
            for count in self._counts(total, nodes[node], group):
                count.add_possible(price, jobs, images=self._manifest.nodes[node].mode.facts.images)
        return PlanSummary(
            campaign=self._manifest.campaign,
            tally=total.tally(),
            nodes=tuple(
                NodePlan(name=name, kind=self._manifest.nodes[name].kind, tally=count.tally())
                for name, count in nodes.items()
            ),
            seconds=self._estimate.seconds(),
            by=by,
            groups={value: count.tally() for value, count in self._groups.items()},
            orphaned=orphaned,
            closed_until=closed_until,
            budget=self._budget(committed),
        )

    def _budget(self, committed: Usd) -> PlanBudget | None:
        budget = self._manifest.limits.budget
        if budget is None or self._budget_queue is None:
            return None
        return self._budget_queue.under(Usd(max(ZERO, budget - committed)))

    def _counts(self, total: _Count, node: _Count, group: str) -> tuple[_Count, ...]:
        return (total, node) if self._by is None else (total, node, self._groups[group])
