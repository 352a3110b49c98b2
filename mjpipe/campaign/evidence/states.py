"""Other states beside the manifest, and what is on record in a state."""

import os
import sqlite3
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.evidence.recorded import recorded_attempt
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import Fingerprint, MjpipeError
from mjpipe.ledger import Records
from mjpipe.ledger.receipts import RecordedAttempt

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


def attempts_of_state(records: Records, campaign: str, asked: Container[Fingerprint]) -> Iterator[RecordedAttempt]:
    """What a state has on record about attempts that are, or are possibly, paid, of jobs with one of the fingerprints
    that are `asked` for.
    """
    host = records.ledger.bindings.get("host")
    for job in records.jobs():
        if job.fingerprint in asked:
            recorded = (recorded_attempt(job, attempt, host=host, campaign=campaign) for attempt in job.attempts)
            yield from (attempt for attempt in recorded if attempt.may_be_paid)
