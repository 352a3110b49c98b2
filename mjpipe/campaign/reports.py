"""The reports of a campaign, written after a run and when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.files import replacing, state_faults
from mjpipe.report import WRITE_AGAIN, ReportedCampaign, Written, github_summary, junit_xml, write_reports


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
    junit: Path | None = None,
    step_summary: Path | None = None,
    rewrite: bool = True,
) -> Reported:
    """Writes the reports from the state; unless `rewrite`, tables that would say the same again are left alone.

    Also writes a JUnit file, and adds to a GitHub step summary, where these are given. Raises UsageFault for a column
    that no job has.
    """
    outputs = campaign.manifest.outputs.dir
    with campaign.records(reporting=True) as records, records.snapshot():
        before = campaign.outputs_before(records.ledger)
        since = records.run_began()
        written = write_reports(records, outputs, _reported(campaign), since=since, by=by, rewrite=rewrite)
        if junit is not None:
            with replacing(junit, then=WRITE_AGAIN) as file:
                file.writelines(junit_xml(records.jobs(), written.costs))
    if step_summary is not None:
        with state_faults(step_summary), step_summary.open("a", encoding="utf-8") as file:
            file.write(github_summary(written.costs))
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
