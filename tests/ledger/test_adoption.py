"""Taking over a plan: what was paid for is found again, whatever else has changed."""

from contextlib import suppress
from itertools import permutations

import pytest

from mjpipe.domain import Fingerprint, JobState, Money, OrphanTotals, Standing, usd
from mjpipe.ledger import JobRecord, Ledger, Records, Verdict
from tests.ledger.jobs import (
    adopt,
    decline,
    fetch,
    follow_up,
    generation,
    intend,
    make,
    renamed,
    standings,
    states,
    submit,
    succeed,
)

DONE = Standing(state=JobState.DONE, paid=usd("0.20"))


def records(ledger: Ledger) -> list[JobRecord]:
    """Wanted jobs in the order of the plan, then the orphans."""
    return list(Records(ledger.connection).jobs())


def keys(ledger: Ledger) -> tuple[list[str], list[str]]:
    """Of the wanted jobs, and of the orphans."""
    jobs = records(ledger)
    return [job.key for job in jobs if job.wanted], [job.key for job in jobs if not job.wanted]


def writes(ledger: Ledger) -> int:
    return ledger.connection.total_changes


def test_a_first_plan_is_all_new(ledger: Ledger) -> None:
    source = generation("a")
    assert adopt(ledger, source, follow_up(source, 1)) == {
        "hero/a": Standing(state=JobState.READY, reason="new"),
        "upscale/a/1": Standing(state=JobState.WAITING, reason="new"),
    }


