"""Lines of the picks that name tasks which no state beside the manifest knows."""

from collections.abc import Collection, Iterator

from mjpipe.campaign.evidence.former_receipts import other_receipts
from mjpipe.campaign.evidence.states import states_beside
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import JobKey, Money, StateFault, TaskId
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import RecordedAttempt, RecoveredFrom


def unknown_picks(campaign: Campaign, ledger: Reader, but: Collection[TaskId | None]) -> list[RecordedAttempt]:
    """One for each task that somebody has looked at the images of, and that this ledger does not know.

    Another manifest may have the same picks file: what its state or its receipts know is left out, and so is what is in
    `but`. A line says nothing of what was asked for.
    """
    keys = {line.task: line.key for line in reversed(campaign.picks.lines) if line.task is not None}
    unknown = ledger.tasks.unknown(keys).difference(task for task in but if task) if keys else frozenset()
    if unknown:
        for state in states_beside(campaign):
            with state.records() as records:
                if records is not None:
                    unknown = records.ledger.tasks.unknown(unknown)
    if unknown:
        unknown = unknown.difference(_of_other_campaigns(campaign))
    return [_seen(key, task) for task, key in keys.items() if task in unknown]


def _of_other_campaigns(campaign: Campaign) -> Iterator[TaskId]:
    """What the receipts of other manifests in the folder name, which may have the same picks file."""
    from mjpipe.ledger.receipts.reading import read_receipts  # noqa: PLC0415 - slow to import, seldom needed

    for folder in other_receipts(campaign):
        try:
            attempts = read_receipts(folder).attempts
        except StateFault:  # not ours: whoever needs them reports it
            continue
        for attempt in attempts:
            if attempt.task is not None and attempt.campaign not in campaign.names:
                yield attempt.task


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
