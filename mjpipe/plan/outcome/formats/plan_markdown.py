"""A plan in Markdown, for a pull request."""

from collections.abc import Sequence

from mjpipe.domain import counted, markdown_code, markdown_text, one_line
from mjpipe.plan.inputs.picks import Pick
from mjpipe.plan.outcome.formats.cells import tally_cells
from mjpipe.plan.outcome.formats.plan_format import PlanFormat
from mjpipe.plan.outcome.summary import PlanSummary
from mjpipe.plan.outcome.summary_text import plan_line, remarks, unpriced_lines

_HEADS = ["jobs", "images", "cost", "why"]

_STALE_KEYS = 5
"""How many keys of jobs with stale picks are named."""


def plan_markdown(summary: PlanSummary) -> str:
    """Nodes and groups as tables; the plan's line is the last."""
    parts = [
        f"### Plan of {markdown_code(summary.campaign)}",
        _table(["node", "kind", *_HEADS], _node_rows(summary)),
    ]
    if summary.by is not None:
        rows = [
            [markdown_code(one_line(value) or "-"), *map(markdown_text, tally_cells(tally))]
            for value, tally in summary.groups.items()
        ]
        parts.append(_table([markdown_text(summary.by), *_HEADS], rows))
    unpriced = unpriced_lines(summary)
    parts += ["\n".join(unpriced)] if unpriced else []
    parts += [_stale(summary.stale_picks)] if summary.stale_picks else []
    return "\n\n".join([*parts, *remarks(summary), f"**{plan_line(summary)}**"]) + "\n"


def _stale(picks: Sequence[Pick]) -> str:
    keys = [*dict.fromkeys(pick.key for pick in picks)]
    named = ", ".join(map(markdown_code, keys[:_STALE_KEYS]))
    more = f" and {counted(len(keys) - _STALE_KEYS, 'other')}" if len(keys) > _STALE_KEYS else ""
    return f"{counted(len(picks), 'stale pick')}, ignored: made for earlier images of {named}{more}"


def _node_rows(summary: PlanSummary) -> list[list[str]]:
    return [
        [markdown_code(node.name), node.kind, *map(markdown_text, tally_cells(node.tally))] for node in summary.nodes
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


FORMAT = PlanFormat(help="Markdown, for a pull request.", render=plan_markdown)
