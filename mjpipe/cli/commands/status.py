"""`mjpipe status`: show where a campaign stands."""

import sys
import time
from pathlib import Path

import click

from mjpipe.campaign import open_campaign
from mjpipe.campaign.status import status as present_status
from mjpipe.cli.options import JSON, MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.terminal import moves_cursor, say, terminal_width
from mjpipe.domain import json_text
from mjpipe.report import status_document, status_text

WATCH_SECONDS = 2.0


@click.command("status")
@MANIFEST
@JSON
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@SANDBOX
@STATE
def command(manifest: Path, *, as_json: bool, watch: bool, sandbox: bool, state: Path | None) -> None:
    """Show where the campaign of MANIFEST stands. Reads only the state, also while a run goes on."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    print_unknown(campaign)
    while True:
        status = present_status(campaign)
        if watch and not as_json and moves_cursor(sys.stdout):
            click.clear()
        if as_json:
            say(json_text(status_document(status, typed=campaign.typed), indent=None if watch else 2))
        else:
            say(status_text(status, terminal_width(), typed=campaign.typed, watching=watch), nl=False)
        if not watch:
            return
        time.sleep(WATCH_SECONDS)
