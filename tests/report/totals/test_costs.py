import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import Amount, Answered, JobState, JsonObject, Kind, Money, TaskId, UsageFault, usd
from mjpipe.ledger import Ledger
from mjpipe.report import Costs, LastRun, collect_costs
from tests.report.campaign import PICK, TEAPOTS, Campaign, job, teapots

NOTHING = Amount()


def costs_of(campaign: Campaign, *, since: float | None = None, by: Sequence[str] = ()) -> Costs:
    return collect_costs(campaign.records, TEAPOTS, since=since, by=by)


def amount(text: str, priced: int, unpriced: int = 0) -> Amount:
    return Amount(usd=usd(text), priced=priced, unpriced=unpriced)


def test_planned_is_what_the_wanted_jobs_cost_without_places_for_picks(campaign: Campaign) -> None:
    campaign.plan(
        job("hero/a"),
        job("final/a/?", kind=Kind.UPSCALE, price=None, source=("hero/a", None), possible_jobs=PICK),
        job("hero/b", price="0.40"),
        job("soft/c", kind=Kind.ENHANCE, price=None),
    )
    costs = costs_of(campaign)
    assert costs.wanted.planned == amount("0.60", 2, unpriced=1)
    assert costs.wanted.jobs[JobState.UNPICKED] == 1
    assert costs.nodes["final"].planned == NOTHING


