"""`mjpipe plan`: what a run would do and cost."""

import json
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, Campaign, open_campaign
from mjpipe.cli.exits import Exit
from mjpipe.cli.known import Known
from mjpipe.cli.terminal import terminal_width
from mjpipe.plan import PlanSummary, plan_document, plan_text, summarise


@click.command("plan")
@MANIFEST
@JSON
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 when there is something to submit.")
@SANDBOX
@STATE
def command(manifest: Path, as_json: bool, detailed_exitcode: bool, sandbox: bool, state: Path | None) -> int:  # noqa: FBT001 - click passes options by name
    """Tell what a run of MANIFEST would do and what it would cost.

    Needs no network and no key, and writes nothing. What an earlier run has made is on record and costs nothing again.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    summary = planned(campaign)
    if as_json:
        click.echo(json.dumps(plan_document(summary), indent=2, ensure_ascii=False))
    else:
        click.echo(plan_text(summary, width=terminal_width()), nl=False)
    return Exit.WORK_TO_DO if detailed_exitcode and summary.to_submit else Exit.DONE


def planned(campaign: Campaign) -> PlanSummary:
    """What a run would do, by what the state knows, writing nothing."""
    with campaign.reading() as ledger:
        return summarise(campaign.manifest, ledger.standings(campaign.jobs(Known(ledger))))
