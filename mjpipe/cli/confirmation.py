"""Permission to spend: a person's yes, a budget, or `--yes`; and to take over what was paid for."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from mjpipe.campaign import NeedsAdoption, Planned, cap_of_saved
from mjpipe.cli.terminal import say_prose, terminal_width
from mjpipe.domain import ZERO, Amount, UsageFault, Usd, counted, dollars, wrapped
from mjpipe.ledger import Cap
from mjpipe.plan import SavedPlan, Spending

_CHOICE = " [y/N]: "
"""What click shows behind a question."""


def agreed_cap(
    planned: Planned,
    *,
    budget: Usd | None,
    yes: bool,
    free: bool,
    interactive: bool,
    saved: SavedPlan | None,
    asking: Callable[[], AbstractContextManager[None]],
) -> Cap | None:
    """The most that a person agreed to have spent after this run; None if only the budget bounds it.

    A `saved` plan is already agreed to. `--yes` without a budget covers the high end of the plan that was shown, on top
    of the balance; a yes, what the question named. Where nobody can be asked, the budget alone is the bound. A run that
    could submit nothing needs no agreement; then it may not spend on what comes up meanwhile either. `asking` is
    entered while a person is asked. Raises click.Abort for a no, and UsageFault when nobody can be asked and nothing
    bounds the run.
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
        spending = Spending.of(summary)
        if spending is None:
            return balance.cap_with_room_for(ZERO)
        with asking():
            question = wrapped(spending.question, terminal_width() - len(_CHOICE))
            click.confirm("\n".join(question), abort=True, err=True)
        return balance.cap_with_room_for(spending.usd, spending.unpriced)
    if budget is None:
        raise UsageFault(
            "no budget set, and no terminal to ask on",
            help="set `limits.budget` in the manifest, or add --budget USD, or --yes to spend what the plan shows",
        )
    return None


def agree_to_adopt(needed: NeedsAdoption) -> None:
    """Shows what stops a run, and asks whether to take it over. Raises click.Abort for a no."""
    for fault in (needed, *needed.others):
        say_prose(f"{fault}\nhelp: {fault.help}", err=True)
    price = Amount.of(attempt.price for attempt in needed.unknown)
    unpriced = f" and {price.unpriced:,} at an undocumented price" if price.unpriced else ""
    paid = f"{dollars(price.usd)} paid{unpriced}"
    click.confirm(f"Adopt {counted(price.count, 'result')} ({paid})?", default=True, abort=True, err=True)
