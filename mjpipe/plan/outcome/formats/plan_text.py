"""A plan as a person reads it in a terminal."""

from mjpipe.domain import one_line, table_lines, wrapped
from mjpipe.plan.outcome.formats.cells import tally_cells
from mjpipe.plan.outcome.summary import PlanSummary
from mjpipe.plan.outcome.summary_text import plan_line, remarks, unpriced_lines


def plan_text(summary: PlanSummary, *, width: int) -> str:
    """One line per node: jobs, dollars and why; the groups below; and the plan's line, which is the last."""
    lines = table_lines([(node.name, node.kind, *tally_cells(node.tally)) for node in summary.nodes], width)
    if summary.by is not None:
        groups = [(one_line(value) or "-", *tally_cells(tally)) for value, tally in summary.groups.items()]
        lines += ["", f"by {one_line(summary.by)}:", *table_lines(groups, width)]
    end = [*unpriced_lines(summary), *remarks(summary), plan_line(summary)]
    return "\n".join([*lines, "", *(part for line in end for part in wrapped(line, width, rest="  ")), ""])
