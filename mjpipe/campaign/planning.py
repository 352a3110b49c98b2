"""Planning: what a run would do and cost. Reads the state and writes nothing."""

import os
import shlex
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mjpipe.campaign.adoption_result import AdoptionResult
from mjpipe.campaign.endpoint import host_of_run
from mjpipe.campaign.gate import Answer, Finding, Gate, Situation, UnknownResults
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign, Expanded
from mjpipe.campaign.picks.picks_file import Words, with_bound_tasks
from mjpipe.domain import Diagnostic, Job, MjpipeError, TaskId, UsageFault
from mjpipe.files import file_sha256
from mjpipe.ledger import Adoption, Balance, BegunPlan, Cap, Ledger, Reader
from mjpipe.plan import (
    Origin,
    Pair,
    PlanCount,
    PlanSummary,
    ReadInstead,
    SavedPlan,
    changes_since,
    origin_of,
    recording_originals,
)

if TYPE_CHECKING:
    from mjpipe.campaign.listing import JobListing


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what it was made from. `balance` is the ledger's before the plan; `warnings` are sorted by place;
    `findings` come from the gate. `starts_in` is the folder in which a run begins a new state; None where one goes on,
    or nothing is paid for. `adopted` is what a run has taken over before, None when it was not to. `begun` is the saved
    plan that earlier runs have begun to carry out, None if they have not, or have done something else since.
    """

    summary: PlanSummary
    origin: Origin
    balance: Balance
    warnings: tuple[Diagnostic, ...] = ()
    findings: tuple[Finding, ...] = ()
    starts_in: Path | None = None
    adopted: AdoptionResult | None = None
    begun: BegunPlan | None = None


def _nobody(_: Sequence[Pair]) -> None:
    """For callers that do nothing else with the pairs."""


def plan(
    campaign: Campaign,
    *,
    by: str | None = None,
    narrowing: Narrowing | None = None,
    listing: "JobListing | None" = None,
) -> Planned:
    """What a run would do with all jobs, or with those that `narrowing` keeps; `by` also divides it by a column, and
    `listing` is given the jobs.

    Raises InvalidManifest with every diagnostic, and UsageFault for a column or a selection that no job has.
    """
    narrowing = narrowing or Narrowing(campaign.manifest)
    with campaign.reading() as ledger:
        gate = Gate(situation(campaign, ledger))
        planned = _planned(campaign, ledger, narrowing, by=by, see=gate.see, listing=listing)
        findings = gate.findings()
        if any(finding.answer is Answer.ADOPT for finding in findings):
            planned = _planned_as_adopted(gate.situation, ledger, narrowing.again(), by=by, listing=listing)
        return replace(planned, findings=findings)


def _planned(
    campaign: Campaign,
    ledger: Reader,
    narrowing: Narrowing,
    *,
    by: str | None,
    to_adopt: Collection[int] = (),
    see: Callable[[Sequence[Pair]], object] = _nobody,
    listing: "JobListing | None" = None,
) -> Planned:
    read: dict[Path, Path] = {}
    if listing is not None:
        listing.begin(ledger, narrowing.part)
    counted = count(
        campaign,
        ledger,
        ledger.standings(to_adopt),
        narrowing,
        recording_originals(read),
        by=by,
        see=see,
        also=_nobody if listing is None else listing.take,
    )
    if listing is not None:
        listing.finish(counted.unclaimed)
    return Planned(
        summary=counted.summary,
        origin=plan_origin(
            campaign, ledger.job_counts.stamp(), read, {**ledger.tasks.of_picks(), **counted.expanded.bindings.picks}
        ),
        balance=ledger.balance(),
        begun=ledger.bindings.begun_plan(),
        warnings=counted.expanded.warnings,
    )


def _planned_as_adopted(
    found: Situation, ledger: Reader, narrowing: Narrowing, *, by: str | None, listing: "JobListing | None"
) -> Planned:
    """As it will be after `mjpipe adopt`."""
    from mjpipe.campaign.recovering import as_recovered  # noqa: PLC0415 - only for a state that knows too little

    with as_recovered(found.campaign, ledger, found.host, found.evidence) as (copy, recovery):
        planned = _planned(
            found.campaign, copy, narrowing, by=by, to_adopt=frozenset(recovery.attempts), listing=listing
        )
    # Picks about tasks that are to be adopted first are no news.
    return replace(planned, warnings=tuple(found for found in planned.warnings if found.code != "MJ096"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The summary of a plan, what its expansion found, the failed jobs that it retries, and the rows of the ledger that
    no job of it has.
    """

    summary: PlanSummary
    expanded: Expanded
    retried: Sequence[Job]
    unclaimed: Sequence[int]


def situation(campaign: Campaign, ledger: Reader) -> Situation:
    """What the gate looks at without a run."""
    return Situation(campaign=campaign, ledger=ledger, host=host_of_run(sandbox=campaign.sandbox))


def findings_beside(campaign: Campaign) -> tuple[Finding, ...]:
    """What the gate finds without a plan. Empty if the state cannot be used, which a run reports."""
    try:
        with campaign.reading() as ledger:
            return Gate(situation(campaign, ledger)).findings()
    except MjpipeError:
        return ()


