"""`mjpipe validate`: find every mistake in a manifest and its inputs."""

from pathlib import Path

import click

from mjpipe.campaign import findings_beside, open_campaign, validate
from mjpipe.cli.diagnostics import FORMATS, render
from mjpipe.cli.exit_codes import ExitCode
from mjpipe.cli.options import MANIFEST
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.terminal import prose_width, say
from mjpipe.domain import InvalidManifest


@click.command("validate")
@MANIFEST
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    default="text",
    show_default=True,
    help="For people, for programs, or for annotations in GitHub.",
)
def command(manifest: Path, form: str) -> int:
    """Find every mistake in MANIFEST and its inputs; no network, no key.

    Shows all mistakes at once, each with its place and how to fix it. Warnings never change the exit code.
    """
    try:
        campaign = open_campaign(manifest)
        warnings = validate(campaign)
    except InvalidManifest as fault:
        if form == "text":
            raise
        say(render(fault.diagnostics, form, width=prose_width()), nl=False)
        return ExitCode.USAGE
    if form == "text":
        print_warnings(warnings, findings_beside(campaign))
        say(f"`{manifest}` is valid", err=True)
    else:
        say(render(warnings, form, width=prose_width()), nl=False)
    return ExitCode.DONE
