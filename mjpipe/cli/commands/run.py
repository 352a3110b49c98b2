"""`mjpipe run`: make the images of a manifest."""

import shlex
import sys
import time
from contextlib import ExitStack, closing, redirect_stdout
from pathlib import Path

import click

from mjpipe.campaign import Campaign, Narrowing, NeedsAdoption, Planned, cap_of_saved, open_campaign, plan
from mjpipe.campaign.running import Ran, run
from mjpipe.cli.confirmation import agree_to_adopt, agreed_cap
from mjpipe.cli.exit_codes import ExitCode, exit_code_after, exit_codes_help
from mjpipe.cli.options import BY, DOLLARS, FILE, MANIFEST, STATE, with_part_options
from mjpipe.cli.printing.adopted import print_adopted
from mjpipe.cli.printing.ending_json import ending_document
from mjpipe.cli.printing.next_step import TypedRun, print_ending
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.process.interrupts import Interrupts
from mjpipe.cli.process.open_file_limit import files_of_run, require_open_files
from mjpipe.cli.process.standard_streams import unread_output_allowed
from mjpipe.cli.progress.display import progress_display
from mjpipe.cli.report_options import ALL_COLUMNS, REPORT_OPTIONS, requested_files, with_report_options
from mjpipe.cli.terminal import is_interactive, say, say_prose, terminal_width
from mjpipe.domain import UsageFault, Usd, decimal_text, json_text, short_path
from mjpipe.ledger import Balance, Cap
from mjpipe.plan import PLAN_FORMATS, PartAsTyped, SavedPlan, load_saved, plan_text


@click.command("run", epilog=exit_codes_help())
@MANIFEST
@click.option("--sandbox", is_flag=True, help="Use the built-in sandbox: free, no key, with its own state and images.")
@click.option(
    "--yes",
    is_flag=True,
    help="Spend without asking: at most what the plan shows, or up to the budget if there is one.",
)
@click.option(
    "--budget",
    type=DOLLARS,
    help="What the campaign may cost in total, over all runs; overrides the manifest for this run.",
)
@click.option("--concurrency", type=click.IntRange(min=1), help="Tasks in flight at most; overrides the manifest.")
@with_part_options
@click.option(
    "--adopt", is_flag=True, help="First take over results that the state does not know, as `mjpipe adopt M` does."
)
@click.option(
    "--buy-again",
    type=DOLLARS,
    help="Pay again for results that the state does not know, or whose images are gone; USD is what they cost.",
)
@click.option("--now", is_flag=True, help="Submit even though the service asked to wait longer.")
@click.option("--retry-failed", is_flag=True, help="Retry failed jobs.")
@click.option(
    "--plan", "saved", type=FILE, help="Run exactly this saved plan; refuse if the manifest or the picks no longer fit."
)
@BY
@ALL_COLUMNS
@with_report_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print the end as one JSON document; all else goes to standard error."
)
@click.option("--dry-run", is_flag=True, help="Only print the plan; with --plan, check that the saved plan still fits.")
@STATE
def command(
    manifest: Path,
    *,
    sandbox: bool,
    yes: bool,
    budget: Usd | None,
    concurrency: int | None,
    part: PartAsTyped,
    adopt: bool,
    buy_again: Usd | None,
    now: bool,
    retry_failed: bool,
    saved: Path | None,
    by: tuple[str, ...],
    all_columns: bool,
    as_json: bool,
    dry_run: bool,
    state: Path | None,
    **formats: Path | bool | None,
) -> int:
    """Make the images of MANIFEST: submit what is missing, wait, fetch the images, write the reports.

    A run continues where the last one stopped, and pays for nothing again, with one exception: a submission that a
    gateway answers with 504 is sent again and may be paid twice, unless the manifest says
    `limits: {on_gateway_timeout: hold}`. Before it spends anything, a run shows its plan and asks. Without a terminal
    it needs a budget or --yes.

    \b
    Ctrl-C once: submit nothing new, fetch what is in flight, then end.
    Ctrl-C twice: end now; the next run fetches what is in flight.
    SIGTERM, or SIGHUP from a closed terminal: like one Ctrl-C
    (nohup ignores SIGHUP).

    Repeat --select or --exclude for OR; separate terms with commas for AND. Quote a term that contains a comma as in
    CSV:

    \b
    --select 'hero,"name=a pot, large"'

    A run that would pay again for results which the state does not know is refused: receipts, `assets.jsonl` or the
    picks name them. --adopt takes them over. --buy-again USD pays for them again, with the sum that the refusal names,
    and their earlier price stays in the budget; with --select KEY it also makes a job again whose images are gone.

    APIXO_API_KEY holds the key, APIXO_BASE_URL the address if it is not the documented one.
    """  # noqa: D301 - \b is click's word for "leave these lines alone"
    opened = open_campaign(manifest, state=state, sandbox=sandbox, to_write=not dry_run)
    campaign = opened.limited(concurrency=concurrency, budget=budget)
    approved = None if saved is None else load_saved(saved)
    narrowing = Narrowing(campaign.manifest, _part(part, approved), retry_failed=retry_failed)
    if adopt and buy_again is not None:
        raise UsageFault("--adopt and --buy-again exclude each other", help="adopt first: mjpipe adopt M")
    if narrowing.is_mistaken:
        plan(campaign, narrowing=narrowing)  # raises, before anybody asks for a key, with all that is wrong
    if dry_run:
        if buy_again is not None:
            raise UsageFault(
                "--dry-run buys nothing, so --buy-again cannot be used with it", help="leave one of them out"
            )
        if by or all_columns or any(formats.values()):
            *options, last = "--by", "--all-columns", *REPORT_OPTIONS
            raise UsageFault(
                f"--dry-run writes no reports, so {', '.join(options)} and {last} cannot be used with it",
                help=f"leave them out; `mjpipe plan {campaign.typed} --by COLUMN` shows a plan by a column",
            )
        return _only_plan(campaign, narrowing, approved, as_json=as_json)
    requested = requested_files(campaign, formats)
    limits = campaign.manifest.limits
    require_open_files(files_of_run(limits, sandbox=sandbox), fewer=", or need fewer: --concurrency 1, `downloads: 1`")
    interrupts = Interrupts()
    before: list[Balance] = []
    with ExitStack() as undisturbed:

        def agree(planned: Planned) -> Cap | None:
            before.append(planned.balance)
            _show(planned, err=True)
            cap = agreed_cap(
                planned,
                budget=limits.budget,
                yes=yes,
                free=sandbox,
                interactive=is_interactive(),
                saved=approved,
                asking=campaign.folder.asking,
            )
            # The reports are written even if the run is stopped or the terminal closes.
            undisturbed.enter_context(interrupts.heard())
            undisturbed.enter_context(unread_output_allowed())
            return cap

        def whole(narrowing: Narrowing, *, adopt: bool) -> Ran:
            return run(
                campaign,
                narrowing=narrowing,
                agree=agree,
                interrupts=interrupts,
                progress=lambda: closing(progress_display(sys.stderr, time.monotonic)),
                now=now,
                approved=None if approved is None else approved.id,
                adopt=adopt,
                buy_again=buy_again,
            )

        try:
            ran = whole(narrowing, adopt=adopt)
        except NeedsAdoption as needed:
            if not is_interactive():
                raise
            agree_to_adopt(needed)
            ran = whole(narrowing.again(), adopt=True)
        typed = TypedRun(
            yes=yes,
            campaign=campaign.typed,
            limits=_limits_as_typed(budget, concurrency),
            part=narrowing.typed.options,
            widened=ran.widened,
            saved="" if approved is None else shlex.join(["--plan", str(approved.path)]),
        )
        code = exit_code_after(ran.ending)
        if not as_json:
            print_ending(campaign, ran.ending, typed, by=by, all_columns=all_columns, requested=requested)
            return code
        with redirect_stdout(sys.stderr):
            step = print_ending(campaign, ran.ending, typed, by=by, all_columns=all_columns, requested=requested)
        document = ending_document(
            campaign,
            ran.ending,
            before=before[-1],
            code=code,
            step=step,
            requested=requested,
        )
        say(json_text(document, indent=2))
    return code


