"""Costs as one JSON document, described by `schemas/costs.schema.json`."""

from collections.abc import Mapping

from mjpipe.domain import JobState, Json, JsonObject, decimal_text, iso
from mjpipe.report.amounts import Amount
from mjpipe.report.causes import Cause
from mjpipe.report.costs import Costs, LastRun
from mjpipe.report.groups import Group

SCHEMA_VERSION = 1


def costs_document(costs: Costs) -> JsonObject:
    """The same bytes for the same ledger; amounts are decimal text, None where nothing in them has a price."""
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign": costs.subject.campaign,
        "sandbox": costs.subject.sandbox,
        "currency": "USD",
        "prices": {
            "source": costs.subject.price_source,
            "date": costs.subject.price_date,
            "own": {name: decimal_text(price) for name, price in costs.subject.own_prices.items()},
        },
        "totals": _totals(costs),
        "last_run": None if costs.last_run is None else _last_run(costs.last_run),
        "orphans": {"jobs": costs.orphans.total, **_money(costs.orphans)},
        "extras": {"tasks": costs.extras.count, **_amounts(spent=costs.extras)},
        "nodes": {node: _group(group) for node, group in costs.nodes.items()},
        "modes": [{"mode": mode, "speed": speed, **_group(group)} for (mode, speed), group in costs.modes.items()],
        "states": {state: {"jobs": group.total, **_money(group)} for state, group in costs.states.items()},
        "by": {
            column: [{"value": value, **_group(group)} for value, group in values.items()]
            for column, values in costs.by.items()
        },
        "failures": [_cause(cause) for cause in costs.failures],
    }


def job_counts(jobs: Mapping[JobState, int]) -> dict[str, Json]:
    """`total`, and each state, those without a job too."""
    return {"total": sum(jobs.values()), **{state: jobs.get(state, 0) for state in JobState}}


def _totals(costs: Costs) -> JsonObject:
    amounts = _amounts(
        planned=costs.wanted.planned,
        spent=costs.spent,
        reserved=costs.reserved,
        at_risk=costs.at_risk,
        reused=costs.reused,
    )
    return {
        "jobs": job_counts(costs.wanted.jobs),
        **amounts,
        "attempts": costs.wanted.attempts + costs.orphans.attempts,
        "images": costs.wanted.images + costs.orphans.images,
    }


def _last_run(run: LastRun) -> JsonObject:
    amounts = _amounts(spent=run.spent, reserved=run.reserved, at_risk=run.at_risk, reused=run.reused)
    return {"since": iso(run.since), "attempts": run.attempts, **amounts}


def _group(group: Group) -> JsonObject:
    return {"jobs": job_counts(group.jobs), **_money(group)}


def _money(group: Group) -> JsonObject:
    amounts = _amounts(planned=group.planned, spent=group.spent, reserved=group.reserved, at_risk=group.at_risk)
    return {**amounts, "attempts": group.attempts, "images": group.images}


def _amounts(**amounts: Amount | None) -> dict[str, Json]:
    """Each amount by its name, and in `unpriced` how many prices are missing in it."""
    return {
        **{name: amount.text if amount else None for name, amount in amounts.items()},
        "unpriced": {name: amount.unpriced if amount else 0 for name, amount in amounts.items()},
    }


def _cause(cause: Cause) -> JsonObject:
    return {
        "state": cause.state,
        "code": cause.code or None,
        "reason": cause.reason,
        "jobs": cause.jobs,
        "keys": list(cause.keys),
        **_amounts(at_risk=cause.at_risk),
        "advice": cause.advice,
    }
