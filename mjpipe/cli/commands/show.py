"""`mjpipe show`: show everything about one job."""

from pathlib import Path

import click

from mjpipe.campaign import open_campaign
from mjpipe.campaign.status import show as shown_job
from mjpipe.cli.options import JSON, MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import json_text
from mjpipe.report import fingerprint_text, show_document, show_text


@click.command("show")
@MANIFEST
@click.argument("key")
@JSON
@click.option("--fingerprint", is_flag=True, help="Also show what its fingerprint is made of.")
@SANDBOX
@STATE
def command(manifest: Path, key: str, *, as_json: bool, fingerprint: bool, sandbox: bool, state: Path | None) -> None:
    """Show everything about the job KEY of MANIFEST: its columns, request, price, history and files, and what a run
    would do.

    Keys look like `hero/T-01/studio`; `mjpipe expand MANIFEST` and the reports list them.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    print_unknown(campaign)
    shown = shown_job(campaign, key)
    job, made_of, closed_until = shown.record, shown.fingerprint_of, shown.closed_until
    if as_json:
        document = {**show_document(job, sandbox=sandbox, closed_until=closed_until), "fingerprint_of": made_of}
        say(json_text(document, indent=2))
        return
    text = show_text(
        job, outputs=shown.outputs, width=terminal_width(), closed_until=closed_until, typed=campaign.typed
    )
    say(text, nl=False)
    if fingerprint and made_of is None:
        say(f"  fingerprint\n    {job.fingerprint}; the manifest no longer asks for this job")
    elif fingerprint and made_of is not None:
        say(fingerprint_text(job.fingerprint, made_of), nl=False)
