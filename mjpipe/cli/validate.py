"""`mjpipe validate`: every mistake in a manifest and its inputs."""

from contextlib import closing, suppress
from pathlib import Path

import click

from mjpipe.cli.campaign import MANIFEST, open_campaign
from mjpipe.cli.diagnostics import FORMATS, render
from mjpipe.cli.exits import Exit
from mjpipe.cli.gate import warn_of_findings
from mjpipe.cli.terminal import say
from mjpipe.domain import Diagnostic, InvalidManifest, MjpipeError
from mjpipe.ledger import Ledger


@click.command("validate")
@MANIFEST
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people, for programs, or for the lines of a pull request.",
)
def command(manifest: Path, form: str) -> int:
    """Find every mistake in MANIFEST and its inputs; no network, no key.

    All mistakes are told at once, each with its place and what to do. Warnings never change the exit code.
    """
    warnings: list[Diagnostic] = []
    try:
        campaign = open_campaign(manifest)
        with closing(Ledger.in_memory()) as ledger:
            campaign.check(ledger, warn=warnings.extend)
    except InvalidManifest as fault:
        if form == "text":
            raise
        say(render(fault.diagnostics, form), nl=False)
        return Exit.USAGE
    say(render(warnings, form), nl=False, err=form == "text")
    if form == "text":
        with suppress(MjpipeError), campaign.reading() as known:  # a run reports a state that cannot be used
            warn_of_findings(campaign, known)
        say(f"`{manifest}` is valid", err=True)
    return Exit.DONE
