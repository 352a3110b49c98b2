"""Rerolls: what is made again, what stays, and what it is never taken for."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.contract import Mode
from mjpipe.domain import Job, JobState, Money, Standing, TaskId, usd
from mjpipe.ledger import InFlight, JobRecord, Ledger, Records, Verdict
from mjpipe.ledger.offers import Result
from tests.ledger.jobs import (
    accept,
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

DONE, FAILED, READY, SUBMITTED, WAITING = (
    JobState.DONE,
    JobState.FAILED,
    JobState.READY,
    JobState.SUBMITTED,
    JobState.WAITING,
)
ASKED = Standing(state=READY, reason="reroll requested")
PAID = Standing(state=DONE, paid=usd("0.20"))
A = generation("a")
UPSCALE = follow_up(A, 1)


def rerolled(job: Job, task: str) -> Job:
    return job._replace(reroll_of=TaskId(task))


def wanted(ledger: Ledger) -> dict[str, JobRecord]:
    return {record.key: record for record in Records(ledger.connection).jobs() if record.wanted}


def results(ledger: Ledger) -> dict[str, str | None]:
    """The task that holds each wanted job's result."""
    return {key: record.result.task if record.result else None for key, record in wanted(ledger).items()}


def orphans(ledger: Ledger) -> dict[str, list[str | None]]:
    """The tasks of each orphan."""
    records = [record for record in Records(ledger.connection).jobs() if not record.wanted]
    return {record.key: [attempt.task for attempt in record.attempts] for record in records}


def sent(record: JobRecord) -> list[bytes]:
    return [attempt.body for attempt in record.attempts]


def made_chain(ledger: Ledger) -> None:
    """`hero/a` is task_1, the upscale of its image 1 is task_2."""
    adopt(ledger, A, UPSCALE)
    make(ledger)
    make(ledger, images=1)


