"""How a plan differs from a saved one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mjpipe.domain import OrphanTotals, UsageFault
from mjpipe.plan.outcome.figures import Figures
from mjpipe.plan.outcome.formats.plan_json import plan_document
from mjpipe.plan.outcome.saved import Origin, SavedPlan, edited_since
from mjpipe.plan.outcome.summary import PlanSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs `of` all (the name is empty), a node, or a value of the column that the plan is divided by."""

    of: str
    name: str
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """Only what differs. `orphaned` are the jobs that the plan stops asking for, None if they are the same as before.

    `edited` says which files have changed, also where no sum did. The plans are of parts that these options choose;
    None for both where they are of the same part.
    """

    campaign: str
    differences: Sequence[Difference]
    orphaned: OrphanTotals | None
    parts: tuple[str, str] | None
    edited: Sequence[str] = ()


def difference(saved: SavedPlan, summary: PlanSummary, origin: Origin, *, part: str) -> PlanDifference:
    """How `summary`, a plan made from `origin` of the part with these options, differs from a saved plan: in total, per
    node and per value of its column.

    Raises UsageFault if the saved plan is not divided by that column.
    """
    now = plan_document(summary)
    orphaned = summary.orphaned if summary.orphaned.jobs and saved.plan.get("orphaned") != now["orphaned"] else None
    return PlanDifference(
        campaign=summary.campaign,
        differences=[each for each in _all(saved.plan, now) if each.before != each.after],
        orphaned=orphaned,
        parts=None if saved.part.options == part else (saved.part.options, part),
        edited=edited_since(saved, origin),
    )


def _all(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    yield Difference(of="all", name="", before=Figures.of(before), after=Figures.of(now))
    yield from _pairs("node", before["nodes"], now["nodes"], "name")
    column = now.get("by", {}).get("column")
    if column is None:
        return
    if before.get("by", {}).get("column") != column:
        raise UsageFault(
            f"the saved plan has no sums by `{column}`",
            help=f"save it again: mjpipe plan M --by {column} --out FILE",
        )
    yield from _pairs(column, before["by"]["groups"], now["by"]["groups"], "value")


def _pairs(of: str, before: list[Any], after: list[Any], name: str) -> Iterator[Difference]:
    old, new = ({entry[name]: entry for entry in entries} for entries in (before, after))
    for key in dict.fromkeys([*old, *new]):
        yield Difference(of=of, name=key, before=Figures.of(old.get(key)), after=Figures.of(new.get(key)))
