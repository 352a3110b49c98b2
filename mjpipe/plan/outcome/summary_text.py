"""Counts, costs and times of a plan as text."""

from math import ceil

from mjpipe.domain import IN_FLIGHT, JobState, OrphanTotals, Usd, clock_text, counted, dollars
from mjpipe.plan.outcome.blockers import Blocker
from mjpipe.plan.outcome.summary import PlanSummary, PlanTally

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def plan_line(summary: PlanSummary) -> str:
    """`Plan: 12 to submit, 88 done, 14 waiting for picks, 0 in doubt, 0 failed · $2.40 to $6.60 · about 2 min`"""
    tally = summary.tally
    adopted = sum(tally.to_adopt.values())
    counts = [
        f"{tally.to_submit:,} to submit",
        *([f"{adopted:,} to adopt"] if adopted else []),
        f"{_known(tally, JobState.DONE):,} done",
        f"{tally.to_pick:,} waiting for picks",
        f"{tally.states[JobState.IN_DOUBT]:,} in doubt",
        f"{tally.states[JobState.FAILED]:,} failed",
    ]
    rare = {"in flight": _in_flight(tally), "skipped": tally.states[JobState.SKIPPED], **_behind(tally)}
    counts += [f"{count:,} {name}" for name, count in rare.items() if count]
    parts = [", ".join(counts), cost_text(tally)]
    if summary.seconds is not None:
        parts.append(f"about {duration(summary.seconds)}")
    return f"Plan: {' · '.join(parts)}"


def remarks(summary: PlanSummary) -> list[str]:
    """The lines before the plan's line."""
    orphans = orphans_line(summary.orphaned)
    return [*([orphans] if orphans else []), *([closed_line(summary.closed_until)] if summary.closed_until else [])]


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
    """`$2.40`, `$2.40 to $6.60`, `$2.40 + 3 unpriced`, `$2.40 to $6.60 + 0 to 4 unpriced`"""
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
    return ", ".join(f"{count:,} {words}" for words, count in counts.items() if count) or "no jobs"


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
