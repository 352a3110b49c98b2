"""The end of a run as one JSON document, described by `schemas/run.schema.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mjpipe.campaign import Campaign
from mjpipe.cli.exit_codes import ExitCode
from mjpipe.domain import Usd, decimal_text, iso
from mjpipe.ledger import Balance
from mjpipe.report import COSTS_JSON, NextStep, job_counts
from mjpipe.run import Ending

SCHEMA_VERSION = 1


def ending_document(
    campaign: Campaign,
    ending: Ending,
    *,
    before: Balance,
    code: ExitCode,
    step: NextStep | None,
    requested: Mapping[str, Path],
) -> dict[str, Any]:
    """`before` is the balance when the run began, `step` what it named as the next step, None when all is done.
    `requested` are the files of reports that were asked for, by format.
    """
    balance, budget = ending.balance, campaign.manifest.limits.budget
    by_node: dict[str, dict[Any, int]] = {name: {} for name in campaign.manifest.nodes}
    for (node, state), count in ending.counts.items():
        by_node.setdefault(node, {})[state] = count
    states = {state: sum(counts.get(state, 0) for counts in by_node.values()) for _, state in ending.counts}
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign": campaign.manifest.campaign,
        "sandbox": campaign.sandbox,
        "exit_code": int(code),
        "stopped_by": None if ending.stop is None else ending.stop.value,
        "stopped_nodes": dict(ending.stopped_nodes),
        "jobs": job_counts(states),
        "nodes": {node: {"jobs": job_counts(counts)} for node, counts in by_node.items()},
        "not_submitted": ending.ready,
        "late": sorted(ending.late),
        "incomplete": dict(sorted(ending.incomplete.items())),
        "in_the_way": sorted({str(path) for path in ending.in_the_way}),
        "waiting_for": ending.trouble,
        "closed_until": iso(ending.closed_until),
        "money": {
            "currency": "USD",
            **_amounts(balance),
            "budget": None if budget is None else decimal_text(budget),
            "left": None if budget is None else decimal_text(Usd(budget - balance.committed)),
        },
        "this_run": {
            "spent": decimal_text(Usd(balance.spent - before.spent)),
            "committed": decimal_text(Usd(balance.committed - before.committed)),
            "unpriced": balance.unpriced - before.unpriced,
        },
        "reports": {
            "costs": str(campaign.manifest.outputs.dir / COSTS_JSON),
            **{name: str(path) for name, path in requested.items()},
        },
        "next": None if step is None else {"what": step.what, "command": step.command},
    }


def _amounts(balance: Balance) -> dict[str, Any]:
    return {
        "spent": decimal_text(balance.spent),
        "reserved": decimal_text(balance.reserved),
        "at_risk": decimal_text(balance.at_risk),
        "unpriced": balance.unpriced,
    }
