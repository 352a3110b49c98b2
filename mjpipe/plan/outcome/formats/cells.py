"""Jobs, cost and reason: the cells of a plan's tables."""

from mjpipe.domain import dollars
from mjpipe.plan.outcome.summary import PlanTally
from mjpipe.plan.outcome.summary_text import cost_text, reasons_text, standing_text


def tally_cells(tally: PlanTally) -> tuple[str, str, str]:
    """Where jobs stand, their cost, and why."""
    reused = f", {dollars(tally.reused)} reused" if tally.reused else ""
    return standing_text(tally), f"{cost_text(tally)}{reused}", reasons_text(tally)
