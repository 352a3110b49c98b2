"""Writes a picks file."""

import csv
import io

from mjpipe.plan.inputs.picks.cells import task_cell
from mjpipe.plan.inputs.picks.decisions import COLUMNS, Pick, Picks


def picks_text(picks: list[Pick]) -> str:
    """The file that holds these lines."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for pick in picks:
        images = " ".join(map(str, pick.images))
        task = "" if pick.task is None else task_cell(pick.task)
        table.writerow((pick.key, pick.node, pick.decision.value, images, task, pick.note, pick.by, pick.at))
    return out.getvalue()


def with_pick(picks: Picks, pick: Pick) -> list[Pick]:
    """All lines with a new one, which replaces the one for the same job, node and task."""
    same = (pick.key, pick.node, pick.task)
    return [*(line for line in picks.lines if (line.key, line.node, line.task) != same), pick]
