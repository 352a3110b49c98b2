"""Where a campaign stands, and everything about one job, from the state."""

import time
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.keys import near_keys
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.previews import preview_of
from mjpipe.domain import JobKey, JsonObject, UsageFault
from mjpipe.ledger import JobRecord
from mjpipe.plan import composition
from mjpipe.report import Status, failure_causes, request_with_placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownJob:
    """`outputs` is the folder of the job's images. `fingerprint_of` is what the fingerprint hashes, None for an orphan.
    `closed_until` is the time until which the service asked to wait, in seconds since the epoch.
    """

    record: JobRecord
    outputs: Path
    fingerprint_of: JsonObject | None
    closed_until: float | None


def status(campaign: Campaign) -> Status:
    """Where all jobs stand, and the money. Reads only the state; a run may go on meanwhile."""
    with campaign.records() as records, records.snapshot():
        now = time.time()
        return Status(
            campaign=campaign.manifest.campaign,
            sandbox=campaign.sandbox,
            counts=records.ledger.job_counts.by_state(),
            balance=records.ledger.balance(),
            budget=campaign.manifest.limits.budget,
            nodes=tuple(campaign.manifest.nodes),
            closed_until=records.ledger.bindings.wait_until(now),
            not_fetched=tuple(now - since for since in records.ledger.images.waiting_since()),
            stale_picks=campaign.history(records.ledger).stale(),
            at_risk=tuple(records.at_risk()),
            adopted=records.recovered(),
            set_aside=records.set_aside(),
            held_by=campaign.folder.held_by(),
            failures=failure_causes(records),
            to_pick=records.ledger.job_counts.first_to_pick(),
            left_to_pay=records.ledger.job_counts.left_to_pay(),
        )


def show(campaign: Campaign, key: str) -> ShownJob:
    """One job as the next run would find it. Raises UsageFault for an unknown key."""
    with preview_of(campaign, JobKey(key)) as (records, planned, history):
        job = records.job(key)
        if job is not None:
            parts = [composition(campaign.manifest, one, history) for one in planned if one.key == key]
            return ShownJob(
                record=job,
                outputs=campaign.outputs_before(records.ledger) or campaign.manifest.outputs.dir,
                fingerprint_of={**parts[0], "input": request_with_placeholder(parts[0]["input"])} if parts else None,
                closed_until=records.ledger.bindings.wait_until(time.time()),
            )
    raise UsageFault(f"there is no job `{key}`", help=near_keys(key, _known_keys(campaign), typed=campaign.typed))


def _known_keys(campaign: Campaign) -> list[JobKey]:
    """Those on record, or else those of the plan, which takes longer."""
    if campaign.folder.has_ledger():
        with campaign.records() as records:
            return [*map(JobKey, records.keys())]
    keys: list[JobKey] = []
    with campaign.reading() as ledger:
        campaign.expand(ledger, lambda jobs: keys.extend(job.key for job in jobs))
    return keys
