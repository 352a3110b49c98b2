"""Planning: what a run would do and cost, from what the state knows, writing nothing."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from mjpipe.campaign.gate import Finding, findings
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import Diagnostic, Job, Standing, UsageFault
from mjpipe.files import file_sha256
from mjpipe.ledger import Balance, Cap, Ledger
from mjpipe.plan import Origin, PlanSummary, SavedPlan, changes_since, origin_of, recording_originals, summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what it was made from. `balance` is the ledger's before it; `warnings` are sorted by place;
    `findings` are those of the gate.
    """

    summary: PlanSummary
    origin: Origin
    balance: Balance
    warnings: tuple[Diagnostic, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan(campaign: Campaign, *, by: str | None = None, narrowing: Narrowing | None = None) -> Planned:
    """What a run would do, of all jobs or of those that `narrowing` leaves; `by` also divides it by a column.

    Raises InvalidManifest with every diagnostic, and UsageFault for a column or a selection that no job has.
    """
    narrowing = narrowing or Narrowing(campaign.manifest, (), None, retry_failed=False)
    read: dict[Path, Path] = {}
    warnings: list[Diagnostic] = []
    with campaign.reading() as ledger:
        jobs = campaign.jobs(ledger, recording_originals(read), warn=warnings.extend)
        standings = ledger.standings(jobs)
        closed = ledger.bindings.wait_until(time.time())
        pairs = narrowing(standings)
        summary = summarise(campaign.manifest, pairs, part=narrowing.part, by=by, closed_until=closed)
        return Planned(
            summary=replace(summary, orphaned=standings.orphaned),
            origin=plan_origin(campaign, ledger.progress.stamp(), read),
            balance=ledger.balance(),
            warnings=tuple(warnings),
            findings=findings(campaign, ledger),
        )


def planned_jobs(campaign: Campaign) -> tuple[Sequence[tuple[Job, Standing]], Sequence[Diagnostic]]:
    """Every job with where it stands, in the order of the plan, and the warnings. Raises InvalidManifest."""
    warnings: list[Diagnostic] = []
    with campaign.reading() as ledger:
        return list(ledger.standings(campaign.jobs(ledger, warn=warnings.extend))), warnings


def validate(campaign: Campaign) -> tuple[Diagnostic, ...]:
    """The warnings of a manifest and its inputs, whatever has been run. Raises InvalidManifest with all diagnostics."""
    warnings: list[Diagnostic] = []
    with closing(Ledger.in_memory()) as ledger:
        campaign.check(ledger, warn=warnings.extend)
    return tuple(warnings)


def plan_origin(campaign: Campaign, revision: str, read: Mapping[Path, Path]) -> Origin:
    """What a plan of this campaign was made from: the state at that `revision`, the picks, and the files that it has
    `read`, each with the one that was read in its place.
    """
    folder = campaign.manifest.path.resolve().parent
    files = {os.path.relpath(path, folder): file_sha256(copy) for path, copy in read.items() if copy.is_file()}
    if campaign.picks.content is not None:
        picks = os.path.relpath(campaign.manifest.picks, campaign.manifest.path.parent)
        files[picks] = sha256(campaign.picks.content).hexdigest()
    return origin_of(
        campaign.manifest.source,
        files,
        prices=f"{campaign.prices.source}, {campaign.prices.date}",
        state=revision,
    )


def cap_of_saved(saved: SavedPlan, planned: Planned) -> Cap:
    """What a saved plan allows on top of the balance. Raises UsageFault when it no longer fits the present one."""
    reasons = changes_since(saved, planned.origin, planned.summary)
    if reasons:
        raise UsageFault(
            f"the saved plan no longer fits: {'; '.join(reasons)}",
            help="look at the difference with `mjpipe plan M --against FILE`, and save it again with --out FILE",
        )
    return planned.balance.cap_with_room_for(saved.high, saved.most_unpriced)
