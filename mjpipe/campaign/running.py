"""Running: the plan is made, agreed to and carried out while the state is held."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from mjpipe.apixo.http import Client, ImageHosts
from mjpipe.campaign.endpoint import Endpoint, endpoint_from_environment, sandbox_endpoint
from mjpipe.campaign.gate import Finding, findings, passed
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.planning import Planned, count, plan_origin
from mjpipe.campaign.replanning import Replanning
from mjpipe.domain import Job, UsageFault
from mjpipe.ledger import Cap, InputCopies, Ledger
from mjpipe.plan import Pair
from mjpipe.run import Ending, Engine, Progress, RunSettings

Agree = Callable[[Planned], Cap | None]
"""Shows a plan to whoever pays, and gives what the campaign may come to by this run; None for no such bound.

Raises to refuse; then nothing is recorded.
"""

Attended = Callable[[Engine, Progress], AbstractContextManager[None]]
"""Passes what a person asks for, such as Ctrl-C, to an engine while it runs on the present loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """`widened` are the options that also select what this part of the plan waits for; see `Narrowing.widened`."""

    ending: Ending
    widened: str | None


def run(
    campaign: Campaign,
    *,
    narrowing: Narrowing,
    agree: Agree,
    attended: Attended,
    progress: Callable[[], AbstractContextManager[Progress]],
    now: bool = False,
    follows_picks: bool = True,
) -> Ran:
    """Makes what is not made yet. `agree` is asked about the very plan that is then carried out.

    `progress` is begun when there is something to show. `now` submits although the service asked to wait.
    `follows_picks` takes over what is picked meanwhile. Raises Locked, InvalidManifest, UsageFault and StateFault
    before anything is sent, and what `agree` raises.
    """
    with ExitStack() as stack:
        endpoint = None if campaign.sandbox else _endpoint_for(campaign)
        ledger = stack.enter_context(campaign.writing())
        found = passed(findings(campaign, ledger))
        if endpoint is not None:
            ledger.bindings.check_host(endpoint.host)
        copies = campaign.folder.copies(campaign.manifest.source)
        with ledger.if_agreed():
            planned, retried = _adopted(campaign, ledger, copies, narrowing, found)
            cap = agree(planned)
            if retried:
                ledger.decisions.retry_failed(retried)
        if endpoint is None:
            endpoint = stack.enter_context(sandbox_endpoint(campaign.folder.sandbox))
        settings = _settings(campaign, ledger, endpoint, cap, now=now)
        replan = Replanning(campaign, copies) if follows_picks else None
        shown = stack.enter_context(progress())
        ending = asyncio.run(_carry_out(ledger, endpoint, settings, replan, shown, attended))
    return Ran(ending=ending, widened=narrowing.widened(planned.summary))


def _endpoint_for(campaign: Campaign) -> Endpoint:
    try:
        return endpoint_from_environment()
    except UsageFault:
        with campaign.reading() as reader:
            campaign.check(reader)  # mistakes in the manifest come first
        raise


def _adopted(
    campaign: Campaign, ledger: Ledger, copies: InputCopies, narrowing: Narrowing, found: Sequence[Finding]
) -> tuple[Planned, Sequence[Job]]:
    """The plan, written into the ledger, and the failed jobs that it tries again."""
    campaign.folder.bind_owner(ledger, campaign.manifest.path)
    revision = ledger.progress.stamp()

    def choose(pairs: Sequence[Pair]) -> None:
        if narrowing.narrows:
            ledger.queue.choose(job for job, _ in pairs)

    with ledger.adopting() as adoption:
        counted = count(campaign, ledger, adoption, narrowing, copies, also=choose)
        ledger.bind.all(counted.expanded.bindings)
    planned = Planned(
        summary=counted.summary,
        origin=plan_origin(campaign, revision, copies.read),
        balance=ledger.balance(),
        warnings=counted.expanded.warnings,
        findings=tuple(found),
    )
    return planned, counted.retried


def _settings(campaign: Campaign, ledger: Ledger, endpoint: Endpoint, cap: Cap | None, *, now: bool) -> RunSettings:
    manifest = campaign.manifest
    return RunSettings(
        limits=manifest.limits,
        home=manifest.path.parent,
        outputs=manifest.outputs.dir,
        workshop=manifest.outputs.dir / ".mjpipe" / ledger.bind.own_name(),
        held=campaign.folder.held,
        host=endpoint.host,
        budget=manifest.limits.budget,
        cap=cap,
        polling=manifest.polling,
        now=now,
    )


async def _carry_out(
    ledger: Ledger,
    endpoint: Endpoint,
    settings: RunSettings,
    replan: Callable[[Ledger], bool] | None,
    progress: Progress,
    attended: Attended,
) -> Ending:
    async with Client(base_url=endpoint.base_url, api_key=endpoint.key) as service, ImageHosts() as images:
        engine = Engine(
            ledger=ledger,
            service=service,
            images=images,
            settings=settings,
            progress=progress,
            clock=time.time,
            timer=time.monotonic,
            random=random.random,
            replan=replan,
        )
        with attended(engine, progress):
            return await engine.run()
