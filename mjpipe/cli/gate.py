"""What has to hold before a run's first request: checks of what lies around the campaign, each with a remedy."""

from collections.abc import Iterator
from dataclasses import dataclass

from mjpipe.cli.campaign import Campaign
from mjpipe.cli.terminal import say
from mjpipe.domain import UsageFault
from mjpipe.ledger import Reader
from mjpipe.report import foreign_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`stops` says whether a run must not begin; else a person is warned."""

    evidence: str
    remedy: str
    stops: bool


def findings(campaign: Campaign, ledger: Reader) -> Iterator[Finding]:
    """`ledger` is the campaign's own."""
    foreign = foreign_records(campaign.manifest.outputs.dir, ledger)
    if foreign is not None:
        # In the sandbox nothing was paid for: the reports set such records aside.
        yield Finding(evidence=foreign.evidence, remedy=foreign.remedy, stops=not campaign.sandbox)


def pass_gate(campaign: Campaign, ledger: Reader) -> None:
    """Warns of what does not stop a run, and raises UsageFault for the first finding that does."""
    for finding in findings(campaign, ledger):
        if finding.stops:
            raise UsageFault(finding.evidence, help=finding.remedy)
        _warn(finding)


def warn_of_findings(campaign: Campaign, ledger: Reader) -> None:
    """For a command that spends nothing: what a run would stop at, or warn of."""
    for finding in findings(campaign, ledger):
        _warn(finding)


def _warn(finding: Finding) -> None:
    say(f"warning: {finding.evidence}\nhelp: {finding.remedy}", err=True)
