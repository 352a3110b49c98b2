"""How a run ended."""

from dataclasses import dataclass, field
from pathlib import Path

from mjpipe.domain import Amount, JobKey, JobState
from mjpipe.ledger import Balance, Ledger
from mjpipe.run.run_settings import StopReason

_NOTHING = Amount()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`counts` are all wanted jobs of the campaign, per node and state; `ready` are jobs that the run was to submit and
    has not.

    `to_pick` is the key of the first job whose images wait for a person's choice, None when none do. `left_to_pay`
    is the price of what is still to be submitted. `closed_until` is until when the service asked to wait, in
    seconds since the epoch, None when it did not. `trouble` is what kept the run waiting at its end, None when
    nothing did. `late` are keys of tasks past their deadline, `incomplete` those of jobs with images not on disk,
    with the reason; `in_the_way` are files of somebody else that stand in the places of images; `stopped_nodes` the
    nodes that failed too often in a row, with the reason of their last failure.
    """

    counts: dict[tuple[str, JobState], int]
    ready: int
    to_pick: JobKey | None
    balance: Balance
    closed_until: float | None
    left_to_pay: Amount = _NOTHING
    stop: StopReason | None = None
    trouble: str | None = None
    late: frozenset[str] = frozenset()
    incomplete: dict[str, str] = field(default_factory=dict)
    in_the_way: tuple[Path, ...] = ()
    stopped_nodes: dict[str, str] = field(default_factory=dict)

    def of(self, *states: JobState) -> int:
        return sum(count for (_, state), count in self.counts.items() if state in states)


def ending_from_ledger(ledger: Ledger, now: float) -> Ending:
    """The ending of a run that saw no more than its ledger knows. `now` is in seconds since the epoch."""
    return Ending(
        counts=ledger.job_counts.by_state(),
        ready=ledger.queue.size(),
        to_pick=ledger.job_counts.first_to_pick(),
        balance=ledger.balance(),
        left_to_pay=ledger.job_counts.left_to_pay(),
        closed_until=ledger.bindings.wait_until(now),
    )
