"""Attempts that are possibly billed: what is known of each, and what a person can do about it."""

from mjpipe.domain import clock_text, dollars, one_line
from mjpipe.ledger import AttemptAtRisk, Risk

MEANINGS = {
    Risk.IN_DOUBT: "its answer was lost: settle it with --task-id ID or --not-sent",
    Risk.NO_ANSWER: "a gateway answered instead: --task-id ID takes the task, if the account has one from that time",
    Risk.FAILED: "its task failed: no page says whether that is billed, so it cannot be settled",
}


def price_text(attempt: AttemptAtRisk) -> str:
    return "unpriced" if attempt.price is None else dollars(attempt.price)


def at_risk_lines(attempt: AttemptAtRisk) -> list[str]:
    """Its job's key, and below it when it was sent, for which price, what was seen, and what can be done."""
    task = "" if attempt.task is None else f", task {one_line(attempt.task)}"
    orphan = "" if attempt.wanted else ", an orphan"
    return [
        attempt.key,
        f"  attempt {attempt.number}, sent {clock_text(attempt.intended)}, {price_text(attempt)} at risk{task}{orphan}",
        *([f"  {one_line(attempt.evidence)}"] if attempt.evidence else []),
        f"  {MEANINGS[attempt.risk]}",
    ]


def at_risk_row(attempt: AttemptAtRisk) -> tuple[str, str, str, str]:
    """For a table: key, time, price, and why."""
    why = {Risk.IN_DOUBT: "in doubt", Risk.NO_ANSWER: "a gateway answered", Risk.FAILED: "its task failed"}
    return attempt.key, clock_text(attempt.intended), price_text(attempt), why[attempt.risk]
