"""A plan as a person reads it in a terminal."""

import textwrap
from collections.abc import Sequence

from mjpipe.domain import one_line
from mjpipe.plan.outcome.formats.cells import tally_cells
from mjpipe.plan.outcome.summary import PlanSummary
from mjpipe.plan.outcome.summary_text import plan_line, remarks, unpriced_lines

_GAP = "  "
_LEAST_WIDTH = 20


def plan_text(summary: PlanSummary, *, width: int) -> str:
    """One line per node: jobs, dollars and why; the groups below; and the plan's line, which is the last."""
    lines = _table([(node.name, node.kind, *tally_cells(node.tally)) for node in summary.nodes], width)
    if summary.by is not None:
        groups = [(one_line(value) or "-", *tally_cells(tally)) for value, tally in summary.groups.items()]
        lines += ["", f"by {one_line(summary.by)}:", *_table(groups, width)]
    unpriced = [part for line in unpriced_lines(summary) for part in textwrap.wrap(line, max(width, _LEAST_WIDTH))]
    return "\n".join([*lines, "", *unpriced, *remarks(summary), plan_line(summary), ""])


def _table(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns of equal width; the last one, and what else does not fit, is wrapped below itself."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    indent = sum(widths) + len(_GAP) * len(widths)
    lines: list[str] = []
    for row in rows:
        start = _GAP.join(cell.ljust(size) for cell, size in zip(row, widths, strict=False))
        if indent + _LEAST_WIDTH > width:
            least = max(width, _LEAST_WIDTH)
            lines += textwrap.wrap(start, least, subsequent_indent="    ", break_long_words=False)
            lines += textwrap.wrap(row[-1], least, initial_indent="    ", subsequent_indent="    ")
            continue
        rest = textwrap.wrap(row[-1], width - indent) or [""]
        lines.append(f"{start}{_GAP}{rest[0]}".rstrip())
        lines += [" " * indent + line for line in rest[1:]]
    return lines
