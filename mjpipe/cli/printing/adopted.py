"""Print what was adopted."""

from collections.abc import Mapping

from mjpipe.campaign.adoption_result import AdoptionResult
from mjpipe.cli.terminal import say_prose
from mjpipe.domain import Amount, counted, one_line
from mjpipe.ledger import RecoveredAs

NAMED = 10
"""Attempts that could not be adopted and are named."""

_WORDS = {
    RecoveredAs.DONE: "done",
    RecoveredAs.TO_ASK: "to be asked for by the next run",
    RecoveredAs.IN_DOUBT: "in doubt",
    RecoveredAs.FAILED: "failed",
    RecoveredAs.EXTRA: "beside another result",
    RecoveredAs.ORPHAN: "no longer in the manifest",
    RecoveredAs.SET_ASIDE: "set aside before",
}


def print_adopted(result: AdoptionResult, *, err: bool = False) -> None:
    """What was adopted, what the next run has to fetch, and what could not be adopted."""
    if result.copy_of is not None:
        say_prose(f"this state was a copy of the one in `{result.copy_of}`, and is one of its own now", err=err)
    say_prose(adopted_line(result.attempts), err=err)
    if result.missing:
        first, *others = sorted(result.missing)
        more = f" and {counted(len(others), 'other image')}" if others else ""
        say_prose(f"not on disk: `{one_line(first)}`{more}; a run fetches what the service still has", err=err)
    for attempt, reason in result.left[:NAMED]:
        task = "an attempt" if attempt.task is None else f"task `{one_line(attempt.task)}`"
        say_prose(f"not adopted: {task} of `{one_line(attempt.key)}`: {reason}", err=err)
    if len(result.left) > NAMED:
        say_prose(f"not adopted: {len(result.left) - NAMED:,} more", err=err)


def adopted_line(attempts: Mapping[RecoveredAs, Amount]) -> str:
    """`adopted 88 attempts ($17.60): 80 done, 8 to be asked for by the next run`"""
    total = sum(attempts.values(), Amount())
    if not total.count:
        return "nothing to adopt"
    parts = ", ".join(f"{price.count:,} {_WORDS[became]}" for became, price in attempts.items())
    return f"adopted {counted(total.count, 'attempt')} ({total}): {parts}"
