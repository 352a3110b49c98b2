"""Where a campaign stands, and everything about one job, from the state."""

import time
from dataclasses import dataclass
from pathlib import Path

from mjpipe.campaign.keys import near_keys
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import Job, JsonObject, UsageFault
from mjpipe.ledger import JobRecord
from mjpipe.plan import composition
from mjpipe.report import Status, request_with_placeholder


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
        )


def show(campaign: Campaign, key: str) -> ShownJob:
    """One job as the next run would find it. Raises UsageFault for an unknown key."""
    planned: list[Job] = []
    with campaign.preview(lambda jobs: planned.extend(job for job in jobs if job.key == key)) as records:
        job = records.job(key)
        if job is None:
            raise UsageFault(f"there is no job `{key}`", help=near_keys(key, [*records.keys()], typed=campaign.typed))
        parts = composition(campaign.manifest, planned[0], campaign.history(records.ledger)) if planned else None
        return ShownJob(
            record=job,
            outputs=campaign.outputs_before(records.ledger) or campaign.manifest.outputs.dir,
            fingerprint_of=None if parts is None else {**parts, "input": request_with_placeholder(parts["input"])},
            closed_until=records.ledger.bindings.wait_until(time.time()),
        )
