"""What a run would do and cost, counted in one pass over the jobs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mjpipe.domain import IN_FLIGHT, ZERO, Job, JobState, Kind, OrphanTotals, Standing, UsageFault, Usd
from mjpipe.manifest import Manifest, did_you_mean
from mjpipe.plan.outcome.blockers import WHOLE, Blocker, Part
from mjpipe.plan.outcome.columns import value_of
from mjpipe.plan.outcome.estimate import Estimate
from mjpipe.plan.safe_names import identifier
from mjpipe.pricing import why_unpriced

NO_ORPHANS = OrphanTotals()

_TO_SUBMIT = (JobState.READY, JobState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Jobs and their cost.

    `to_submit` counts the jobs that a run would submit, followers of sources that it makes too, but nothing behind
    unmade picks; `reasons` says why, the commonest first. `behind` counts those that wait for a source, or for picks
    among its images, which the run would not make: only the blockers that there are. `to_pick` are the other places
    for picks. `low` is what the jobs to submit cost whose price is known, `unpriced_jobs` how many have none, and
    `why_unpriced` says what of them no page prices, the commonest first.
    `high` adds all that picks could bring, each job with the node that would make it: `possible_jobs`, of which
    `possible_unpriced` have no price. `reused` was paid for results that are there already.
    """

    states: Mapping[JobState, int]
    behind: Mapping[Blocker, int]
    to_pick: int
    to_submit: int
    reasons: Mapping[str, int]
    low: Usd
    high: Usd
    unpriced_jobs: int
    why_unpriced: Mapping[str, int]
    possible_jobs: int
    possible_unpriced: int
    reused: Usd

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def most_unpriced(self) -> int:
        """How many jobs without a price there can be, whatever is picked."""
        return self.unpriced_jobs + self.possible_unpriced

    @property
    def in_flight(self) -> int:
        return sum(self.states[state] for state in IN_FLIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """What a run would do for one node."""

    name: str
    kind: Kind
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """What a run would do. `groups` are by the values of the column `by`, in the order in which they came.

    `seconds` is how long a run would take at least, None when it has nothing to do. `orphaned` are the jobs that the
    plan stops asking for. `closed_until` is until when the service asked to be sent nothing, in seconds since the
    epoch, None when it did not.
    """

    campaign: str
    tally: Tally
    nodes: tuple[NodePlan, ...]
    seconds: float | None
    by: str | None = None
    groups: Mapping[str, Tally] = field(default_factory=dict)
    orphaned: OrphanTotals = NO_ORPHANS
    closed_until: float | None = None

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


class _Count:
    """A tally in the making."""

    def __init__(self) -> None:
        self._states: Counter[JobState] = Counter()
        self._behind: Counter[Blocker] = Counter()
        self._reasons: Counter[str] = Counter()
        self._why_unpriced: Counter[str] = Counter()
        self._low = self._possible = self._reused = ZERO
        self._to_pick = self._possible_jobs = self._possible_unpriced = 0

    def add(self, job: Job, standing: Standing, blocker: Blocker | None, *, submits: bool) -> None:
        self._states[standing.state] += 1
        if blocker is not None:
            self._behind[blocker] += 1
        elif standing.state is JobState.UNPICKED:
            self._to_pick += 1
        elif submits:
            self._reasons[standing.reason or ""] += 1
            if job.price is None:
                self._why_unpriced[why_unpriced(job.request)] += 1
            else:
                self._low = Usd(self._low + job.price)
        if standing.paid is not None:
            self._reused = Usd(self._reused + standing.paid)

    def add_possible(self, price: Usd | None, jobs: int) -> None:
        """Jobs of one price that picks could bring."""
        self._possible_jobs += jobs
        if price is None:
            self._possible_unpriced += jobs
        else:
            self._possible = Usd(self._possible + price * jobs)

    def tally(self) -> Tally:
        return Tally(
            states={state: self._states[state] for state in JobState},
            behind={blocker: self._behind[blocker] for blocker in Blocker if self._behind[blocker]},
            to_pick=self._to_pick,
            to_submit=self._reasons.total(),
            reasons=_commonest_first(self._reasons),
            low=self._low,
            high=Usd(self._low + self._possible),
            unpriced_jobs=self._why_unpriced.total(),
            why_unpriced=_commonest_first(self._why_unpriced),
            possible_jobs=self._possible_jobs,
            possible_unpriced=self._possible_unpriced,
            reused=self._reused,
        )


def _commonest_first(reasons: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def summarise(
    manifest: Manifest,
    jobs: Iterable[tuple[Job, Standing]],
    *,
    part: Part = WHOLE,
    by: str | None = None,
    closed_until: float | None = None,
) -> PlanSummary:
    """Counts the jobs of a `part`, keeping none. Raises UsageFault when no job has the column `by`."""
    total = _Count()
    nodes = {name: _Count() for name in manifest.nodes}
    groups: dict[str, _Count] = {}
    columns: set[str] = set()
    estimate = Estimate(manifest)
    for job, standing in jobs:
        counts = [total]
        if by is not None:
            columns.update(job.labels, job.row)
            counts.append(groups.setdefault(value_of(job, by) or "", _Count()))
        blocker = part.blocker(standing)
        submits = blocker is None and standing.reason is not None and standing.state in _TO_SUBMIT
        for count in (*counts, nodes[job.node]):
            count.add(job, standing, blocker, submits=submits)
        if submits:
            estimate.add(job)
        if blocker is None and standing.state is JobState.UNPICKED:
            for (node, price), possible in Counter(job.possible_jobs).items():
                for count in (*counts, nodes[node]):
                    count.add_possible(price, possible)
    if by is not None and columns and by not in columns | {identifier(column) for column in columns}:
        raise UsageFault(f"no job has a column or label `{by}`", help=did_you_mean(by, sorted(columns)))
    return PlanSummary(
        campaign=manifest.campaign,
        tally=total.tally(),
        nodes=tuple(
            NodePlan(name=name, kind=manifest.nodes[name].kind, tally=count.tally()) for name, count in nodes.items()
        ),
        seconds=estimate.seconds(),
        by=by,
        groups={value: count.tally() for value, count in groups.items()},
        closed_until=closed_until,
    )
