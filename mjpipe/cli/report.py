"""`mjpipe report`: the reports again, from the state."""

from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.cli.plan import FILE
from mjpipe.cli.reports import tell_reports


@click.command("report")
@MANIFEST
@click.option("--by", multiple=True, metavar="COLUMN", help="Also report costs by a column or label.")
@click.option("--junit", type=FILE, help="Also write a JUnit file.")
@click.option("--github", is_flag=True, help="Also write the GitHub step summary ($GITHUB_STEP_SUMMARY).")
@SANDBOX
@STATE
def command(
    manifest: Path, *, by: tuple[str, ...], junit: Path | None, github: bool, sandbox: bool, state: Path | None
) -> None:
    """Write the reports of MANIFEST's campaign again, from its state, and print the digest."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    tell_reports(campaign, by=by, junit=junit, github=github, afresh=True)
