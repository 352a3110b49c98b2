"""A plan's summary as text, as Markdown and as a document for machines."""

import textwrap
from collections.abc import Sequence
from typing import Any

from mjpipe.domain import JobState, decimal_text, dollars, iso, markdown_code, markdown_text, one_line
from mjpipe.plan.outcome.summary import PlanSummary, Tally
from mjpipe.plan.outcome.summary_text import cost_text, plan_line, remarks, standing_text, unpriced_lines, why

SCHEMA_VERSION = 1

_GAP = "  "
_LEAST_WIDTH = 20


def plan_text(summary: PlanSummary, *, width: int) -> str:
    """One line per node: jobs, dollars and why; the groups below; and the plan's line, which is the last."""
    lines = _table([(node.name, node.kind, *_cells(node.tally)) for node in summary.nodes], width)
    if summary.by is not None:
        groups = [(one_line(value) or "-", *_cells(tally)) for value, tally in summary.groups.items()]
        lines += ["", f"by {one_line(summary.by)}:", *_table(groups, width)]
    unpriced = [part for line in unpriced_lines(summary) for part in textwrap.wrap(line, max(width, _LEAST_WIDTH))]
    return "\n".join([*lines, "", *unpriced, *remarks(summary), plan_line(summary), ""])


def plan_markdown(summary: PlanSummary) -> str:
    """The same for a pull request."""
    parts = [
        f"### Plan of {markdown_code(summary.campaign)}",
        _markdown(["node", "kind", *_HEADS], _node_rows(summary)),
    ]
    if summary.by is not None:
        rows = [
            [markdown_code(one_line(value) or "-"), *map(markdown_text, _cells(tally))]
            for value, tally in summary.groups.items()
        ]
        parts.append(_markdown([markdown_text(summary.by), *_HEADS], rows))
    unpriced = unpriced_lines(summary)
    parts += ["\n".join(unpriced)] if unpriced else []
    return "\n\n".join([*parts, *remarks(summary), f"**{plan_line(summary)}**"]) + "\n"


def plan_document(summary: PlanSummary) -> dict[str, Any]:
    """The summary as `schemas/plan.schema.json` describes it: the same plan gives the same document."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "campaign": summary.campaign,
        **_tally_document(summary.tally),
        "orphaned": {
            "jobs": summary.orphaned.jobs,
            "paid_usd": decimal_text(summary.orphaned.paid),
            "unpriced_jobs": summary.orphaned.unpriced,
        },
        "seconds": None if summary.seconds is None else round(summary.seconds, 1),
        "nodes": [
            {"name": node.name, "kind": node.kind.value, **_tally_document(node.tally)} for node in summary.nodes
        ],
    }
    if summary.closed_until is not None:
        document["closed_until"] = iso(summary.closed_until)
    if summary.by is not None:
        document["by"] = {
            "column": summary.by,
            "groups": [{"value": value, **_tally_document(tally)} for value, tally in summary.groups.items()],
        }
    return document


_HEADS = ["jobs", "cost", "why"]


def _cells(tally: Tally) -> tuple[str, str, str]:
    reused = f", {dollars(tally.reused)} reused" if tally.reused else ""
    return standing_text(tally), f"{cost_text(tally)}{reused}", why(tally)


def _node_rows(summary: PlanSummary) -> list[list[str]]:
    return [[markdown_code(node.name), node.kind, *map(markdown_text, _cells(node.tally))] for node in summary.nodes]


def _tally_document(tally: Tally) -> dict[str, Any]:
    return {
        "jobs": {
            "total": tally.total,
            "to_submit": tally.to_submit,
            **{state.value: tally.states[state] for state in JobState},
        },
        "cost": {
            "low_usd": decimal_text(tally.low),
            "high_usd": decimal_text(tally.high),
            "reused_usd": decimal_text(tally.reused),
            "unpriced_jobs": tally.unpriced_jobs,
        },
        "behind": {obstacle.value: count for obstacle, count in tally.behind.items()},
        "behind_picks": {"jobs": tally.possible_jobs, "unpriced_jobs": tally.possible_unpriced},
        "reasons": dict(tally.reasons),
    }


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


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
