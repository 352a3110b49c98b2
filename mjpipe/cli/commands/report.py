"""`mjpipe report`: write the reports again."""

from pathlib import Path

import click

from mjpipe.campaign import open_campaign
from mjpipe.cli.options import BY, MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.reports import print_reports
from mjpipe.cli.printing.warnings import print_unknown
from mjpipe.cli.report_options import ALL_COLUMNS, requested_files, with_report_options


@click.command("report")
@MANIFEST
@BY
@ALL_COLUMNS
@with_report_options
@SANDBOX
@STATE
def command(
    manifest: Path,
    *,
    by: tuple[str, ...],
    all_columns: bool,
    sandbox: bool,
    state: Path | None,
    **formats: Path | bool | None,
) -> None:
    """Write the reports of MANIFEST again, from its state, and print the digest."""
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    print_unknown(campaign)
    print_reports(campaign, by=by, requested=requested_files(campaign, formats), rewrite=True, all_columns=all_columns)
