"""The picks file: a person's choices among images, kept in git beside the manifest."""

from mjpipe.plan.inputs.picks.counting import Differing, line_that_counts
from mjpipe.plan.inputs.picks.decisions import Decision, Pick, Picks
from mjpipe.plan.inputs.picks.reading import content_of_picks, picks_in, read_picks
from mjpipe.plan.inputs.picks.reports import differing, picks_about_nothing, stale_picks
from mjpipe.plan.inputs.picks.writing import picks_text, with_picks, with_tasks

__all__ = [
    "Decision",
    "Differing",
    "Pick",
    "Picks",
    "content_of_picks",
    "differing",
    "line_that_counts",
    "picks_about_nothing",
    "picks_in",
    "picks_text",
    "read_picks",
    "stale_picks",
    "with_picks",
    "with_tasks",
]
