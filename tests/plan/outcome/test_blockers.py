"""Jobs that a run would not reach are counted apart: they are not submitted and cost nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping

import pytest

from mjpipe.domain import Job, JobState, Standing
from mjpipe.plan import (
    Blocker,
    Part,
    PlanSummary,
    Selection,
    plan_document,
    plan_line,
    plan_markdown,
    plan_text,
    with_sources,
)
from tests.plan.planning import Plan, Planned, summarise

CHAINS = """
inputs: {rows: {rows: [{name: heron}, {name: duck}], key: name}}
nodes:
  hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ name }}"}}
  warmer: {kind: vary, from: hero, images: [0, 1], params: {type: 1}}
  final: {kind: upscale, from: warmer, images: [3], params: {type: 0}}
  poster: {kind: upscale, from: warmer, images: pick, params: {type: 0}}
"""


FAILED_UNSENT = Standing(state=JobState.FAILED, offered=False)


@pytest.fixture
def chains(plan: Plan) -> Planned:
    return plan(CHAINS)


def standing(jobs: Iterable[Job], where: Mapping[str, JobState]) -> Iterator[tuple[Job, Standing]]:
    """Jobs that stand where it is said, and all others as in a campaign that has not run."""
    pairs: dict[str, tuple[Job, Standing]] = {}
    for job in jobs:
        behind = pairs[job.source.key] if job.source else None
        if job.possible_jobs:
            stands = Standing(state=JobState.UNPICKED, waits_for=behind)
        elif job.key in where:
            stands = Standing(state=where[job.key])
        else:
            stands = Standing(state=JobState.WAITING if behind else JobState.READY, reason="new", waits_for=behind)
        pairs[job.key] = job, stands
    yield from pairs.values()


def test_what_the_service_does_not_offer_is_not_tried_again(chains: Planned) -> None:
    hero, warmer = chains.jobs[:2]
    pairs = [
        (hero, FAILED_UNSENT),
        (warmer, Standing(state=JobState.WAITING, reason="new", waits_for=(hero, FAILED_UNSENT))),
    ]
    tally = summarise(chains.manifest, pairs, part=Part(retry_failed=True)).tally
    assert (tally.to_submit, tally.behind) == (0, {Blocker.FAILED: 1})


def summary_of(planned: Planned, where: Mapping[str, JobState], part: Part) -> PlanSummary:
    return summarise(planned.manifest, standing(planned.jobs, where), part=part)


@pytest.mark.parametrize(
    ("state", "behind"),
    [
        (JobState.READY, {}),
        (JobState.SUBMITTING, {}),
        (JobState.SUBMITTED, {}),
        (JobState.SUCCEEDED, {}),
        (JobState.DONE, {}),
        (JobState.FAILED, {Blocker.FAILED: 6}),
        (JobState.IN_DOUBT, {Blocker.IN_DOUBT: 6}),
        (JobState.SKIPPED, {Blocker.SKIPPED: 6}),
    ],
)
def test_all_that_follows_stands_behind_what_a_run_does_not_make(
    chains: Planned, state: JobState, behind: dict[Blocker, int]
) -> None:
    tally = summary_of(chains, {"hero/heron": state}, Part()).tally
    held = sum(behind.values())
    assert tally.behind == behind
    assert (tally.to_submit, tally.to_pick) == ((9, 4) if not held else (5, 2))
    assert tally.states[JobState.WAITING] == 8
    assert tally.possible_jobs == 4 * tally.to_pick


def test_what_stands_behind_a_job_costs_nothing_and_takes_no_time(chains: Planned) -> None:
    where = {"hero/heron": JobState.FAILED, "warmer/duck/0": JobState.IN_DOUBT, "hero/duck": JobState.DONE}
    summary = summary_of(chains, where, Part())
    assert plan_line(summary) == (
        "Plan: 2 to submit (5 images), 1 done, 1 waiting for picks (up to 4 images), 1 in doubt, 1 failed,"
        " 6 behind failed jobs, 2 behind jobs in doubt · $0.60 to $1.80 · about 2 min"
    )
    assert [re.split(" {2,}", line) for line in plan_text(summary, width=150).splitlines()[1:3]] == [
        ["warmer", "vary", "1 to submit, 1 in doubt, 2 behind failed jobs", "4 images", "$0.30", "new"],
        ["final", "upscale", "1 to submit, 2 behind failed jobs, 1 behind jobs in doubt", "1 image", "$0.30", "new"],
    ]
    assert "| `final` | upscale | 1 to submit, 2 behind failed jobs, 1 behind jobs in doubt |" in plan_markdown(summary)
    document = plan_document(summary)
    assert document["behind"] == {"failed": 6, "in_doubt": 2}
    assert (document["jobs"]["waiting"], document["jobs"]["unpicked"]) == (7, 4)
    assert [node["behind"] for node in document["nodes"]] == [
        {},
        {"failed": 2},
        {"failed": 2, "in_doubt": 1},
        {"failed": 2, "in_doubt": 1},
    ]


def test_failed_jobs_that_are_tried_again_hold_nothing_up(chains: Planned) -> None:
    where = {"hero/heron": JobState.FAILED, "hero/duck": JobState.FAILED}
    assert summary_of(chains, where, Part(retry_failed=True)).tally.behind == {}
    herons = Part(chosen=Selection(chains.manifest, ["name=heron"]), retry_failed=True)
    assert summary_of(chains, where, herons).tally.behind == {Blocker.FAILED: 6}


@pytest.mark.parametrize(
    ("select", "where", "behind"),
    [
        ("final", {}, {Blocker.NOT_SELECTED: 4}),
        ("poster", {}, {Blocker.NOT_SELECTED: 4}),
        ("+final", {}, {}),
        ("warmer+", {}, {Blocker.NOT_SELECTED: 12}),
        ("warmer+", {"hero/duck": JobState.SUBMITTED}, {Blocker.NOT_SELECTED: 6}),
        ("warmer+", {"hero/duck": JobState.FAILED}, {Blocker.FAILED: 6, Blocker.NOT_SELECTED: 6}),
        ("final", {"hero/duck": JobState.FAILED}, {Blocker.FAILED: 2, Blocker.NOT_SELECTED: 2}),
        ("state:waiting", {}, {Blocker.NOT_SELECTED: 8}),
    ],
)
def test_a_part_comes_to_what_is_selected_with_its_sources(
    chains: Planned, select: str, where: dict[str, JobState], behind: dict[Blocker, int]
) -> None:
    part = Part(chosen=Selection(chains.manifest, [select]))
    pairs = (pair for pair in standing(chains.jobs, where) if part.takes(*pair))
    assert summarise(chains.manifest, pairs, part=part).tally.behind == behind


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        ("final", "+final"),
        ("+final, name=heron", "+final, name=heron"),
        ("warmer+, name=old swan", "+warmer+,name=old swan"),
        ("name=heron", "name=heron"),
        ("final,state:waiting", "final,state:waiting"),
        ("final/heron-0-3", "final/heron-0-3"),
        ('final,"name=swan, old"', '+final,"name=swan, old"'),
    ],
)
def test_a_selection_is_widened_by_what_leads_to_it(text: str, wider: str) -> None:
    assert with_sources(text) == wider
