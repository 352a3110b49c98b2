"""`mjpipe report`: the reports again, from the state."""

from pathlib import Path

import click

from mjpipe.campaign import open_campaign
from mjpipe.cli.options import BY, GITHUB, JUNIT, MANIFEST, SANDBOX, STATE
from mjpipe.cli.print_reports import print_reports


@click.command("report")
@MANIFEST
@BY
@JUNIT
@GITHUB
@SANDBOX
@STATE
def command(
    manifest: Path, *, by: tuple[str, ...], junit: Path | None, github: bool, sandbox: bool, state: Path | None
) -> None:
    """Write the reports of MANIFEST's campaign again, from its state, and print the digest."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    print_reports(campaign, by=by, junit=junit, github=github, rewrite=True)
