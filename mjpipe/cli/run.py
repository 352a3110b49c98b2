"""`mjpipe run`: carry out a manifest."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import click

from mjpipe.apixo import Client, Images
from mjpipe.cli.amounts import DOLLARS
from mjpipe.cli.bars import progress_for
from mjpipe.cli.campaign import MANIFEST, STATE, Campaign, open_campaign
from mjpipe.cli.consent import agreed_cap
from mjpipe.cli.ending import tell_ending
from mjpipe.cli.exits import Exit, exit_after
from mjpipe.cli.plan import planned
from mjpipe.cli.service import Service, sandbox_service, service_from_environment
from mjpipe.cli.terminal import terminal_width, watched
from mjpipe.domain import Usd
from mjpipe.ledger import Ledger
from mjpipe.plan import PlanSummary, plan_text, summarise
from mjpipe.run import Ending, Engine, Progress, Settings


@click.command("run")
@MANIFEST
@click.option(
    "--sandbox", is_flag=True, help="Run against the built-in sandbox: free, no key, its own state and images."
)
@click.option("--yes", is_flag=True, help="Spend without asking.")
@click.option(
    "--budget",
    type=DOLLARS,
    help="What the campaign may cost in its whole life, for this run, in place of the manifest's.",
)
@click.option("--concurrency", type=click.IntRange(min=1), help="Tasks in flight at most, in place of the manifest's.")
@click.option("--dry-run", is_flag=True, help="Only print the plan.")
@STATE
def command(
    manifest: Path,
    *,
    sandbox: bool,
    yes: bool,
    budget: Usd | None,
    concurrency: int | None,
    dry_run: bool,
    state: Path | None,
) -> int:
    """Carry out MANIFEST: submit what is not made yet, wait for it, fetch the images, write the reports.

    A run carries on where the last one stopped, whatever stopped it, and pays for nothing twice. Before it spends it
    shows its plan and asks; without a terminal it needs a budget or --yes.

    \b
    Ctrl-C once: nothing new is submitted, what is in flight is fetched.
    Ctrl-C twice: leave; the next run fetches what is in flight.

    \b
    Exit codes: 0 all done, 1 jobs failed or were skipped, 2 usage or manifest,
    4 budget or balance, 5 picks are awaited, 6 jobs in doubt, 7 locked,
    8 the key was refused, 9 disk or state, 130 interrupted.

    The key and the address of the service come from APIXO_API_KEY and APIXO_BASE_URL.
    """  # noqa: D301 - \b is click's word for "leave these lines alone"
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    if dry_run:
        click.echo(plan_text(planned(campaign), width=terminal_width()), nl=False)
        return Exit.DONE
    limits = campaign.manifest.limits
    changed = replace(
        limits,
        concurrency=limits.concurrency if concurrency is None else concurrency,
        budget=limits.budget if budget is None else budget,
    )
    campaign = replace(campaign, manifest=replace(campaign.manifest, limits=changed))
    since = time.time()
    with ExitStack() as stack:
        service = None if sandbox else service_from_environment()
        stack.enter_context(campaign.folder.lock(since=since))
        ledger = stack.enter_context(_opened(campaign))
        if service is not None:
            ledger.check_host(service.host)
        summary = _adopted(campaign, ledger)
        cap = agreed_cap(
            summary,
            committed=ledger.balance().committed,
            budget=changed.budget,
            yes=yes,
            free=sandbox,
            watched=watched(),
        )
        if service is None:
            service = stack.enter_context(sandbox_service(campaign.folder.sandbox))
        ending = asyncio.run(_carry_out(campaign, ledger, service, cap))
    tell_ending(campaign, ending, path=manifest, since=since)
    return exit_after(ending)


@contextmanager
def _opened(campaign: Campaign) -> Iterator[Ledger]:
    ledger = Ledger.open(campaign.folder.ledger)
    try:
        ledger.bind_manifest(campaign.manifest.path)
        yield ledger
    finally:
        ledger.close()


def _adopted(campaign: Campaign, ledger: Ledger) -> PlanSummary:
    """Takes over the plan, as its files say now, and shows it."""
    copies = campaign.folder.copy_inputs(campaign.manifest.source, campaign.input_files)
    summary = summarise(campaign.manifest, ledger.adopt(campaign.jobs(ledger, copies)))
    click.echo(plan_text(summary, width=terminal_width()), nl=False, err=True)
    return summary


async def _carry_out(campaign: Campaign, ledger: Ledger, service: Service, cap: Usd | None) -> Ending:
    limits, outputs = campaign.manifest.limits, campaign.manifest.outputs.dir
    settings = Settings(
        limits=limits,
        outputs=outputs,
        workshop=outputs / ".mjpipe" / ledger.name,
        held=campaign.folder.held,
        host=service.host,
        budget=limits.budget,
        cap=cap,
        polling=campaign.manifest.polling,
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
                random=random.random,
            )
            _listen_to_ctrl_c(engine, progress)
            return await engine.run()
    finally:
        progress.close()


def _listen_to_ctrl_c(engine: Engine, progress: Progress) -> None:
    def interrupted() -> None:
        match engine.interrupt():
            case 1:
                progress.note("stopping: nothing new is submitted, what is in flight is fetched; Ctrl-C again to leave")
            case 2:
                progress.note("leaving: the next run fetches what is in flight; Ctrl-C again to leave at once")
            case _:
                os._exit(Exit.INTERRUPTED)  # the ledger is durable at any moment

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
