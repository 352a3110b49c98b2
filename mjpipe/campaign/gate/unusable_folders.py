"""Whether a run can write where it has to: what it finds out only later is paid for by then."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.domain import short_path
from mjpipe.files import nearest, refuses_writes


def unusable_folders(situation: Situation) -> Iterator[Finding]:
    """Finds folders that cannot be written, or made: of the state, the images, the reports and the receipts."""
    campaign, outputs = situation.campaign, situation.campaign.manifest.outputs.dir
    reports = outputs / "report"
    needed = {
        campaign.folder.path: "the state is",
        campaign.folder.held: "images that wait are",
        outputs: "images are",
        outputs / ".mjpipe": "downloads are",
    }
    if reports.is_dir():  # another check looks for what is no folder
        needed[reports] = "reports are"
    if campaign.receipts is not None:
        needed[campaign.receipts] = "receipts are"
    found: set[Path] = set()
    for folder, what in needed.items():
        there = nearest(folder.absolute())
        if there not in found and (reason := refuses_writes(there)) is not None:
            found.add(there)
            yield unusable(there, what, reason)


def unusable(folder: Path, what: str, reason: str) -> Finding:
    """`what` is written there, as the subject and verb of a sentence."""
    shown = short_path(folder)
    return Finding(
        severity=Severity.STATE,
        evidence=f"`{shown}` cannot be used, and {what} written there: {reason}",
        remedy=f"move it away, or get the right to write there: `ls -ld {quote(shown)}`",
    )
