"""`mjpipe status`: where a campaign stands, from its state alone."""

import json
import sys
import time
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, Campaign, open_campaign
from mjpipe.cli.terminal import moves_cursor, say, terminal_width
from mjpipe.report import Status, status_document, status_text

WATCH_SECONDS = 2.0


@click.command("status")
@MANIFEST
@JSON
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@SANDBOX
@STATE
def command(manifest: Path, *, as_json: bool, watch: bool, sandbox: bool, state: Path | None) -> None:
    """Show where the campaign of MANIFEST stands, from its state alone; a run may go on meanwhile."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    while True:
        status = _status(campaign)
        if watch and not as_json and moves_cursor(sys.stdout):
            click.clear()
        if as_json:
            say(json.dumps(status_document(status), indent=None if watch else 2))
        else:
            say(status_text(status, terminal_width()), nl=False)
        if not watch:
            return
        time.sleep(WATCH_SECONDS)


def _status(campaign: Campaign) -> Status:
    with campaign.records() as records, records.snapshot():
        now = time.time()
        return Status(
            campaign=campaign.manifest.campaign,
            sandbox=campaign.sandbox,
            counts=records.ledger.counts(),
            balance=records.ledger.balance(),
            budget=campaign.manifest.limits.budget,
            nodes=tuple(campaign.manifest.nodes),
            closed_until=records.ledger.closed_until(now),
            not_fetched=tuple(now - since for since in records.ledger.waiting_since()),
            stale_picks=campaign.known(records.ledger).stale(),
            at_risk=tuple(records.at_risk()),
        )
