"""The attempts of another state of the same campaign, such as one that was brought from another machine."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.contract import Mode
from mjpipe.domain import JobKey, Money, TaskId, UsageFault
from mjpipe.ledger import AttemptRecord, JobRecord, NewBindings, Records, StateFolder
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherState:
    """What another state knows: its attempts, and which names and picks are bound."""

    attempts: Sequence[RecordedAttempt] = ()
    bindings: NewBindings = field(default_factory=NewBindings)


def read_other_state(other: Path, campaign: Campaign, host: str) -> OtherState:
    """All that a state knows, which is a folder or its `ledger.sqlite`. Nothing is written to it.

    Raises UsageFault where there is no state, for the state of another manifest or of another service, and StateFault
    for one that cannot be read.
    """
    folder = StateFolder(other.parent if other.is_file() else other)
    if not folder.has_ledger():
        raise UsageFault(f"there is no state in `{other}`", help="name a folder that has a `ledger.sqlite`")
    if folder.ledger.resolve() == campaign.folder.ledger.resolve():
        raise UsageFault(f"`{other}` is the campaign's own state", help="name another one, or leave --from out")
    with closing(Records.open(folder.ledger)) as records, records.ledger.damage_explains_faults():
        folder.check_owner(records.ledger, campaign.manifest.path, sandbox=campaign.sandbox)
        bound = records.ledger.bindings.get("host")
        if bound not in (None, host):
            raise UsageFault(
                f"the state in `{other}` belongs to the service at `{bound}`, and this campaign's to `{host}`",
                help="check APIXO_BASE_URL: tasks of another service mean nothing here",
            )
        return OtherState(
            attempts=[recorded(job, attempt, host=bound) for job in records.jobs() for attempt in job.attempts],
            bindings=NewBindings(nodes=records.ledger.bindings.first_names(), picks=records.ledger.tasks.of_picks()),
        )


def recorded(job: JobRecord, attempt: AttemptRecord, *, host: str | None) -> RecordedAttempt:
    """An attempt of a ledger as another one would hear of it."""
    mode, planned = str(attempt.request["mode"]), str(job.request["mode"])
    sent = attempt.request.get("taskId")
    rerolls = mode == Mode.REROLL != planned and isinstance(sent, str)
    succeeded = attempt.money is Money.SPENT
    return RecordedAttempt(
        uid=attempt.uid,
        found_in=RecoveredFrom.STATE,
        host=host,
        campaign=None,
        node=job.node,
        key=job.key,
        fingerprint=job.fingerprint,
        mode=mode,
        speed=None if attempt.request.get("speed") is None else str(attempt.request["speed"]),
        source=_source(job),
        rerolls=TaskId(str(sent)) if rerolls else None,
        price=attempt.price,
        request=attempt.request,
        intended=attempt.intended,
        answered=attempt.answered,
        finished=attempt.finished,
        task=attempt.task,
        outcome=attempt.outcome,
        money=attempt.money,
        fail_code=attempt.fail_code,
        image_count=len(attempt.images) if succeeded else None,
        images=tuple(
            PlacedImage(number=image.number, path=image.path, sha256=image.sha256, size=image.size)
            for image in attempt.images
            if image.path is not None and image.sha256 is not None and image.size is not None
        ),
        set_aside=job.set_aside,
    )


def _source(job: JobRecord) -> RecordedSource | None:
    if job.source is None or job.source_task is None:
        return None
    return RecordedSource(key=JobKey(job.source), task=job.source_task, number=job.source_number)
