"""The application: what commands, pages and programs ask of a campaign. Nothing here prints or asks.

What loads the client is imported only by who needs it: `mjpipe.campaign.running` and `mjpipe.campaign.pruning`.
"""

from mjpipe.campaign.gate import Finding, findings_beside
from mjpipe.campaign.narrowing import Narrowing
from mjpipe.campaign.opened import Campaign, open_campaign
from mjpipe.campaign.picking import pick
from mjpipe.campaign.planning import Planned, cap_of_saved, plan, planned_jobs, validate
from mjpipe.campaign.reports import Reported, report
from mjpipe.campaign.resolving import attempts_at_risk, resolve_as_not_sent, resolve_as_task
from mjpipe.campaign.status import ShownJob, show, status

__all__ = [
    "Campaign",
    "Finding",
    "Narrowing",
    "Planned",
    "Reported",
    "ShownJob",
    "attempts_at_risk",
    "cap_of_saved",
    "findings_beside",
    "open_campaign",
    "pick",
    "plan",
    "planned_jobs",
    "report",
    "resolve_as_not_sent",
    "resolve_as_task",
    "show",
    "status",
    "validate",
]
