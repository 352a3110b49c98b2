"""What a campaign was planned to cost and has cost, added up from its records in one pass."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mjpipe.domain import JobState, Money, UsageFault
from mjpipe.ledger import JobRecord, Records
from mjpipe.manifest import did_you_mean
from mjpipe.report.amounts import Adding, Amount
from mjpipe.report.causes import Cause, Causes
from mjpipe.report.groups import Gathering, Group
from mjpipe.report.tasks import extras_of, result_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """What the attempts cost that were made at `since` or later (seconds since the epoch).

    `reused` are the results of wanted jobs that were submitted before: the run did not pay for them again.
    """

    since: float
    attempts: int
    spent: Amount
    reserved: Amount
    at_risk: Amount
    reused: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The money of a campaign's whole life.

    `wanted` are the jobs that the manifest asks for, and `nodes`, `modes`, `states` and `by` divide them. The keys of
    `modes` are mode and speed, None where the request has no speed; it leaves out the jobs that stand for a person's
    picks. The keys of `by` are columns, and None stands for the jobs without that column. `orphans` come on top;
    `extras`, what tasks cost beside the jobs' results, is a part of both. `last_run` is None when no run is spoken of.
    """

    campaign: str
    sandbox: bool
    price_source: str
    price_date: str
    wanted: Group
    orphans: Group
    extras: Amount
    nodes: Mapping[str, Group]
    modes: Mapping[tuple[str, str | None], Group]
    states: Mapping[JobState, Group]
    by: Mapping[str, Mapping[str | None, Group]]
    failures: tuple[Cause, ...]
    last_run: LastRun | None

    @property
    def spent(self) -> Amount:
        return self.wanted.spent + self.orphans.spent

    @property
    def reserved(self) -> Amount:
        return self.wanted.reserved + self.orphans.reserved

    @property
    def at_risk(self) -> Amount:
        return self.wanted.at_risk + self.orphans.at_risk

    @property
    def reused(self) -> Amount | None:
        """None when no run is spoken of that could have used them again."""
        return self.last_run.reused if self.last_run else None


def collect_costs(
    records: Records,
    *,
    campaign: str,
    sandbox: bool,
    price_source: str,
    price_date: str,
    since: float | None,
    by: Sequence[str] = (),
) -> Costs:
    """The costs by the ledger as it is now.

    `since` is when the run began that `last_run` tells about. `by` names columns of the jobs' rows, or of the labels,
    which come first; raises UsageFault for one that no job has.
    """
    collector = Collector(since=since, by=by)
    for job in records.jobs():
        collector.add(job)
    return collector.costs(campaign=campaign, sandbox=sandbox, price_source=price_source, price_date=price_date)


class Collector:
    """Costs in the making: takes the jobs one after another and keeps only sums."""

    def __init__(self, *, since: float | None, by: Sequence[str]) -> None:
        self._wanted = Gathering()
        self._orphans = Gathering()
        self._extras = Adding()
        self._nodes: dict[str, Gathering] = defaultdict(Gathering)
        self._modes: dict[tuple[str, str | None], Gathering] = defaultdict(Gathering)
        self._states = {state: Gathering() for state in JobState}
        self._by: dict[str, dict[str | None, Gathering]] = {column: defaultdict(Gathering) for column in by}
        self._columns: dict[str, None] = {}
        self._causes = Causes()
        self._run = _RunGathering(since) if since is not None else None

    def add(self, job: JobRecord) -> None:
        for extra in extras_of(job):
            self._extras.add(extra.price)
        if self._run is not None:
            self._run.add(job)
        if not job.wanted:
            self._orphans.add(job)
            return
        for gathering in self._gatherings(job):
            gathering.add(job)
        self._causes.add(job)

    def _gatherings(self, job: JobRecord) -> Iterable[Gathering]:
        """All that a wanted job belongs to."""
        yield self._wanted
        yield self._nodes[job.node]
        if job.state is not JobState.UNPICKED:
            speed = job.request.get("speed")
            yield self._modes[str(job.request["mode"]), None if speed is None else str(speed)]
        yield self._states[job.state]
        if self._by:
            self._columns.update(dict.fromkeys((*job.labels, *job.row)))
            for column, values in self._by.items():
                yield values[job.labels.get(column, job.row.get(column))]

    def costs(self, *, campaign: str, sandbox: bool, price_source: str, price_date: str) -> Costs:
        """Raises UsageFault for a column that no job has."""
        self._check_columns()
        return Costs(
            campaign=campaign,
            sandbox=sandbox,
            price_source=price_source,
            price_date=price_date,
            wanted=self._wanted.group,
            orphans=self._orphans.group,
            extras=self._extras.amount,
            nodes={node: gathering.group for node, gathering in self._nodes.items()},
            modes={mode: gathering.group for mode, gathering in self._modes.items()},
            states={state: gathering.group for state, gathering in self._states.items()},
            by={
                column: {value: gathering.group for value, gathering in values.items()}
                for column, values in self._by.items()
            },
            failures=tuple(self._causes),
            last_run=None if self._run is None else self._run.last_run,
        )

    def _check_columns(self) -> None:
        unknown = [column for column in self._by if self._columns and column not in self._columns]
        if unknown:
            names = ", ".join(f"`{column}`" for column in unknown)
            raise UsageFault(
                f"no job has a column {names}", help=did_you_mean(unknown[0], self._columns, "the columns are")
            )


class _RunGathering:
    """A run in the making."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._attempts = 0
        self._money = {money: Adding() for money in Money}
        self._reused = Adding()

    def add(self, job: JobRecord) -> None:
        for attempt in job.attempts:
            if attempt.intended >= self._since:
                self._attempts += 1
                self._money[attempt.money].add(attempt.price)
        result = result_of(job)
        if job.wanted and result is not None and result.intended < self._since:
            self._reused.add(result.price)

    @property
    def last_run(self) -> LastRun:
        return LastRun(
            since=self._since,
            attempts=self._attempts,
            spent=self._money[Money.SPENT].amount,
            reserved=self._money[Money.RESERVED].amount,
            at_risk=self._money[Money.AT_RISK].amount,
            reused=self._reused.amount,
        )
