"""`mjpipe plan`: what a run would do and cost."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, Campaign, open_campaign
from mjpipe.cli.exits import Exit, exits_help
from mjpipe.cli.gate import warn_of_findings
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import UsageFault, json_text
from mjpipe.files import open_regular
from mjpipe.ledger import state_faults
from mjpipe.plan import (
    Origin,
    PlanSummary,
    difference_text,
    load_saved,
    noting,
    origin_of,
    plan_document,
    plan_markdown,
    plan_text,
    saved_document,
    summarise,
)

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("plan", epilog=exits_help(Exit.DONE, Exit.USAGE, Exit.WORK_TO_DO))
@MANIFEST
@JSON
@click.option("--markdown", "as_markdown", is_flag=True, help="Markdown, for a pull request.")
@click.option("--by", metavar="COLUMN", help="Also tell jobs and dollars by a column or label.")
@click.option("--out", type=FILE, help="Save the plan, for `run --plan` and `plan --against`.")
@click.option("--against", type=FILE, help="Tell only the difference to a saved plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 when there is something to submit.")
@SANDBOX
@STATE
def command(
    manifest: Path,
    *,
    as_json: bool,
    as_markdown: bool,
    by: str | None,
    out: Path | None,
    against: Path | None,
    detailed_exitcode: bool,
    sandbox: bool,
    state: Path | None,
) -> int:
    """Show what a run of MANIFEST would do and what it would cost.

    Needs no network and no key, and writes nothing. What an earlier run has made is on record and costs nothing again.
    A cost is exact where it can be, else a range from no image picked to every one; what has no documented price is
    counted apart.
    """
    if sum((as_json, as_markdown, against is not None)) > 1:
        raise UsageFault("--json, --markdown and --against exclude each other", help="choose one of them")
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    with campaign.reading() as ledger:
        read: dict[Path, Path] = {}
        jobs = campaign.jobs(ledger, noting(read))
        standings = ledger.standings(jobs)
        summary = summarise(campaign.manifest, standings, by=by, closed_until=ledger.closed_until(time.time()))
        summary = replace(summary, orphaned=standings.orphaned)
        origin = plan_origin(campaign, ledger.revision(), read)
        warn_of_findings(campaign, ledger)
    if out is not None:
        with state_faults(out):
            out.write_text(json_text(saved_document(summary, origin), indent=2) + "\n", "utf-8")
    if as_json:
        say(json_text(plan_document(summary), indent=2))
    elif as_markdown:
        say(plan_markdown(summary), nl=False)
    elif against is not None:
        say(difference_text(load_saved(against), summary), nl=False)
    else:
        say(plan_text(summary, width=terminal_width()), nl=False)
    return Exit.WORK_TO_DO if detailed_exitcode and summary.to_submit else Exit.DONE


def planned(campaign: Campaign) -> PlanSummary:
    """What a run would do, by what the state knows, writing nothing."""
    with campaign.reading() as ledger:
        return summarise(campaign.manifest, ledger.standings(campaign.jobs(ledger)))


def plan_origin(campaign: Campaign, revision: str, read: Mapping[Path, Path]) -> Origin:
    """What a plan of this campaign was made from: the state at that `revision`, the picks, and the files that it has
    `read`, each with the one that was read in its place.
    """
    folder = campaign.manifest.path.resolve().parent
    files = {os.path.relpath(path, folder): _sha256(copy) for path, copy in read.items() if copy.is_file()}
    if campaign.picks.content is not None:
        picks = os.path.relpath(campaign.manifest.picks, campaign.manifest.path.parent)
        files[picks] = sha256(campaign.picks.content).hexdigest()
    return origin_of(
        campaign.manifest.source,
        files,
        prices=f"{campaign.prices.source}, {campaign.prices.date}",
        state=revision,
    )


def _sha256(path: Path) -> str:
    """Piece by piece: an input has no largest size."""
    with open_regular(path) as file:
        return file_digest(file, "sha256").hexdigest()
