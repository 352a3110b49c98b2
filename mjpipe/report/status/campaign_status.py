"""Where a campaign stands, counted from its ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import Amount, JobKey, JobState, Usd
from mjpipe.ledger import AttemptAtRisk, Balance, HeldBy
from mjpipe.ledger.receipts import RecoveredFrom
from mjpipe.plan import Pick
from mjpipe.report.totals.failures import FailureCause

EXPIRES_SOON = RESULT_URL_LIFETIME - 4 * 60 * 60
"""Seconds after a task's end from which a person is warned of images that are not on disk."""

_NOTHING = Amount()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`counts` and `balance` are the ledger's own. `nodes` is the order in which nodes are shown, also those
    without jobs; others follow. `budget` is None when there is none.
    `stale_picks` are lines of the picks file that were made for earlier tasks of their jobs. `closed_until` is until
    when the service asked to be sent nothing, in seconds since the epoch, None when it did not. `at_risk` are the
    attempts that are possibly billed; `not_fetched` the ages of tasks whose images are not all on disk, the oldest
    first, in seconds. `adopted` are the attempts that were adopted after their state was lost, by the record that named
    them, `set_aside` those that a person has said to pay for again. `held_by` is who has the campaign now, None when
    nobody does. `failures` are the causes for which jobs are not done, that of the most jobs first. `to_pick` is the
    first job whose images wait for a person's choice, None without one; `left_to_pay` the price of what is still to be
    submitted.
    """

    campaign: str
    sandbox: bool
    counts: Mapping[tuple[str, JobState], int]
    balance: Balance
    budget: Usd | None = None
    nodes: tuple[str, ...] = ()
    stale_picks: tuple[Pick, ...] = ()
    closed_until: float | None = None
    at_risk: tuple[AttemptAtRisk, ...] = ()
    not_fetched: tuple[float, ...] = ()
    adopted: Mapping[RecoveredFrom, Amount] = field(default_factory=dict)
    set_aside: Amount = _NOTHING
    held_by: HeldBy | None = None
    failures: tuple[FailureCause, ...] = ()
    to_pick: JobKey | None = None
    left_to_pay: Amount = _NOTHING

    @property
    def jobs(self) -> Mapping[JobState, int]:
        return {state: sum(of_node[state] for of_node in self.by_node.values()) for state in JobState}

    @property
    def by_node(self) -> Mapping[str, Mapping[JobState, int]]:
        """Every state of every node."""
        names = dict.fromkeys((*self.nodes, *sorted({node for node, _ in self.counts})))
        return {node: {state: self.counts.get((node, state), 0) for state in JobState} for node in names}

    @property
    def expiring(self) -> int:
        """How many tasks have images that should be fetched soon."""
        return sum(age > EXPIRES_SOON for age in self.not_fetched)

    @property
    def left(self) -> Usd | None:
        """Of the budget; below zero when it was lowered after the money was spent."""
        return None if self.budget is None else Usd(self.budget - self.balance.committed)
