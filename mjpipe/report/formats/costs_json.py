"""Costs as one JSON document, described by `schemas/costs.schema.json`."""

from mjpipe.domain import Amount, Json, JsonObject, decimal_text, iso, json_text
from mjpipe.report.formats.format import Document
from mjpipe.report.totals.costs import Costs, LastRun
from mjpipe.report.totals.failures import FailureCause
from mjpipe.report.totals.groups import Group, job_counts

COSTS_JSON = "report/costs.json"

SCHEMA_VERSION = 1


def costs_document(costs: Costs) -> JsonObject:
    """The same bytes for the same ledger; amounts are decimal text, None where nothing in them has a price."""
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign": costs.campaign.name,
        "sandbox": costs.campaign.sandbox,
        "currency": "USD",
        "prices": {
            "source": costs.campaign.price_source,
            "date": costs.campaign.price_date,
            "own": {name: decimal_text(price) for name, price in costs.campaign.own_prices.items()},
        },
        "totals": _totals(costs),
        "last_run": None if costs.last_run is None else _last_run(costs.last_run),
        "orphans": {"jobs": costs.orphans.total, **_money(costs.orphans)},
        "extras": {"tasks": costs.extras.count, **_amounts(spent=costs.extras)},
        "adopted": {
            **_paid(sum(costs.adopted.values(), Amount())),
            "from": {found_in: _paid(amount) for found_in, amount in costs.adopted.items()},
        },
        "set_aside": _paid(costs.set_aside),
        "nodes": {node: _group(group) for node, group in costs.nodes.items()},
        "modes": [{"mode": mode, "speed": speed, **_group(group)} for (mode, speed), group in costs.modes.items()],
        "states": {state: {"jobs": group.total, **_money(group)} for state, group in costs.states.items()},
        "by": {
            column: [{"value": value, **_group(group)} for value, group in values.items()]
            for column, values in costs.by.items()
        },
        "failures": [_cause(cause) for cause in costs.failures],
    }


def _paid(amount: Amount) -> dict[str, Json]:
    return {"attempts": amount.count, **_amounts(committed=amount)}


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


def _cause(cause: FailureCause) -> JsonObject:
    return {
        **cause.as_json,
        **_amounts(at_risk=cause.at_risk),
        "advice": cause.advice,
    }


def _text(costs: Costs) -> str:
    return json_text(costs_document(costs), indent=2) + "\n"


FORMAT = Document(name="json", what="the costs as JSON", path=COSTS_JSON, text=_text)
