"""Previews: the records of a campaign as the next run would find them."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mjpipe.campaign.opened import Campaign, LedgerAndPicks
from mjpipe.domain import Diagnostic, Fingerprint, InvalidManifest, Job, JobKey
from mjpipe.ledger import Ledger, Reader, Records, copy_database
from mjpipe.plan import expand

_MOST_ALIKE = 100
"""Other jobs that ask for the same as one that is shown, and that are planned too to see which results they keep."""


def _fingerprints(jobs: Iterable[Job]) -> set[Fingerprint]:
    return {job.fingerprint for job in jobs}


@contextmanager
def preview(campaign: Campaign) -> Iterator[Records]:
    """The records as the next run would find them: the current plan adopted into a copy of the state."""
    with TemporaryDirectory(prefix="mjpipe-") as folder:
        copy = Path(folder) / "ledger.sqlite"
        if campaign.folder.has_ledger():
            copy_database(campaign.folder.ledger, copy)
        opened = closing(Ledger.open(copy, named=campaign.folder.ledger))
        with opened as ledger, ledger.damage_explains_faults():
            campaign.check_owner(ledger)
            if not campaign.folder.is_held():
                ledger.submissions.doubt_interrupted(time.time())
            with ledger.adopting() as adoption:
                campaign.expand(ledger, adoption.take)
                adoption.finish()
        with closing(Records.open(copy)) as records, records.ledger.damage_explains_faults():
            yield records


@contextmanager
def preview_of(campaign: Campaign, key: JobKey) -> Iterator[tuple[Records, Sequence[Job], LedgerAndPicks]]:
    """The records of one job as the next run would find it, with the planned jobs of its row and their history.

    Nothing but the job's own row is planned, and the rows of jobs that ask for the same, whose results it must not
    get. Raises InvalidManifest when they, or the manifest itself, have mistakes.
    """
    with _records_or_none(campaign) as known, known.snapshot():
        keys: list[JobKey] = [key]
        jobs, history = _planned_of(campaign, keys, known.ledger)
        asked_too = known.ledger.tasks.other_keys(_fingerprints(jobs), [job.key for job in jobs], _MOST_ALIKE)
        if asked_too:
            keys += asked_too
            jobs, history = _planned_of(campaign, keys, known.ledger)
        keys += [job.key for job in jobs]
        part = closing(Ledger.part_of(known.ledger, keys=keys, fingerprints=_fingerprints(jobs)))
        with part as ledger, ledger.damage_explains_faults():
            with ledger.adopting() as adoption:
                adoption.take(jobs)
                adoption.finish()
            yield Records(ledger.connection), jobs, history


def _planned_of(campaign: Campaign, keys: Collection[JobKey], ledger: Reader) -> tuple[Sequence[Job], LedgerAndPicks]:
    planned: list[Job] = []
    history = campaign.history(ledger, of_keys=keys)
    mistakes = expand(campaign.manifest, campaign.prices, planned.extend, history=history, of_keys=keys)
    found = sorted({*campaign.diagnostics, *mistakes}, key=Diagnostic.order)
    if any(diagnostic.is_error for diagnostic in found):
        raise InvalidManifest(found)
    return planned, history


@contextmanager
def _records_or_none(campaign: Campaign) -> Iterator[Records]:
    """As `records`, and those of an empty state where nothing has run yet."""
    if campaign.folder.has_ledger():
        with campaign.records() as records:
            yield records
        return
    with closing(Ledger.in_memory()) as ledger:
        yield Records(ledger.connection)
