"""`mjpipe plan`: show what a run would do and cost."""

from pathlib import Path

import click

from mjpipe.campaign import open_campaign, plan
from mjpipe.cli.exit_codes import ExitCode, exit_codes_help
from mjpipe.cli.options import FILE, JSON, MANIFEST, SANDBOX, STATE
from mjpipe.cli.print_warnings import print_warnings
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import UsageFault, json_text
from mjpipe.files import replacing
from mjpipe.plan import difference_text, load_saved, plan_document, plan_markdown, plan_text, saved_document


@click.command("plan", epilog=exit_codes_help(ExitCode.DONE, ExitCode.USAGE, ExitCode.WORK_TO_DO))
@MANIFEST
@JSON
@click.option("--markdown", "as_markdown", is_flag=True, help="Markdown, for a pull request.")
@click.option("--by", metavar="COLUMN", help="Also show jobs and dollars by a column or label.")
@click.option("--out", type=FILE, help="Save the plan, for `run --plan` and `plan --against`.")
@click.option("--against", type=FILE, help="Show only what differs from a saved plan.")
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

    Needs no network and no key, and writes nothing. What an earlier run made is on record and costs nothing. A cost is
    exact, or a range from no picked image to every image picked. Jobs without a documented price are counted
    separately.
    """
    if sum((as_json, as_markdown, against is not None)) > 1:
        raise UsageFault("--json, --markdown and --against exclude each other", help="choose one of them")
    planned = plan(open_campaign(manifest, state=state, sandbox=sandbox), by=by)
    print_warnings(planned.warnings, planned.findings)
    summary = planned.summary
    if out is not None:
        with replacing(out, then="then save the plan again") as file:
            file.write(json_text(saved_document(summary, planned.origin), indent=2) + "\n")
    if as_json:
        say(json_text(plan_document(summary), indent=2))
    elif as_markdown:
        say(plan_markdown(summary), nl=False)
    elif against is not None:
        say(difference_text(load_saved(against), summary), nl=False)
    else:
        say(plan_text(summary, width=terminal_width()), nl=False)
    return ExitCode.WORK_TO_DO if detailed_exitcode and summary.to_submit else ExitCode.DONE
