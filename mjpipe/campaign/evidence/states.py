"""Other states beside the manifest, and what is on record in a state."""

import os
import sqlite3
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.contract import Mode
from mjpipe.domain import Fingerprint, Kind, MjpipeError, TaskId
from mjpipe.ledger import AttemptRecord, JobRecord, Records
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom

_UNUSABLE = (MjpipeError, OSError, sqlite3.Error, ValueError)
"""What opening somebody else's state may raise. It is not needed: then it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBeside:
    """A state of another campaign in the folder of the campaign's own. `name` is that of its folder, which is the
    campaign's.
    """

    name: str
    ledger: Path

    @contextmanager
    def records(self) -> Iterator[Records | None]:
        """None where it cannot be read."""
        try:
            records = Records.open(self.ledger)
        except _UNUSABLE:
            yield None
            return
        with closing(records):
            yield records


def states_beside(campaign: Campaign) -> Iterator[StateBeside]:
    """All but the campaign's own: states of the sandbox beside one of the sandbox, else real ones."""
    folder = campaign.manifest.path.parent / ".mjpipe"
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return
    for name in names:
        ledger = folder / name / campaign.folder.ledger.name
        if name.endswith(".sandbox") == campaign.sandbox and ledger.is_file() and not _is_same(ledger, campaign):
            yield StateBeside(name=name, ledger=ledger)


def _is_same(ledger: Path, campaign: Campaign) -> bool:
    try:
        return ledger.samefile(campaign.folder.ledger)
    except OSError:
        return False


def belongs_to(state: StateBeside, records: Records, manifest: Path) -> bool:
    """Whether a state was made by this manifest, or by one that is no longer there: its file was probably renamed.

    One that was moved together with its manifest still belongs to it.
    """
    bound = records.ledger.bindings.get("manifest")
    if bound is None:
        return False
    owner = Path(os.path.normpath(state.ledger.parent.absolute() / bound))
    try:
        return not owner.exists() or owner.samefile(manifest)
    except OSError:
        return False


def attempts_of_state(
    records: Records, campaign: str, fingerprints: Container[Fingerprint] | None = None
) -> Iterator[RecordedAttempt]:
    """What a state has on record about attempts that are, or are possibly, paid: those of jobs that have one of the
    `fingerprints`, or all.
    """
    host = records.ledger.bindings.get("host")
    for job in records.jobs():
        if fingerprints is None or job.fingerprint in fingerprints:
            for attempt in job.attempts:
                recorded = _recorded(job, attempt, host, campaign)
                if recorded.may_be_paid:
                    yield recorded


def _recorded(job: JobRecord, attempt: AttemptRecord, host: str | None, campaign: str) -> RecordedAttempt:
    mode, sent, speed = str(attempt.request["mode"]), attempt.request.get("taskId"), attempt.request.get("speed")
    source = None
    if job.source is not None and job.source_task is not None:
        source = RecordedSource(key=job.source, task=job.source_task, number=job.source_number)
    succeeded = bool(attempt.images)
    return RecordedAttempt(
        uid=attempt.uid,
        found_in=RecoveredFrom.STATE,
        host=host,
        campaign=campaign,
        node=job.node,
        key=job.key,
        fingerprint=job.fingerprint,
        mode=mode,
        speed=None if speed is None else str(speed),
        source=source,
        rerolls=TaskId(str(sent)) if mode == Mode.REROLL and job.kind is not Kind.REROLL and sent else None,
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
            PlacedImage(
                number=image.number,
                path=image.path,
                sha256=image.hand_sha256 or image.sha256 or "",
                size=image.hand_size or image.size or 0,
            )
            for image in attempt.images
            if image.path is not None
        ),
        set_aside=job.set_aside,
    )
