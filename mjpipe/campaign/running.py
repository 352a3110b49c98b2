"""Running: the plan is made, agreed to and carried out while the state is held."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mjpipe.campaign.adoption_result import AdoptionResult
from mjpipe.campaign.buying_again import set_lost_aside
from mjpipe.campaign.endpoint import Endpoint, endpoint_from_environment, sandbox_endpoint
from mjpipe.campaign.gate import Gate, Situation, passed
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.outputs import mark_outputs
from mjpipe.campaign.picks.picks_file import Claim, claim_lines
from mjpipe.campaign.planning import Counted, Planned, count, plan_origin
from mjpipe.campaign.replanning import Replanning
from mjpipe.domain import UsageFault, Usd
from mjpipe.ledger import SANDBOX_HOST, BegunPlan, Cap, InputCopies, Ledger, NewBindings
from mjpipe.plan import Pair, PlanSummary
from mjpipe.run import Ending, Progress, RunSettings, StopReason, begin_work, ending_from_ledger

if TYPE_CHECKING:
    from mjpipe.campaign.carrying_out import InterruptHandler

Agree = Callable[[Planned], Cap | None]
"""Shows the plan to the person who pays, and returns the most that may be spent by this run; None for no such bound.

It raises to refuse; then nothing of the plan is recorded.
"""


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
    interrupts: "InterruptHandler",
    progress: Callable[[], AbstractContextManager[Progress]],
    now: bool = False,
    approved: str | None = None,
    adopt: bool = False,
    buy_again: Usd | None = None,
) -> Ran:
    """Makes what is missing. `agree` is asked about exactly the plan that is then carried out.

    `progress` is entered when there is something to show. `now` submits even though the service asked to wait.
    `approved` is the id of the saved plan that is carried out: then picks that are made meanwhile are not taken over.
    Results that the state does not know are first taken over if `adopt` says so; or they are paid again if `buy_again`
    is what they cost. Raises Locked, InvalidManifest, UsageFault (also NeedsAdoption) and StateFault before anything is
    sent, and what `agree` raises.
    """
    with ExitStack() as stack:
        endpoint = None if campaign.sandbox else _endpoint_for(campaign)
        host = SANDBOX_HOST if endpoint is None else endpoint.host
        ledger = stack.enter_context(campaign.writing(host=host))
        if endpoint is not None:
            ledger.bindings.check_host(endpoint.host)
        copies = campaign.folder.copies(campaign.manifest.source)
        adopted = _adopted_before(campaign, ledger, host) if adopt else None
        situation = Situation(campaign=campaign, ledger=ledger, host=host)
        with ledger.transaction():
            lost = buy_again is not None and set_lost_aside(campaign, ledger, host, narrowing.again(), buy_again)
            planned, counted = _adopted(situation, ledger, copies, narrowing)
            passed(planned.findings)
            _remember_receipts(situation, ledger)
            cap = agree(replace(planned, adopted=adopted))
            _note_plan(ledger, approved, planned.summary, cap)
            if counted.retried:
                ledger.decisions.retry_failed(counted.retried)
            claim = _claim(campaign, ledger, counted.expanded.bindings)
        if lost:
            from mjpipe.report import set_records_aside  # noqa: PLC0415 - who loses nothing needs no reports for it

            set_records_aside(campaign.manifest.outputs.dir)
        settings = _settings(situation, ledger, cap, now=now)
        replan = Replanning(campaign, copies, planned_from=claim.content) if approved is None else None
        shown = stack.enter_context(progress())
        if claim.fault is not None:
            shown.note(f"{claim.fault}; which images its lines are about is remembered in the state alone")
        stack.enter_context(interrupts.kept())
        work = stack.enter_context(begin_work(ledger, settings, shown, now=time.time()))
        if work.ready or ledger.bindings.has_sent():
            mark_outputs(campaign.manifest, ledger)
        if work.needs_nobody and not (replan and replan.is_due()):
            ending = _ending_without_engine(ledger, interrupts)
        else:
            from mjpipe.campaign.carrying_out import carry_out  # noqa: PLC0415 - slow to import, for somebody to ask

            endpoint = endpoint or stack.enter_context(sandbox_endpoint(campaign.folder.sandbox))
            ending = carry_out(work, ledger, endpoint, settings, shown, replan=replan, interrupts=interrupts)
        ledger.hold.check_place()  # a state that was removed is no state that all is done in
    return Ran(ending=ending, widened=narrowing.widened(planned.summary))


def _adopted_before(campaign: Campaign, ledger: Ledger, host: str) -> AdoptionResult:
    from mjpipe.campaign.adopting import adopt_known  # noqa: PLC0415 - most runs have nothing to take over

    return adopt_known(campaign, ledger, host)


def _ending_without_engine(ledger: Ledger, interrupts: "InterruptHandler") -> Ending:
    """A signal that came during the checks ends a run as interrupted, whether or not an engine had to be stopped."""
    ending = ending_from_ledger(ledger, time.time())
    return replace(ending, stop=StopReason.INTERRUPTED) if interrupts.has_come else ending


def _endpoint_for(campaign: Campaign) -> Endpoint:
    try:
        return endpoint_from_environment()
    except UsageFault:
        with campaign.reading() as reader:
            campaign.check(reader)  # mistakes in the manifest come first
        raise


def _adopted(
    situation: Situation, ledger: Ledger, copies: InputCopies, narrowing: Narrowing
) -> tuple[Planned, Counted]:
    """Writes the plan into the ledger, in front of the gate; returns it, and what it was counted from."""
    campaign, gate = situation.campaign, Gate(situation, before_run=True)
    campaign.folder.bind_owner(ledger, campaign.manifest.path)
    revision = ledger.job_counts.stamp()

    def choose(pairs: Sequence[Pair]) -> None:
        if narrowing.narrows:
            ledger.queue.choose(job for job, _ in pairs)

    with ledger.adopting() as adoption:
        counted = count(campaign, ledger, adoption, narrowing, copies, see=gate.see, also=choose)
        ledger.bind.all(counted.expanded.bindings)
    planned = Planned(
        summary=counted.summary,
        origin=plan_origin(campaign, revision, copies.read, ledger.tasks.of_picks()),
        balance=ledger.balance(),
        begun=ledger.bindings.begun_plan(),
        warnings=counted.expanded.warnings,
        findings=gate.findings(),
        starts_in=None if campaign.sandbox or ledger.bindings.has_sent() else campaign.folder.path,
    )
    return planned, counted


def _note_plan(ledger: Ledger, approved: str | None, summary: PlanSummary, cap: Cap | None) -> None:
    """The saved plan that is carried out can be carried on, until a run that could submit something does without it."""
    if approved is not None and cap is not None:
        ledger.bind.begin_plan(BegunPlan(plan=approved, cap=cap))
    elif summary.to_submit or summary.tally.possible_jobs:
        ledger.bind.leave_plan()


def _claim(campaign: Campaign, ledger: Ledger, bindings: NewBindings) -> Claim:
    """Raises UsageFault if another campaign has taken a line that this plan acts on."""
    claim = claim_lines(campaign, campaign.picks.content, bindings.picks, ledger.tasks.of_picks())
    if claim.taken:
        raise UsageFault(
            f"`{campaign.picks_shown}` has changed: its line for `{claim.taken[0].key}` is about other images now",
            help=f"run again: mjpipe run {campaign.typed}",
        )
    return claim


def _remember_receipts(situation: Situation, ledger: Ledger) -> None:
    """Receipts that say nothing new are not read again until they change."""
    if (seen := situation.evidence.seen_by(ledger)) is not None:
        ledger.receipt_files.remember_all(seen)


def _settings(situation: Situation, ledger: Ledger, cap: Cap | None, *, now: bool) -> RunSettings:
    campaign, manifest = situation.campaign, situation.campaign.manifest
    return RunSettings(
        limits=manifest.limits,
        home=manifest.path.parent,
        outputs=manifest.outputs.dir,
        workshop=manifest.outputs.dir / ".mjpipe" / ledger.bindings.state_id(),
        held=campaign.folder.held,
        host=situation.host,
        budget=manifest.limits.budget,
        cap=cap,
        polling=manifest.polling,
        now=now,
        # In the sandbox nothing was paid for what a lost state has left.
        replaceable=situation.evidence.placed if campaign.sandbox else {},
    )
