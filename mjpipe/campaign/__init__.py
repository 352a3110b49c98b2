"""The application: what commands, pages and programs ask of a campaign. Nothing here prints or asks.

Not here, because they load much: `running`, `pruning`, `reporting` and `status`. Who needs one imports the module.
"""

from mjpipe.campaign.gate import Finding, NeedsAdoption
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign, open_campaign, typed_campaign
from mjpipe.campaign.picks.picking import pick, pick_rest
from mjpipe.campaign.planning import (
    Planned,
    cap_of_saved,
    findings_beside,
    findings_of_plan,
    plan,
    planned_jobs,
    unknown_beside,
    validate,
)
from mjpipe.campaign.resolving import attempts_at_risk, resolve_as_not_sent, resolve_as_task

__all__ = [
    "Campaign",
    "Finding",
    "Narrowing",
    "NeedsAdoption",
    "Planned",
    "attempts_at_risk",
    "cap_of_saved",
    "findings_beside",
    "findings_of_plan",
    "open_campaign",
    "pick",
    "pick_rest",
    "plan",
    "planned_jobs",
    "resolve_as_not_sent",
    "resolve_as_task",
    "typed_campaign",
    "unknown_beside",
    "validate",
]
