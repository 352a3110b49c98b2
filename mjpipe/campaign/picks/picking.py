"""Picking: write a person's choice of a job's images to the picks file."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mjpipe.campaign.keys import near_keys
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.picks.picks_file import Words, change_picks
from mjpipe.contract import Mode, may_follow
from mjpipe.domain import InvalidManifest, Job, JobKey, JobState, Standing, TaskId, UsageFault
from mjpipe.ledger import JobRecord, Reader, Records
from mjpipe.plan import Decision, Pick, Picks, with_picks

_UNDER_WAY = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.IN_DOUBT})
_MADE = frozenset({JobState.SUCCEEDED, JobState.DONE})


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
    _check(campaign, node)
    with campaign.records() as records:
        task = _task_to_decide_about(campaign, records, key, decision, images)
        on_record = records.ledger.tasks.of_picks()
    line = Pick(key=JobKey(key), node=node, decision=decision, images=images, task=task, note=note, by=by, at=at)
    _write(campaign, [line], on_record)
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The `lines` that were written for all jobs that waited for a pick. `later` counts the further places where picks
    will be needed: the images are not there yet.
    """

    lines: tuple[Pick, ...]
    later: int


def pick_rest(campaign: Campaign, decision: Decision, *, node: str = "", note: str = "", by: str, at: str) -> Rest:
    """Decides at once about the images of all jobs that wait for a pick, for one consumer or for all: picks the first
    image of each, or rejects all. What somebody has decided stays. Raises what `pick` does.
    """
    _check(campaign, node)
    waiting: dict[JobKey, None] = {}
    later = 0
    with campaign.records() as records, records.snapshot():
        for job, standing in _unpicked(campaign, records.ledger):
            if node in ("", job.node):
                source = standing.waits_for[0].key if standing.waits_for else None
                if source is not None and _has_images(standing):
                    waiting[source] = None
                else:
                    later += 1
        found = [(key, records.job(key)) for key in waiting]
    lines = [
        Pick(
            key=key,
            node=node,
            decision=decision,
            images=(min(image.number for image in job.images),) if decision is Decision.PICK else (),
            task=job.result.task,
            note=note,
            by=by,
            at=at,
        )
        for key, job in found
        if job is not None and job.result is not None and job.images
    ]
    before = {*campaign.picks.lines}
    written: list[Pick] = []

    def with_rest(picks: Picks) -> bytes | None:
        """Without the jobs about which somebody has decided since the plan was made."""
        meanwhile = {line.key for line in picks.lines if line not in before}
        written[:] = [line for line in lines if line.key not in meanwhile]
        return with_picks(picks, written, lambda _: False) if written else None

    if lines:
        change_picks(campaign, with_rest)
    return Rest(lines=tuple(written), later=later)


def _unpicked(campaign: Campaign, ledger: Reader) -> Iterator[tuple[Job, Standing]]:
    """The places of the present plan where somebody has to pick."""
    adoption = ledger.standings()
    found: list[tuple[Job, Standing]] = []

    def take(pairs: Sequence[tuple[Job, Standing]]) -> None:
        found.extend(pair for pair in pairs if pair[1].state is JobState.UNPICKED)

    campaign.expand(ledger, lambda jobs: take(adoption.take(jobs)))
    take(adoption.finish().late)
    return iter(found)


def _has_images(standing: Standing) -> bool:
    source = standing.waits_for[1] if standing.waits_for else None
    return source is not None and (source.state in _MADE or source.images_gone)


def _check(campaign: Campaign, node: str) -> None:
    if any(diagnostic.is_error for diagnostic in campaign.diagnostics):
        raise InvalidManifest(campaign.diagnostics)
    if node and node not in campaign.manifest.nodes:
        raise UsageFault(f"there is no node `{node}`", help=f"nodes: {', '.join(campaign.manifest.nodes)}")


def _task_to_decide_about(
    campaign: Campaign, records: Records, key: str, decision: Decision, images: tuple[int, ...]
) -> TaskId | None:
    """The task of the job's present images. Raises UsageFault if a person cannot decide so about them."""
    job = records.job(key)
    if job is None:
        raise UsageFault(f"there is no job `{key}`", help=near_keys(key, [*records.keys()], typed=campaign.typed))
    if job.result is None:
        raise _no_images(campaign, job)
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


def _no_images(campaign: Campaign, job: JobRecord) -> UsageFault:
    """Why there is nothing to choose from."""
    typed, because = campaign.typed, "" if job.reason is None else f": {job.reason}"
    match job.state:
        case JobState.FAILED:
            what, help_text = f"it failed{because}", f"`mjpipe run {typed} --retry-failed` tries again"
        case JobState.SKIPPED:
            what, help_text = f"it was skipped{because}", f"`mjpipe show {typed} {shlex.quote(job.key)}` says more"
        case JobState.IN_DOUBT:
            what, help_text = "it is in doubt whether it was made", f"`mjpipe resolve {typed}` settles it"
        case JobState.UNPICKED:
            what, help_text = "it waits for a pick itself", f"mjpipe pick {typed} {shlex.quote(job.source or 'KEY')} 0"
        case _:
            what, help_text = "it is not made yet", f"`mjpipe run {typed}` makes it"
    return UsageFault(f"`{job.key}` has no images to choose from: {what}", help=help_text)


def _write(campaign: Campaign, lines: Sequence[Pick], on_record: Mapping[Words, TaskId]) -> None:
    """Adds lines to the picks file as it is now, which a person may have changed."""
    new = {(line.key, line.node): line.task for line in lines}

    def is_replaced(line: Pick) -> bool:
        """Whether it is about the same images. A line without a task would be bound to theirs."""
        task = line.task or on_record.get((line.key, line.node, line.words))
        return (line.key, line.node) in new and task in (None, new[line.key, line.node])

    change_picks(campaign, lambda picks: with_picks(picks, lines, is_replaced))
