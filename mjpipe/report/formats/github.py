"""A summary in Markdown, for the page that GitHub shows of a workflow's step."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mjpipe.domain import UsageFault, markdown_text
from mjpipe.report.formats.format import Document
from mjpipe.report.text.phrases import group_row, money_rows, orphan_rows, state_word, title
from mjpipe.report.totals.costs import Costs


def github_summary(costs: Costs) -> str:
    """Nodes, money and failures as tables. Names and reasons are escaped, so that no Markdown in them counts."""
    return "\n".join(
        [
            f"### {markdown_text(title(costs.campaign.name, sandbox=costs.campaign.sandbox))}",
            "",
            *_nodes(costs),
            *_money(costs),
            *_failures(costs),
        ]
    )


def _nodes(costs: Costs) -> Iterator[str]:
    rows = [*(group_row(node, group) for node, group in costs.nodes.items()), *orphan_rows(costs)]
    yield from _table(("node", "done", "spent", "not done"), "-::-", rows)


def _money(costs: Costs) -> Iterator[str]:
    yield from _table(("money", "amount", "remark"), "-:-", money_rows(costs))


def _failures(costs: Costs) -> Iterator[str]:
    rows = [
        (str(cause.jobs), state_word(cause.state), cause.code, cause.reason, ", ".join(cause.keys), cause.advice)
        for cause in costs.failures
    ]
    if rows:
        yield from _table(("jobs", "state", "code", "reason", "the first of them", "help"), ":-----", rows)


def _table(head: Sequence[str], sides: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """`sides` has `:` for a column that ends together, `-` for the others."""
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if side == ':' else '---' for side in sides)} |"
    for row in rows:
        yield f"| {' | '.join(markdown_text(cell) for cell in row)} |"
    yield ""


def _step_summary() -> Path:
    """Where GitHub Actions takes a summary from. Raises UsageFault elsewhere."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        raise UsageFault("there is no GitHub step summary here", help="--github works in GitHub Actions only")
    return Path(file)


FORMAT = Document(
    name="github",
    what="the GitHub step summary ($GITHUB_STEP_SUMMARY)",
    text=github_summary,
    added_to=_step_summary,
)
