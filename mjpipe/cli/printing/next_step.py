"""The end of a run: the digest, and the next command to type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from mjpipe.campaign import Campaign
from mjpipe.cli.printing.reports import print_reports
from mjpipe.cli.printing.steps import say_step
from mjpipe.cli.terminal import say, say_prose
from mjpipe.domain import JobState, Usd, clock_text, counted, decimal_text, dollars, short_path
from mjpipe.report import FailureCause, NextStep, pick_images, see_why_failed
from mjpipe.run import Ending, StopReason

_UNFINISHED = (JobState.WAITING, JobState.READY, JobState.SUBMITTING, JobState.SUBMITTED, JobState.SUCCEEDED)
"""What the same run again would go on with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRun:
    """The options of a run as they were typed, so that the next command keeps them.

    `campaign` is the manifest with the options for its state, `limits` the options that override the manifest's limits,
    `part` those that select a part of the plan. `widened` is `part` plus what the selected jobs wait for; None when
    they wait for nothing outside the selection. `saved` is the option of the saved plan that was carried out, if one
    was.
    """

    yes: bool
    campaign: str
    limits: str
    part: str
    widened: str | None
    saved: str = ""

    @property
    def run(self) -> str:
        """The run of the whole plan."""
        return _joined("mjpipe run", self.campaign, self.limits)

    @property
    def again(self) -> str:
        """The same run again; a saved plan is carried on."""
        return _joined(self.run, self.part, self.saved)

    @property
    def as_planned_now(self) -> str:
        """The same run, by a new plan."""
        return _joined(self.run, self.part)


def print_ending(
    campaign: Campaign,
    ending: Ending,
    typed: TypedRun,
    *,
    by: Sequence[str],
    all_columns: bool,
    requested: Mapping[str, Path],
) -> NextStep | None:
    """Writes the reports, prints the digest and the next command, and returns that; None when all is done."""
    costs = print_reports(campaign, by=by, requested=requested, rewrite=False, all_columns=all_columns)
    if ending.trouble is not None and ending.stop is not StopReason.ASKED_TO_WAIT:
        say_prose(f"the run was still waiting when it ended: {ending.trouble}")
    step = next_step(ending, typed, failures=costs.failures)
    if step is None:
        say("all done")
    else:
        say_step(step)
    return step


def next_step(ending: Ending, typed: TypedRun, *, failures: Sequence[FailureCause] = ()) -> NextStep | None:
    """What to do next, and the command for it; None when all is done. `failures` are the causes for which jobs are not
    done.
    """
    step = _after_stop(ending, typed)
    if step is not None:
        return step
    if ending.of(JobState.IN_DOUBT):
        return _next(
            "list the jobs in doubt, which are never sent again by themselves", f"mjpipe resolve {typed.campaign}"
        )
    if ending.stop is StopReason.ASKED_TO_WAIT and ending.ready:
        return _next(_when(ending.closed_until), typed.again)
    if ending.late:
        return _next(f"ask again for {counted(len(ending.late), 'slow task')}", typed.again)
    if ending.in_the_way:
        first, *others = dict.fromkeys(ending.in_the_way)
        files = f"`{short_path(first)}`" + (f" and {counted(len(others), 'other file')}" if others else "")
        return _next(
            f"move {files} out of the way of your images, or change `outputs.path`; then run again", typed.again
        )
    if ending.incomplete:
        return _next("fetch what is missing", typed.again)
    if ending.of(JobState.FAILED, JobState.SKIPPED):
        if not failures:
            return _next("see what failed", f"mjpipe status {typed.campaign}")
        return see_why_failed(typed.campaign, failures[0].keys[0])
    if ending.stopped_nodes:
        return _next("fix what failed, then retry", f"{typed.again} --retry-failed")
    if ending.ready:
        return _next("set `prices:` for the unpriced jobs, or run without a budget", f"mjpipe run {typed.campaign}")
    if typed.widened is not None:
        return _next("also make what the selected jobs wait for", _joined(typed.run, typed.widened))
    left = ending.of(JobState.READY, JobState.WAITING)
    if left:
        return _next(f"make the rest, {left:,} of {counted(sum(ending.counts.values()), 'job')}", typed.run)
    if ending.to_pick is not None:
        return pick_images(typed.campaign, ending.to_pick)
    if ending.of(JobState.UNPICKED):
        return _next("see where the sources of the images to pick stand", f"mjpipe status {typed.campaign}")
    return None


def _after_stop(ending: Ending, typed: TypedRun) -> NextStep | None:
    match ending.stop:
        case StopReason.INTERRUPTED if not _waits_for_picks_alone(ending):
            return _next("continue", typed.again)
        case StopReason.BUDGET:
            return _raise_the_budget(ending, typed)
        case StopReason.AGREED:
            if typed.yes:
                return _next("spend what is left, as a new plan shows it", f"{typed.as_planned_now} --yes")
            return _next("see what is left, and agree to it", typed.as_planned_now)
        case StopReason.OUT_OF_BALANCE:
            return _next("add balance to the account, then run again", typed.again)
        case StopReason.NOT_AUTHORISED:
            return _next("check APIXO_API_KEY, then run again", typed.again)
        case _:
            return None


def _raise_the_budget(ending: Ending, typed: TypedRun) -> NextStep:
    """To what the jobs cost that are left, beside what is used already."""
    committed = ending.balance.committed
    needed = Usd(committed + ending.left_to_pay.usd)
    count = ending.left_to_pay.priced
    more = "1 more job costs" if count == 1 else f"{count:,} more jobs cost"
    return _next(
        f"raise the budget: {dollars(committed)} is used, and {more} {dollars(ending.left_to_pay.usd)}",
        f"mjpipe run {typed.campaign} --budget {decimal_text(needed)}",
    )


def _waits_for_picks_alone(ending: Ending) -> bool:
    return bool(ending.of(JobState.UNPICKED) and not ending.of(*_UNFINISHED) and not ending.incomplete)


def _when(closed_until: float | None) -> str:
    if closed_until is None:
        return "continue"
    moment = clock_text(ceil(closed_until))
    return f"continue after {moment}, as the service asked; add --now to run at once"


def _next(what: str, command: str) -> NextStep:
    return NextStep(what=what, command=command)


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))
