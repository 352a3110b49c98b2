"""What the progress of a run says about money, jobs and time."""

from mjpipe.domain import JobState, dollars
from mjpipe.run import Tally

ENDED = (JobState.DONE, JobState.FAILED, JobState.SKIPPED, JobState.IN_DOUBT)


def money_text(tally: Tally) -> str:
    parts = [f"spent {dollars(tally.balance.spent)}", f"reserved {dollars(tally.balance.reserved)}"]
    if tally.balance.at_risk:
        parts.append(f"at risk {dollars(tally.balance.at_risk)}")
    if tally.budget_text:
        parts.append(f"budget {tally.budget_text}")
    return " · ".join(parts)


def under_way_text(tally: Tally, node: str) -> str:
    """`20 in flight, 24 being fetched`: tasks that count against `concurrency`, and those that have succeeded."""
    counts = {
        "in flight": tally.of(node, JobState.SUBMITTING, JobState.SUBMITTED),
        "being fetched": tally.of(node, JobState.SUCCEEDED),
    }
    return ", ".join(f"{count:,} {words}" for words, count in counts.items() if count)


def time_left_text(ended: float, left: float, seconds: float) -> str:
    """`about 2:10 left` when `ended` jobs took so many seconds; empty when there is nothing to judge by, or to do."""
    if ended <= 0 or left <= 0:
        return ""
    minutes, rest = divmod(round(left * seconds / ended), 60)
    hours, minutes = divmod(minutes, 60)
    return f"about {hours}:{minutes:02}:{rest:02} left" if hours else f"about {minutes}:{rest:02} left"
