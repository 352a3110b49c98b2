"""The reports of a campaign, written after a run and when asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.report import ReportedCampaign, Written, write_reports, write_requested


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`outputs` is the folder that the reports are in; `outputs_before` the one that images are still in, None when
    that is the same.
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
    """Writes the reports from the state; unless `rewrite`, tables that would say the same again are left alone.

    Also writes the formats that are `requested`, by their names. Raises UsageFault for a column that no job has.
    """
    outputs = campaign.manifest.outputs.dir
    with campaign.records(reporting=True) as records, records.snapshot():
        before = campaign.outputs_before(records.ledger)
        since = records.run_began()
        written = write_reports(records, outputs, _reported(campaign), since=since, by=by, rewrite=rewrite)
        write_requested(records, written.costs, requested or {})
    return Reported(written=written, outputs=outputs, outputs_before=before)


def renew_reports(campaign: Campaign) -> None:
    """Writes the reports of a campaign that has some again, when what they say has changed."""
    with campaign.records(reporting=True) as records, records.snapshot():
        if records.run_began() is not None and campaign.outputs_before(records.ledger) is None:
            write_reports(records, campaign.manifest.outputs.dir, _reported(campaign), since=records.run_began())


def _reported(campaign: Campaign) -> ReportedCampaign:
    return ReportedCampaign(
        name=campaign.manifest.campaign,
        sandbox=campaign.sandbox,
        price_source=campaign.prices.source,
        price_date=campaign.prices.date,
        nodes=tuple(campaign.manifest.nodes),
        own_prices=campaign.manifest.price_overrides,
    )