def test_the_same_plan_again_finds_everything_and_writes_nothing(ledger: Ledger) -> None:
    source = generation("a")
    jobs = [source, follow_up(source, 1), generation("b")]
    adopt(ledger, *jobs)
    make(ledger)
    before = writes(ledger)
    assert adopt(ledger, *jobs) == {
        "hero/a": DONE,
        "upscale/a/1": Standing(state=JobState.READY, reason="new"),
        "hero/b": DONE,
    }
    assert writes(ledger) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"paths": ("elsewhere/0.png",)},
        {"labels": {"season": "spring"}},
        {"row": {"sku": "a", "stock": "7"}},
        {"price": usd("9.00")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_paths_labels_rows_and_prices_are_written_and_change_no_state(
    ledger: Ledger, changes: dict[str, object]
) -> None:
    jobs = [generation("a"), generation("b")]
    adopt(ledger, *jobs)
    make(ledger)
    changed = jobs[0]._replace(**changes)  # type: ignore[arg-type]  # the fields above
    before = writes(ledger)
    assert adopt(ledger, changed, jobs[1]) == {"hero/a": DONE, "hero/b": DONE}
    assert writes(ledger) == before + 2  # the row, and its revision
    (name, value), record = next(iter(changes.items())), records(ledger)[0]
    assert getattr(record, name) == value
    assert record.attempts[0].price == usd("0.20")


def test_a_new_order_of_the_rows_changes_the_order_alone(ledger: Ledger) -> None:
    jobs = [generation(name) for name in "abc"]
    adopt(ledger, *jobs)
    make(ledger)
    for order in permutations(jobs):
        assert list(adopt(ledger, *order).values()) == [DONE, DONE, DONE]
        assert [record.key for record in records(ledger)] == [job.key for job in order]


def test_a_changed_cell_makes_one_job_new_and_says_why(ledger: Ledger) -> None:
    before, source, other = generation("a", prompt="blue"), generation("b"), generation("c")
    adopt(ledger, before, source, follow_up(source, 0), other)
    make(ledger)
    after = generation("a", prompt="red")
    renewed = source._replace(fingerprint=Fingerprint("other"), request={**source.request, "speed": "turbo"})
    assert adopt(ledger, after, renewed, follow_up(renewed, 0), other) == {
        "hero/a": Standing(state=JobState.READY, reason="changed prompt"),
        "hero/b": Standing(state=JobState.READY, reason="changed speed"),
        "upscale/b/0": Standing(state=JobState.WAITING, reason="changed source"),
        "hero/c": DONE,
    }


def test_an_edit_and_its_undo_cost_nothing(ledger: Ledger) -> None:
    before, after = generation("a", prompt="blue"), generation("a", prompt="red")
    chain = [before, follow_up(before, 1)]
    adopt(ledger, *chain)
    make(ledger)
    make(ledger)
    adopt(ledger, after, follow_up(after, 1))
    assert keys(ledger) == (["hero/a", "upscale/a/1"], ["hero/a", "upscale/a/1"])
    assert states(ledger, chain) == [JobState.DONE, JobState.DONE]
    assert keys(ledger) == (["hero/a", "upscale/a/1"], [])
    assert intend(ledger).intents == ()


def test_what_was_never_sent_and_is_no_longer_asked_for_goes(ledger: Ledger) -> None:
    source = generation("a")
    chain = [source, follow_up(source, 1), follow_up(follow_up(source, 1), 0, mode="vary")]
    adopt(ledger, generation("b"), *chain)
    adopt(ledger, generation("b"))
    assert keys(ledger) == (["hero/b"], [])


def test_a_made_source_stays_when_its_unsent_followers_go(ledger: Ledger) -> None:
    source = generation("a")
    adopt(ledger, source)
    make(ledger)
    adopt(ledger, source, follow_up(source, 1))
    adopt(ledger, generation("b"))
    assert keys(ledger) == (["hero/b"], ["hero/a"])


def test_a_job_that_is_to_be_sent_again_keeps_its_history_while_nobody_asks_for_it(ledger: Ledger) -> None:
    job = generation("a")
    adopt(ledger, job)
    (intent,) = intend(ledger).intents
    decline(ledger, intent, JobState.READY, Money.AT_RISK)
    adopt(ledger, generation("b"))
    assert keys(ledger) == (["hero/b"], ["hero/a"])
    assert [intent.key for intent in intend(ledger).intents] == ["hero/b"]
    adopt(ledger, job)
    assert [intent.number for intent in intend(ledger).intents] == [2]
    assert ledger.submissions.failures(intent.job) == 1


def test_orphans_in_flight_are_still_polled(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    tasks = submit(ledger)
    adopt(ledger, generation("b"))
    assert ledger.submissions.in_flight() == tasks


def test_a_mistake_found_late_leaves_the_old_plan_in_force(ledger: Ledger) -> None:
    old = [generation("a"), generation("b")]
    adopt(ledger, *old)
    make(ledger)

    before = records(ledger)
    with suppress(LookupError), ledger.adopting() as adoption:
        adoption.take([generation("a", prompt="red"), renamed(old[1], "hero/z")])
        adoption.finish()
        raise LookupError("row 3")
    assert records(ledger) == before
    assert not ledger.connection.in_transaction


def test_a_plan_that_is_not_finished_is_not_adopted(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    with pytest.raises(AssertionError, match="not adopted to its end"), ledger.adopting() as adoption:
        adoption.take([generation("b"), generation("c")])
    assert keys(ledger) == (["hero/a"], [])
    assert not ledger.connection.in_transaction


def test_looking_at_a_plan_gives_what_adopting_it_would_and_writes_nothing(ledger: Ledger) -> None:
    a, b, c = (generation(name) for name in "abc")
    adopt(ledger, a, b, c)
    make(ledger)
    plan = [generation("a", prompt="red"), renamed(b, "hero/z"), c, follow_up(c, 1)]
    before = writes(ledger)
    looked = standings(ledger, plan)
    assert writes(ledger) == before
    assert looked == adopt(ledger, *plan)
    assert [standing.state for standing in looked.values()] == [
        JobState.READY,
        JobState.DONE,
        JobState.WAITING,
        JobState.DONE,
    ]


def test_a_place_kept_for_picks_is_never_sent(ledger: Ledger) -> None:
    source = generation("a")
    kept = follow_up(source, None)._replace(possible_jobs=(("upscale", usd("0.30")),))
    adopt(ledger, source, kept)
    make(ledger)
    assert states(ledger, [source, kept]) == [JobState.DONE, JobState.UNPICKED]
    assert ledger.follow_ups.sources_waited_for() == []
    assert intend(ledger).intents == ()


def test_what_was_paid_for_and_is_no_longer_asked_for_is_reported_with_its_cost(ledger: Ledger) -> None:
    a, b, c, unpriced = generation("a"), generation("b"), generation("c"), generation("d", price=None)
    adopt(ledger, a, follow_up(a, 1), b, c, unpriced)
    make(ledger)  # the follow-up is not made
    looking = ledger.standings()
    assert len(looking.take([c])) == 1
    orphaned = looking.finish().orphaned
    assert orphaned == OrphanTotals(jobs=3, paid=usd("0.40"), unpriced=1)
    with ledger.adopting() as adoption:
        assert adoption.take([c]) == [(c, DONE)]
        assert adoption.finish().orphaned == orphaned
    with ledger.adopting() as adoption:
        assert adoption.take([renamed(c, "hero/z")]) == []
        renamed_and_gone = adoption.finish()
    assert [standing for _, standing in renamed_and_gone.late] == [DONE]
    assert renamed_and_gone.orphaned == OrphanTotals()


def test_what_starts_from_an_image_that_did_not_come_stands_where_a_run_would_put_it(ledger: Ledger) -> None:
    source = generation("a")
    adopt(ledger, source)
    make(ledger, images=2)
    there, missing = follow_up(source, 1), follow_up(source, 3)
    plan = [source, there, missing, follow_up(missing, 0, mode="vary")]
    expected = {
        "hero/a": DONE,
        "upscale/a/1": Standing(state=JobState.WAITING, reason="new"),
        "upscale/a/3": Standing(state=JobState.SKIPPED),
        "vary/a/3/0": Standing(state=JobState.WAITING, reason="new"),
    }
    assert standings(ledger, plan) == expected
    assert [adopt(ledger, *plan), adopt(ledger, *plan)] == [expected, expected]
    behind = adopt(ledger, *plan)["vary/a/3/0"].waits_for
    assert behind is not None
    assert behind[1].state is JobState.SKIPPED


@pytest.mark.parametrize("planned_before", [True, False])
def test_what_the_service_does_not_offer_after_its_source_fails_already_in_the_plan(
    ledger: Ledger, *, planned_before: bool
) -> None:
    source = generation("a")
    upscale, vary = follow_up(source, 1), follow_up(source, 1, mode="vary")
    adopt(ledger, source, *([upscale, vary] if planned_before else []))
    for task in submit(ledger):
        succeed(ledger, task, actions='[{"mode": "vary", "image_indexes": [0, 1]}]')
        fetch(ledger, task)
    standing = adopt(ledger, source, upscale, vary)
    assert standing["upscale/a/1"] == Standing(state=JobState.FAILED, offered=False)
    assert standing["vary/a/1"] == Standing(state=JobState.WAITING, reason="new")


def test_a_failed_job_would_fail_again_unsent_only_if_it_is_not_offered(ledger: Ledger) -> None:
    source = generation("a")
    upscale, failing = follow_up(source, 1), generation("b")
    adopt(ledger, source, upscale, failing)
    first, second = submit(ledger)
    succeed(ledger, first, actions="[]")
    fetch(ledger, first)
    not_offered = Verdict(state=JobState.FAILED, reason="said", code="not_offered")
    ledger.follow_ups.release(ledger.follow_ups.waiting_for(first.job)[0].job, not_offered)
    verdict = Verdict(state=JobState.FAILED, counts_as_failure=True)
    ledger.results.record_failure(second, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=0.0)
    standing = adopt(ledger, source, upscale, failing)
    assert standing["upscale/a/1"] == Standing(state=JobState.FAILED, offered=False)
    assert standing["hero/b"] == Standing(state=JobState.FAILED)


def test_a_reroll_that_the_service_does_not_offer_fails_already_in_the_plan(ledger: Ledger) -> None:
    source = generation("a")
    adopt(ledger, source)
    (task,) = submit(ledger)
    succeed(ledger, task, actions="[]")
    fetch(ledger, task)
    asked = source._replace(reroll_of=task.task)
    again = Standing(state=JobState.FAILED, offered=False)
    assert adopt(ledger, asked, follow_up(source, 0))["hero/a"] == again
    (job, _, _) = ledger.follow_ups.rerolls_to_send()[0]
    ledger.follow_ups.give_up_reroll(job, Verdict(state=JobState.FAILED, reason="said", code="not_offered"))
    assert adopt(ledger, asked, follow_up(source, 0))["hero/a"] == again
