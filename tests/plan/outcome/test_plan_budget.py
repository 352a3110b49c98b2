"""How much of a plan its budget holds."""

import json

import jsonschema
import pytest

from mjpipe.domain import Job, JobState, Standing, Usd, bundled_folder, usd
from mjpipe.plan import PlanCount, PlanSummary, plan_document, plan_markdown, plan_text
from mjpipe.plan.outcome.plan_budget import PlanBudget
from tests.plan.planning import Plan, Planned

THREE = """
    inputs: {products: {rows: [{sku: A}, {sku: B}, {sku: C}], key: sku}}
    limits: {budget: BUDGET}
    nodes:
      hero: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}"}}
"""
CHAINS = """
    prices: {upscale: 0.05}
    inputs: {products: {rows: [{sku: A}, {sku: B}, {sku: C}], key: sku}}
    limits: {budget: BUDGET}
    nodes:
      hero: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}"}}
      final: {kind: upscale, from: hero, images: [0, 1], params: {type: 0}}
"""
DRAFTS = """
    inputs: {products: {rows: [{sku: A}, {sku: B}], key: sku}}
    limits: {budget: BUDGET}
    nodes:
      sketch: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}", version: "7", speed: draft}}
      finished: {kind: enhance, from: sketch, images: [0]}
      large: {kind: upscale, from: finished, images: [0], params: {type: 0}}
"""
PICKED = """
    inputs: {products: {rows: [{sku: A}, {sku: B}, {sku: C}], key: sku}}
    limits: {budget: BUDGET}
    nodes:
      hero: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}"}}
      final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""


def summary_of(planned: Planned, committed: str = "0", done: tuple[str, ...] = ()) -> PlanSummary:
    count = PlanCount(planned.manifest)
    chain: list[tuple[Job, Standing]] = []

    def standing(job: Job) -> Standing:
        source = chain[job.depth - 1] if job.depth else None
        if job.key in done:
            return Standing(state=JobState.DONE)
        if job.possible_jobs:
            return Standing(state=JobState.UNPICKED, waits_for=source)
        if source is None or source[1].state is JobState.DONE:
            return Standing(state=JobState.READY, reason="new")
        return Standing(state=JobState.WAITING, reason="new", waits_for=source)

    for job in planned.jobs:
        pair = job, standing(job)
        chain[job.depth :] = [pair]
        count.add([pair])
    return count.finish(committed=Usd(usd(committed)))


def held(left: str, fits: int, fits_usd: str, waits: int, *, exact: bool = True, waits_unpriced: int = 0) -> PlanBudget:
    return PlanBudget(
        left=usd(left), fits=fits, fits_usd=usd(fits_usd), exact=exact, waits=waits, waits_unpriced=waits_unpriced
    )


@pytest.mark.parametrize(
    ("budget", "committed", "expected"),
    [
        ("0.30", "0", held("0.30", 1, "0.20", 2)),
        ("0.60", "0", held("0.60", 3, "0.60", 0)),
        ("0.60", "0.01", held("0.59", 2, "0.40", 1)),
        ("0.60", "0.60", held("0", 0, "0", 3)),
        ("0.60", "5", held("0", 0, "0", 3)),
        ("0", "0", held("0", 0, "0", 3)),
    ],
)
def test_a_plan_knows_how_many_jobs_its_budget_holds(
    plan: Plan, budget: str, committed: str, expected: PlanBudget
) -> None:
    summary = summary_of(plan(THREE.replace("BUDGET", budget)), committed)
    assert summary.budget == expected
    assert (summary.to_submit, summary.low) == (3, usd("0.60")), "the whole plan stays the whole"


@pytest.mark.parametrize(
    ("budget", "done", "expected"),
    [
        # hero/A $0.20 with its two upscales of $0.05, then hero/B, and so on.
        ("0.25", (), held("0.25", 2, "0.25", 7, exact=False)),
        ("0.50", (), held("0.50", 4, "0.50", 5, exact=False)),
        ("0.90", (), held("0.90", 9, "0.90", 0)),
        # What follows from results that are there comes first.
        ("0.10", ("hero/C",), held("0.10", 2, "0.10", 6, exact=False)),
        ("0.10", (), held("0.10", 0, "0", 9, exact=False)),
    ],
)
def test_a_job_is_followed_by_what_is_made_from_it(
    plan: Plan, budget: str, done: tuple[str, ...], expected: PlanBudget
) -> None:
    assert summary_of(plan(CHAINS.replace("BUDGET", budget)), done=done).budget == expected


def test_what_stands_behind_an_unpriced_job_waits_with_it(plan: Plan) -> None:
    summary = summary_of(plan(DRAFTS.replace("BUDGET", "0.15")))
    assert summary.budget == held("0.15", 1, "0.10", 1, waits_unpriced=4)
    assert "budget: $0.15 left, enough for 1 of 2 jobs ($0.10); 1 waits; 4 wait for a price" in plan_text(
        summary, width=80
    )


def test_a_plan_without_a_budget_says_nothing_about_one(plan: Plan) -> None:
    summary = summary_of(plan(THREE.replace("limits: {budget: BUDGET}", "")))
    assert summary.budget is None
    assert "budget" not in plan_document(summary)
    assert "budget" not in plan_text(summary, width=80)


@pytest.mark.parametrize(
    ("manifest", "budget", "line"),
    [
        (THREE, "0.30", "budget: $0.30 left, enough for 1 of 3 jobs ($0.20); 2 wait"),
        (THREE, "0.50", "budget: $0.50 left, enough for 2 of 3 jobs ($0.40); 1 waits"),
        (THREE, "0.10", "budget: $0.10 left, enough for none of 3 jobs"),
        (THREE, "2500", "budget: $2,500.00 left, enough for all"),
        (CHAINS, "0.25", "budget: $0.25 left, enough for about 2 of 9 jobs (about $0.25); about 7 wait"),
        (PICKED, "1", "budget: $1.00 left, enough for all 3 jobs, but not for all possible picks"),
    ],
)
def test_a_plan_says_what_its_budget_holds_before_its_line(plan: Plan, manifest: str, budget: str, line: str) -> None:
    summary = summary_of(plan(manifest.replace("BUDGET", budget)))
    assert plan_text(summary, width=100).splitlines()[-2] == line
    assert f"\n\n{line}\n\n**Plan: " in plan_markdown(summary).replace("\\$", "$")


@pytest.mark.parametrize(
    ("budget", "line"),
    [("1.50", "budget: $0.90 left, not enough for all possible picks"), ("9", "budget: $8.40 left")],
)
def test_a_plan_that_waits_for_picks_alone_says_whether_its_budget_holds_them(
    plan: Plan, budget: str, line: str
) -> None:
    summary = summary_of(plan(PICKED.replace("BUDGET", budget)), "0.60", done=("hero/A", "hero/B", "hero/C"))
    assert plan_text(summary, width=100).splitlines()[-2:] == [
        line,
        "Plan: nothing to submit, 3 done, 3 waiting for picks (up to 12 images) · $0.00 to $3.60",
    ]


def test_a_plan_without_anything_to_submit_does_not_mention_its_budget(plan: Plan) -> None:
    summary = summary_of(plan(THREE.replace("BUDGET", "1")), "0.60", done=("hero/A", "hero/B", "hero/C"))
    assert plan_text(summary, width=80).splitlines()[-2:] == ["", "Plan: nothing to do, 3 done"]


def test_programs_read_what_the_budget_holds(plan: Plan) -> None:
    document = plan_document(summary_of(plan(CHAINS.replace("BUDGET", "1")), "0.75"))
    assert document["budget"] == {
        "left": "0.25",
        "fits": 2,
        "fits_usd": "0.25",
        "exact": False,
        "waits": 7,
        "waits_unpriced": 0,
    }
    assert document["images"] == {"low": 18, "high": 18}
    assert [node["images"] for node in document["nodes"]] == [{"low": 12, "high": 12}, {"low": 6, "high": 6}]
    schema = json.loads((bundled_folder("schemas") / "plan.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)


def test_images_that_picks_could_bring_are_the_upper_end(plan: Plan) -> None:
    document = plan_document(summary_of(plan(PICKED.replace("BUDGET", "1"))))
    assert document["images"] == {"low": 12, "high": 24}
