"""Permission to spend: a person's yes, a budget, or `--yes`; and to take over what was paid for."""

import click

from mjpipe.campaign import NeedsAdoption, Planned, cap_of_saved
from mjpipe.cli.terminal import say
from mjpipe.domain import ZERO, Amount, UsageFault, Usd, counted, dollars
from mjpipe.ledger import Cap
from mjpipe.plan import PlanSummary, SavedPlan


def agreed_cap(
    planned: Planned, *, budget: Usd | None, yes: bool, free: bool, interactive: bool, saved: SavedPlan | None
) -> Cap | None:
    """The most that a person agreed to have spent after this run; None if only the budget bounds it.

    A `saved` plan is already agreed to. A yes, or `--yes` without a budget, covers the high end of the plan that was
    shown, on top of the balance. Where nobody can be asked, the budget alone is the bound. A run with nothing to submit
    needs no agreement; then it may not spend on what comes up meanwhile either. Raises click.Abort for a no, and
    UsageFault when nobody can be asked and nothing bounds the run.
    """
    summary, balance = planned.summary, planned.balance
    if saved is not None:
        return cap_of_saved(saved, planned)
    if free:
        return None
    if yes:
        return balance.cap_with_room_for(summary.high, summary.most_unpriced) if budget is None else None
    if not summary.to_submit:
        return balance.cap_with_room_for(ZERO) if interactive or budget is None else None
    if interactive:
        left = None if budget is None else Usd(max(ZERO, budget - balance.committed))
        click.confirm(_question(summary, left), abort=True, err=True)
        return balance.cap_with_room_for(summary.high, summary.most_unpriced)
    if budget is None:
        raise UsageFault(
            "no budget set, and no terminal to ask on",
            help="set `limits.budget` in the manifest, or add --budget USD, or --yes to spend what the plan shows",
        )
    return None


def agree_to_adopt(needed: NeedsAdoption) -> None:
    """Shows what stops a run, and asks whether to take it over. Raises click.Abort for a no."""
    for fault in (needed, *needed.others):
        say(f"{fault}\nhelp: {fault.help}", err=True)
    price = Amount.of(attempt.price for attempt in needed.unknown)
    unpriced = f" and {price.unpriced:,} at an undocumented price" if price.unpriced else ""
    paid = f"{dollars(price.usd)} paid{unpriced}"
    click.confirm(f"Adopt {counted(price.count, 'result')} ({paid})?", default=True, abort=True, err=True)


def _question(summary: PlanSummary, left: Usd | None) -> str:
    """`left` is what is left in the budget, None without one. Under a budget, unpriced jobs wait."""
    if left is not None and left < summary.high:
        return f"Spend up to {dollars(left)}, what is left in the budget? (The whole plan: {dollars(summary.high)}.)"
    most = summary.most_unpriced if left is None else 0
    unpriced = f", and make {'up to ' if most > summary.unpriced_jobs else ''}{_unpriced_jobs(most)}" if most else ""
    return f"Spend up to {dollars(summary.high)}{unpriced}?"


def _unpriced_jobs(count: int) -> str:
    return f"{counted(count, 'job')} whose price is not documented"