def test_an_attempt_counts_at_the_price_at_which_it_was_reserved(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", price="0.20"))
    campaign.finish(campaign.intend()["hero/a"])
    campaign.plan(job("hero/a", price="0.50"))
    costs = costs_of(campaign)
    assert (costs.wanted.planned, costs.spent) == (amount("0.50", 1), amount("0.20", 1))


def test_every_outcome_of_a_submission_is_counted_by_what_it_means_for_the_money(campaign: Campaign) -> None:
    campaign.plan(*(job(f"hero/{name}") for name in "abcdef"))
    intents = campaign.intend(limit=5)
    campaign.finish(intents["hero/a"])
    campaign.accept(intents["hero/b"])
    campaign.fail(intents["hero/c"], "PromptInvalid", "", "rejected")
    campaign.turn_away(intents["hero/d"], outcome=Answered.REFUSED, money=Money.FREE, state=JobState.FAILED, code="400")
    campaign.turn_away(intents["hero/e"], outcome=Answered.UNKNOWN, money=Money.AT_RISK, state=JobState.IN_DOUBT)
    costs = costs_of(campaign)
    assert (costs.spent, costs.reserved, costs.at_risk) == (amount("0.20", 1), amount("0.20", 1), amount("0.40", 2))
    assert (costs.wanted.attempts, costs.wanted.images) == (5, 4)
    assert costs.wanted.jobs == {
        **dict.fromkeys(JobState, 0),
        JobState.DONE: 1,
        JobState.SUBMITTED: 1,
        JobState.FAILED: 2,
        JobState.IN_DOUBT: 1,
        JobState.READY: 1,
    }


def test_an_unpriced_task_is_counted_and_never_adds_nothing_silently(campaign: Campaign) -> None:
    campaign.plan(job("soft/a", price=None))
    campaign.finish(campaign.intend()["soft/a"])
    costs = costs_of(campaign)
    assert costs.spent == Amount(unpriced=1)
    assert (costs.spent.text, str(costs.spent)) == (None, "1 unpriced")


def test_orphans_are_apart_and_in_the_total(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"), job("hero/b", price="0.40"))
    for intent in campaign.intend().values():
        campaign.finish(intent)
    campaign.plan(job("hero/a"))
    costs = costs_of(campaign)
    assert (costs.wanted.spent, costs.orphans.spent) == (amount("0.20", 1), amount("0.40", 1))
    assert costs.spent == amount("0.60", 2)
    assert costs.nodes["hero"] == costs.wanted
    assert (costs.wanted.planned, costs.orphans.planned) == (amount("0.20", 1), NOTHING)


def test_a_task_beside_the_result_of_its_job_is_an_extra(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    first = campaign.intend()["hero/a"]
    campaign.turn_away(first, outcome=Answered.GATEWAY_FAULT, money=Money.AT_RISK, state=JobState.READY, code="504")
    campaign.finish(campaign.intend()["hero/a"])
    campaign.find_extra(first.attempt, images=2)
    costs = costs_of(campaign)
    assert (costs.spent, costs.extras) == (amount("0.40", 2), amount("0.20", 1))
    assert costs.wanted.images == 6


def test_what_a_reroll_replaces_is_the_result_until_then_and_an_extra_afterwards(campaign: Campaign) -> None:
    first = job("hero/a")
    campaign.plan(first)
    campaign.finish(campaign.intend()["hero/a"])
    since = campaign.now + 0.5
    campaign.plan(first._replace(reroll_of=TaskId("task_0001")))
    asked = costs_of(campaign, since=since)
    assert (asked.reused, asked.extras, asked.wanted.jobs[JobState.READY]) == (amount("0.20", 1), NOTHING, 1)
    again = campaign.intend()["hero/a"]
    assert costs_of(campaign, since=since).extras == NOTHING
    campaign.finish(again)
    made = costs_of(campaign, since=since)
    assert (made.reused, made.extras, made.spent) == (NOTHING, amount("0.20", 1), amount("0.40", 2))


def test_the_last_run_is_what_was_submitted_since_and_the_rest_is_reused(campaign: Campaign) -> None:
    since = teapots(campaign)
    assert costs_of(campaign, since=since).last_run == LastRun(
        since=since,
        attempts=4,
        spent=amount("0.20", 1),
        reserved=amount("0.20", 1),
        at_risk=amount("0.40", 2),
        reused=amount("0.40", 2),
    )


def test_a_second_run_of_a_finished_campaign_spends_nothing_and_reuses_everything(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"), job("hero/b"))
    for intent in campaign.intend().values():
        campaign.finish(intent)
    since = campaign.now + 1
    costs = costs_of(campaign, since=since)
    assert costs.last_run == LastRun(
        since=since, attempts=0, spent=NOTHING, reserved=NOTHING, at_risk=NOTHING, reused=amount("0.40", 2)
    )
    assert costs.reused == costs.spent == costs.wanted.planned


def test_a_task_that_an_earlier_run_submitted_and_this_one_fetched_is_reused(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    task = campaign.accept(campaign.intend()["hero/a"])
    since = campaign.now + 1
    campaign.succeed(task)
    campaign.fetch(task)
    costs = costs_of(campaign, since=since)
    assert costs.last_run is not None
    assert (costs.last_run.spent, costs.reused) == (NOTHING, amount("0.20", 1))


def test_without_a_run_nothing_is_said_of_one(campaign: Campaign) -> None:
    teapots(campaign)
    costs = costs_of(campaign)
    assert (costs.last_run, costs.reused) == (None, None)


def test_modes_are_divided_by_speed_and_leave_out_places_for_picks(campaign: Campaign) -> None:
    turbo: JsonObject = {"mode": "text-to-image", "prompt": "a pot", "speed": "turbo"}
    upscale: JsonObject = {"mode": "upscale", "imageIndex": 0}
    campaign.plan(
        job("hero/a"),
        job("final/a/0", kind=Kind.UPSCALE, price="0.30", request=upscale, source=("hero/a", 0)),
        job(
            "soft/a/?",
            kind=Kind.VARY,
            price=None,
            request={"mode": "vary"},
            source=("hero/a", None),
            possible_jobs=PICK,
        ),
        job("hero/b"),
        job("quick/c", price="0.40", request=turbo),
    )
    planned = {mode: group.planned for mode, group in costs_of(campaign).modes.items()}
    assert planned == {
        ("text-to-image", "fast"): amount("0.40", 2),
        ("upscale", None): amount("0.30", 1),
        ("text-to-image", "turbo"): amount("0.40", 1),
    }


def test_states_divide_the_wanted_jobs(campaign: Campaign) -> None:
    teapots(campaign)
    costs = costs_of(campaign)
    assert list(costs.states) == list(JobState)
    assert {state: group.total for state, group in costs.states.items()} == costs.wanted.jobs
    assert costs.states[JobState.DONE].spent == amount("0.60", 3)


def test_columns_are_those_of_rows_and_labels_and_a_label_wins(campaign: Campaign) -> None:
    campaign.plan(
        job("hero/a", row={"style": "studio", "line": "x"}, labels={"line": "spring"}),
        job("hero/b", row={"style": "macro"}),
        job("hero/c", row={"style": "studio", "line": "y"}),
    )
    by = costs_of(campaign, by=["style", "line"]).by
    assert {column: {value: group.total for value, group in values.items()} for column, values in by.items()} == {
        "style": {"studio": 2, "macro": 1},
        "line": {"spring": 1, None: 1, "y": 1},
    }


def test_a_column_that_no_job_has_is_refused_with_the_nearest_one(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", row={"style": "studio", "sku": "1"}))
    with pytest.raises(UsageFault, match="no job has a column `stlye`") as caught:
        costs_of(campaign, by=["sku", "stlye"])
    assert caught.value.help == "did you mean `style`?"


def test_a_campaign_without_jobs_has_every_column(campaign: Campaign) -> None:
    assert costs_of(campaign, by=["style"]).by == {"style": {}}


def test_memory_does_not_grow_with_the_jobs() -> None:
    measure = [sys.executable, "-m", "tests.report.totals.memory_of_costs"]
    few, many = json.loads(subprocess.run([*measure, "150", "1500"], capture_output=True, check=True).stdout)
    assert many < few + 200_000  # a tenth of what the records would take


def finished(campaign: Campaign, name: str) -> None:
    campaign.finish(campaign.intend(limit=1)[name])


def under_way(campaign: Campaign, name: str) -> None:
    campaign.accept(campaign.intend(limit=1)[name])


def failed(campaign: Campaign, name: str) -> None:
    campaign.fail(campaign.intend(limit=1)[name], "Task TimeOut", "", "timed out")


def failed_and_finished(campaign: Campaign, name: str) -> None:
    campaign.fail(campaign.intend(limit=1)[name], "Task TimeOut", "", "timed out", state=JobState.READY)
    finished(campaign, name)


def refused(campaign: Campaign, name: str) -> None:
    intent = campaign.intend(limit=1)[name]
    campaign.turn_away(intent, outcome=Answered.REFUSED, money=Money.FREE, state=JobState.FAILED)


def in_doubt(campaign: Campaign, name: str) -> None:
    intent = campaign.intend(limit=1)[name]
    campaign.turn_away(intent, outcome=Answered.UNKNOWN, money=Money.AT_RISK, state=JobState.IN_DOUBT)


FATES = (finished, under_way, failed, failed_and_finished, refused, in_doubt)
PRICES = ("0.10", "0.20", "0.000001", None)


@given(
    fates=st.lists(st.tuples(st.sampled_from(FATES), st.sampled_from(PRICES), st.sampled_from("ab")), max_size=12),
    left=st.integers(min_value=0, max_value=12),
)
def test_the_totals_are_the_ledgers_own_balance_and_the_sum_of_their_parts(
    fates: list[tuple[object, str | None, str]], left: int
) -> None:
    ledger = Ledger.in_memory()
    campaign = Campaign(ledger)
    jobs = [job(f"{node}/{number}", price=price) for number, (_, price, node) in enumerate(fates)]
    campaign.plan(*jobs)
    for planned, (fate, _, _) in zip(jobs, fates, strict=True):
        assert callable(fate)
        fate(campaign, planned.key)
    campaign.plan(*jobs[:left])
    costs, balance = costs_of(campaign), campaign.records.ledger.balance()
    ledger.close()
    assert (costs.spent.usd, costs.reserved.usd, costs.at_risk.usd) == (
        balance.spent,
        balance.reserved,
        balance.at_risk,
    )
    assert costs.spent.unpriced + costs.reserved.unpriced + costs.at_risk.unpriced == balance.unpriced
    for groups in (costs.nodes.values(), costs.modes.values(), costs.states.values()):
        assert sum((group.spent for group in groups), NOTHING) == costs.wanted.spent
        assert sum((group.at_risk for group in groups), NOTHING) == costs.wanted.at_risk
        assert sum((group.planned for group in groups), NOTHING) == costs.wanted.planned


def test_nodes_come_in_the_order_of_the_manifest(campaign: Campaign) -> None:
    """Jobs come row by row, so that what follows from a node can come before its neighbour."""
    campaign.plan(job("hero/1"), job("final/1", kind=Kind.UPSCALE, source=("hero/1", 0)), job("clean/1"), job("old/1"))
    reported = replace(TEAPOTS, nodes=("clean", "hero", "final"))
    assert [*collect_costs(campaign.records, reported, since=None).nodes] == ["clean", "hero", "final", "old"]