def findings_of_plan(campaign: Campaign) -> tuple[Finding, ...]:
    """What the gate finds in the plan of a whole campaign. Empty if there can be none, which a run reports."""
    try:
        return plan(campaign).findings
    except MjpipeError:
        return ()


def unknown_beside(campaign: Campaign) -> tuple[Finding, ...]:
    """What the campaign has paid for and its state does not know, or receipts that are damaged. Empty while a run goes
    on, for the sandbox, and if the state cannot be used, which the command itself reports.
    """
    if campaign.sandbox or campaign.folder.is_held():
        return ()
    try:
        with campaign.reading() as ledger:
            host = ledger.bindings.get("host") or host_of_run(sandbox=False)
            return tuple(UnknownResults(Situation(campaign=campaign, ledger=ledger, host=host)).of_campaign())
    except MjpipeError:
        return ()


def count(
    campaign: Campaign,
    ledger: Reader,
    adoption: Adoption,
    narrowing: Narrowing,
    read_instead: ReadInstead,
    *,
    by: str | None = None,
    see: Callable[[Sequence[Pair]], object] = _nobody,
    also: Callable[[Sequence[Pair]], object] = _nobody,
) -> Counted:
    """Plans the campaign's jobs, compares them with the ledger through `adoption`, and hands all of them to `see`.
    Counts those that `narrowing` keeps, and hands these to `also`.

    Raises InvalidManifest, and UsageFault for a selection or a column that no job has; then nothing may be done with
    the jobs.
    """
    counting = PlanCount(campaign.manifest, part=narrowing.part, by=by)

    def add(pairs: Sequence[Pair]) -> None:
        counting.add(pairs)
        also(pairs)

    def take(pairs: Sequence[Pair]) -> None:
        see(pairs)
        add(narrowing.take(pairs))

    expanded = campaign.expand(ledger, lambda jobs: take(adoption.take(jobs)), read_instead)
    adopted = adoption.finish()
    take(adopted.late)
    narrowed = narrowing.finish()
    add(narrowed.rest)
    summary = counting.finish(
        orphaned=adopted.orphaned,
        closed_until=ledger.bindings.wait_until(time.time()),
        committed=ledger.balance().committed,
    )
    summary = replace(summary, stale_picks=expanded.stale_picks)
    return Counted(summary=summary, expanded=expanded, retried=narrowed.retried, unclaimed=adopted.unclaimed)


def planned_jobs(campaign: Campaign, narrowing: Narrowing) -> tuple[Sequence[Pair], Sequence[Diagnostic]]:
    """The jobs that `narrowing` keeps and where they stand, in the order of the plan, and the warnings. Raises
    InvalidManifest, and UsageFault for a selection that no job has.
    """
    pairs: list[Pair] = []
    with campaign.reading() as ledger:
        adoption = ledger.standings()
        expanded = campaign.expand(ledger, lambda jobs: pairs.extend(narrowing.take(adoption.take(jobs))))
        pairs.extend(narrowing.take(adoption.finish().late))
        pairs.extend(narrowing.finish().rest)
    return pairs, expanded.warnings


def validate(campaign: Campaign) -> tuple[Diagnostic, ...]:
    """The warnings of a manifest and its inputs; ignores the state. Raises InvalidManifest with all diagnostics."""
    with closing(Ledger.in_memory()) as ledger:
        return campaign.check(ledger, by_itself=True)


def plan_origin(campaign: Campaign, revision: str, read: Mapping[Path, Path], bound: Mapping[Words, TaskId]) -> Origin:
    """What a plan of this campaign was made from: the state at this `revision`, the picks, and the files that were
    `read`, each with the copy that was read in its place. The picks count as they are once a run has written into their
    lines which tasks these are `bound` to.
    """
    folder = campaign.manifest.path.resolve().parent
    files = {os.path.relpath(path, folder): file_sha256(copy) for path, copy in read.items() if copy.is_file()}
    if campaign.picks.content is not None:
        picks = os.path.relpath(campaign.manifest.picks, campaign.manifest.path.parent)
        content = with_bound_tasks(campaign.picks, bound) or campaign.picks.content
        files[picks] = sha256(content).hexdigest()
    return origin_of(
        campaign.manifest.source,
        files,
        prices=f"{campaign.prices.source}, {campaign.prices.date}",
        state=revision,
    )


def cap_of_saved(saved: SavedPlan, planned: Planned) -> Cap:
    """What a saved plan allows to spend on top of the balance that its first run found. Raises UsageFault if it differs
    from this plan by more than what runs of it have done.
    """
    begun = planned.begun if planned.begun is not None and planned.begun.plan == saved.id else None
    reasons = changes_since(saved, planned.origin, planned.summary, begun=begun is not None)
    if reasons:
        file = shlex.quote(str(saved.path))
        raise UsageFault(
            f"the saved plan no longer fits: {'; '.join(reasons)}",
            help=f"`mjpipe plan M --against {file}` shows the difference, `mjpipe plan M --out {file}` saves it again",
        )
    return planned.balance.cap_with_room_for(saved.high, saved.most_unpriced) if begun is None else begun.cap
