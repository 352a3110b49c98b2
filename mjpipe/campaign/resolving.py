"""Resolving: list what is possibly billed, and record what a person says about it."""

import time
from collections.abc import Sequence

from mjpipe.campaign.opened import Campaign
from mjpipe.domain import JobKey, TaskId, UsageFault
from mjpipe.ledger import AttemptAtRisk


def attempts_at_risk(campaign: Campaign, keys: Sequence[str] = ()) -> tuple[AttemptAtRisk, ...]:
    """All possibly billed attempts, or those of the `keys`, in the order of the plan.

    Raises UsageFault for a key that has none.
    """
    with campaign.records() as records:
        listed = tuple(attempt for attempt in records.at_risk() if not keys or attempt.key in keys)
    others = ", ".join(f"`{key}`" for key in keys if key not in {attempt.key for attempt in listed})
    if others:
        raise UsageFault(
            f"not in doubt and not at risk, or not a job: {others}",
            help=f"`mjpipe resolve {campaign.typed}` lists the jobs that are",
        )
    return listed


def resolve_as_task(campaign: Campaign, key: str, task: str) -> bool:
    """Records that the job became this task. Returns whether it is the job's own task, not an extra.

    Raises UsageFault when no attempt of the job can be that task.
    """
    with campaign.records(), campaign.writing() as ledger:
        now = time.time()
        ledger.submissions.doubt_interrupted(now)
        return ledger.decisions.resolve_as_task(JobKey(key), TaskId(task), now)


def resolve_as_not_sent(campaign: Campaign, keys: Sequence[str]) -> None:
    """Records that the jobs never became tasks. Raises UsageFault, and changes nothing, if one is not in doubt."""
    with campaign.records(), campaign.writing() as ledger:
        ledger.submissions.doubt_interrupted(time.time())
        ledger.decisions.resolve_as_not_sent(*map(JobKey, keys))
