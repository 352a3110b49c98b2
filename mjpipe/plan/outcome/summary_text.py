"""Counts, costs and times of a plan as text."""

from math import ceil

from mjpipe.domain import IN_FLIGHT, JobState, OrphanTotals, Usd, clock_text, counted, dollars
from mjpipe.plan.outcome.blockers import Blocker
from mjpipe.plan.outcome.plan_budget import PlanBudget
from mjpipe.plan.outcome.summary import PlanSummary, PlanTally

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def plan_line(summary: PlanSummary) -> str:
    """`Plan: 12 to submit (48 images), 88 done, 14 waiting for picks (up to 56 images) · $2.40 to $6.60 · about 2 min`

    What is zero is left out.
    """
    tally = summary.tally
    counts = _counts(tally)
    if tally.images:
        counts["to submit"] += f" ({counted(tally.images, 'image')})"
    if tally.possible_images:
        counts["waiting for picks"] += f" (up to {counted(tally.possible_images, 'image')})"
    parts = [", ".join([*_nothing(tally), *counts.values()]), cost_text(tally)]
    if summary.seconds is not None:
        parts.append(f"about {duration(summary.seconds)}")
    return f"Plan: {' · '.join(filter(None, parts))}"


def _nothing(tally: PlanTally) -> list[str]:
    """What is said first of a plan without jobs to submit."""
    if not tally.total:
        return ["no jobs"]
    if tally.to_submit:
        return []
    return ["nothing to do" if _known(tally, JobState.DONE) == tally.total else "nothing to submit"]


def remarks(summary: PlanSummary) -> list[str]:
    """The lines before the plan's line."""
    lines = [
        orphans_line(summary.orphaned),
        closed_line(summary.closed_until) if summary.closed_until else None,
        _budget_line(summary),
    ]
    return [line for line in lines if line is not None]


def _budget_line(summary: PlanSummary) -> str | None:
    """`budget: $0.30 left, enough for 1 of 3 jobs ($0.20); 2 wait`; None without a budget, and if nothing could be
    spent.
    """
    budget = summary.budget
    if budget is None or not (summary.to_submit or summary.tally.possible_jobs):
        return None
    waits = f"; {budget.waits_unpriced:,} wait for a price" if budget.waits_unpriced else ""
    return f"budget: {dollars(budget.left)} left{_held(budget, summary)}{waits}"


def _held(budget: PlanBudget, summary: PlanSummary) -> str:
    priced = budget.fits + budget.waits
    jobs = counted(priced, "job")
    if budget.waits and not budget.fits:
        return f", enough for none of {jobs}"
    if budget.waits:
        about = "" if budget.exact else "about "
        waits = f"{about}{budget.waits:,} {'waits' if budget.waits == 1 else 'wait'}"
        return f", enough for {about}{budget.fits:,} of {jobs} ({about}{dollars(budget.fits_usd)}); {waits}"
    enough_for_picks = summary.high <= budget.left
    if not priced:
        return "" if enough_for_picks else ", not enough for all possible picks"
    if enough_for_picks:
        return ", enough for all"
    return f", enough for {'this job' if priced == 1 else f'all {jobs}'}, but not for all possible picks"


def closed_line(moment: float) -> str:
    """A line about the service's request to wait."""
    opens = clock_text(ceil(moment))
    return f"the service asked to wait until {opens}: a run submits nothing before then, except with --now"


def orphans_line(orphaned: OrphanTotals) -> str | None:
    """`7 jobs become orphans (paid $1.80, kept)`; None when none do."""
    if not orphaned.jobs:
        return None
    jobs = "1 job becomes an orphan" if orphaned.jobs == 1 else f"{orphaned.jobs:,} jobs become orphans"
    unpriced = f" + {orphaned.unpriced:,} unpriced" if orphaned.unpriced else ""
    return f"{jobs} (paid {dollars(orphaned.paid)}{unpriced}, kept)"


