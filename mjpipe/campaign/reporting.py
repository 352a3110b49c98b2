"""Reporting: write the reports of a campaign, after a run or on request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.report import ReportedCampaign, Written, write_reports, write_requested


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`outputs` is the folder of the reports; `outputs_before` the folder that images are still in, None if it is the
    same.
    """

    written: Written
    outputs: Path
    outputs_before: Path | None


def report(
    campaign: Campaign,
    *,
    by: Sequence[str] = (),
    requested: Mapping[str, Path] | None = None,
    rewrite: bool = True,
) -> Reported:
    """Writes the reports from the state. Without `rewrite`, tables that would not change are not written.

    `requested` are further formats by their names, and their files. Raises UsageFault for a column that no job has.
    """
    outputs = campaign.manifest.outputs.dir
    with campaign.records(reporting=True) as records, records.snapshot():
        before = campaign.outputs_before(records.ledger)
        since = records.run_began()
        written = write_reports(records, outputs, _reported(campaign), since=since, by=by, rewrite=rewrite)
        write_requested(records, written.costs, requested or {})
    return Reported(written=written, outputs=outputs, outputs_before=before)


def renew_reports(campaign: Campaign) -> None:
    """Writes the reports again if the campaign has reports and they would change."""
    with campaign.records(reporting=True) as records, records.snapshot():
        if records.run_began() is not None and campaign.outputs_before(records.ledger) is None:
            write_reports(records, campaign.manifest.outputs.dir, _reported(campaign), since=records.run_began())


def _reported(campaign: Campaign) -> ReportedCampaign:
    return ReportedCampaign(
        name=campaign.manifest.campaign,
        was=campaign.manifest.was,
        sandbox=campaign.sandbox,
        price_source=campaign.prices.source,
        price_date=campaign.prices.date,
        nodes=tuple(campaign.manifest.nodes),
        own_prices=campaign.manifest.price_overrides,
    )
