"""Lines of the picks that name tasks which no state beside the manifest knows."""

from collections.abc import Collection

from mjpipe.campaign.evidence.states import states_beside
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import JobKey, Money, TaskId
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import RecordedAttempt, RecoveredFrom


def unknown_picks(campaign: Campaign, ledger: Reader, but: Collection[TaskId | None]) -> list[RecordedAttempt]:
    """One for each task that somebody has looked at the images of, and that this ledger does not know.

    Another manifest may have the same picks file: what its state knows is left out, and so is what is in `but`. A line
    says nothing of what was asked for.
    """
    keys = {line.task: line.key for line in reversed(campaign.picks.lines) if line.task is not None}
    unknown: Collection[TaskId] = ledger.tasks.unknown(keys).difference(task for task in but if task) if keys else ()
    if unknown:
        for state in states_beside(campaign):
            with state.records() as records:
                if records is not None:
                    unknown = records.ledger.tasks.unknown(unknown)
    return [_seen(key, task) for task, key in keys.items() if task in unknown]


def _seen(key: JobKey, task: TaskId) -> RecordedAttempt:
    return RecordedAttempt(
        uid=None,
        found_in=RecoveredFrom.PICKS,
        host=None,
        campaign=None,
        node="",
        key=key,
        fingerprint=None,
        mode=None,
        intended=0.0,
        task=task,
        money=Money.SPENT,
    )
