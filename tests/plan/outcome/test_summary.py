"""What a plan counts, and what it says: to people, in pull requests, to machines."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice

import jsonschema
import pytest

from mjpipe.domain import Job, JobState, OrphanTotals, Standing, UsageFault, bundled_folder, usd
from mjpipe.plan import (
    PlanSummary,
    duration,
    plan_document,
    plan_line,
    plan_markdown,
    plan_text,
)
from mjpipe.plan.outcome.drawing import dot, mermaid
from tests.plan.planning import Plan, Planned, summarise

CAMPAIGN = """
    inputs:
      products: {csv: products.csv, key: sku}
      looks: {matrix: {style: [studio, macro], ratio: [1:1, 16:9]}}
    limits: {concurrency: 2}
    nodes:
      hero:
        kind: generate
        for_each: [products, looks]
        labels: {line: "{{ sku | lower }}"}
        params: {prompt: "a {{ name }}, {{ style }}", aspect_ratio: "{{ ratio }}"}
      alternates: {kind: vary, from: hero, where: "style == 'studio'", images: pick, params: {type: 1}}
      final: {kind: upscale, from: [hero, alternates], images: pick, params: {type: 0}}
"""
PRODUCTS = "sku,name\nA,cat\nB,dog\n"


@pytest.fixture
def campaign(plan: Plan) -> Planned:
    return plan(CAMPAIGN, products_csv=PRODUCTS)


@pytest.fixture
def summary(campaign: Planned) -> PlanSummary:
    return summarise(campaign.manifest, campaign.standings())


@pytest.mark.parametrize(
    ("orphaned", "line"),
    [
        (OrphanTotals(jobs=7, paid=usd("1.80")), "7 jobs become orphans (paid $1.80, kept)"),
        (OrphanTotals(jobs=1, paid=usd("0.20")), "1 job becomes an orphan (paid $0.20, kept)"),
        (
            OrphanTotals(jobs=2000, paid=usd("0.20"), unpriced=1),
            "2,000 jobs become orphans (paid $0.20 + 1 unpriced, kept)",
        ),
    ],
)
def test_a_plan_says_what_it_stops_asking_for(summary: PlanSummary, orphaned: OrphanTotals, line: str) -> None:
    changed = replace(summary, orphaned=orphaned)
    assert plan_text(changed, width=100) == plan_text(summary, width=100).replace("Plan:", f"{line}\nPlan:")
    assert plan_markdown(changed) == plan_markdown(summary).replace("**Plan:", f"{line}\n\n**Plan:")
    assert plan_document(changed)["orphaned"] == {
        "jobs": orphaned.jobs,
        "paid_usd": str(orphaned.paid),
        "unpriced_jobs": orphaned.unpriced,
    }


def test_a_plan_counts_jobs_and_dollars(summary: PlanSummary) -> None:
    assert summary.to_submit == 8
    assert (summary.low, summary.high) == (Decimal("1.60"), Decimal("35.20"))
    assert summary.tally.total == 8 + 4 + 8
    assert summary.tally.states[JobState.UNPICKED] == 12
    assert summary.tally.reasons == {"new": 8}
    assert {node.name: (node.tally.low, node.tally.high) for node in summary.nodes} == {
        "hero": (Decimal("1.60"), Decimal("1.60")),
        "alternates": (0, Decimal("4.80")),
        "final": (0, Decimal("28.80")),
    }


def test_the_plan_as_text(summary: PlanSummary) -> None:
    assert plan_text(summary, width=100) == (
        "hero        generate  8 to submit          32 images       $1.60            new\n"
        "alternates  vary      4 waiting for picks  0 to 64 images  $0.00 to $4.80\n"
        "final       upscale   8 waiting for picks  0 to 96 images  $0.00 to $28.80\n"
        "\n"
        "Plan: 8 to submit (32 images), 12 waiting for picks (up to 160 images) · $1.60 to $35.20 ·\n"
        "  about 3 min\n"
    )


def test_the_plan_by_a_column(campaign: Planned) -> None:
    summary = summarise(campaign.manifest, campaign.standings(), by="style")
    assert plan_text(summary, width=100).split("\n\n")[1] == (
        "by style:\n"
        "studio  4 to submit, 8 waiting for picks  16 to 160 images  $0.80 to $29.60  new\n"
        "macro   4 to submit, 4 waiting for picks  16 to 32 images   $0.80 to $5.60   new"
    )
    assert list(summarise(campaign.manifest, campaign.standings(), by="line").groups) == ["a", "b"]


def test_an_unknown_column_is_a_fault_that_names_the_nearest(campaign: Planned) -> None:
    with pytest.raises(UsageFault, match="no job has a column or label `stile`") as fault:
        summarise(campaign.manifest, campaign.standings(), by="stile")
    assert fault.value.help == "did you mean `style`?"


def test_the_plan_in_a_pull_request(campaign: Planned) -> None:
    summary = summarise(campaign.manifest, campaign.standings(), by="name")
    assert plan_markdown(summary) == (
        "### Plan of `test`\n"
        "\n"
        "| node | kind | jobs | images | cost | why |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| `hero` | generate | 8 to submit | 32 images | $1.60 | new |\n"
        "| `alternates` | vary | 4 waiting for picks | 0 to 64 images | $0.00 to $4.80 |  |\n"
        "| `final` | upscale | 8 waiting for picks | 0 to 96 images | $0.00 to $28.80 |  |\n"
        "\n"
        "| name | jobs | images | cost | why |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `cat` | 4 to submit, 6 waiting for picks | 16 to 96 images | $0.80 to $17.60 | new |\n"
        "| `dog` | 4 to submit, 6 waiting for picks | 16 to 96 images | $0.80 to $17.60 | new |\n"
        "\n"
        "**Plan: 8 to submit (32 images), 12 waiting for picks (up to 160 images) · $1.60 to $35.20 · about 3 min**\n"
    )


def test_the_plan_for_machines_keeps_to_its_schema(campaign: Planned) -> None:
    summary = summarise(campaign.manifest, campaign.standings(), by="style")
    document = plan_document(summary)
    jsonschema.validate(document, json.loads((bundled_folder("schemas") / "plan.schema.json").read_text()))
    assert document["jobs"]["total"] == 20
    assert document["cost"] == {"low_usd": "1.60", "high_usd": "35.20", "reused_usd": "0.00", "unpriced_jobs": 0}
    assert document["behind_picks"] == {"jobs": 112, "unpriced_jobs": 0}
    assert document["nodes"][0]["jobs"]["to_submit"] == 8
    again = plan_document(summarise(campaign.manifest, campaign.standings(), by="style"))
    assert json.dumps(document) == json.dumps(again)


def standing_differently(campaign: Planned) -> Iterator[tuple[Job, Standing]]:
    standings = [
        Standing(state=JobState.DONE, paid=usd("0.20")),
        Standing(state=JobState.DONE),
        Standing(state=JobState.SUBMITTED),
        Standing(state=JobState.SUCCEEDED, paid=usd("0.40")),
        Standing(state=JobState.FAILED),
        Standing(state=JobState.IN_DOUBT),
        Standing(state=JobState.SKIPPED),
        Standing(state=JobState.READY, reason="changed prompt"),
        Standing(state=JobState.READY),
    ]
    places = [job for job in campaign.jobs if not job.possible_jobs]
    yield from zip([*places, places[-1]], standings, strict=True)
    yield places[0]._replace(price=None), Standing(state=JobState.READY, reason="new")
    for place in islice((job for job in campaign.jobs if job.possible_jobs), 1):
        yield place, Standing(state=JobState.UNPICKED)


def test_every_state_and_what_was_paid_before_is_counted(campaign: Planned) -> None:
    summary = summarise(campaign.manifest, standing_differently(campaign))
    assert plan_line(summary) == (
        "Plan: 2 to submit (8 images), 2 done, 1 waiting for picks (up to 32 images), 1 in doubt, 1 failed, 1 skipped,"
        " 2 in flight · $0.20 to $6.20 + 1 unpriced · about 38 s"
    )
    assert summary.unpriced_jobs == 1
    assert summary.tally.reused == Decimal("0.60")
    lines = plan_text(summary, width=70).splitlines()
    assert lines[:3] == [
        "hero",
        "    generate · 2 to submit, 2 done, 1 in doubt, 1 failed, 1 skipped,",
        "    2 in flight · 8 images · $0.20 + 1 unpriced, $0.60 reused ·",
    ]


def test_a_value_of_several_lines_stays_in_its_line_of_the_table(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {rows: [{name: "red\\nand blue"}], key: name}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ name }}"}}}
        """
    )
    summary = summarise(planned.manifest, planned.standings(), by="name")
    assert "by name:\nred and blue  1 to submit" in plan_text(summary, width=100)


