"""A result whose job has another name by now: the same key first, then what is left over."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.domain import Fingerprint, Job, JobKey, JobState, Money, Standing, usd
from mjpipe.ledger import Ledger, Records, Take, Takeovers, Verdict
from tests.ledger.jobs import (
    adopt,
    adopted,
    decline,
    follow_up,
    generation,
    intend,
    make,
    renamed,
    states,
    submit,
    succeed,
)

DONE = Standing(state=JobState.DONE, paid=usd("0.20"))


def tasks(ledger: Ledger) -> dict[str, list[str | None]]:
    """The taskIds of each wanted job."""
    return {
        record.key: [attempt.task for attempt in record.attempts]
        for record in Records(ledger.connection).jobs()
        if record.wanted
    }


def lineage(ledger: Ledger) -> dict[str, str | None]:
    """Each wanted follow-up with the task of its source, as the ledger would send it."""
    rows = ledger.connection.execute(
        "SELECT j.key, a.task FROM jobs j JOIN jobs s ON s.id = j.source LEFT JOIN attempts a ON a.id = s.attempt"
        " WHERE j.wanted ORDER BY j.position"
    )
    return dict(rows.fetchall())


def test_a_row_with_a_new_key_keeps_its_result(ledger: Ledger) -> None:
    old = generation("a", prompt="a teapot")
    adopt(ledger, old, follow_up(old, 1))
    make(ledger)
    make(ledger)
    new = generation("z", prompt="a teapot")
    assert adopt(ledger, new, follow_up(new, 1)) == {"hero/z": DONE, "upscale/z/1": DONE}
    assert tasks(ledger) == {"hero/z": ["task_1"], "upscale/z/1": ["task_2"]}
    assert lineage(ledger) == {"upscale/z/1": "task_1"}
    assert Records(ledger.connection).job("hero/a") is None


def test_what_will_be_taken_over_is_found_through_a_chain_that_it_brings_and_nothing_is_written(
    ledger: Ledger,
) -> None:
    old = generation("a", prompt="a teapot")
    middle = follow_up(old, 1, mode="vary")
    adopt(ledger, old, middle, follow_up(middle, 0))
    for _ in range(3):
        make(ledger)
    new = generation("z", prompt="a teapot")
    chain = [new, follow_up(new, 1, mode="vary")]
    chain.append(follow_up(chain[-1], 0))

    def plan(found: Takeovers, take: Take) -> None:
        """A job is only planned when the result that it starts from is known."""
        take(
            [job for job, before in zip(chain, [None, *chain], strict=False) if before is None or name(before) in found]
        )

    def name(job: Job) -> tuple[JobKey, Fingerprint]:
        return job.key, job.fingerprint

    before = "\n".join(ledger.connection.iterdump())
    found = ledger.takeovers(plan)
    assert found == {name(job): f"task_{number}" for number, job in enumerate(chain, 1)}
    assert "\n".join(ledger.connection.iterdump()) == before
    adopt(ledger, *chain)
    assert tasks(ledger) == {key: [task] for (key, _), task in found.items()}


def test_what_another_job_claims_by_its_key_is_not_taken_over(ledger: Ledger) -> None:
    made = generation("b", prompt="a teapot")
    adopt(ledger, made)
    make(ledger)
    assert ledger.takeovers(lambda _, take: take([generation("a", prompt="a teapot"), made])) == {}


def test_two_rows_that_swap_their_keys_keep_their_results(ledger: Ledger) -> None:
    sources = [generation("a", prompt="blue"), generation("b", prompt="red")]
    adopt(ledger, *(job for source in sources for job in (source, follow_up(source, 0))))
    make(ledger)
    make(ledger)
    swapped = [generation("a", prompt="red"), generation("b", prompt="blue")]
    chains = [job for source in swapped for job in (source, follow_up(source, 0))]
    before = tasks(ledger)
    assert states(ledger, chains) == [JobState.DONE] * 4
    assert tasks(ledger) == {
        "hero/a": before["hero/b"],
        "upscale/a/0": before["upscale/b/0"],
        "hero/b": before["hero/a"],
        "upscale/b/0": before["upscale/a/0"],
    }
    assert lineage(ledger) == {"upscale/a/0": before["hero/b"][0], "upscale/b/0": before["hero/a"][0]}


def test_of_identical_jobs_each_keeps_its_own_and_only_the_new_one_is_made(ledger: Ledger) -> None:
    takes = [generation("a", take=number) for number in range(2)]
    adopt(ledger, *takes)
    make(ledger)
    more = [generation("a", take=number) for number in range(3)]
    assert states(ledger, more) == [JobState.DONE, JobState.DONE, JobState.READY]
    assert tasks(ledger) == {"hero/a/t0": ["task_1"], "hero/a/t1": ["task_2"], "hero/a/t2": []}


def test_one_result_serves_one_job_even_when_two_ask_for_the_same(ledger: Ledger) -> None:
    adopt(ledger, generation("a", prompt="a teapot"))
    make(ledger)
    twins = [generation("y", prompt="a teapot"), generation("z", prompt="a teapot")]
    assert states(ledger, twins) == [JobState.DONE, JobState.READY]


def test_the_same_key_comes_first_even_when_another_key_stands_before_it(ledger: Ledger) -> None:
    own = generation("b", prompt="a teapot")
    adopt(ledger, own)
    make(ledger)
    assert states(ledger, [generation("a", prompt="a teapot"), own]) == [JobState.READY, JobState.DONE]


def test_a_doubt_goes_with_the_job_and_is_not_forgotten_by_renaming_it(ledger: Ledger) -> None:
    adopt(ledger, generation("a", prompt="a teapot"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, JobState.IN_DOUBT, Money.AT_RISK)
    assert states(ledger, [generation("z", prompt="a teapot")]) == [JobState.IN_DOUBT]
    assert intend(ledger).intents == ()


@pytest.mark.parametrize("name", ["a", "z"])
def test_a_job_that_waits_comes_with_those_before_it_whatever_its_row_is_called_now(ledger: Ledger, name: str) -> None:
    old = generation("a", prompt="a teapot")
    adopt(ledger, old, follow_up(old, 1, mode="vary"))
    (intent,) = intend(ledger).intents
    decline(ledger, intent, JobState.FAILED, Money.FREE)
    hero = generation(name, prompt="a teapot")
    vary = follow_up(hero, 1, mode="vary")
    upscale = follow_up(vary, 0)
    pairs = {job.key: (job, standing) for job, standing in adopted(ledger, [generation("b"), hero, vary, upscale])}
    assert [key for key, (_, standing) in pairs.items() if standing.waits_for is None] == ["hero/b", hero.key]
    assert pairs[upscale.key][1].waits_for == pairs[vary.key]
    assert pairs[vary.key][1].waits_for == (hero, Standing(state=JobState.FAILED))


def test_a_task_in_flight_goes_with_the_job(ledger: Ledger) -> None:
    adopt(ledger, generation("a", prompt="a teapot"))
    submit(ledger)
    adopt(ledger, generation("z", prompt="a teapot"))
    assert [(task.key, task.task) for task in ledger.submissions.in_flight()] == [("hero/z", "task_1")]


def test_takes_that_come_and_go_keep_the_first_result(ledger: Ledger) -> None:
    single = generation("a")
    adopt(ledger, single)
    make(ledger)
    takes = [generation("a", take=0), generation("a", take=1)]
    assert states(ledger, takes) == [JobState.DONE, JobState.READY]
    assert [record.take for record in Records(ledger.connection).jobs()] == [0, 1]
    assert states(ledger, [single]) == [JobState.DONE]
    assert [record.take for record in Records(ledger.connection).jobs()] == [None]


def test_a_renamed_node_keeps_its_results_under_its_new_name(ledger: Ledger) -> None:
    old = generation("a")
    adopt(ledger, old)
    make(ledger)
    new = renamed(old, "packshot/a")._replace(node="packshot")  # `was: hero` keeps the fingerprint
    assert states(ledger, [new]) == [JobState.DONE]
    assert ledger.job_counts.by_state() == {("packshot", JobState.DONE): 1}


def test_the_follow_up_of_one_take_is_never_passed_off_as_that_of_another(ledger: Ledger) -> None:
    first, second = (generation("a", take=number) for number in range(2))
    adopt(ledger, first, follow_up(first, 2), second)
    make(ledger)
    make(ledger)
    # The picks have changed: the same image number, but of the other take, which is another picture.
    assert states(ledger, [first, second, follow_up(second, 2)]) == [JobState.DONE, JobState.DONE, JobState.WAITING]


def test_follow_ups_go_with_their_own_source_when_identical_sources_are_renamed(ledger: Ledger) -> None:
    x, y = generation("x", prompt="a teapot"), generation("y", prompt="a teapot")
    adopt(ledger, x, y, follow_up(y, 0))
    make(ledger)
    make(ledger)
    v, w = generation("v", prompt="a teapot"), generation("w", prompt="a teapot")
    adopt(ledger, v, follow_up(v, 0), w, follow_up(w, 0))
    made = {record.key: record for record in Records(ledger.connection).jobs() if record.wanted}
    follow_up_of_y = [key for key, record in made.items() if record.attempts and record.source]
    assert [tasks(ledger)[str(made[key].source)] for key in follow_up_of_y] == [["task_2"]]


def test_a_follow_up_that_comes_back_is_not_that_of_a_source_which_has_another_name_now(ledger: Ledger) -> None:
    a = generation("a", prompt="a teapot")
    adopt(ledger, a, follow_up(a, 1))
    make(ledger)
    make(ledger)
    b = generation("b", prompt="a teapot")
    adopt(ledger, b)  # the row was renamed, and nobody asks for the follow-up
    assert states(ledger, [b, a, follow_up(a, 1)]) == [JobState.DONE, JobState.READY, JobState.WAITING]


def test_of_two_results_that_are_left_over_the_paid_one_is_taken(ledger: Ledger) -> None:
    failed, paid = generation("a", prompt="a teapot"), generation("b", prompt="a teapot")
    adopt(ledger, failed, paid)
    first, second = submit(ledger)
    verdict = Verdict(state=JobState.FAILED, counts_as_failure=True)
    ledger.results.record_failure(first, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=0.0)
    succeed(ledger, second)
    assert states(ledger, [generation("z", prompt="a teapot")]) == [JobState.SUCCEEDED]


@pytest.mark.parametrize("results", [0, 1, 2])
def test_the_same_job_twice_in_one_plan_is_left_to_the_planner_to_report(ledger: Ledger, results: int) -> None:
    adopt(ledger, *(generation(f"old {number}", prompt="a teapot") for number in range(results)))
    make(ledger)
    job = generation("a", prompt="a teapot")
    assert len(adopted(ledger, [job, job])) == 2


ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["blue", "red"]), st.sampled_from([None, 0, 1])),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)
"""Name, prompt, and the image that is upscaled, if any."""


@given(plans=st.lists(st.tuples(ROWS, st.integers(0, 2)), min_size=2, max_size=5))
@settings(max_examples=100, deadline=None)
def test_whatever_is_renamed_nothing_is_made_twice_and_each_follow_up_is_of_its_source(
    plans: list[tuple[list[tuple[str, str, int | None]], int]],
) -> None:
    """Each prompt is paid for at most as often as some plan has asked for it at once."""
    ledger = Ledger.in_memory()
    most: Counter[str] = Counter()
    for rows, runs in plans:
        jobs: list[Job] = []
        for name, prompt, upscaled in rows:
            source = generation(name, prompt=prompt)
            jobs += [source] if upscaled is None else [source, follow_up(source, upscaled)]
        most |= Counter(prompt for _, prompt, _ in rows)
        adopt(ledger, *jobs)
        for _ in range(runs):
            make(ledger)
        wanted = {record.key: record for record in Records(ledger.connection).jobs() if record.wanted}
        assert [(key, record.fingerprint) for key, record in wanted.items()] == [
            (job.key, job.fingerprint) for job in jobs
        ]
        for record in wanted.values():
            assert len(record.attempts) <= 1
            if record.source is not None and record.attempts:
                sent = json.loads(record.attempts[0].body)["input"]["taskId"]
                assert [sent] == [attempt.task for attempt in wanted[record.source].attempts]
    paid = ledger.connection.execute(
        "SELECT json_extract(body, '$.input.prompt'), count(*) FROM attempts"
        " WHERE json_extract(body, '$.input.mode') = 'text-to-image' GROUP BY 1"
    )
    assert all(count <= most[prompt] for prompt, count in paid)
    ledger.close()


def test_a_key_of_a_job_on_disk_survives_the_closing_of_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = Ledger.open(path)
    adopt(first, generation("a", prompt="a teapot"))
    make(first)
    first.close()
    second = Ledger.open(path)
    assert adopt(second, generation("z", prompt="a teapot")) == {JobKey("hero/z"): DONE}
    second.close()
