"""What is selected, and what is said of a term that names nothing."""

import pytest

from mjpipe.domain import JobState, Standing, UsageFault
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
        selection.look(job)
    selection.require_met()
    return [job.key for job in planned.jobs if selection(job, NEW)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('"name=pot, large"', ["hero/red", "final/red/0"]),
        ('hero, "name=pot, large"', ["hero/red"]),
        ('name=pot "B",hero', ["hero/blue"]),
        ('"name=pot ""B""",hero', ["hero/blue"]),
        ("Farbe=blue", ["hero/blue", "final/blue/0"]),
        ("Farbe=green", []),
        ("hero/red", ["hero/red"]),
        ("hero/red,Farbe=blue", []),
        ("cover", ["cover"]),
    ],
)
def test_a_term_with_a_comma_is_quoted_and_a_key_selects_its_job(pots: Planned, text: str, keys: list[str]) -> None:
    assert chosen(pots, text) == keys


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("farbe=red", "no job has a column or label `farbe`", "did you mean `Farbe`?"),
        ("hero,colour=red", "no job has a column or label `colour`", "available: `Farbe`, `name`"),
        ("hero/rod", "no job has the key `hero/rod`", "did you mean `hero/red`?"),
        ("attic/17", "no job has the key `attic/17`", "`mjpipe expand M` prints all keys"),
        (
            '"name=pot, large',
            '`"name=pot, large` cannot be selected: its quotes are not balanced',
            "put a term with a comma in double quotes: --select 'hero,\"name=a pot, large\"'",
        ),
    ],
)
def test_a_term_that_names_nothing_is_reported(pots: Planned, text: str, message: str, help_: str) -> None:
    with pytest.raises(UsageFault) as raised:
        chosen(pots, "cover", text)
    assert (str(raised.value), raised.value.help) == (message, help_)


def test_a_column_that_only_the_jobs_of_one_node_have_is_known(plan: Plan) -> None:
    planned = plan(POTS.replace("  cover:", "  again: {kind: generate, params: {prompt: x}}\n  cover:"))
    assert chosen(planned, "Farbe=red") == ["hero/red", "final/red/0"]


def test_of_a_plan_without_jobs_nothing_is_missing(pots: Planned) -> None:
    Selection(pots.manifest, ["Farbe=red"]).require_met()
