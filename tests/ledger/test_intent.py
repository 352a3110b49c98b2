"""The intention comes before the request: durable, guarded, in order."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mjpipe.domain import Answered, JobState, Money, StateFault, TaskId, usd
from mjpipe.ledger import Ledger, ReadyJob, Records, Verdict
from tests.ledger.child import child, kill
from tests.ledger.jobs import HOST, accept, adopt, decline, follow_up, generation, intend, make, states, submit

INTENDS_AND_STAYS = """
import sys, time
from pathlib import Path
from mjpipe.ledger import Ledger
from tests.ledger.jobs import adopt, generation, intend
ledger = Ledger.open(Path(sys.argv[1]))
adopt(ledger, generation("a"), generation("b"))
intend(ledger, limit=1, now=5.0)
print("intended", flush=True)
time.sleep(600)
"""


def test_an_intent_is_on_disk_when_it_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with child(INTENDS_AND_STAYS, path) as process:
        kill(process)
    records = Records.open(path)
    first, second = records.jobs()
    records.close()
    (attempt,) = first.attempts
    assert (first.state, second.state, second.attempts) == (JobState.SUBMITTING, JobState.READY, ())
    assert (attempt.money, attempt.price, attempt.outcome, attempt.intended) == (Money.RESERVED, usd("0.20"), None, 5.0)
    assert json.loads(attempt.body) == {"input": first.request}


def test_every_commit_is_flushed_to_disk(ledger: Ledger) -> None:
    full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert ledger.connection.execute("PRAGMA synchronous").fetchone() == (full,)


def test_what_was_being_submitted_when_the_program_died_is_in_doubt_and_at_risk(ledger: Ledger) -> None:
    jobs = [generation("a"), generation("b")]
    adopt(ledger, *jobs)
    intend(ledger, limit=1)
    assert ledger.submissions.begin_run(9.0) == 1
    assert states(ledger, jobs) == [JobState.IN_DOUBT, JobState.READY]
    assert ledger.balance().at_risk == usd("0.20")
    assert [intent.key for intent in intend(ledger).intents] == ["hero/b"]


def test_a_job_has_one_attempt_under_way_at_most(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    assert len(intend(ledger).intents) == 1
    assert intend(ledger).intents == ()


def test_the_deepest_jobs_come_first_then_the_order_of_the_plan(ledger: Ledger) -> None:
    first, second, third = (generation(name) for name in "abc")
    chained = [first, follow_up(first, 1), second, follow_up(second, 0)]
    adopt(ledger, *chained)
    make(ledger)
    adopt(ledger, third, *chained)
    assert [intent.key for intent in intend(ledger).intents] == ["upscale/a/1", "upscale/b/0", "hero/c"]


def test_a_follow_up_is_given_its_sources_task_and_url(ledger: Ledger) -> None:
    source = generation("a")
    adopt(ledger, source, follow_up(source, 2))
    (task,) = make(ledger)

    def both(job: ReadyJob) -> bytes:
        return f"{job.source_task} {job.source_url}".encode()

    (intent,) = ledger.submissions.intend(limit=1, budget=None, cap=None, now=0.0, elapsed=0.0, body=both).intents
    assert intent.body.decode() == f"{task.task} https://images.test/{task.task}/2"


def test_a_job_is_left_alone_before_its_time_and_the_time_is_reported(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    (intent,) = intend(ledger).intents
    again = Verdict(state=JobState.READY, not_before=30.0)
    ledger.submissions.record_no_task(
        intent, outcome=Answered.NOT_ACCEPTED, evidence="", money=Money.FREE, verdict=again, now=0.0
    )
    early = intend(ledger, now=29.0)
    assert (early.intents, early.next_at) == ((), 30.0)
    assert [attempt.number for attempt in intend(ledger, now=30.0).intents] == [2]


def test_how_long_a_service_has_not_been_accepting_a_job_is_known_until_the_run_ends(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    (intent,) = intend(ledger).intents
    held = Verdict(state=JobState.READY, held_since=3.0)
    ledger.submissions.record_no_task(
        intent, outcome=Answered.NOT_ACCEPTED, evidence="", money=Money.FREE, verdict=held, now=0.0
    )
    (intent,) = intend(ledger).intents
    assert ledger.submissions.held_since(intent.job) == 3.0
    ledger.submissions.record_no_task(
        intent, outcome=Answered.NOT_ACCEPTED, evidence="", money=Money.FREE, verdict=held, now=0.0
    )
    ledger.submissions.begin_run(9.0)
    assert ledger.submissions.held_since(intent.job) is None


def test_what_was_sent_before_the_service_asked_to_wait_does_not_say_that_it_is_open_again(ledger: Ledger) -> None:
    adopt(ledger, generation("a"), generation("b"), generation("c"))
    before, turned_away = intend(ledger, limit=2).intents
    decline(ledger, turned_away, JobState.READY, Money.FREE)
    ledger.bind.wait_until(3600.0)
    accept(ledger, before)
    assert ledger.bindings.wait_until(0.0) == 3600.0
    accept(ledger, intend(ledger, limit=1).intents[0])
    assert ledger.bindings.wait_until(0.0) is None


def test_jobs_of_a_stopped_node_are_left_ready(ledger: Ledger) -> None:
    jobs = [generation("a", node="hero"), generation("a", node="macro")]
    adopt(ledger, *jobs)
    assert [intent.node for intent in intend(ledger, stopped=["hero"]).intents] == ["macro"]
    assert states(ledger, jobs)[0] is JobState.READY


def test_a_body_that_cannot_be_made_leaves_nothing_on_record(ledger: Ledger) -> None:
    jobs = [generation("a"), generation("b")]
    adopt(ledger, *jobs)

    def only_a(job: ReadyJob) -> bytes:
        return {"hero/a": b""}[job.key]

    with pytest.raises(KeyError):
        ledger.submissions.intend(limit=2, budget=None, cap=None, now=0.0, elapsed=0.0, body=only_a)
    assert states(ledger, jobs) == [JobState.READY, JobState.READY]
    assert ledger.balance().reserved == usd("0")


def test_each_step_refuses_a_job_that_is_not_where_it_should_be(ledger: Ledger) -> None:
    adopt(ledger, generation("a"), generation("b"))
    accepted, declined = intend(ledger).intents
    task = accept(ledger, accepted)
    decline(ledger, declined, JobState.READY, Money.FREE)
    before = ledger.job_counts.by_state(), ledger.balance()
    steps: list[Callable[[], object]] = [
        lambda: ledger.submissions.record_task(accepted, TaskId("task_again"), host=HOST, speed_up=1.0, now=0.0),
        lambda: ledger.submissions.record_task(declined, TaskId("task_too_late"), host=HOST, speed_up=1.0, now=0.0),
        lambda: decline(ledger, accepted, JobState.READY, Money.FREE),
        lambda: decline(ledger, declined, JobState.IN_DOUBT, Money.AT_RISK),
        lambda: ledger.follow_ups.release(accepted.job, Verdict(state=JobState.READY)),
        lambda: ledger.files.record_fetched(accepted.job, accepted.attempt, [], 0.0),
    ]
    for step in steps:
        with pytest.raises(StateFault, match="a job is not in the state that this run left it in"):
            step()
    assert (ledger.job_counts.by_state(), ledger.balance()) == before
    assert ledger.submissions.in_flight() == [task]


def test_a_task_ends_once(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    (task,) = submit(ledger)
    failed = Verdict(state=JobState.FAILED, counts_as_failure=True)
    ledger.results.record_failure(task, fail_code="x", message="", money=Money.AT_RISK, verdict=failed, now=0.0)
    with pytest.raises(StateFault):
        ledger.results.record_failure(task, fail_code="x", message="", money=Money.FREE, verdict=failed, now=0.0)
    with pytest.raises(StateFault):
        ledger.results.record_success(task, urls=["u"], actions=None, created=None, completed=None, now=0.0)
    assert (ledger.balance().at_risk, ledger.balance().spent) == (usd("0.20"), usd("0"))


def test_the_next_intent_ties_the_state_when_the_first_one_was_undone(ledger: Ledger) -> None:
    ledger.bind.manifest("campaign.yaml")
    adopt(ledger, generation("a"), generation("b"))
    ledger.connection.execute("BEGIN")
    intend(ledger, limit=1)
    ledger.connection.execute("ROLLBACK")  # as when a commit fails
    assert ledger.bindings.get("manifest") is None
    intend(ledger, limit=1)
    assert ledger.bindings.get("manifest") == "campaign.yaml"
