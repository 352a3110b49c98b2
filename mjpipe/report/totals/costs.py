"""What a campaign was planned to cost and has cost, added up from the sums of its ledger."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mjpipe.domain import Amount, JobState, Money, UsageFault
from mjpipe.ledger import AttemptSum, JobRecord, JobSum, Records, SumGroup
from mjpipe.ledger.receipts import RecoveredFrom
from mjpipe.manifest import did_you_mean
from mjpipe.report.totals.campaign import ReportedCampaign
from mjpipe.report.totals.failures import MAY_NEED_ATTENTION, FailureCause, FailureCauses
from mjpipe.report.totals.groups import Group, GroupBuilder, amount_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The cost of attempts made at `since` or later (seconds since the epoch).

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

    `wanted` are the jobs that the manifest asks for; `nodes`, `modes`, `states` and `by` divide them. The keys of
    `modes` are mode and speed, None where the request has no speed; jobs that wait for a person's picks are left out.
    The keys of `by` are columns, and for each its values; None is for jobs without that column. `orphans` are not among
    the wanted. `extras`, the cost of tasks beside the jobs' results, is part of both. `last_run` is None without a run.
    `adopted` are the attempts, possibly billed, that were adopted after their state was lost, by the record that named
    them; `set_aside` those that a person has said to pay for again. They too are part of the rest.
    """

    campaign: ReportedCampaign
    wanted: Group
    orphans: Group
    extras: Amount
    nodes: Mapping[str, Group]
    modes: Mapping[tuple[str, str | None], Group]
    states: Mapping[JobState, Group]
    by: Mapping[str, Mapping[str | None, Group]]
    failures: tuple[FailureCause, ...]
    last_run: LastRun | None
    adopted: Mapping[RecoveredFrom, Amount]
    set_aside: Amount

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
        """None without a run that could have used results again."""
        return self.last_run.reused if self.last_run else None


def collect_costs(
    records: Records,
    campaign: ReportedCampaign,
    *,
    since: float | None,
    by: Sequence[str] = (),
) -> Costs:
    """The costs by the ledger as it is now.

    `since` is when the run of `last_run` began. `by` names columns of the jobs' rows, or of the labels,
    which come first; raises UsageFault for one that no job has.
    """
    by = tuple(dict.fromkeys(by))
    builder = _CostsBuilder(since=since, by=by)
    with records.snapshot():
        for jobs in records.job_sums(by):
            builder.add_jobs(jobs)
        for attempts in records.attempt_sums(by, since):
            builder.add_attempts(attempts)
        for job in records.jobs(*MAY_NEED_ATTENTION):
            builder.add_unfinished(job)
        unknown = builder.columns_without_values
        if unknown:
            raise _no_such_columns(unknown, records)
        return builder.costs(campaign, records.recovered(), records.set_aside())


def _no_such_columns(unknown: Sequence[str], records: Records) -> UsageFault:
    names = ", ".join(f"`{column}`" for column in unknown)
    known = dict.fromkeys(column for job in records.jobs() if job.wanted for column in (*job.labels, *job.row))
    return UsageFault(f"no job has a column {names}", help=did_you_mean(unknown[0], known, "the columns are"))


class _CostsBuilder:
    """Builds costs from sums of jobs, sums of their attempts, and the jobs that need attention."""

    def __init__(self, *, since: float | None, by: Sequence[str]) -> None:
        self._wanted = GroupBuilder()
        self._orphans = GroupBuilder()
        self._extras = Amount()
        self._nodes: dict[str, GroupBuilder] = defaultdict(GroupBuilder)
        self._modes: dict[tuple[str, str | None], GroupBuilder] = defaultdict(GroupBuilder)
        self._states = {state: GroupBuilder() for state in JobState}
        self._by: dict[str, dict[str | None, GroupBuilder]] = {column: defaultdict(GroupBuilder) for column in by}
        self._causes = FailureCauses()
        self._run = _RunBuilder(since) if since is not None else None

    def add_jobs(self, jobs: JobSum) -> None:
        for group in self._groups_of(jobs.group):
            group.add_jobs(jobs)

    def add_attempts(self, attempts: AttemptSum) -> None:
        if attempts.money is Money.SPENT and not attempts.results:
            self._extras += amount_of(attempts)
        if self._run is not None:
            self._run.add(attempts)
        for group in self._groups_of(attempts.group):
            group.add_attempts(attempts)

    def add_unfinished(self, job: JobRecord) -> None:
        if job.wanted:
            self._causes.add(job)

    def _groups_of(self, jobs: SumGroup) -> Iterator[GroupBuilder]:
        """All that jobs of this group are counted in."""
        if not jobs.wanted:
            yield self._orphans
            return
        yield self._wanted
        yield self._nodes[jobs.node]
        if jobs.state is not JobState.UNPICKED:
            yield self._modes[jobs.mode, jobs.speed]
        yield self._states[jobs.state]
        for groups, value in zip(self._by.values(), jobs.values, strict=True):
            yield groups[value]

    @property
    def columns_without_values(self) -> list[str]:
        """Columns that were asked for and that none of the jobs has, though there are some."""
        return [column for column, groups in self._by.items() if groups.keys() == {None}]

    def costs(self, campaign: ReportedCampaign, adopted: Mapping[RecoveredFrom, Amount], set_aside: Amount) -> Costs:
        order = {node: place for place, node in enumerate(campaign.nodes)}
        nodes = sorted(self._nodes.items(), key=lambda item: order.get(item[0], len(order)))
        return Costs(
            campaign=campaign,
            wanted=self._wanted.group,
            orphans=self._orphans.group,
            extras=self._extras,
            nodes={node: group.group for node, group in nodes},
            modes={mode: group.group for mode, group in self._modes.items()},
            states={state: group.group for state, group in self._states.items()},
            by={column: {value: group.group for value, group in values.items()} for column, values in self._by.items()},
            failures=tuple(self._causes),
            last_run=None if self._run is None else self._run.last_run,
            adopted=adopted,
            set_aside=set_aside,
        )


class _RunBuilder:
    """Builds the costs of the last run."""

    def __init__(self, since: float) -> None:
        self._since = since
        self._attempts = 0
        self._money = dict.fromkeys(Money, Amount())
        self._reused = Amount()

    def add(self, attempts: AttemptSum) -> None:
        if attempts.recent:
            self._attempts += attempts.attempts
            self._money[attempts.money] += amount_of(attempts)
        elif attempts.results and attempts.group.wanted:
            self._reused += amount_of(attempts)

    @property
    def last_run(self) -> LastRun:
        return LastRun(
            since=self._since,
            attempts=self._attempts,
            spent=self._money[Money.SPENT],
            reserved=self._money[Money.RESERVED],
            at_risk=self._money[Money.AT_RISK],
            reused=self._reused,
        )
