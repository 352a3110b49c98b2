"""The gate: what must hold before a run's first request. Each check is a function that returns its findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mjpipe.campaign.opened import Campaign
from mjpipe.domain import MjpipeError, UsageFault
from mjpipe.files import state_faults
from mjpipe.ledger import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`evidence` is what was found, `remedy` what to type or to do; if it `stops`, a run must not begin."""

    evidence: str
    remedy: str
    stops: bool


Check = Callable[[Campaign, Reader], Iterator[Finding]]


def _records_of_others(campaign: Campaign, ledger: Reader) -> Iterator[Finding]:
    outputs = campaign.manifest.outputs.dir
    with state_faults(outputs):
        if not outputs.exists():
            return
    from mjpipe.report import foreign_records  # noqa: PLC0415 - a plan before the first run needs no reports

    foreign = foreign_records(outputs, ledger)
    if foreign is not None:
        # In the sandbox nothing was paid for: the reports move such records aside.
        yield Finding(evidence=foreign.evidence, remedy=foreign.remedy, stops=not campaign.sandbox)


CHECKS: tuple[Check, ...] = (_records_of_others,)


def findings(campaign: Campaign, ledger: Reader) -> tuple[Finding, ...]:
    """The findings of all checks."""
    return tuple(finding for check in CHECKS for finding in check(campaign, ledger))


def passed(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of a run that may begin: warnings. Raises UsageFault for the first one that stops it."""
    for finding in found:
        if finding.stops:
            raise UsageFault(finding.evidence, help=finding.remedy)
    return found


def findings_beside(campaign: Campaign) -> tuple[Finding, ...]:
    """The same for callers that do not need the state. Empty if the state cannot be used, which a run reports."""
    try:
        with campaign.reading() as ledger:
            return findings(campaign, ledger)
    except MjpipeError:
        return ()
