"""Why jobs are not done, a paragraph for each cause, with what to do."""

from mjpipe.domain import JobState, counted
from mjpipe.report.advice.remedies import with_campaign_typed
from mjpipe.report.text.layout import paragraph
from mjpipe.report.text.phrases import state_word
from mjpipe.report.totals.failures import FailureCause

NAMED = 3
"""Jobs that are named for each cause."""

_STANDS = {JobState.SUCCEEDED: "not complete on disk"}


def cause_lines(cause: FailureCause, width: int, typed: str) -> list[str]:
    """`typed` is the campaign in the commands to type."""
    head = f"{counted(cause.jobs, 'job')} {_STANDS.get(cause.state, state_word(cause.state))}"
    reason = cause.reason or "no reason is known"
    code = f" [{cause.code}]" if cause.code and cause.code not in reason else ""
    named = ", ".join(cause.keys[:NAMED])
    more = cause.jobs - len(cause.keys[:NAMED])
    return [
        *paragraph(f"{head}: {reason}{code}", width=width, rest="  "),
        *paragraph(f"{named}, and {more:,} more" if more else named, width=width, first="  "),
        *(paragraph(f"at risk: {cause.at_risk}", width=width, first="  ") if cause.at_risk.count else []),
        *(
            paragraph(f"--retry-failed submits again: {cause.again} more at risk", width=width, first="  ")
            if cause.again.count
            else []
        ),
        *paragraph(
            f"help: {with_campaign_typed(cause.advice, typed, key=cause.keys[0])}",
            width=width,
            first="  ",
            rest="        ",
        ),
    ]
