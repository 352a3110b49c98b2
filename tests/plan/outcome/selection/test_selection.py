"""What is selected, and what is said of a term that names nothing."""

import json

import pytest

from mjpipe.domain import JobState, Standing
from mjpipe.plan import Selection
from tests.plan.planning import Plan, Planned

NEW = Standing(state=JobState.READY, reason="new")
POTS = """
inputs: {rows: {rows: [{Farbe: red, name: "pot, large"}, {Farbe: blue, name: "pot \\"B\\""}], key: Farbe}}
nodes:
  hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ Farbe }} {{ name }}"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
  cover: {kind: generate, params: {prompt: a shelf}}
"""


@pytest.fixture
def pots(plan: Plan) -> Planned:
    return plan(POTS)


def chosen(planned: Planned, *texts: str) -> list[str]:
    selection = Selection(planned.manifest, texts)
    for job in planned.jobs:
        selection.look(job, NEW)
    assert [str(fault) for fault in selection.faults()] == []
    return [job.key for job in planned.jobs if selection(job, NEW)]


def faults(planned: Planned, *texts: str) -> list[tuple[str, str | None]]:
    selection = Selection(planned.manifest, texts)
    for job in planned.jobs:
        selection.look(job, NEW)
    return [(str(fault), fault.help) for fault in selection.faults()]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('"name=pot, large"', ["hero/red", "final/red/0"]),
        ('hero, "name=pot, large"', ["hero/red"]),
        ('name=pot "B",hero', ["hero/blue"]),
        ('"name=pot ""B""",hero', ["hero/blue"]),
        ("Farbe=blue", ["hero/blue", "final/blue/0"]),
        ("hero/red", ["hero/red"]),
        ("cover", ["cover"]),
        ("state:failed", []),
        ("state:failed,hero", []),
        ("hero/*", ["hero/red", "hero/blue"]),
        ("*/r*d*", ["hero/red", "final/red/0"]),
        ("Farbe=*l*", ["hero/blue", "final/blue/0"]),
        ('"name=*"', ["hero/red", "final/red/0", "hero/blue", "final/blue/0"]),
        ("h*", ["hero/red", "hero/blue"]),
        ("+f*", ["hero/red", "final/red/0", "hero/blue", "final/blue/0"]),
        ("*", ["hero/red", "final/red/0", "hero/blue", "final/blue/0", "cover"]),
    ],
)
def test_a_term_with_a_comma_is_quoted_and_a_star_stands_for_any_characters(
    pots: Planned, text: str, keys: list[str]
) -> None:
    assert chosen(pots, text) == keys


@pytest.mark.parametrize("value", ["[a-z]", "a?c", "a.c", "5*5", "é\n!"])
def test_all_signs_but_the_star_stand_for_themselves(plan: Plan, value: str) -> None:
    rows = f"inputs: {{rows: {{rows: [{{a: {json.dumps(value)}}}, {{a: abc}}]}}}}\n"
    planned = plan(f"{rows}nodes: {{hero: {{kind: generate, for_each: [rows], params: {{prompt: x}}}}}}\n")
    assert chosen(planned, f'"a={value}"') == [planned.keys[0]]


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("farbe=red", "no job has a column or label `farbe`", "did you mean `Farbe`?"),
        ("hero,colour=red", "no job has a column or label `colour`", "available: `Farbe`, `name`"),
        ("Farbe=rde", "no job has `rde` in `Farbe`", "did you mean `Farbe=red`?"),
        ("Farbe=BLUE", "no job has `BLUE` in `Farbe`", "did you mean `Farbe=blue`?"),
        ("Farbe=x*", "no job has `x*` in `Farbe`", "its values: `red`, `blue`"),
        ("hero/rod", "no job has the key `hero/rod`", "did you mean `hero/red`?"),
        ("Hero/Red", "no job has the key `Hero/Red`", "did you mean `hero/red`?"),
        ("final/red", "no job has the key `final/red`", "did you mean `final/red/*`?"),
        ("attic/17", "no job has the key `attic/17`", "`mjpipe expand M` prints all keys"),
        ("heros", "there is no node `heros` to select", "did you mean `hero`?"),
        ("red", "there is no node `red` to select", "did you mean `Farbe=red`?"),
        ("x*", "there is no node `x*` to select", "available: `hero`, `final`, `cover`"),
        (
            "hero/red,Farbe=blue",
            "no job meets all terms of `hero/red,Farbe=blue`",
            "commas mean `and`; for `or`, give the option several times",
        ),
        (
            "state:undone",
            "`undone` is not a job state",
            "did you mean `done`?",
        ),
        (
            "",
            "an empty term selects nothing",
            "a term is NODE, KEY, COLUMN=VALUE or state:STATE; `*` selects all",
        ),
        (
            "hero,,cover",
            "`hero,,cover` has an empty term",
            "a term is NODE, KEY, COLUMN=VALUE or state:STATE; `*` selects all",
        ),
        (
            '"name=pot, large',
            '`"name=pot, large` cannot be selected: its quotes are not balanced',
            "put a term with a comma in double quotes: --select 'hero,\"name=a pot, large\"'",
        ),
    ],
)
def test_a_term_that_selects_no_job_is_reported(pots: Planned, text: str, message: str, help_: str) -> None:
    assert faults(pots, "cover", text) == [(message, help_)]


def test_all_wrong_terms_are_reported_at_once_and_each_once(pots: Planned) -> None:
    assert [said for said, _ in faults(pots, "heros,Farbe=rde", "state:x", "hero/r", "hero,Farbe=rde")] == [
        "`x` is not a job state",
        "there is no node `heros` to select",
        "no job has `rde` in `Farbe`",
        "no job has the key `hero/r`",
    ]


def test_of_many_values_the_first_are_named(plan: Plan) -> None:
    rows = ", ".join(f"{{sku: A-{number}}}" for number in range(20))
    planned = plan(
        f"inputs: {{rows: {{rows: [{rows}]}}}}\n"
        "nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: x}}}\n"
    )
    assert faults(planned, "sku=zzz") == [
        (
            "no job has `zzz` in `sku`",
            "its values: `A-0`, `A-1`, `A-2`, `A-3`, `A-4`, `A-5`, `A-6`, `A-7`, … (20 values)",
        )
    ]


def test_a_column_that_only_the_jobs_of_one_node_have_is_known(plan: Plan) -> None:
    planned = plan(POTS.replace("  cover:", "  again: {kind: generate, params: {prompt: x}}\n  cover:"))
    assert chosen(planned, "Farbe=red") == ["hero/red", "final/red/0"]


def test_a_node_without_jobs_is_reported_where_others_have_some(plan: Plan) -> None:
    planned = plan(POTS.replace("kind: upscale,", "kind: upscale, where: \"Farbe == 'green'\","))
    assert faults(planned, "final") == [("node `final` has no jobs in this plan", "`mjpipe plan M` shows all nodes")]


def test_of_a_plan_without_jobs_nothing_is_missing(pots: Planned) -> None:
    assert Selection(pots.manifest, ["Farbe=red", "hero/x"]).faults() == []
