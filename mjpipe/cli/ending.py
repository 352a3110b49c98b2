"""What a person sees when a run has ended: the digest, and the next command to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from mjpipe.campaign import Campaign
from mjpipe.cli.reports import tell_reports
from mjpipe.cli.terminal import say
from mjpipe.domain import JobState, clock_text, counted, dollars
from mjpipe.report import from_here
from mjpipe.run import Ending, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """How a run was typed, so that the next command does not mean another one.

    `yes` says whether `--yes` was there. `campaign` names the campaign, `limits` are the options in place of the
    manifest's limits, `part` those that choose a part of the plan. `widened` also choose what the jobs of that part
    wait for, None when they wait for nothing that was not chosen.
    """

    yes: bool
    campaign: str
    limits: str
    part: str
    widened: str | None

    @property
    def run(self) -> str:
        """The run, of the whole plan."""
        return _joined("mjpipe run", self.campaign, self.limits)

    @property
    def again(self) -> str:
        """The same run once more."""
        return _joined(self.run, self.part)


def tell_ending(
    campaign: Campaign, ending: Ending, typed: Typed, *, by: Sequence[str], junit: Path | None, github: bool
) -> None:
    """Writes the reports, and prints the digest and the next command."""
    tell_reports(campaign, by=by, junit=junit, github=github, rewrite=False)
    if ending.trouble is not None and ending.stop is not Stop.ASKED_TO_WAIT:
        say(f"the run was still waiting when it ended: {ending.trouble}")
    say(next_step(ending, typed))


def next_step(ending: Ending, typed: Typed) -> str:
    """The next command to type, and why."""
    step = _after_stop(ending, typed)
    if step is not None:
        return step
    if ending.of(JobState.IN_DOUBT):
        return (
            f"next: mjpipe resolve {typed.campaign} lists the jobs in doubt, which are never sent again by themselves"
        )
    if ending.stop is Stop.ASKED_TO_WAIT and ending.ready:
        return f"next: {typed.again} {_when(ending.closed_until)}"
    if ending.late:
        return f"next: {typed.again} asks again for {counted(len(ending.late), 'slow task')}"
    if ending.in_the_way:
        first, *others = dict.fromkeys(ending.in_the_way)
        files = f"`{from_here(first)}`" + (f" and {counted(len(others), 'other file')}" if others else "")
        return f"next: move {files} out of the way of your images, or change `outputs.path`; then {typed.again}"
    if ending.incomplete:
        return f"next: {typed.again} fetches what is missing"
    if ending.of(JobState.FAILED, JobState.SKIPPED):
        return f"next: mjpipe show {typed.campaign} KEY shows why a job failed"
    if ending.stopped_nodes:
        return f"next: fix what failed, then {typed.again} --retry-failed"
    if ending.ready:
        return f"next: set `prices:` for the unpriced jobs, or leave the budget out: mjpipe run {typed.campaign}"
    if typed.widened is not None:
        return f"next: {_joined(typed.run, typed.widened)} makes what the selected jobs wait for, too"
    left = ending.of(JobState.READY, JobState.WAITING)
    if left:
        return f"next: {typed.run} makes the rest, {left:,} of {counted(sum(ending.counts.values()), 'job')}"
    if ending.of(JobState.UNPICKED):
        pick = f"mjpipe pick {typed.campaign} {ending.to_pick or 'KEY'} 0"
        return f"next: {pick} picks an image for what waits first, then {typed.run}"
    return "all done"


def _after_stop(ending: Ending, typed: Typed) -> str | None:
    match ending.stop:
        case Stop.INTERRUPTED:
            return f"next: {typed.again} carries on"
        case Stop.BUDGET:
            committed = dollars(ending.balance.committed)
            return f"next: mjpipe run {typed.campaign} --budget USD, with more than the {committed} that count already"
        case Stop.AGREED:
            if typed.yes:
                return f"next: {typed.again} --yes spends what is left, by its own plan"
            return f"next: {typed.again} shows what is left, and asks for it"
        case Stop.OUT_OF_BALANCE:
            return f"next: add balance to the account, then {typed.again}"
        case Stop.NOT_AUTHORISED:
            return f"next: check APIXO_API_KEY, then {typed.again}"
        case _:
            return None


def _when(closed_until: float | None) -> str:
    if closed_until is None:
        return "carries on"
    return (
        f"carries on from {clock_text(ceil(closed_until))}, until when the service asked to wait; --now does not wait"
    )


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))