def _part(typed: PartAsTyped, approved: SavedPlan | None) -> PartAsTyped:
    """The part that a saved plan is of, else the typed one. Raises UsageFault if both are parts, and differ."""
    if approved is None or approved.part.is_whole or typed.document() == approved.part.document():
        return typed
    if typed.is_whole:
        return approved.part
    raise UsageFault(
        f"the saved plan is of {approved.part.options}, and this run would be of {typed.options}",
        help="leave these options out: a run with --plan makes the part that was saved",
    )


def _only_plan(campaign: Campaign, narrowing: Narrowing, approved: SavedPlan | None, *, as_json: bool) -> int:
    planned = plan(campaign, narrowing=narrowing)
    if as_json:
        print_warnings(planned.warnings, planned.findings)
        say(PLAN_FORMATS["json"].render(planned.summary), nl=False)
    else:
        _show(planned, err=False)
    if approved is not None:
        cap_of_saved(approved, planned)
    return ExitCode.DONE


def _show(planned: Planned, *, err: bool) -> None:
    print_warnings(planned.warnings, planned.findings)
    if planned.adopted is not None:
        print_adopted(planned.adopted, err=True)
    if planned.starts_in is not None and planned.summary.to_submit:
        say_prose(f"note: no earlier run is known here; new state in {short_path(planned.starts_in)}", err=True)
    say(plan_text(planned.summary, width=terminal_width()), nl=False, err=err)


def _limits_as_typed(budget: Usd | None, concurrency: int | None) -> str:
    options = {"--budget": None if budget is None else decimal_text(budget), "--concurrency": concurrency}
    return " ".join(f"{name} {value}" for name, value in options.items() if value is not None)
