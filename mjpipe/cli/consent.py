"""Leave to spend: a person's yes, a budget, or `--yes`."""

import click

from mjpipe.domain import UsageFault, Usd, dollars
from mjpipe.plan import Origin, PlanSummary, SavedPlan, misfits


def agreed_cap(
    summary: PlanSummary, *, committed: Usd, budget: Usd | None, yes: bool, free: bool, watched: bool
) -> Usd | None:
    """What the campaign may cost in all after this run by what a person has just agreed to; None for no such bound.

    A yes covers the high end of the plan that was shown, on top of what is `committed`. To a run that has nothing to
    submit nobody has to agree; then it may not spend on what comes up meanwhile, either. Raises click.Abort for a no,
    and UsageFault when nobody is there to ask and nothing bounds the run.
    """
    if free or yes:
        return None
    if not summary.to_submit:
        return committed if watched or budget is None else None
    if watched:
        unpriced = f" and {summary.unpriced_jobs} unpriced jobs" if summary.unpriced_jobs else ""
        click.confirm(f"Spend up to {dollars(summary.high)}{unpriced}?", abort=True, err=True)
        return Usd(committed + summary.high)
    if budget is None:
        raise UsageFault(
            "a run that spends money needs a cap when no person watches",
            help="set `limits.budget` in the manifest, or pass --budget USD, or --yes to spend what the plan says",
        )
    return None


def cap_of_saved(plan: SavedPlan, origin: Origin, summary: PlanSummary, *, committed: Usd) -> Usd:
    """What a saved plan allows on top of what is `committed`. Raises UsageFault when the plan no longer fits."""
    reasons = misfits(plan, origin, summary)
    if reasons:
        raise UsageFault(
            f"the saved plan no longer fits: {'; '.join(reasons)}",
            help="look at the difference with `mjpipe plan M --against FILE`, and save it anew with --out FILE",
        )
    return Usd(committed + plan.high)
