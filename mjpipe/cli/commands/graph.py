"""`mjpipe graph`: draw the nodes."""

from pathlib import Path

import click

from mjpipe.campaign import open_campaign, plan
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.terminal import say
from mjpipe.plan import DRAWINGS


@click.command("graph")
@MANIFEST
@click.option(
    "--format",
    "form",
    type=click.Choice([*DRAWINGS]),
    default="mermaid",
    show_default=True,
    help="What to draw it with.",
)
@SANDBOX
@STATE
def command(manifest: Path, *, form: str, sandbox: bool, state: Path | None) -> None:
    """Draw the nodes of MANIFEST with their jobs and costs, for Mermaid (GitHub shows it) or Graphviz."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    planned = plan(campaign)
    print_warnings(planned.warnings)
    say(DRAWINGS[form](campaign.manifest, planned.summary), nl=False)
