"""Where a campaign stands as one JSON document, described by `schemas/status.schema.json`."""

from mjpipe.domain import Amount, JsonObject, decimal_text, iso
from mjpipe.ledger import AttemptAtRisk, HeldBy
from mjpipe.report.advice.remedies import with_campaign_typed
from mjpipe.report.status.campaign_status import Status
from mjpipe.report.status.next_of_status import next_of_status
from mjpipe.report.totals.failures import FailureCause
from mjpipe.report.totals.groups import job_counts

SCHEMA_VERSION = 1

_HOUR = 60 * 60


def status_document(status: Status, *, typed: str = "M") -> JsonObject:
    """`typed` is the campaign in commands to type."""
    step = next_of_status(status, typed=typed)
    balance = status.balance
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign": status.campaign,
        "sandbox": status.sandbox,
        "jobs": job_counts(status.jobs),
        "nodes": {node: {"jobs": job_counts(jobs)} for node, jobs in status.by_node.items()},
        "money": {
            "currency": "USD",
            "spent": decimal_text(balance.spent),
            "reserved": decimal_text(balance.reserved),
            "at_risk": decimal_text(balance.at_risk),
            "unpriced": balance.unpriced,
            "budget": None if status.budget is None else decimal_text(status.budget),
            "left": None if status.left is None else decimal_text(status.left),
            "adopted": _paid(*status.adopted.values()),
            "set_aside": _paid(status.set_aside),
        },
        "at_risk": [_at_risk(attempt) for attempt in status.at_risk],
        "not_fetched": {
            "tasks": len(status.not_fetched),
            "expiring": status.expiring,
            "oldest_hours": round(status.not_fetched[0] / _HOUR, 1) if status.not_fetched else None,
        },
        "stale_picks": [
            {
                "key": pick.key,
                "node": pick.node or None,
                "decision": pick.decision.value,
                "images": list(pick.images),
                "task": pick.task,
                "line": None if pick.place is None else pick.place.line,
            }
            for pick in status.stale_picks
        ],
        "closed_until": iso(status.closed_until),
        "run": _run(status.held_by),
        "failures": [_cause(cause, typed) for cause in status.failures],
        "next": None if step is None else {"what": step.what, "command": step.command},
    }


def _paid(*amounts: Amount) -> JsonObject:
    total = sum(amounts, Amount())
    return {"attempts": total.count, "usd": decimal_text(total.usd), "unpriced": total.unpriced}


def _run(held_by: HeldBy | None) -> JsonObject | None:
    if held_by is None:
        return None
    present = held_by.present
    holder = None if present is None else present.holder
    return {
        "pid": None if holder is None else holder.pid,
        "host": None if holder is None else holder.host,
        "since": None if holder is None else iso(holder.since),
        "waits_for_yes": present is not None and present.asking_since is not None,
    }


def _cause(cause: FailureCause, typed: str) -> JsonObject:
    return {
        **cause.as_json,
        "advice": with_campaign_typed(cause.advice, typed, key=cause.keys[0]),
    }


def _at_risk(attempt: AttemptAtRisk) -> JsonObject:
    return {
        "key": attempt.key,
        "wanted": attempt.wanted,
        "attempt": attempt.number,
        "risk": attempt.risk.value,
        "sent": iso(attempt.intended),
        "usd": None if attempt.price is None else decimal_text(attempt.price),
        "task": attempt.task,
        "evidence": attempt.evidence,
    }
