"""What a person is asked to spend."""

from dataclasses import replace

import pytest

from mjpipe.domain import ZERO, usd
from mjpipe.plan import PlanSummary, Spending
from mjpipe.plan.outcome.plan_budget import PlanBudget
from mjpipe.plan.outcome.summary import PlanCount
from tests.plan.planning import Plan


@pytest.fixture
def summary(plan: Plan) -> PlanSummary:
    planned = plan("nodes: {hero: {kind: generate, params: {prompt: a heron}}}")
    count = PlanCount(planned.manifest)
    count.add(planned.standings())
    return count.finish()


def asked(
    summary: PlanSummary,
    low: str,
    high: str,
    *,
    left: str | None = None,
    fits_usd: str = "0",
    exact: bool = True,
    unpriced: tuple[int, int] = (0, 0),
) -> tuple[str, str, int] | None:
    """The question, and what a yes agrees to."""
    tally = replace(
        summary.tally, low=usd(low), high=usd(high), unpriced_jobs=unpriced[0], possible_unpriced=unpriced[1]
    )
    budget = None
    if left is not None:
        fits = 0 if usd(fits_usd) == ZERO else 1
        budget = PlanBudget(
            left=usd(left), fits=fits, fits_usd=usd(fits_usd), exact=exact, waits=0, waits_unpriced=unpriced[0]
        )
    spending = Spending.of(replace(summary, tally=tally, budget=budget))
    return None if spending is None else (spending.question, str(spending.usd), spending.unpriced)


def test_the_sum_that_is_sure_is_asked_for_and_what_picks_could_add_is_named_apart(summary: PlanSummary) -> None:
    assert asked(summary, "168.10", "168.10") == ("Spend $168.10 now?", "168.10", 0)
    assert asked(summary, "168.10", "2191.30") == (
        "Spend $168.10 now? (Later picks: up to $2,023.20 more.)",
        "2191.30",
        0,
    )


def test_never_more_than_is_left_in_the_budget_is_asked_for(summary: PlanSummary) -> None:
    assert asked(summary, "168.10", "2191.30", left="399.50", fits_usd="168.10") == (
        "Spend $168.10 now? (Later picks: up to the $231.40 left in the budget.)",
        "399.50",
        0,
    )
    assert asked(summary, "0.60", "0.60", left="0.50", fits_usd="0.40") == ("Spend $0.40 now?", "0.40", 0)
    assert asked(summary, "0.60", "0.60", left="0.50", fits_usd="0.45", exact=False) == (
        "Spend up to $0.50, what is left in the budget?",
        "0.50",
        0,
    )


def test_nobody_is_asked_when_the_budget_holds_nothing(summary: PlanSummary) -> None:
    assert asked(summary, "0.60", "4.20", left="0.10") is None


def test_jobs_without_a_price_are_named(summary: PlanSummary) -> None:
    assert asked(summary, "0.20", "0.20", unpriced=(1, 0)) == (
        "Spend $0.20 now, and make 1 job whose price is not documented?",
        "0.20",
        1,
    )
    assert asked(summary, "0.20", "0.50", unpriced=(0, 4)) == (
        "Spend $0.20 now? (Later picks: up to $0.30 more, and up to 4 jobs whose price is not documented.)",
        "0.50",
        4,
    )
    assert asked(summary, "0.20", "0.20", unpriced=(2, 4)) == (
        (
            "Spend $0.20 now, and make 2 jobs whose price is not documented? "
            "(Later picks: up to 4 jobs whose price is not documented.)"
        ),
        "0.20",
        6,
    )
    assert asked(summary, "0.20", "0.20", left="1", fits_usd="0.20", unpriced=(2, 4)) == ("Spend $0.20 now?", "0.20", 0)
