"""A manifest, its rows and its prices become a stream of jobs and their cost."""

from mjpipe.plan.codes import EXPLANATIONS
from mjpipe.plan.inputs.picks import (
    Decision,
    Differing,
    Pick,
    Picks,
    content_of_picks,
    differing,
    line_that_counts,
    picks_about_nothing,
    picks_in,
    picks_text,
    read_picks,
    stale_picks,
    with_picks,
    with_tasks,
)
from mjpipe.plan.jobs.composition import composition
from mjpipe.plan.jobs.expansion import expand
from mjpipe.plan.jobs.history import NO_HISTORY, Decided, History
from mjpipe.plan.jobs.labels import image_label
from mjpipe.plan.outcome.blockers import Blocker, Part
from mjpipe.plan.outcome.difference import difference
from mjpipe.plan.outcome.difference_formats import DIFFERENCE_FORMATS, difference_text
from mjpipe.plan.outcome.drawing import DRAWINGS
from mjpipe.plan.outcome.formats import PLAN_FORMATS
from mjpipe.plan.outcome.formats.plan_json import plan_document
from mjpipe.plan.outcome.formats.plan_markdown import plan_markdown
from mjpipe.plan.outcome.formats.plan_text import plan_text
from mjpipe.plan.outcome.lists.formats import document_with_jobs, job_lines, markdown_jobs
from mjpipe.plan.outcome.lists.job_list import Change, JobList, ListedAs, ListedJob
from mjpipe.plan.outcome.saved import (
    Origin,
    SavedPlan,
    changes_since,
    load_saved,
    origin_of,
    saved_document,
)
from mjpipe.plan.outcome.selection.part_as_typed import WHOLE_PLAN, PartAsTyped
from mjpipe.plan.outcome.selection.sample import Sample, SampledInput
from mjpipe.plan.outcome.selection.selection import Pair, Selection
from mjpipe.plan.outcome.selection.terms import with_sources
from mjpipe.plan.outcome.spending import Spending
from mjpipe.plan.outcome.summary import PlanCount, PlanSummary
from mjpipe.plan.outcome.summary_text import closed_line, duration, plan_line
from mjpipe.plan.templates.columns_in_use import ColumnsInUse, read_columns_in_use
from mjpipe.plan.templates.jinja.included_files import ReadInstead, originals, recording_originals

__all__ = [
    "DIFFERENCE_FORMATS",
    "DRAWINGS",
    "EXPLANATIONS",
    "NO_HISTORY",
    "PLAN_FORMATS",
    "WHOLE_PLAN",
    "Blocker",
    "Change",
    "ColumnsInUse",
    "Decided",
    "Decision",
    "Differing",
    "History",
    "JobList",
    "ListedAs",
    "ListedJob",
    "Origin",
    "Pair",
    "Part",
    "PartAsTyped",
    "Pick",
    "Picks",
    "PlanCount",
    "PlanSummary",
    "ReadInstead",
    "Sample",
    "SampledInput",
    "SavedPlan",
    "Selection",
    "Spending",
    "changes_since",
    "closed_line",
    "composition",
    "content_of_picks",
    "difference",
    "difference_text",
    "differing",
    "document_with_jobs",
    "duration",
    "expand",
    "image_label",
    "job_lines",
    "line_that_counts",
    "load_saved",
    "markdown_jobs",
    "origin_of",
    "originals",
    "picks_about_nothing",
    "picks_in",
    "picks_text",
    "plan_document",
    "plan_line",
    "plan_markdown",
    "plan_text",
    "read_columns_in_use",
    "read_picks",
    "recording_originals",
    "saved_document",
    "stale_picks",
    "with_picks",
    "with_sources",
    "with_tasks",
]
