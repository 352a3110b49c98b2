"""Writing a campaign's reports, the same after a run and when asked for later."""

import os
from collections.abc import Sequence
from pathlib import Path

from mjpipe.cli.campaign import Campaign
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import UsageFault, counted
from mjpipe.ledger import state_faults
from mjpipe.report import Subject, digest_text, from_here, github_summary, junit_xml, replacing, write_reports


def tell_reports(campaign: Campaign, *, by: Sequence[str], junit: Path | None, github: bool, afresh: bool) -> None:
    """Writes the reports and prints the digest; unless `afresh`, tables that say what they would say are left alone.

    Raises UsageFault for a column that no job has, and for `github` where there is no step summary to write to.
    """
    step_summary = step_summary_file() if github else None
    outputs = campaign.manifest.outputs.dir
    with campaign.records(reporting=True) as records, records.snapshot():
        before = campaign.outputs_before(records.ledger)
        written = write_reports(records, outputs, _subject(campaign), since=records.run_began(), by=by, afresh=afresh)
        if junit is not None:
            with replacing(junit) as file:
                file.writelines(junit_xml(records.jobs(), written.costs))
    if step_summary is not None:
        with state_faults(step_summary), step_summary.open("a", encoding="utf-8") as file:
            file.write(github_summary(written.costs))
    if written.other is not None:
        say(
            f"warning: {from_here(outputs)} held the reports of campaign `{written.other}`, whose place these take;"
            " give each campaign an `outputs.dir` of its own",
            err=True,
        )
    if written.set_aside is not None:
        say(
            f"note: {from_here(outputs)} held records of images that this campaign's state does not know;"
            f" they are kept as {from_here(written.set_aside)}",
            err=True,
        )
    if before is not None:
        say(f"note: images are still in {from_here(before)}; `mjpipe run M` moves them", err=True)
    say(digest_text(written.costs, terminal_width(), written.by_hand), nl=False)
    say(f"\n{counted(written.images, 'image')} in {from_here(outputs)}, costs in {from_here(written.costs_json)}")


def renew_reports(campaign: Campaign) -> None:
    """Writes the reports of a campaign that has some again, when what they tell has changed."""
    with campaign.records(reporting=True) as records, records.snapshot():
        if records.run_began() is not None and campaign.outputs_before(records.ledger) is None:
            write_reports(records, campaign.manifest.outputs.dir, _subject(campaign), since=records.run_began())


def _subject(campaign: Campaign) -> Subject:
    return Subject(
        campaign=campaign.manifest.campaign,
        sandbox=campaign.sandbox,
        price_source=campaign.prices.source,
        price_date=campaign.prices.date,
        nodes=tuple(campaign.manifest.nodes),
        own_prices=campaign.manifest.price_overrides,
    )


def step_summary_file() -> Path:
    """Where GitHub Actions takes a summary from. Raises UsageFault elsewhere."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        raise UsageFault("there is no GitHub step summary here", help="--github works in GitHub Actions only")
    return Path(file)
