"""`mjpipe adopt`: take over results of a state that is lost."""

from pathlib import Path

import click

from mjpipe.campaign import findings_of_plan, open_campaign
from mjpipe.campaign.adopting import adopt
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE
from mjpipe.cli.printing.adopted import print_adopted
from mjpipe.cli.printing.steps import say_step
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.ledger import RecoveredAs
from mjpipe.report import NextStep


@click.command("adopt")
@MANIFEST
@click.option(
    "--from",
    "other",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also take over what this state knows: a state folder, or its `ledger.sqlite`, brought from elsewhere.",
)
@SANDBOX
@STATE
def command(manifest: Path, *, other: Path | None, sandbox: bool, state: Path | None) -> None:
    """Take over results of MANIFEST that its state does not know, because the state is lost, older or another one.

    They are named by the receipts beside the manifest, by `assets.jsonl` in the output folder, and by the picks. Sends
    nothing and costs nothing. Images that are in their places, with the recorded content, are done. Of the others the
    next run asks the service, which keeps them for a while. An attempt that may have been sent, and of which nothing
    says what became of it, is in doubt. What MANIFEST no longer asks for is kept as an orphan.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox, to_write=True)
    result = adopt(campaign, other=other)
    print_warnings(result.warnings)
    print_adopted(result)
    findings = findings_of_plan(campaign)
    print_warnings((), findings)
    if RecoveredAs.IN_DOUBT in result.attempts:
        say_step(NextStep(what="list the jobs in doubt", command=f"mjpipe resolve {campaign.typed}"), err=True)
    elif not any(finding.stops for finding in findings):
        say_step(NextStep(what="run the campaign", command=f"mjpipe run {campaign.typed}"), err=True)
