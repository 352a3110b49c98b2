"""`mjpipe status`: where a campaign stands, from its state alone."""

import json
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.cli.terminal import terminal_width
from mjpipe.report import Status, status_document, status_text


@click.command("status")
@MANIFEST
@JSON
@SANDBOX
@STATE
def command(manifest: Path, *, as_json: bool, sandbox: bool, state: Path | None) -> None:
    """Tell where the campaign of MANIFEST stands, from its state alone; a run may go on meanwhile."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    with campaign.records() as records:
        status = Status(
            campaign=campaign.manifest.campaign,
            sandbox=sandbox,
            counts=records.ledger.counts(),
            balance=records.ledger.balance(),
            budget=campaign.manifest.limits.budget,
            nodes=tuple(campaign.manifest.nodes),
        )
    if as_json:
        click.echo(json.dumps(status_document(status), indent=2))
    else:
        click.echo(status_text(status, terminal_width()), nl=False)
