"""Records in, files and text out: costs, assets, status, one job, JUnit and GitHub summaries."""

from mjpipe.report.amounts import Amount
from mjpipe.report.at_risk import at_risk_lines
from mjpipe.report.causes import Cause
from mjpipe.report.costs import Costs, LastRun, collect_costs
from mjpipe.report.costs_document import costs_document
from mjpipe.report.digest import digest_text
from mjpipe.report.github import github_summary
from mjpipe.report.job_document import show_document
from mjpipe.report.job_text import show_text
from mjpipe.report.junit import junit_xml
from mjpipe.report.ownership import ForeignRecords, foreign_records
from mjpipe.report.shown import from_here, json_lines, shown_path, shown_request
from mjpipe.report.status import Status, status_document, status_text
from mjpipe.report.subject import Subject
from mjpipe.report.writing import WRITE_AGAIN, Written, write_reports

__all__ = [
    "WRITE_AGAIN",
    "Amount",
    "Cause",
    "Costs",
    "ForeignRecords",
    "LastRun",
    "Status",
    "Subject",
    "Written",
    "at_risk_lines",
    "collect_costs",
    "costs_document",
    "digest_text",
    "foreign_records",
    "from_here",
    "github_summary",
    "json_lines",
    "junit_xml",
    "show_document",
    "show_text",
    "shown_path",
    "shown_request",
    "status_document",
    "status_text",
    "write_reports",
]
