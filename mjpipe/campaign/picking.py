"""Picking: write a person's choice of a job's images to the picks file."""

from collections.abc import Mapping, Sequence

from mjpipe.campaign.keys import near_keys
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.picks_file import Words, change_picks
from mjpipe.contract import Mode, may_follow
from mjpipe.domain import InvalidManifest, JobKey, JobState, TaskId, UsageFault
from mjpipe.ledger import Records
from mjpipe.plan import Decision, Pick, with_picks

_UNDER_WAY = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.IN_DOUBT})


def pick(
    campaign: Campaign,
    key: str,
    decision: Decision,
    images: tuple[int, ...] = (),
    *,
    node: str = "",
    note: str = "",
    by: str,
    at: str,
) -> Pick:
    """Writes a line and returns it. `node` is the consumer, empty for all; `by` the person, `at` the time in UTC.

    The line names the task whose images are there now. Raises UsageFault for a job or an image that does not exist, and
    InvalidManifest for a manifest or a picks file with mistakes; then the file is unchanged.
    """
    if any(diagnostic.is_error for diagnostic in campaign.diagnostics):
        raise InvalidManifest(campaign.diagnostics)
    if node and node not in campaign.manifest.nodes:
        raise UsageFault(f"there is no node `{node}`", help=f"nodes: {', '.join(campaign.manifest.nodes)}")
    with campaign.records() as records:
        task = _task_to_decide_about(campaign, records, key, decision, images)
        on_record = records.ledger.tasks.of_picks()
    line = Pick(key=JobKey(key), node=node, decision=decision, images=images, task=task, note=note, by=by, at=at)
    _write(campaign, [line], on_record)
    return line


def _task_to_decide_about(
    campaign: Campaign, records: Records, key: str, decision: Decision, images: tuple[int, ...]
) -> TaskId | None:
    """The task of the job's present images. Raises UsageFault if a person cannot decide so about them."""
    job = records.job(key)
    if job is None:
        raise UsageFault(f"there is no job `{key}`", help=near_keys(key, [*records.keys()], typed=campaign.typed))
    if job.result is None:
        raise UsageFault(
            f"`{key}` has no images to choose from", help=f"`mjpipe status {campaign.typed}` shows what is made"
        )
    if job.state in _UNDER_WAY:
        raise UsageFault(f"`{key}` is being rerolled", help=f"`mjpipe run {campaign.typed}` fetches its new images")
    if decision is Decision.REROLL and not may_follow(Mode.REROLL, Mode(str(job.request["mode"]))):
        raise UsageFault(
            f"`{key}` cannot be rerolled: the service does not offer it after `{job.request['mode']}`",
            help=f"mjpipe pick {campaign.typed} {job.source or 'KEY'} --reroll",
        )
    numbers = [image.number for image in job.images]
    strange = [number for number in images if number not in numbers]
    if strange:
        raise UsageFault(f"`{key}` has no image {strange[0]}", help=f"it has {' '.join(map(str, numbers))}")
    return job.result.task


def _write(campaign: Campaign, lines: Sequence[Pick], on_record: Mapping[Words, TaskId]) -> None:
    """Adds lines to the picks file as it is now, which a person may have changed."""
    new = {(line.key, line.node): line.task for line in lines}

    def is_replaced(line: Pick) -> bool:
        """Whether it is about the same images. A line without a task would be bound to theirs."""
        task = line.task or on_record.get((line.key, line.node, line.words))
        return (line.key, line.node) in new and task in (None, new[line.key, line.node])

    change_picks(campaign, lambda picks: with_picks(picks, lines, is_replaced))
