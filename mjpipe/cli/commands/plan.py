"""`mjpipe plan`: show what a run would do and cost."""

import shlex
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mjpipe.campaign import Narrowing, open_campaign, plan
from mjpipe.cli.exit_codes import ExitCode, exit_codes_help
from mjpipe.cli.options import FILE, MANIFEST, SANDBOX, STATE, with_part_options
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.terminal import say, say_prose, terminal_width
from mjpipe.domain import UsageFault, json_text
from mjpipe.files import replacing
from mjpipe.plan import (
    DIFFERENCE_FORMATS,
    PLAN_FORMATS,
    JobList,
    ListedAs,
    PartAsTyped,
    PlanSummary,
    difference,
    difference_text,
    document_with_jobs,
    job_lines,
    load_saved,
    markdown_jobs,
    plan_text,
    saved_document,
)

if TYPE_CHECKING:
    from mjpipe.campaign.listing import JobListing


def _with_format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A flag for each format but the text."""
    for name, form in reversed(PLAN_FORMATS.items()):
        command = click.option(f"--{name}", is_flag=True, help=form.help)(command)
    return command


LISTS = [each.value for each in ListedAs]

ALL_JOBS = "all"

MOST_SHOWN = 100
"""Jobs of a list on a terminal, and in Markdown, which pull requests bound; a file or a pipe gets all of them."""

_LINES_AT_ONCE = 500


class _Command(click.Command):
    """Lets `--jobs` stand without a value, also before the manifest."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        following = [*args[1:], ""]
        bare = [arg == "--jobs" and after not in LISTS for arg, after in zip(args, following, strict=True)]
        return super().parse_args(
            ctx, [f"{arg}={ALL_JOBS}" if is_bare else arg for arg, is_bare in zip(args, bare, strict=True)]
        )


@click.command("plan", cls=_Command, epilog=exit_codes_help(ExitCode.DONE, ExitCode.USAGE, ExitCode.WORK_TO_DO))
@MANIFEST
@_with_format_options
@click.option(
    "--jobs",
    type=click.Choice([ALL_JOBS, *LISTS]),
    metavar=f"[{'|'.join(LISTS)}]",
    help="Also list jobs: the key, the cost, why, and what changed; all that are not made, or those of one list.",
)
@with_part_options
@click.option("--by", metavar="COLUMN", help="Also show jobs and dollars by a column or label.")
@click.option("--out", type=FILE, help="Save the plan, for `run --plan` and `plan --against`.")
@click.option("--against", type=FILE, help="Show only what differs from a saved plan, of the same part.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 when there is something to submit.")
@SANDBOX
@STATE
def command(
    manifest: Path,
    *,
    jobs: str | None,
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
    if len(asked) > 1:
        options = " and ".join(f"--{name}" for name in PLAN_FORMATS)
        raise UsageFault(f"{options} exclude each other", help="choose one of them")
    if against is not None and jobs is not None:
        raise UsageFault(
            "--jobs and --against exclude each other", help="`--jobs=changed` shows what changed in each job"
        )
    form = asked[0] if asked else None
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    before = None if against is None else load_saved(against)
    if before is not None and part.is_whole:
        part = before.part
    with ExitStack() as stack:
        listed = None if jobs is None else stack.enter_context(closing(_list(jobs)))
        listing = None if listed is None else _listing(listed)
        planned = plan(campaign, by=by, narrowing=Narrowing(campaign.manifest, part), listing=listing)
        print_warnings(planned.warnings, planned.findings)
        summary = planned.summary
        if out is not None:
            home = campaign.manifest.path.resolve().parent
            campaign.refuse_to_replace(out, [home / name for name in planned.origin.inputs])
            with replacing(out, then="then save the plan again") as file:
                file.write(json_text(saved_document(summary, planned.origin, part), indent=2) + "\n")
        if before is not None:
            differing = difference(before, summary, planned.origin, part=part.options)
            if form:
                say(DIFFERENCE_FORMATS[form](differing), nl=False)
            else:
                say_prose(difference_text(differing).removesuffix("\n"))
        else:
            _print(summary, form, listed)
    if out is not None:
        say(f"wrote {out}", err=True)
        if summary.to_submit:
            from mjpipe.cli.printing.steps import say_step  # noqa: PLC0415 - a plain plan reports nothing
            from mjpipe.report import NextStep  # noqa: PLC0415 - a plain plan reports nothing

            command = f"mjpipe run {campaign.typed} --plan {shlex.quote(str(out))}"
            say_step(NextStep(what="run exactly this plan", command=command), err=True)
    return ExitCode.WORK_TO_DO if detailed_exitcode and summary.to_submit else ExitCode.DONE


def _list(jobs: str) -> JobList:
    return JobList(None if jobs == ALL_JOBS else ListedAs(jobs))


def _listing(jobs: JobList) -> "JobListing":
    from mjpipe.campaign.listing import JobListing  # noqa: PLC0415 - a plan without a list needs no reports

    return JobListing(jobs)


def _print(summary: PlanSummary, form: str | None, jobs: JobList | None) -> None:
    text = PLAN_FORMATS[form].render(summary) if form else plan_text(summary, width=terminal_width())
    match form:
        case _ if jobs is None:
            say(text, nl=False)
        case "json":
            _print_lines(document_with_jobs(text, jobs))
        case "markdown":
            _print_lines([*markdown_jobs(jobs, most=MOST_SHOWN), ""])
            say(text, nl=False)
        case _:
            most = MOST_SHOWN if sys.stdout.isatty() else None
            _print_lines(chain(job_lines(jobs, width=terminal_width(), most=most), [""]))
            say(text, nl=False)


def _print_lines(lines: Iterable[str]) -> None:
    """Some lines at once: each write is flushed."""
    lines = iter(lines)
    while piece := list(islice(lines, _LINES_AT_ONCE)):
        say("\n".join(piece))
