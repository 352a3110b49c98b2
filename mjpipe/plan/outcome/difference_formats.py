"""How a plan differs from a saved one, for people and programs: by the names of the formats of plans."""

from typing import Any

from mjpipe.domain import Usd, decimal_text, dollars, json_text, markdown_code, markdown_text, printable
from mjpipe.plan.outcome.difference import Difference, PlanDifference
from mjpipe.plan.outcome.figures import Figures
from mjpipe.plan.outcome.summary_text import orphans_line

SCHEMA_VERSION = 1

WHOLE = "the whole plan"


def difference_text(difference: PlanDifference) -> str:
    """A line for each difference."""
    lines = [f"{_name(each)}: {_jobs(each)}, {_cost(each)}" for each in difference.differences]
    orphans = None if difference.orphaned is None else orphans_line(difference.orphaned)
    lines += [orphans] if orphans else []
    return "\n".join([*_parts(difference), *(lines or [_nothing(difference)])]) + "\n"


def difference_json(difference: PlanDifference) -> str:
    return json_text(difference_document(difference), indent=2) + "\n"


def difference_document(difference: PlanDifference) -> dict[str, Any]:
    """Described by `schemas/plan-difference.schema.json`."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "campaign": difference.campaign,
        "differences": [
            {"of": each.of, "name": each.name, "before": _figures(each.before), "after": _figures(each.after)}
            for each in difference.differences
        ],
    }
    if difference.parts is not None:
        before, after = difference.parts
        document["parts"] = {"before": before, "after": after}
    if difference.orphaned is not None:
        document["orphaned"] = {
            "jobs": difference.orphaned.jobs,
            "paid_usd": decimal_text(difference.orphaned.paid),
            "unpriced_jobs": difference.orphaned.unpriced,
        }
    return document


def difference_markdown(difference: PlanDifference) -> str:
    """A table of the differences, for a pull request."""
    title = f"### Changes to the plan of {markdown_code(difference.campaign)}"
    parts = [title, *map(markdown_text, _parts(difference))]
    if difference.differences:
        rows = [f"| {markdown_text(_name(each))} | {_jobs(each)} | {_cost(each)} |" for each in difference.differences]
        parts.append("\n".join(["| | to submit | cost |", "| --- | --- | --- |", *rows]))
    orphans = None if difference.orphaned is None else orphans_line(difference.orphaned)
    if orphans is not None:
        parts.append(orphans)
    elif not difference.differences:
        parts.append(markdown_text(_nothing(difference)))
    return "\n\n".join(parts) + "\n"


DIFFERENCE_FORMATS = {"json": difference_json, "markdown": difference_markdown}


def _nothing(difference: PlanDifference) -> str:
    if not difference.edited:
        return "nothing differs"
    return f"jobs and costs are the same, but {'; '.join(difference.edited)}"


def _parts(difference: PlanDifference) -> list[str]:
    if difference.parts is None:
        return []
    before, after = (options or WHOLE for options in difference.parts)
    return [f"the saved plan is of {printable(before)}, this one of {printable(after)}"]


def _name(difference: Difference) -> str:
    return "in all" if difference.of == "all" else printable(f"{difference.of} {difference.name or '-'}")


def _jobs(difference: Difference) -> str:
    old, new = difference.before.to_submit, difference.after.to_submit
    return f"{old:,} -> {new:,} to submit ({new - old:+,})"


def _cost(difference: Difference) -> str:
    """`$8.00 -> $9.60 (+$1.60)`, with the upper end where it is another"""
    old, new = difference.before, difference.after
    high = "" if (old.low, new.low) == (old.high, new.high) else f", up to {_amounts(old.high, new.high)}"
    return f"{_amounts(old.low, new.low)}{high}"


def _amounts(before: Usd, after: Usd) -> str:
    sign = "+" if after >= before else ""
    return f"{dollars(before)} -> {dollars(after)} ({sign}{dollars(Usd(after - before))})"


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "to_submit": figures.to_submit,
        "low_usd": decimal_text(figures.low),
        "high_usd": decimal_text(figures.high),
    }