def unpriced_lines(summary: PlanSummary) -> list[str]:
    """The jobs without a price, by node and reason, and what to do."""
    lines = [
        f"unpriced: {counted(count, 'job')} of `{node.name}`: {reason}"
        for node in summary.nodes
        for reason, count in node.tally.why_unpriced.items()
    ]
    return [*lines, "set a price under `prices:` in the manifest"] if lines else []


def cost_text(tally: PlanTally) -> str:
    """`$2.40`, `$2.40 to $6.60`, `$2.40 + 3 unpriced`, `$2.40 to $6.60 + 0 to 4 unpriced`; empty if nothing could be
    submitted.
    """
    if not (tally.to_submit or tally.possible_jobs or any(tally.to_adopt.values())):
        return ""
    cost = span(tally.low, tally.high)
    most = tally.most_unpriced
    if not most:
        return cost
    unpriced = f"{most:,}" if most == tally.unpriced_jobs else f"{tally.unpriced_jobs:,} to {most:,}"
    return f"{cost} + {unpriced} unpriced"


def span(low: Usd, high: Usd) -> str:
    return dollars(low) if low == high else f"{dollars(low)} to {dollars(high)}"


def duration(seconds: float) -> str:
    """`40 s`, `2 min`, `1 h 20 min`, `3 d 4 h`; rounded up."""
    if seconds <= _MINUTE:
        return f"{ceil(seconds)} s"
    if seconds <= _HOUR:
        return f"{ceil(seconds / _MINUTE)} min"
    if seconds <= _DAY:
        return _two_units(seconds, _HOUR, "h", _MINUTE, "min")
    return _two_units(seconds, _DAY, "d", _HOUR, "h")


def reasons_text(tally: PlanTally) -> str:
    """`8 new, 4 changed prompt`; the reason alone when there is only one."""
    if len(tally.reasons) == 1:
        return next(iter(tally.reasons))
    return ", ".join(f"{count:,} {reason}" for reason, count in tally.reasons.items())


def standing_text(tally: PlanTally) -> str:
    """The number of jobs in each state that has any: `12 to submit, 3 done`."""
    if not tally.total and tally.possible_jobs:
        return f"up to {tally.possible_jobs:,} behind picks"
    return ", ".join(_counts(tally).values()) or "no jobs"


def images_text(tally: PlanTally) -> str:
    """`48 images`, `48 to 104 images`; empty without any."""
    if not tally.possible_images:
        return counted(tally.images, "image") if tally.images else ""
    return f"{tally.images:,} to {counted(tally.most_images, 'image')}"


def _counts(tally: PlanTally) -> dict[str, str]:
    """`12 to submit`, by the words; what is zero is left out."""
    counts = {
        "to submit": tally.to_submit,
        "to adopt": sum(tally.to_adopt.values()),
        "done": _known(tally, JobState.DONE),
        "waiting for picks": tally.to_pick,
        "in doubt": tally.states[JobState.IN_DOUBT],
        "failed": tally.states[JobState.FAILED],
        "skipped": tally.states[JobState.SKIPPED],
        "in flight": _in_flight(tally),
        **_behind(tally),
    }
    return {words: f"{count:,} {words}" for words, count in counts.items() if count}


def _known(tally: PlanTally, state: JobState) -> int:
    """Without the jobs that are still to be adopted."""
    return tally.states[state] - tally.to_adopt.get(state, 0)


def _in_flight(tally: PlanTally) -> int:
    return sum(_known(tally, state) for state in IN_FLIGHT)


def _behind(tally: PlanTally) -> dict[str, int]:
    return {f"behind {_BLOCKER_WORDS[blocker]}": count for blocker, count in tally.behind.items()}


_BLOCKER_WORDS = {
    Blocker.FAILED: "failed jobs",
    Blocker.IN_DOUBT: "jobs in doubt",
    Blocker.SKIPPED: "skipped jobs",
    Blocker.NOT_SELECTED: "jobs not selected",
}


def _two_units(seconds: float, large: int, large_name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(ceil(seconds / small) * small, large)
    return f"{whole:.0f} {large_name}" + (f" {rest / small:.0f} {small_name}" if rest else "")