def test_a_reroll_is_submitted_for_the_price_of_its_job_and_becomes_its_result(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    assert adopt(ledger, rerolled(A, "task_1")) == {"hero/a": ASKED}
    (task,) = make(ledger)
    assert sent(wanted(ledger)["hero/a"])[1] == b'{"input": {"mode": "reroll", "taskId": "task_1"}}'
    assert task.request == {"mode": "reroll", "taskId": "task_1"}
    assert (ledger.balance().spent, results(ledger)) == (usd("0.40"), {"hero/a": "task_2"})
    assert adopt(ledger, A) == {"hero/a": PAID}
    assert [attempt.money for attempt in wanted(ledger)["hero/a"].attempts] == [Money.SPENT, Money.SPENT]


def test_a_reroll_of_a_reroll_is_that_of_the_newest_task(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    for task in ("task_1", "task_2"):
        adopt(ledger, rerolled(A, task))
        make(ledger)
    assert sent(wanted(ledger)["hero/a"])[2] == b'{"input": {"mode": "reroll", "taskId": "task_2"}}'
    assert results(ledger) == {"hero/a": "task_3"}


def test_a_stale_word_rerolls_nothing(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    make(ledger)
    assert adopt(ledger, rerolled(A, "task_1")) == {"hero/a": PAID}
    assert intend(ledger).intents == ()


def test_a_reroll_that_is_asked_for_again_while_it_is_on_its_way_is_sent_once(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    again = rerolled(A, "task_1")
    adopt(ledger, again)
    assert adopt(ledger, again) == {"hero/a": ASKED}
    (task,) = submit(ledger)
    assert adopt(ledger, again) == {"hero/a": Standing(state=SUBMITTED)}
    succeed(ledger, task)
    assert [record.state for record in wanted(ledger).values()] == [JobState.SUCCEEDED]
    assert ledger.balance().committed == usd("0.40")


def test_a_reroll_that_is_taken_back_unsent_leaves_the_old_result(ledger: Ledger) -> None:
    made_chain(ledger)
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    assert results(ledger) == {"hero/a": "task_1", "upscale/a/1": None}
    assert adopt(ledger, A, UPSCALE) == {"hero/a": PAID, "upscale/a/1": PAID}
    assert (results(ledger), orphans(ledger)) == ({"hero/a": "task_1", "upscale/a/1": "task_2"}, {})


def test_what_is_taken_back_and_lacks_images_is_fetched(ledger: Ledger) -> None:
    adopt(ledger, A)
    (task,) = submit(ledger)
    succeed(ledger, task)
    adopt(ledger, rerolled(A, "task_1"))
    assert adopt(ledger, A) == {"hero/a": Standing(state=JobState.SUCCEEDED, paid=usd("0.20"))}
    assert ledger.images.to_fetch() == [task.attempt]


def test_a_reroll_that_is_taken_back_in_flight_goes_on(ledger: Ledger) -> None:
    made_chain(ledger)
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    (task,) = submit(ledger)
    assert adopt(ledger, A, UPSCALE) == {
        "hero/a": Standing(state=SUBMITTED),
        "upscale/a/1": Standing(state=WAITING, reason="changed source"),
    }
    succeed(ledger, task)
    assert results(ledger) == {"hero/a": "task_3", "upscale/a/1": None}
    assert orphans(ledger) == {"upscale/a/1": ["task_2"]}


def test_a_reroll_in_doubt_waits_for_a_person_whatever_the_picks_say(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, JobState.IN_DOUBT, Money.AT_RISK)
    assert states(ledger, [A]) == [JobState.IN_DOUBT]
    ledger.decisions.resolve_as_not_sent(A.key)
    assert adopt(ledger, A) == {"hero/a": PAID}


def test_a_reroll_that_failed_is_tried_again_when_a_person_says_so_or_taken_back(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    again = rerolled(A, "task_1")
    adopt(ledger, again)
    (task,) = submit(ledger)
    failed = Verdict(state=FAILED, reason="no", code="x", counts_as_failure=True)
    ledger.results.record_failure(task, fail_code="x", message="no", money=Money.AT_RISK, verdict=failed, now=3.0)
    assert adopt(ledger, again) == {"hero/a": Standing(state=FAILED)}
    assert (results(ledger), intend(ledger).intents) == ({"hero/a": "task_1"}, ())
    ledger.decisions.retry_failed()
    assert adopt(ledger, again) == {"hero/a": Standing(state=READY, reason="retry requested")}
    assert adopt(ledger, A) == {"hero/a": PAID}
    assert (ledger.balance().spent, ledger.balance().at_risk) == (usd("0.20"), usd("0.20"))


def test_follow_ups_of_a_rerolled_job_are_made_again_and_the_old_ones_kept(ledger: Ledger) -> None:
    made_chain(ledger)
    assert adopt(ledger, rerolled(A, "task_1"), UPSCALE) == {
        "hero/a": ASKED,
        "upscale/a/1": Standing(state=WAITING, reason="changed source"),
    }
    make(ledger)
    make(ledger, images=1)
    assert sent(wanted(ledger)["upscale/a/1"]) == [
        b'{"input": {"mode": "upscale", "imageIndex": 1, "taskId": "task_3"}}'
    ]
    assert results(ledger) == {"hero/a": "task_3", "upscale/a/1": "task_4"}
    assert orphans(ledger) == {"upscale/a/1": ["task_2"]}
    assert adopt(ledger, A, UPSCALE) == {"hero/a": PAID, "upscale/a/1": PAID}
    assert ledger.balance().spent == usd("0.80")


def test_a_follow_up_in_flight_is_not_taken_for_one_of_the_new_images(ledger: Ledger) -> None:
    adopt(ledger, A, UPSCALE)
    make(ledger)
    (old,) = submit(ledger)
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    assert [task.task for task in ledger.submissions.in_flight()] == ["task_2"]
    succeed(ledger, old, images=1)
    fetch(ledger, old)
    make(ledger)
    make(ledger, images=1)
    assert results(ledger) == {"hero/a": "task_3", "upscale/a/1": "task_4"}
    assert orphans(ledger) == {"upscale/a/1": ["task_2"]}


def test_follow_ups_that_were_never_sent_wait_again(ledger: Ledger) -> None:
    others = [follow_up(A, number) for number in (0, 2, 3)]
    adopt(ledger, A, *others)
    (task,) = submit(ledger)
    succeed(ledger, task)
    fetch(ledger, task)
    ready, skipped, failed = ledger.follow_ups.waiting_for(task.job)
    ledger.follow_ups.release(ready.job, Verdict(state=READY))
    ledger.follow_ups.release(
        skipped.job, Verdict(state=JobState.SKIPPED, reason="it did not come", code="image_missing")
    )
    ledger.follow_ups.release(failed.job, Verdict(state=FAILED, reason="not offered", code="not_offered"))
    adopt(ledger, rerolled(A, "task_1"), *others)
    assert [intent.key for intent in intend(ledger).intents] == ["hero/a"]
    assert [(record.state, record.reason) for record in list(wanted(ledger).values())[1:]] == [(WAITING, None)] * 3
    assert orphans(ledger) == {}


def test_a_follow_up_that_would_be_sent_again_is_left_with_its_old_source(ledger: Ledger) -> None:
    adopt(ledger, A, UPSCALE)
    make(ledger)
    (intent,) = intend(ledger).intents
    decline(ledger, intent, READY, Money.AT_RISK)
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    make(ledger)
    make(ledger, images=1)
    assert sent(wanted(ledger)["upscale/a/1"]) == [
        b'{"input": {"mode": "upscale", "imageIndex": 1, "taskId": "task_3"}}'
    ]
    assert orphans(ledger) == {"upscale/a/1": [None]}


def test_the_plan_shows_what_taking_it_over_does(ledger: Ledger) -> None:
    made_chain(ledger)
    for plan in ([rerolled(A, "task_1"), UPSCALE], [A, UPSCALE], [rerolled(A, "task_1"), UPSCALE, generation("b")]):
        before = list(ledger.connection.iterdump())
        foretold = standings(ledger, plan)
        assert list(ledger.connection.iterdump()) == before
        assert adopt(ledger, *plan) == foretold


def test_a_result_that_was_to_be_rerolled_goes_with_its_renamed_job(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    assert adopt(ledger, renamed(A, "hero/z")) == {"hero/z": PAID}


def test_a_job_that_nobody_asks_for_is_not_rerolled_and_comes_back_for_nothing(ledger: Ledger) -> None:
    made_chain(ledger)
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    adopt(ledger, generation("b"))
    assert [intent.key for intent in intend(ledger).intents] == ["hero/b"]
    assert adopt(ledger, A, UPSCALE) == {"hero/a": PAID, "upscale/a/1": PAID}


def test_an_orphan_whose_reroll_fails_has_its_old_result(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    (task,) = submit(ledger)
    adopt(ledger, generation("b"))
    verdict = Verdict(state=FAILED, counts_as_failure=True)
    ledger.results.record_failure(task, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=3.0)
    adopt(ledger, generation("b"))
    (orphan,) = (record for record in Records(ledger.connection).jobs() if not record.wanted)
    assert (orphan.state, orphan.result and orphan.result.task) == (DONE, "task_1")


def test_a_reroll_beyond_the_budget_is_not_sent(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    batch = intend(ledger, budget=usd("0.39"))
    assert (batch.intents, batch.over_budget) == ((), "hero/a")
    assert len(intend(ledger, budget=usd("0.40")).intents) == 1


def test_the_task_that_is_known_of_a_follow_up_is_that_of_its_sources_result(ledger: Ledger) -> None:
    made_chain(ledger)
    assert ledger.tasks.of_job(UPSCALE.key, UPSCALE.fingerprint, TaskId("task_1")) == "task_2"
    adopt(ledger, rerolled(A, "task_1"), UPSCALE)
    assert ledger.tasks.of_job(A.key, A.fingerprint) == "task_1"
    make(ledger)
    assert ledger.tasks.of_job(A.key, A.fingerprint) == "task_3"
    assert ledger.tasks.of_job(UPSCALE.key, UPSCALE.fingerprint, TaskId("task_3")) is None
    assert ledger.tasks.image_numbers(TaskId("task_3")) == (0, 1, 2, 3)


def test_a_reroll_that_was_asked_for_and_not_sent_is_no_event_to_a_saved_plan(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    before = ledger.job_counts.stamp()
    adopt(ledger, rerolled(A, "task_1"))
    assert ledger.job_counts.stamp() == before
    intend(ledger)
    assert ledger.job_counts.stamp() != before


def test_images_of_a_replaced_result_that_never_came_are_fetched(ledger: Ledger) -> None:
    adopt(ledger, A)
    (old,) = submit(ledger)
    succeed(ledger, old)
    adopt(ledger, rerolled(A, "task_1"))
    assert ledger.images.to_fetch() == [old.attempt]
    (new,) = submit(ledger)
    succeed(ledger, new)
    assert ledger.images.to_fetch() == [old.attempt, new.attempt]
    assert [
        (ledger.images.to_fetch_of(n).wanted, ledger.images.to_fetch_of(n).extra) for n in ledger.images.to_fetch()
    ] == [
        (False, True),
        (True, False),
    ]
    fetch(ledger, old)
    assert wanted(ledger)["hero/a"].state is JobState.SUCCEEDED
    fetch(ledger, new)
    assert (wanted(ledger)["hero/a"].state, ledger.images.to_fetch()) == (DONE, [])


def test_only_what_is_replaced_is_left_over_and_what_is_pruned_stays_away(ledger: Ledger) -> None:
    adopt(ledger, A)
    make(ledger)
    adopt(ledger, rerolled(A, "task_1"))
    assert list(ledger.images.left_over()) == []
    make(ledger)
    left_over = list(ledger.images.left_over())
    assert {(image.attempt, image.number) for image in left_over} == {(1, number) for number in range(4)}
    assert list(ledger.images.left_over([left_over[0].path])) == left_over[:1]
    ledger.files.record_pruned(left_over)
    assert (list(ledger.images.left_over()), ledger.images.to_fetch()) == ([], [])


ACTIONS = st.lists(
    st.sampled_from(["ask", "take back", "make", "submit", "end", "fail", "no upscale", "rename"]), max_size=12
)


@given(actions=ACTIONS)
@settings(max_examples=150, deadline=None)
def test_whatever_a_person_asks_for_each_task_is_rerolled_once_and_each_follow_up_is_of_its_source(
    actions: list[str],
) -> None:
    ledger = Ledger.in_memory()
    asked: str | None = None
    upscaled, name = True, "a"

    def plan() -> list[Job]:
        source = generation(name, prompt="a teapot")
        task = ledger.tasks.of_job(source.key, source.fingerprint)
        if task is not None and task == asked:
            source = rerolled(source, task)
        return [source, follow_up(source, 1)] if upscaled else [source]

    under_way: list[InFlight] = []
    for action in ["make", *actions, "take back", "make", "make"]:
        if action == "ask":
            asked = ledger.tasks.of_job(plan()[0].key, plan()[0].fingerprint) or asked
        elif action == "take back":
            asked = None
        elif action == "no upscale":
            upscaled = not upscaled
        elif action == "rename":
            name = "b" if name == "a" else "a"
        adopt(ledger, *plan())
        for source in ledger.follow_ups.sources_waited_for():
            for follower in ledger.follow_ups.waiting_for(source):
                ledger.follow_ups.release(follower.job, Verdict(state=READY))
        if action in ("make", "submit"):
            under_way += [accept(ledger, intent) for intent in intend(ledger).intents]
        if action in ("make", "end"):
            for task in under_way:
                succeed(ledger, task, images=1 if task.request["mode"] == "upscale" else 4)
                fetch(ledger, task)
            under_way = []
        elif action == "fail":
            for task in under_way:
                verdict = Verdict(state=FAILED, counts_as_failure=True)
                ledger.results.record_failure(
                    task, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=0.0
                )
            under_way = []
        _each_follow_up_is_of_its_source(ledger)
    bodies = Counter(body for (body,) in ledger.connection.execute("SELECT body FROM attempts WHERE money = 'spent'"))
    assert {count for body, count in bodies.items() if b'"reroll"' in body} <= {1}
    ledger.close()


def _each_follow_up_is_of_its_source(ledger: Ledger) -> None:
    records = wanted(ledger)
    for record in records.values():
        if record.source is None or record.result is None:
            continue
        source = records[record.source].result
        assert source is not None
        assert f'"taskId": "{source.task}"'.encode() in record.result.body


def test_the_rerolls_to_send_are_reported_with_what_the_service_offered(ledger: Ledger) -> None:
    adopt(ledger, A)
    (task,) = submit(ledger)
    succeed(ledger, task, actions='[{"mode": "vary"}]')
    fetch(ledger, task)
    assert ledger.follow_ups.rerolls_to_send() == []
    adopt(ledger, rerolled(A, "task_1"))
    result = Result(mode=Mode.TEXT_TO_IMAGE, numbers=frozenset(range(4)), actions=[{"mode": "vary"}])
    assert ledger.follow_ups.rerolls_to_send() == [(task.job, "hero", result)]
    intend(ledger)
    assert ledger.follow_ups.rerolls_to_send() == []
