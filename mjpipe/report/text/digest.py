"""What a person reads when a run has ended."""

from collections.abc import Mapping, Sequence

from mjpipe.domain import counted, one_line
from mjpipe.ledger import ChangedByHand
from mjpipe.report.text.causes import NAMED, cause_lines
from mjpipe.report.text.layout import columns, paragraph
from mjpipe.report.text.phrases import group_row, money_rows, orphan_rows, title
from mjpipe.report.totals.costs import Costs
from mjpipe.report.totals.groups import Group

CAUSES = 10
"""Causes of failures that are shown; `report/costs.json` has the others too."""

NONE_CHANGED = ChangedByHand()


def digest_text(costs: Costs, width: int, by_hand: ChangedByHand = NONE_CHANGED, *, typed: str = "M") -> str:
    """How far each node came, the money, and the failures by cause with what to do: lines of at most `width`.

    `typed` is the campaign in the commands to type.
    """
    campaign = costs.campaign
    blocks = [
        [
            title(campaign.name, sandbox=campaign.sandbox),
            *_table([*_groups(costs.nodes), *orphan_rows(costs)], width),
        ],
        *([f"by {one_line(column)}", *_table(_groups(values), width)] for column, values in costs.by.items()),
        columns(money_rows(costs), right=[1], width=width),
        *_by_hand(by_hand, width),
        *(cause_lines(cause, width, typed) for cause in costs.failures[:CAUSES]),
    ]
    not_shown = costs.failures[CAUSES:]
    if not_shown:
        jobs = sum(cause.jobs for cause in not_shown)
        blocks.append(
            [f"{counted(jobs, 'job')} more for {counted(len(not_shown), 'further cause')}: report/costs.json"]
        )
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _by_hand(changed: ChangedByHand, width: int) -> list[list[str]]:
    if not changed.count:
        return []
    named = ", ".join(f"`{one_line(path)}`" for path in changed.paths[:NAMED])
    more = f", and {changed.count - NAMED:,} more" if changed.count > NAMED else ""
    kept = "kept as it is" if changed.count == 1 else "kept as they are"
    text = f"{counted(changed.count, 'image')} changed by hand, {kept}: {named}{more}"
    return [paragraph(text, width=width, rest="  ")]


def _groups(groups: Mapping[str, Group] | Mapping[str | None, Group]) -> list[tuple[str, str, str, str]]:
    return [group_row(_name(name), group) for name, group in groups.items()]


def _table(lines: Sequence[tuple[str, str, str, str]], width: int) -> list[str]:
    return columns([("", "done", "spent", ""), *lines], right=[1, 2], width=width)


def _name(name: str | None) -> str:
    return "(none)" if name is None else one_line(name, 30) or "(empty)"
