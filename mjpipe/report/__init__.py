"""Records in, files and text out: costs, assets, status, one job, JUnit and GitHub summaries."""

from mjpipe.report.advice.next_step import NextStep, pick_images, see_why_failed
from mjpipe.report.advice.remedies import with_campaign_typed
from mjpipe.report.formats import ON_REQUEST, Format
from mjpipe.report.formats.assets_jsonl import ASSETS
from mjpipe.report.formats.costs_csv import inert
from mjpipe.report.formats.costs_json import COSTS_JSON
from mjpipe.report.job.job_json import show_document
from mjpipe.report.job.job_text import fingerprint_text, show_text
from mjpipe.report.ownership import (
    AssetRecord,
    ForeignRecords,
    campaign_of_reports,
    changed_records,
    foreign_records,
    records_in_parts,
    set_records_aside,
    written_by_others,
)
from mjpipe.report.status.campaign_status import Status
from mjpipe.report.status.next_of_status import next_of_status
from mjpipe.report.status.status_json import status_document
from mjpipe.report.status.status_text import status_text
from mjpipe.report.text.at_risk import at_risk_lines
from mjpipe.report.text.digest import digest_text
from mjpipe.report.text.placeholders import path_with_placeholder, request_with_placeholder
from mjpipe.report.totals.campaign import ReportedCampaign, nobody_picks
from mjpipe.report.totals.costs import Costs, LastRun, collect_costs
from mjpipe.report.totals.failures import FailureCause, failure_causes
from mjpipe.report.totals.groups import job_counts
from mjpipe.report.writing import Written, write_reports, write_requested

__all__ = [
    "ASSETS",
    "COSTS_JSON",
    "ON_REQUEST",
    "AssetRecord",
    "Costs",
    "FailureCause",
    "ForeignRecords",
    "Format",
    "LastRun",
    "NextStep",
    "ReportedCampaign",
    "Status",
    "Written",
    "at_risk_lines",
    "campaign_of_reports",
    "changed_records",
    "collect_costs",
    "digest_text",
    "failure_causes",
    "fingerprint_text",
    "foreign_records",
    "inert",
    "job_counts",
    "next_of_status",
    "nobody_picks",
    "path_with_placeholder",
    "pick_images",
    "records_in_parts",
    "request_with_placeholder",
    "see_why_failed",
    "set_records_aside",
    "show_document",
    "show_text",
    "status_document",
    "status_text",
    "with_campaign_typed",
    "write_reports",
    "write_requested",
    "written_by_others",
]
