"""Whether the output folder has records of results that this state does not know."""

from collections.abc import Iterator

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.files import state_faults


def records_of_others(situation: Situation) -> Iterator[Finding]:
    """Finds an `assets.jsonl` that lists tasks which the ledger does not know."""
    outputs = situation.campaign.manifest.outputs.dir
    with state_faults(outputs):
        if not outputs.exists():
            return
    from mjpipe.report import foreign_records  # noqa: PLC0415 - a plan before the first run needs no reports

    foreign = foreign_records(outputs, situation.ledger)
    if foreign is not None:
        # In the sandbox nothing was paid for: the reports move such records aside.
        severity = Severity.WARNING if situation.campaign.sandbox else Severity.ERROR
        yield Finding(severity=severity, evidence=foreign.evidence, remedy=foreign.remedy)