def test_a_plan_with_nothing_to_do_takes_no_time(campaign: Planned) -> None:
    done = Standing(state=JobState.DONE)
    summary = summarise(campaign.manifest, ((job, done) for job in campaign.jobs if not job.possible_jobs))
    assert summary.seconds is None
    assert plan_line(summary) == "Plan: nothing to do, 8 done"


def test_jobs_without_a_price_are_counted_apart(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: a cat, version: "7", speed: draft}}
          sure: {kind: enhance, from: hero, images: [0, 1]}
          maybe: {kind: enhance, from: hero, images: pick}
        """
    )
    line = plan_line(summarise(planned.manifest, planned.standings()))
    assert " · $0.10 + 2 to 6 unpriced · " in line


def test_the_users_prices_count(plan: Plan) -> None:
    planned = plan(
        """
        prices: {enhance: 0.125, generate/draft: 0.05}
        nodes:
          hero: {kind: generate, params: {prompt: a cat, version: "7", speed: draft}}
          sure: {kind: enhance, from: hero, images: [0, 1]}
        """
    )
    assert " · $0.30 · " in plan_line(summarise(planned.manifest, planned.standings()))


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [
        ("{concurrency: 1, requests_per_second: 10}", 2 * 37.5 + 2 * 4 * 37.5),
        ("{concurrency: 4, requests_per_second: 10}", (2 * 37.5 + 2 * 4 * 37.5) / 4),
        ("{concurrency: 100, requests_per_second: 10}", 37.5 + 37.5),
        ("{concurrency: 100, requests_per_second: 0.1}", 200),
    ],
)
def test_the_time_of_a_run_is_bounded_by_slots_by_chains_and_by_requests(
    plan: Plan, limits: str, seconds: float
) -> None:
    planned = plan(
        f"""
        inputs: {{rows: {{rows: [{{a: 1}}, {{a: 2}}], key: a}}}}
        limits: {limits}
        nodes:
          hero: {{kind: generate, for_each: [rows], params: {{prompt: a cat}}}}
          final: {{kind: upscale, from: hero, images: all, params: {{type: 0}}}}
        """
    )
    assert summarise(planned.manifest, planned.standings()).seconds == pytest.approx(seconds)


def test_a_reroll_takes_the_time_of_its_source(plan: Plan) -> None:
    planned = plan(
        """
        limits: {concurrency: 100}
        nodes:
          hero: {kind: generate, params: {prompt: a cat, speed: turbo}}
          again: {kind: reroll, from: hero}
        """
    )
    assert summarise(planned.manifest, planned.standings()).seconds == 20 + 20


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.5, "60 s"),
        (61, "2 min"),
        (3600, "60 min"),
        (3601, "1 h 1 min"),
        (7200, "2 h"),
        (86_400, "24 h"),
        (90_001, "1 d 2 h"),
    ],
)
def test_a_time_is_rounded_up_to_what_people_say(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_narrow_terminal_wraps_the_reasons(campaign: Planned) -> None:
    jobs = [
        (job, Standing(state=JobState.READY, reason=f"reason number {number}"))
        for number, job in enumerate(job for job in campaign.jobs if not job.possible_jobs)
    ]
    text = plan_text(summarise(campaign.manifest, jobs), width=90)
    assert text.startswith(
        "hero        generate  8 to submit  32 images  $1.60  1 reason number 0, 1 reason number 1,\n"
        "                                                     1 reason number 2, 1 reason number 3,\n"
    )


def test_the_nodes_as_pictures(campaign: Planned, summary: PlanSummary) -> None:
    assert mermaid(campaign.manifest, summary) == (
        "flowchart LR\n"
        '    n0["hero: generate<br/>8 to submit<br/>$1.60"]\n'
        '    n1["alternates: vary<br/>4 waiting for picks<br/>$0.00 to $4.80"]\n'
        '    n2["final: upscale<br/>8 waiting for picks<br/>$0.00 to $28.80"]\n'
        "    n0 -->|pick| n1\n"
        "    n0 -->|pick| n2\n"
        "    n1 -->|pick| n2\n"
    )
    assert dot(campaign.manifest, summary) == (
        'digraph "test" {\n'
        "    rankdir=LR;\n"
        "    node [shape=box];\n"
        '    "hero" [label="hero: generate\\n8 to submit\\n$1.60"];\n'
        '    "alternates" [label="alternates: vary\\n4 waiting for picks\\n$0.00 to $4.80"];\n'
        '    "final" [label="final: upscale\\n8 waiting for picks\\n$0.00 to $28.80"];\n'
        '    "hero" -> "alternates" [label="pick"];\n'
        '    "hero" -> "final" [label="pick"];\n'
        '    "alternates" -> "final" [label="pick"];\n'
        "}\n"
    )


def test_a_plan_says_which_jobs_have_no_price_and_why(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          sharp: {kind: generate, take: 2, params: {prompt: a, version: "7", is_hd: true}}
          again: {kind: reroll, from: sharp}
          sketch: {kind: generate, params: {prompt: a, version: "7", speed: draft}}
          more: {kind: enhance, from: sketch, images: [0]}
        """
    )
    text = plan_text(summarise(planned.manifest, planned.standings()), width=200)
    assert text.splitlines()[4:] == [
        "",
        "unpriced: 2 jobs of `sharp`: `is_hd` has a documented price with version 8.1 and speed fast alone",
        "unpriced: 2 jobs of `again`: a reroll costs what its source did, which has no documented price",
        "unpriced: 1 job of `more`: no page has a price of `enhance`",
        "set a price under `prices:` in the manifest",
        plan_line(summarise(planned.manifest, planned.standings())),
    ]


def test_jobs_to_adopt_are_counted_apart_from_those_that_the_state_knows(campaign: Planned) -> None:
    known, lost, fetched = (
        Standing(state=JobState.DONE, paid=usd("0.20")),
        Standing(state=JobState.DONE, paid=usd("0.20"), to_adopt=True),
        Standing(state=JobState.SUBMITTED, to_adopt=True),
    )
    jobs = [job for job in campaign.jobs if not job.possible_jobs]
    summary = summarise(
        campaign.manifest, [*zip(jobs, [known, lost, lost, fetched, fetched, known, known, known], strict=True)]
    )
    assert plan_line(summary) == ("Plan: nothing to submit, 4 to adopt, 4 done · $0.00")
    assert "hero        generate  4 to adopt, 4 done  $0.00, $1.20 reused" in plan_text(summary, width=100)
    assert "4 to adopt, 4 done" in plan_markdown(summary)
    document = plan_document(summary)
    assert document["jobs"]["to_adopt"] == 4
    assert (document["jobs"]["done"], document["jobs"]["submitted"], document["jobs"]["total"]) == (6, 2, 8)
    schema = json.loads((bundled_folder("schemas") / "plan.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(json.dumps(document)), schema)
