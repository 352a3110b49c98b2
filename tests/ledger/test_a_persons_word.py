"""What a person says of jobs: that they became tasks or did not, shall be tried again, are chosen, are pruned."""

import pytest

from mjpipe.domain import ZERO, JobKey, JobState, Money, Standing, StateFault, TaskId, UsageFault, usd
from mjpipe.ledger import Ledger, Records, Verdict
from mjpipe.plan.outcome.selection.sample import Sample, SampledRow
from tests.ledger.jobs import (
    adopt,
    adopted,
    decline,
    fetch,
    follow_up,
    generation,
    generations,
    intend,
    make,
    states,
    submit,
    succeed,
)

READY, WAITING, DONE, FAILED, IN_DOUBT, SUBMITTED = (
    JobState.READY,
    JobState.WAITING,
    JobState.DONE,
    JobState.FAILED,
    JobState.IN_DOUBT,
    JobState.SUBMITTED,
)
A = JobKey("hero/a")


@pytest.fixture
def doubtful(ledger: Ledger) -> Ledger:
    """`hero/a` is in doubt, `hero/b` is in flight as task_2."""
    adopt(ledger, generation("a"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, IN_DOUBT, Money.AT_RISK)
    adopt(ledger, generation("a"), generation("b"))
    submit(ledger)
    return ledger


def test_a_doubt_that_became_a_task_is_polled_and_its_price_counts_once(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert [(task.key, task.task) for task in doubtful.submissions.in_flight()] == [
        ("hero/b", "task_2"),
        (A, "task_found"),
    ]
    assert (doubtful.balance().at_risk, doubtful.balance().committed) == (ZERO, usd("0.40"))
    (_, found) = doubtful.submissions.in_flight()
    succeed(doubtful, found)
    fetch(doubtful, found)
    assert states(doubtful, [generation("a"), generation("b")]) == [DONE, SUBMITTED]
    assert doubtful.balance().spent == usd("0.20")


def test_the_task_of_another_job_is_refused_and_nothing_changes(doubtful: Ledger) -> None:
    before = doubtful.job_counts.by_state(), doubtful.balance()
    with pytest.raises(UsageFault, match="task `task_2` belongs to another attempt"):
        doubtful.decisions.resolve_as_task(A, TaskId("task_2"), 7.0)
    assert (doubtful.job_counts.by_state(), doubtful.balance()) == before


def test_a_doubt_that_was_never_sent_is_free_and_may_be_sent(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_not_sent(A)
    assert doubtful.balance().at_risk == ZERO
    (intent,) = intend(doubtful).intents
    assert (intent.key, intent.number) == (A, 2)


@pytest.mark.parametrize("key", ["hero/b", "hero/none"])
def test_only_a_job_in_doubt_can_be_resolved(doubtful: Ledger, key: str) -> None:
    with pytest.raises(UsageFault, match=f"`{key}` is not in doubt"):
        doubtful.decisions.resolve_as_not_sent(JobKey(key))
    with pytest.raises(UsageFault, match=f"`{key}` is not in doubt"):
        doubtful.decisions.resolve_as_task(JobKey(key), TaskId("task_found"), 7.0)


def test_a_doubt_is_resolved_once(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_not_sent(A)
    with pytest.raises(UsageFault):
        doubtful.decisions.resolve_as_not_sent(A)


def fail_all(ledger: Ledger) -> None:
    for intent in intend(ledger).intents:
        decline(ledger, intent, FAILED, Money.AT_RISK)


def test_failed_jobs_get_one_more_allowance_and_what_they_cost_stays_counted(ledger: Ledger) -> None:
    jobs = [generation("a"), generation("b")]
    adopt(ledger, *jobs)
    fail_all(ledger)
    assert ledger.decisions.retry_failed() == 2
    assert states(ledger, jobs) == [READY, READY]
    assert {ledger.submissions.failures(intent.job) for intent in intend(ledger).intents} == {0}
    assert ledger.balance().at_risk == usd("0.40")
    assert adopt(ledger, *jobs)[A].reason is None


def test_trying_again_touches_nothing_but_failed_jobs_that_are_wanted(doubtful: Ledger) -> None:
    adopt(doubtful, generation("c"))
    fail_all(doubtful)
    adopt(doubtful, generation("a"), generation("b"))
    assert doubtful.decisions.retry_failed() == 0
    assert states(doubtful, [generation("a"), generation("b")]) == [IN_DOUBT, SUBMITTED]


def test_a_follow_up_that_failed_unsent_is_decided_again(ledger: Ledger) -> None:
    source = generation("a")
    adopt(ledger, source, follow_up(source, 1))
    (task,) = submit(ledger)
    succeed(ledger, task)
    (follower,) = ledger.follow_ups.waiting_for(task.job)
    ledger.follow_ups.release(follower.job, Verdict(state=FAILED, reason="not offered", code="not_offered"))
    ledger.decisions.retry_failed()
    assert states(ledger, [source, follow_up(source, 1)]) == [JobState.SUCCEEDED, WAITING]


def test_only_chosen_jobs_are_submitted_for_as_long_as_the_ledger_is_open(ledger: Ledger) -> None:
    jobs = generations(3)
    adopt(ledger, *jobs)
    ledger.queue.choose(job for job in jobs if job.key == "hero/001")
    assert ledger.queue.size() == 1
    assert [intent.key for intent in intend(ledger).intents] == ["hero/001"]
    assert (ledger.queue.size(), intend(ledger).next_at) == (0, None)


def test_choosing_nothing_submits_nothing(ledger: Ledger) -> None:
    adopt(ledger, *generations(2))
    ledger.queue.choose([])
    assert (ledger.queue.size(), intend(ledger).intents) == (0, ())


def test_a_sample_of_one_row_is_one_row_even_when_all_rows_were_renamed(ledger: Ledger) -> None:
    """Rows that are renamed come last, and what follows from them after all of them."""
    adopt(ledger, *(generation(f"old {number}", prompt=f"{number}") for number in range(6)))
    make(ledger)
    sources = [generation(f"new {number}", prompt=f"{number}") for number in range(6)]
    plan = [job for source in sources for job in (source, follow_up(source, 0))]
    sample = Sample(1, lambda job: SampledRow("rows", hash(job.key.split("/")[1])))
    for pair in adopted(ledger, plan):
        sample.add(pair)
    (hero, upscale) = sorted(job.key for job, _ in sample.pairs())
    assert upscale == f"{hero.replace('hero', 'upscale')}/0"


def test_pruned_images_of_an_orphan_are_fetched_again_when_it_comes_back(ledger: Ledger) -> None:
    job = generation("a")
    adopt(ledger, job)
    make(ledger)
    adopt(ledger, generation("b"))
    orphans = list(ledger.images.left_over())
    assert len(orphans) == 4
    ledger.files.record_pruned(orphans)
    assert list(ledger.images.left_over()) == []
    adopt(ledger, job)
    ledger.submissions.begin_run(9.0)
    (again,) = ledger.images.to_fetch()
    assert [image.number for image in ledger.images.to_fetch_of(again).images] == [0, 1, 2, 3]
    assert intend(ledger).intents == ()
    record = Records(ledger.connection).job("hero/a")
    assert record is not None
    assert [attempt.money for attempt in record.attempts] == [Money.SPENT]


@pytest.fixture
def sent_twice(ledger: Ledger) -> Ledger:
    """`hero/a` was sent, a gateway stopped waiting, and was sent again as task_2, which is in flight."""
    adopt(ledger, generation("a"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, READY, Money.AT_RISK)
    submit(ledger)
    return ledger


def attempts(ledger: Ledger, key: JobKey = A) -> list[tuple[str | None, Money]]:
    record = Records(ledger.connection).job(key)
    assert record is not None
    return [(attempt.task, attempt.money) for attempt in record.attempts]


def test_a_first_task_that_turns_up_later_is_an_extra_and_the_job_stays_as_it_is(sent_twice: Ledger) -> None:
    assert not sent_twice.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert attempts(sent_twice) == [("task_found", Money.RESERVED), ("task_2", Money.RESERVED)]
    own, extra = sent_twice.submissions.in_flight()
    assert [(task.task, task.extra) for task in (own, extra)] == [("task_2", False), ("task_found", True)]
    succeed(sent_twice, extra)
    assert states(sent_twice, [generation("a")]) == [SUBMITTED]
    assert [
        (sent_twice.images.to_fetch_of(n).extra, sent_twice.images.to_fetch_of(n).wanted)
        for n in sent_twice.images.to_fetch()
    ] == [(True, False)]
    fetch(sent_twice, extra)
    succeed(sent_twice, own)
    fetch(sent_twice, own)
    assert adopt(sent_twice, generation("a")) == {A: Standing(state=DONE, paid=usd("0.20"))}
    record = Records(sent_twice.connection).job(A)
    assert record is not None
    assert record.result is record.attempts[1]
    assert (sent_twice.balance().spent, sent_twice.balance().committed) == (usd("0.40"), usd("0.40"))
    assert sent_twice.images.to_fetch() == []


def test_an_extra_that_fails_stays_at_risk_and_says_nothing_about_its_job(sent_twice: Ledger) -> None:
    sent_twice.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    _, extra = sent_twice.submissions.in_flight()
    verdict = Verdict(state=FAILED, reason="no", counts_as_failure=True)
    sent_twice.results.record_failure(extra, fail_code="x", message="no", money=Money.AT_RISK, verdict=verdict, now=8.0)
    assert states(sent_twice, [generation("a")]) == [SUBMITTED]
    assert (sent_twice.balance().at_risk, [task.task for task in sent_twice.submissions.in_flight()]) == (
        usd("0.20"),
        ["task_2"],
    )


def test_a_task_that_a_person_named_wrongly_is_named_again(doubtful: Ledger) -> None:
    assert doubtful.decisions.resolve_as_task(A, TaskId("task_fuond"), 7.0)
    before = doubtful.balance()
    assert doubtful.decisions.resolve_as_task(A, TaskId("task_found"), 8.0)
    assert doubtful.decisions.resolve_as_task(A, TaskId("task_found"), 9.0)
    assert [(task.task, task.adopted) for task in doubtful.submissions.in_flight()] == [
        ("task_2", False),
        ("task_found", True),
    ]
    assert (attempts(doubtful), doubtful.balance()) == ([("task_found", Money.RESERVED)], before)


def test_a_task_that_a_person_named_and_that_failed_may_belong_to_another_attempt(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_task(A, TaskId("task_fuond"), 7.0)
    (_, wrong) = doubtful.submissions.in_flight()
    verdict = Verdict(state=FAILED, reason="no", counts_as_failure=True)
    doubtful.results.record_failure(wrong, fail_code="x", message="no", money=Money.AT_RISK, verdict=verdict, now=8.0)
    assert doubtful.decisions.resolve_as_task(A, TaskId("task_found"), 9.0)
    (_, found) = doubtful.submissions.in_flight()
    succeed(doubtful, found)
    fetch(doubtful, found)
    assert adopt(doubtful, generation("a"))[A] == Standing(state=DONE, paid=usd("0.20"))


def test_a_task_that_a_person_named_wrongly_may_never_have_been_sent(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_task(A, TaskId("task_fuond"), 7.0)
    doubtful.decisions.resolve_as_not_sent(A)
    assert attempts(doubtful) == [(None, Money.FREE)]
    assert [intent.key for intent in intend(doubtful).intents] == [A]


def test_an_extra_that_a_person_named_wrongly_is_corrected_beside_its_job(sent_twice: Ledger) -> None:
    sent_twice.decisions.resolve_as_task(A, TaskId("task_fuond"), 7.0)
    assert not sent_twice.decisions.resolve_as_task(A, TaskId("task_found"), 8.0)
    assert attempts(sent_twice) == [("task_found", Money.RESERVED), ("task_2", Money.RESERVED)]
    sent_twice.decisions.resolve_as_not_sent(A)
    assert attempts(sent_twice) == [(None, Money.FREE), ("task_2", Money.RESERVED)]
    assert states(sent_twice, [generation("a")]) == [SUBMITTED]


def test_nobody_takes_back_a_task_that_has_succeeded_or_that_the_service_named(doubtful: Ledger) -> None:
    doubtful.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    (_, found) = doubtful.submissions.in_flight()
    succeed(doubtful, found)
    before = attempts(doubtful), attempts(doubtful, JobKey("hero/b"))
    for key in (A, JobKey("hero/b")):
        with pytest.raises(UsageFault, match="not in doubt"):
            doubtful.decisions.resolve_as_task(key, TaskId("task_other"), 9.0)
        with pytest.raises(UsageFault, match="not in doubt"):
            doubtful.decisions.resolve_as_not_sent(key)
    assert (attempts(doubtful), attempts(doubtful, JobKey("hero/b"))) == before


@pytest.mark.parametrize("state", [READY, FAILED])
def test_a_task_that_turns_up_before_the_job_is_sent_again_is_its_own(ledger: Ledger, state: JobState) -> None:
    adopt(ledger, generation("a"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, state, Money.AT_RISK)
    assert ledger.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert intend(ledger).intents == ()
    (task,) = ledger.submissions.in_flight()
    succeed(ledger, task)
    fetch(ledger, task)
    assert adopt(ledger, generation("a")) == {A: Standing(state=DONE, paid=usd("0.20"))}
    assert attempts(ledger) == [("task_found", Money.SPENT)]


def test_of_several_attempts_without_a_task_the_oldest_is_taken(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    for _ in range(2):
        (intent,) = intend(ledger).intents
        decline(ledger, intent, READY, Money.AT_RISK)
    submit(ledger)
    ledger.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert [task for task, _ in attempts(ledger)] == ["task_found", None, "task_3"]


def test_the_job_in_doubt_comes_before_its_older_attempts(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    for state in (READY, IN_DOUBT):
        (intent,) = intend(ledger).intents
        decline(ledger, intent, state, Money.AT_RISK)
    assert ledger.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert [task for task, _ in attempts(ledger)] == [None, "task_found"]


def test_what_was_sent_before_a_result_is_no_reroll_of_it(sent_twice: Ledger) -> None:
    (own,) = sent_twice.submissions.in_flight()
    succeed(sent_twice, own)
    fetch(sent_twice, own)
    again = generation("a")._replace(reroll_of=TaskId("task_2"))
    adopt(sent_twice, again)
    assert not sent_twice.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert states(sent_twice, [again]) == [READY]


def test_a_reroll_that_was_taken_for_lost_is_the_rerolls_own(sent_twice: Ledger) -> None:
    (own,) = sent_twice.submissions.in_flight()
    succeed(sent_twice, own)
    fetch(sent_twice, own)
    again = generation("a")._replace(reroll_of=TaskId("task_2"))
    adopt(sent_twice, again)
    (intent,) = intend(sent_twice).intents
    decline(sent_twice, intent, READY, Money.AT_RISK)
    assert sent_twice.decisions.resolve_as_task(A, TaskId("task_found"), 7.0)
    assert [task for task, _ in attempts(sent_twice)] == [None, "task_2", "task_found"]
    assert states(sent_twice, [again]) == [SUBMITTED]


def test_an_attempt_that_cannot_have_been_taken_is_not_adopted(sent_twice: Ledger) -> None:
    before = attempts(sent_twice)
    with pytest.raises(StateFault):
        sent_twice.decisions.adopt_task(2, TaskId("task_found"), 7.0)
    assert attempts(sent_twice) == before
