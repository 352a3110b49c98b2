"""Jobs, images, cost and reason: the cells of a plan's tables."""

from mjpipe.domain import dollars
from mjpipe.plan.outcome.summary import PlanTally
from mjpipe.plan.outcome.summary_text import cost_text, images_text, reasons_text, standing_text


def tally_cells(tally: PlanTally) -> tuple[str, str, str, str]:
    """Where jobs stand, the images that they bring, their cost, and why."""
    reused = f"{dollars(tally.reused)} reused" if tally.reused else ""
    cost = ", ".join(filter(None, [cost_text(tally), reused]))
    return standing_text(tally), images_text(tally), cost, reasons_text(tally)
