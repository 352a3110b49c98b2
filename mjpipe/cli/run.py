"""`mjpipe run`: carry out a manifest."""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from mjpipe.apixo import Client, Images
from mjpipe.cli.amounts import DOLLARS
from mjpipe.cli.bars import progress_for
from mjpipe.cli.campaign import MANIFEST, STATE, Campaign, open_campaign
from mjpipe.cli.consent import agreed_cap, cap_of_saved
from mjpipe.cli.ending import Typed, tell_ending
from mjpipe.cli.exits import Exit, exit_after, exits_help
from mjpipe.cli.gate import pass_gate, warn_of_findings
from mjpipe.cli.interrupts import Interrupts
from mjpipe.cli.narrowing import Narrowing
from mjpipe.cli.open_files import files_of_run, require_open_files
from mjpipe.cli.plan import FILE, plan_origin
from mjpipe.cli.replanning import Replanning
from mjpipe.cli.reports import step_summary_file
from mjpipe.cli.service import Service, sandbox_service, service_from_environment
from mjpipe.cli.streams import lasting_output
from mjpipe.cli.terminal import say, terminal_width, watched
from mjpipe.domain import UsageFault, Usd, decimal_text
from mjpipe.ledger import Cap, Ledger
from mjpipe.plan import load_saved, noting, plan_text, summarise
from mjpipe.run import Ending, Engine, Settings


@click.command("run", epilog=exits_help())
@MANIFEST
@click.option(
    "--sandbox", is_flag=True, help="Run against the built-in sandbox: free, no key, its own state and images."
)
@click.option(
    "--yes", is_flag=True, help="Spend without asking: what the plan says and no more or, with a budget, up to that."
)
@click.option(
    "--budget",
    type=DOLLARS,
    help="What the campaign may cost in its whole life, for this run, in place of the manifest's.",
)
@click.option("--concurrency", type=click.IntRange(min=1), help="Tasks in flight at most, in place of the manifest's.")
@click.option(
    "--select", multiple=True, metavar="TERM", help="Only NODE, NODE+, +NODE, KEY, COLUMN=VALUE or state:STATE."
)
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N rows, the same each time.")
@click.option("--now", is_flag=True, help="Submit although the service asked to wait for a longer time.")
@click.option("--retry-failed", is_flag=True, help="Give failed jobs one more allowance of attempts.")
@click.option(
    "--plan", "saved", type=FILE, help="Only what a saved plan says; refuse when it, or the picks, no longer fit."
)
@click.option("--by", multiple=True, metavar="COLUMN", help="Also report costs by a column or label.")
@click.option("--junit", type=FILE, help="Also write a JUnit file.")
@click.option("--github", is_flag=True, help="Also write the GitHub step summary ($GITHUB_STEP_SUMMARY).")
@click.option("--dry-run", is_flag=True, help="Only print the plan, held against the one that --plan names.")
@STATE
def command(
    manifest: Path,
    *,
    sandbox: bool,
    yes: bool,
    budget: Usd | None,
    concurrency: int | None,
    select: tuple[str, ...],
    sample: int | None,
    now: bool,
    retry_failed: bool,
    saved: Path | None,
    by: tuple[str, ...],
    junit: Path | None,
    github: bool,
    dry_run: bool,
    state: Path | None,
) -> int:
    """Carry out MANIFEST: submit what is not made yet, wait for it, fetch the images, write the reports.

    A run carries on where the last one stopped, whatever stopped it. What is made is not paid for again. One case may
    be paid twice: a submission that a gateway answers with 504 is sent again, unless the manifest says
    `limits: {on_gateway_timeout: hold}`. Before a run spends it shows its plan and asks; without a terminal it needs a
    budget or --yes.

    \b
    Ctrl-C once: nothing new is submitted, what is in flight is fetched.
    Ctrl-C twice: leave; the next run fetches what is in flight.
    SIGTERM, and SIGHUP when the terminal is closed: as Ctrl-C once (under nohup SIGHUP is ignored).

    A selection that is given several times chooses all of them; terms with commas between are all to be met. A term
    that has a comma itself stands in double quotes, as in a CSV file: --select 'hero,"name=a pot, large"'

    The key and the address of the service come from APIXO_API_KEY and APIXO_BASE_URL.
    """  # noqa: D301 - \b is click's word for "leave these lines alone"
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    if dry_run and (by or junit or github):
        raise UsageFault(
            "--dry-run writes no reports, so that --by, --junit and --github have no meaning with it",
            help="leave them out; `mjpipe plan M --by COLUMN` tells a plan by a column",
        )
    if github:
        step_summary_file()  # better told before money is spent
    campaign = campaign.limited(concurrency=concurrency, budget=budget)
    narrowed = Narrowing(campaign.manifest, select, sample, retry_failed=retry_failed)
    plan = None if saved is None else load_saved(saved)
    if dry_run:
        with campaign.reading() as reader:
            read: dict[Path, Path] = {}
            standings = reader.standings(campaign.jobs(reader, noting(read)))
            closed_until = reader.closed_until(time.time())
            summary = summarise(campaign.manifest, narrowed(standings), part=narrowed.part, closed_until=closed_until)
            summary = replace(summary, orphaned=standings.orphaned)
            origin = plan_origin(campaign, reader.revision(), read)
            balance = reader.balance()
            warn_of_findings(campaign, reader)
        say(plan_text(summary, width=terminal_width()), nl=False)
        if plan is not None:
            cap_of_saved(plan, origin, summary, balance=balance)
        return Exit.DONE
    limits = campaign.manifest.limits
    require_open_files(files_of_run(limits, sandbox=sandbox), fewer=", or need fewer: --concurrency 1, `downloads: 1`")
    with ExitStack() as stack:
        service = None if sandbox else _service_for(campaign)
        ledger = stack.enter_context(campaign.writing())
        pass_gate(campaign, ledger)
        if service is not None:
            ledger.check_host(service.host)
        with ledger.if_agreed():
            campaign.folder.bind_owner(ledger, campaign.manifest.path)
            copies = campaign.folder.copies(campaign.manifest.source)
            revision = ledger.revision()
            adopted = ledger.adopt(campaign.jobs(ledger, copies, binding=ledger))
            pairs = ledger.choosing(narrowed(adopted)) if narrowed.narrows else narrowed(adopted)
            closed_until = ledger.closed_until(time.time())
            summary = summarise(campaign.manifest, pairs, part=narrowed.part, closed_until=closed_until)
            summary = replace(summary, orphaned=adopted.orphaned)
            say(plan_text(summary, width=terminal_width()), nl=False, err=True)
            balance = ledger.balance()
            if plan is None:
                cap = agreed_cap(
                    summary, balance=balance, budget=limits.budget, yes=yes, free=sandbox, watched=watched()
                )
            else:
                cap = cap_of_saved(plan, plan_origin(campaign, revision, copies.read), summary, balance=balance)
            if narrowed.retried:
                ledger.retry_failed(narrowed.retried)
        if service is None:
            service = stack.enter_context(sandbox_service(campaign.folder.sandbox))
        # A saved plan is carried out as it is: what is picked meanwhile is not in it.
        replan = Replanning(campaign, copies) if plan is None else None
        # Whoever stops the run, or goes away with the terminal, still gets its reports.
        undisturbed, interrupts = stack.enter_context(ExitStack()), Interrupts()
        undisturbed.enter_context(interrupts.heard())
        undisturbed.enter_context(lasting_output())
        ending = asyncio.run(_carry_out(campaign, ledger, service, cap, replan, interrupts, now=now))
        until_told = undisturbed.pop_all()
    with until_told:
        typed = Typed(
            yes=yes,
            campaign=campaign.typed,
            limits=_limits_as_typed(budget, concurrency),
            part=narrowed.options,
            widened=narrowed.widened(summary),
        )
        tell_ending(campaign, ending, typed, by=by, junit=junit, github=github)
    return exit_after(ending)


