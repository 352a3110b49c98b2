"""`mjpipe plan`: show what a run would do and cost."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mjpipe.campaign import Narrowing, open_campaign, plan
from mjpipe.cli.exit_codes import ExitCode, exit_codes_help
from mjpipe.cli.options import FILE, MANIFEST, SANDBOX, STATE, with_part_options
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import UsageFault, json_text
from mjpipe.files import replacing
from mjpipe.plan import PLAN_FORMATS, PartAsTyped, difference_text, load_saved, plan_text, saved_document


def _with_format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A flag for each format but the text."""
    for name, form in reversed(PLAN_FORMATS.items()):
        command = click.option(f"--{name}", is_flag=True, help=form.help)(command)
    return command


@click.command("plan", epilog=exit_codes_help(ExitCode.DONE, ExitCode.USAGE, ExitCode.WORK_TO_DO))
@MANIFEST
@_with_format_options
@with_part_options
@click.option("--by", metavar="COLUMN", help="Also show jobs and dollars by a column or label.")
@click.option("--out", type=FILE, help="Save the plan, for `run --plan` and `plan --against`.")
@click.option("--against", type=FILE, help="Show only what differs from a saved plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 when there is something to submit.")
@SANDBOX
@STATE
def command(
    manifest: Path,
    *,
    part: PartAsTyped,
    by: str | None,
    out: Path | None,
    against: Path | None,
    detailed_exitcode: bool,
    sandbox: bool,
    state: Path | None,
    **formats: bool,
) -> int:
    """Show what a run of MANIFEST would do and what it would cost.

    Needs no network and no key, and writes nothing. What an earlier run made is on record and costs nothing. A cost is
    exact, or a range from no picked image to every image picked. Jobs without a documented price are counted
    separately.
    """
    asked = [name for name, is_asked in formats.items() if is_asked]
    if len(asked) + (against is not None) > 1:
        options = ", ".join(f"--{name}" for name in PLAN_FORMATS)
        raise UsageFault(f"{options} and --against exclude each other", help="choose one of them")
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    planned = plan(campaign, by=by, narrowing=Narrowing(campaign.manifest, part))
    print_warnings(planned.warnings, planned.findings)
    summary = planned.summary
    if out is not None:
        home = campaign.manifest.path.resolve().parent
        campaign.refuse_to_replace(out, [home / name for name in planned.origin.inputs])
        with replacing(out, then="then save the plan again") as file:
            file.write(json_text(saved_document(summary, planned.origin), indent=2) + "\n")
    if asked:
        say(PLAN_FORMATS[asked[0]].render(summary), nl=False)
    elif against is not None:
        say(difference_text(load_saved(against), summary), nl=False)
    else:
        say(plan_text(summary, width=terminal_width()), nl=False)
    if out is not None:
        say(f"wrote {out}", err=True)
        if summary.to_submit:
            say(f"next: run exactly this plan\nmjpipe run {campaign.typed} --plan {shlex.quote(str(out))}", err=True)
    return ExitCode.WORK_TO_DO if detailed_exitcode and summary.to_submit else ExitCode.DONE
