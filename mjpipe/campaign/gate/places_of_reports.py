"""Whether something else stands in the places of reports."""

import os
from collections.abc import Iterator
from pathlib import Path

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.campaign.gate.owner_of_outputs import ELSEWHERE
from mjpipe.domain import short_path
from mjpipe.files import state_faults


def places_of_reports(situation: Situation) -> Iterator[Finding]:
    """Finds what a run could not write its reports to, and files of somebody else that it would replace."""
    outputs = situation.campaign.manifest.outputs.dir
    with state_faults(outputs):
        if not outputs.is_dir():
            return
        reports = outputs / "report"
        if os.path.lexists(reports) and not reports.is_dir():
            yield _in_the_way(reports, "is no folder, and the reports go into a folder of that name")
            return
        for name in ("costs.json", "costs.csv"):
            if (reports / name).is_dir():
                yield _in_the_way(reports / name, "is a folder, and the report goes into a file of that name")
        if not situation.campaign.has_outputs_of(situation.ledger):
            from mjpipe.report import written_by_others  # noqa: PLC0415 - a plan before the first run needs no reports

            for file in written_by_others(outputs):
                yield _in_the_way(file, "is not a report of mjpipe, and a run would replace it")


def _in_the_way(path: Path, why: str) -> Finding:
    return Finding(
        severity=Severity.ERROR, evidence=f"`{short_path(path)}` {why}", remedy=f"move it away, or {ELSEWHERE}"
    )
