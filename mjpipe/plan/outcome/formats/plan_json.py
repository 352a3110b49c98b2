"""A plan as one JSON document, described by `schemas/plan.schema.json`."""

from typing import Any

from mjpipe.domain import JobState, decimal_text, iso, json_text
from mjpipe.plan.outcome.formats.plan_format import PlanFormat
from mjpipe.plan.outcome.plan_budget import PlanBudget
from mjpipe.plan.outcome.summary import PlanSummary, PlanTally

SCHEMA_VERSION = 1

STALE_KEYS = 100
"""How many keys of stale picks are listed."""


def plan_document(summary: PlanSummary) -> dict[str, Any]:
    """The same plan gives the same document."""
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
    if summary.budget is not None:
        document["budget"] = _budget_document(summary.budget)
    if summary.stale_picks:
        keys = [*dict.fromkeys(line.key for line in summary.stale_picks)]
        document["stale_picks"] = {"lines": len(summary.stale_picks), "keys": keys[:STALE_KEYS]}
    if summary.by is not None:
        document["by"] = {
            "column": summary.by,
            "groups": [{"value": value, **_tally_document(tally)} for value, tally in summary.groups.items()],
        }
    return document


def _tally_document(tally: PlanTally) -> dict[str, Any]:
    return {
        "jobs": {
            "total": tally.total,
            "to_submit": tally.to_submit,
            **({"to_adopt": adopted} if (adopted := sum(tally.to_adopt.values())) else {}),
            **{state.value: tally.states[state] for state in JobState},
        },
        "images": {"low": tally.images, "high": tally.most_images},
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


def _budget_document(budget: PlanBudget) -> dict[str, Any]:
    return {
        "left": decimal_text(budget.left),
        "fits": budget.fits,
        "fits_usd": decimal_text(budget.fits_usd),
        "exact": budget.exact,
        "waits": budget.waits,
        "waits_unpriced": budget.waits_unpriced,
    }


def _render(summary: PlanSummary) -> str:
    return json_text(plan_document(summary), indent=2) + "\n"


FORMAT = PlanFormat(help="One JSON document on standard output.", render=_render)