def _limits_as_typed(budget: Usd | None, concurrency: int | None) -> str:
    options = {"--budget": None if budget is None else decimal_text(budget), "--concurrency": concurrency}
    return " ".join(f"{name} {value}" for name, value in options.items() if value is not None)


def _service_for(campaign: Campaign) -> Service:
    try:
        return service_from_environment()
    except UsageFault:
        with campaign.reading() as reader:
            campaign.check(reader)  # who has mistakes to mend in the manifest is told of them first
        raise


async def _carry_out(
    campaign: Campaign,
    ledger: Ledger,
    service: Service,
    cap: Cap | None,
    replan: Callable[[Ledger], bool] | None,
    interrupts: Interrupts,
    *,
    now: bool,
) -> Ending:
    limits, outputs = campaign.manifest.limits, campaign.manifest.outputs.dir
    settings = Settings(
        limits=limits,
        home=campaign.manifest.path.parent,
        outputs=outputs,
        workshop=outputs / ".mjpipe" / ledger.own_name(),
        held=campaign.folder.held,
        host=service.host,
        budget=limits.budget,
        cap=cap,
        polling=campaign.manifest.polling,
        now=now,
    )
    progress = progress_for(sys.stderr, time.monotonic)
    try:
        async with Client(base_url=service.base_url, api_key=service.key) as client, Images() as images:
            engine = Engine(
                ledger=ledger,
                client=client,
                images=images,
                settings=settings,
                progress=progress,
                clock=time.time,
                timer=time.monotonic,
                random=random.random,
                replan=replan,
            )
            with interrupts.passed_to(engine, progress):
                return await engine.run()
    finally:
        progress.close()
