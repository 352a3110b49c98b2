"""Whether the output folder is this campaign's: by its marker, its reports, and what is known of its images."""

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.campaign.outputs import MARKER, OutputOwner, UnreadableMarker, read_owners
from mjpipe.domain import IMAGE_ENDINGS, counted, one_line, reason_of, short_path
from mjpipe.files import state_faults
from mjpipe.ledger.receipts import RecoveredFrom

ELSEWHERE = "give this campaign an `outputs.dir` of its own"
"""A remedy for whatever is wrong with an output folder."""


def owner_of_outputs(situation: Situation) -> Iterator[Finding]:
    """Finds a folder that belongs to another campaign, or to a state of this one of which nothing is left."""
    outputs = situation.campaign.manifest.outputs.dir
    with state_faults(outputs):
        if not outputs.is_dir():
            return
    marker = outputs / MARKER
    try:
        owners = read_owners(outputs)
    except (OSError, UnreadableMarker) as fault:
        refused, reason = (True, reason_of(fault)) if isinstance(fault, OSError) else (False, str(fault))
        yield Finding(
            severity=Severity.STATE if refused and not situation.campaign.sandbox else situation.severity,
            evidence=f"`{short_path(marker)}`, which says whose the output folder is, cannot be read: {reason}",
            remedy=f"remove it if the folder is this campaign's, and a run writes it again; else {ELSEWHERE}",
        )
        return
    if not owners:
        yield from _by_reports(situation, outputs)
    elif any(owner.state != situation.ledger.bindings.state_id() for owner in owners):
        yield from _of_another_state(situation, outputs, owners)


def _by_reports(situation: Situation, outputs: Path) -> Iterator[Finding]:
    """Folders of older releases have no marker."""
    if situation.campaign.has_outputs_of(situation.ledger):
        return
    from mjpipe.report import campaign_of_reports  # noqa: PLC0415 - a plan before the first run needs no reports

    other = campaign_of_reports(outputs)
    if other is not None and other not in situation.campaign.names:
        yield _of_another_campaign(situation, outputs, other, "by its `report/costs.json`")


def _of_another_state(situation: Situation, outputs: Path, owners: Sequence[OutputOwner]) -> Iterator[Finding]:
    other = next((owner for owner in owners if owner.campaign not in situation.campaign.names), None)
    if other is not None:
        manifest = f"of `{short_path(other.manifest_from(outputs))}`"
        yield _of_another_campaign(situation, outputs, other.campaign, manifest)
        return
    strange = _images_of_nobody(situation, outputs)
    if not strange:
        return
    evidence = f"`{short_path(outputs)}` has {counted(strange, 'image')} that another state of this campaign made, and "
    if _knows_its_tasks(situation, outputs):
        state = shlex.quote(short_path(situation.campaign.folder.path))
        evidence += "this state knows their tasks, and not that the images are there"
        remedy = f"`mv {state} {state}.old`, then `mjpipe adopt {situation.campaign.typed}` finds them"
    else:
        evidence += "neither `assets.jsonl` nor receipts say what was paid for them"
        remedy = f"name that state with --state DIR; to make everything again, move the folder away or {ELSEWHERE}"
    yield Finding(severity=situation.severity, evidence=evidence, remedy=remedy)


def _knows_its_tasks(situation: Situation, outputs: Path) -> bool:
    """Whether the folder came back, or from a colleague, after an adoption: receipts say again all that it said."""
    from mjpipe.report import changed_records, foreign_records  # noqa: PLC0415 - seldom needed

    if situation.campaign.receipts is None or not situation.ledger.bindings.has_sent():
        return False
    return changed_records(outputs, situation.ledger) is not None and not foreign_records(outputs, situation.ledger)


def _of_another_campaign(situation: Situation, outputs: Path, other: str, by: str) -> Finding:
    name = one_line(other)
    return Finding(
        severity=situation.severity,
        evidence=f"the output folder `{short_path(outputs)}` belongs to campaign `{name}`, {by}",
        remedy=f"{ELSEWHERE}; if it was named `{name}` before, write `was: {name}` at the top of the manifest",
    )


def _images_of_nobody(situation: Situation, outputs: Path) -> int:
    """How many images there are that neither this ledger nor anything beside it knows.

    Receipts know of all attempts, though not always where the last images went.
    """
    evidence = situation.evidence
    if situation.damage or any(attempt.found_in is RecoveredFrom.RECEIPTS for attempt in evidence.attempts):
        return 0
    paths = {*_images(outputs)}.difference(evidence.placed)
    return len(paths) - len(situation.ledger.images.on_record(paths))


def _images(outputs: Path) -> Iterator[str]:
    endings = tuple(f".{ending}" for ending in IMAGE_ENDINGS)
    for folder, folders, files in os.walk(outputs):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(endings):
                yield Path(folder, name).relative_to(outputs).as_posix()
